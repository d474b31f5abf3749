"""Faults of a table: collected while it is read, then said together in one `DataError`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from unbend.errors import DataError

MOST_SHOWN = 12


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a table: a sentence with place, value and mend; ``rows`` if it counts rows."""

    text: str
    rows: bool = False


def refuse(name: str, faults: Sequence[Fault], counting: str = "") -> NoReturn:
    """Raise one `DataError` with all ``faults`` of the table ``name``; ``counting`` says how its rows are counted.

    >>> refuse("a.csv", [Fault("the file is empty; give it a header and rows")])
    Traceback (most recent call last):
    ...
    unbend.errors.DataError: a.csv: the file is empty; give it a header and rows
    """
    note = f" ({counting})" if counting and any(fault.rows for fault in faults) else ""
    if len(faults) == 1:
        raise DataError(f"{name}: {faults[0].text}{note}")
    lines = [f"- {fault.text}" for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"- and {len(faults) - MOST_SHOWN} more faults")
    raise DataError("\n".join([f"{name}: {len(faults)} faults{note}:", *lines]))


def listed(things: Sequence[object], most: int = 3) -> str:
    """The first few things in words.

    >>> listed([3, 17]), listed([1, 2, 3, 4, 5])
    ('3 and 17', '1, 2, 3 and 2 more')
    """
    shown = [str(thing) for thing in things[:most]]
    if len(things) > most:
        return f"{', '.join(shown)} and {len(things) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def at_rows(rows: Sequence[int]) -> str:
    """Where, in words.

    >>> at_rows([3]), at_rows([3, 17])
    ('row 3', 'rows 3 and 17')
    """
    return f"{'row' if len(rows) == 1 else 'rows'} {listed(rows)}"


def counted(number: int, thing: str) -> str:
    """A number with its noun.

    >>> counted(1, "row"), counted(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"


def shortened(value: object, most: int = 40) -> str:
    """A value as it would be written in Python, cut when it is long.

    >>> shortened("abc")
    "'abc'"
    """
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
