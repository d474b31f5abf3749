"""One column of a table to float64 numbers, with every reason why it cannot be."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.faults import Fault, at_rows, counted, listed, shortened

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

LARGEST = float(np.finfo(np.float32).max)
MISSING_WORDS = frozenset({"", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "<na>"})
NUMERIC_SHARE = 0.5  # a text column of which this share can be read as numbers was meant to be numeric


def kind(column: Any) -> str:
    """``numeric``, ``bool``, ``text``, ``time``, ``empty`` or ``other``, by the type of a (decoded) pyarrow column."""
    import pyarrow as pa

    name, family = str(column.type), pa.types
    if family.is_null(column.type):
        return "empty"
    if family.is_boolean(column.type):
        return "bool"
    if family.is_integer(column.type) or family.is_floating(column.type) or family.is_decimal(column.type):
        return "numeric"
    if name in ("string", "large_string", "string_view"):
        return "text"
    return "time" if family.is_temporal(column.type) else "other"


def decode(column: Any) -> Any:
    """A categorical column as the values it stands for; any other column as it is."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column
    return pa.chunked_array([pa.array(column.to_pylist())])


def feature_numbers(name: str, column: Any, rows: Rows) -> tuple[Floats | None, list[Fault]]:
    """A feature column as (n,) numbers, or what is wrong with it; one that is constant is."""
    values, faults = numbers_of(name, column, rows)
    if values is not None and values.size and values.min() == values.max():
        text = f"column {name!r} is constant ({values[0]:g} in every row); leave it out, nothing can be learnt from it"
        return None, [Fault(text)]
    return values, faults


def numbers_of(name: str, column: Any, rows: Rows) -> tuple[Floats | None, list[Fault]]:
    """A column as (n,) finite numbers, or what is wrong with it."""
    column = decode(column)
    found = kind(column)
    if found in ("numeric", "bool"):
        values = as_floats(column)
    elif found == "text":
        words = column.to_pylist()
        values = parse(words)
        faults = _text_faults(name, words, values, rows)
        if faults:
            return None, faults
    else:
        return None, [not_numbers(name, found, str(column.type))]
    faults = number_faults(name, values, rows)
    return (None if faults else values), faults


def as_floats(column: Any) -> Floats:
    """A numeric or bool column as float64, NaN where a value is missing."""
    import pyarrow as pa

    numeric = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
    return numeric.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)


def parse(words: Iterable[str | None]) -> Floats:
    """Text as numbers, NaN where it is none.

    >>> parse(["1.5", " 2", "abc", None, "1_000"]).tolist()
    [1.5, 2.0, nan, nan, nan]
    """
    return np.array([_number(word) for word in words], dtype=np.float64)


def is_missing(word: str | None) -> bool:
    """Whether a text cell stands for "no value".

    >>> is_missing(" NA "), is_missing("0")
    (True, False)
    """
    return word is None or word.strip().lower() in MISSING_WORDS


def meant_numeric(words: list[str | None], values: Floats) -> bool:
    """Whether most of the text cells that hold something can be read as numbers."""
    present = sum(not is_missing(word) for word in words)
    return int(np.count_nonzero(~np.isnan(values))) >= NUMERIC_SHARE * max(present, 1)


def number_faults(name: str, values: Floats, rows: Rows, what: str = "column", largest: float = LARGEST) -> list[Fault]:
    """Missing, infinite and too large numbers."""
    faults: list[Fault] = []
    missing, infinite = np.isnan(values), np.isinf(values)
    if missing.any():
        faults.append(missing_fault(name, missing, rows, what))
    if infinite.any():
        faults.append(infinite_fault(name, infinite, rows, what))
    with np.errstate(invalid="ignore"):
        large = (np.abs(values) > largest) & ~infinite
    if large.any():
        limit = "for the 32-bit numbers of training" if largest == LARGEST else "to be standardised"
        text = (
            f"{what} {name!r} holds {values[large][0]:g} in {at_rows(rows[large].tolist())}, too large {limit} "
            f"(at most {largest:.2g}); change its unit or take its logarithm"
        )
        faults.append(Fault(text, rows=True))
    return faults


def infinite_fault(name: str, infinite: NDArray[np.bool_], rows: Rows, what: str = "column") -> Fault:
    """The sentence about infinite values."""
    where = at_rows(rows[infinite].tolist())
    return Fault(f"{what} {name!r} is infinite in {where}; write a finite number there", rows=True)


def missing_fault(name: str, missing: NDArray[np.bool_], rows: Rows, what: str = "column", mend: str = "") -> Fault:
    """The sentence about missing values; ``mend`` is offered before the usual ones."""
    count = int(missing.sum())
    if count == len(missing):
        return Fault(f"{what} {name!r} is empty; fill it or leave it out")
    where = at_rows(rows[missing].tolist())
    values = "value is" if count == 1 else "values are"
    usual = "leave out this row" if count == 1 else "leave out these rows"
    if what == "column":
        mend = f"{mend}, or {usual}" if mend else f"fill in a number (for instance the median) or {usual}"
    return Fault(f"{what} {name!r}: {count} {values} missing (NaN), in {where}; {mend or usual}", rows=True)


def not_numbers(name: str, found: str, type_name: str, what: str = "column") -> Fault:
    """The sentence about a column of a type that is never a number."""
    if found == "empty":
        return Fault(f"{what} {name!r} is empty; fill it or leave it out")
    if found == "time":
        return Fault(
            f"{what} {name!r} holds dates or times ({type_name}); turn them into numbers, such as days since a start"
        )
    return Fault(f"{what} {name!r} holds values of type {type_name}; give it plain numbers or leave it out")


def unreadable_fault(name: str, words: list[str | None], wrong: NDArray[np.bool_], rows: Rows, what: str) -> Fault:
    """The sentence about text among numbers."""
    first = int(np.flatnonzero(wrong)[0])
    others = int(wrong.sum()) - 1
    more = f" (and in {counted(others, 'other row')})" if others else ""
    text = f"{what} {name!r} holds numbers, but the text {shortened(words[first])} in row {rows[first]}{more}"
    return Fault(f"{text}; write a number there or leave out the row", rows=True)


def _number(word: str | None) -> float:
    if word is None or "_" in word:
        return np.nan
    try:
        return float(word)
    except ValueError:
        return np.nan


def _text_faults(name: str, words: list[str | None], values: Floats, rows: Rows) -> list[Fault]:
    missing = np.array([is_missing(word) for word in words], dtype=bool)
    wrong = np.isnan(values) & ~missing
    if not wrong.any():
        return []
    faults = [missing_fault(name, missing, rows)] if missing.any() else []
    if meant_numeric(words, values):
        return [*faults, unreadable_fault(name, words, wrong, rows, "column")]
    distinct = list(dict.fromkeys(word for word, no_number in zip(words, wrong, strict=True) if no_number))
    shown = listed([shortened(word) for word in distinct])
    text = f"column {name!r} holds text ({shown}, first in row {rows[int(np.flatnonzero(wrong)[0])]})"
    mend = "replace it by numbers, such as one 0/1 column for each value, or leave it out"
    return [*faults, Fault(f"{text}; {mend}", rows=True)]
