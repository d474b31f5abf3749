"""Where a table comes from, in words that fit into a run's plan, so that it can be read again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unbend import data
from unbend.data.tabular import Table, tabular
from unbend.errors import UnbendError

ROWS_TO_HOLD_OUT = {"xor": {"n": 400, "noise": 0.2}}  # its four usual rows leave nothing to test on


def source_of(given: Any, target: str | None, reading: Mapping[str, Any]) -> dict[str, Any] | None:
    """How a table is read again: the file's absolute path or the name of a data set; None for what lies in memory.

    >>> source_of("iris", None, {"missing": "impute"})
    {'data': 'iris', 'target': None, 'missing': 'impute'}
    """
    if not isinstance(given, str | Path):
        return None
    place = given if given in data.names() else str(Path(given).expanduser().absolute())
    return {"data": place, "target": target, **{name: value for name, value in reading.items() if value is not None}}


def opened(given: Any, target: str | None) -> Any:
    """What `tabular` takes: the `Dataset` of a name, else what was given; `UnbendError` for names that are unknown."""
    if isinstance(given, str) and given in data.names():
        if target is not None:
            raise UnbendError(f"--target goes with a file; {given!r} knows its own target")
        return data.load(given, **ROWS_TO_HOLD_OUT.get(given, {}))
    if isinstance(given, str) and target is None and not Path(given).suffix and not Path(given).exists():
        return data.load(given)  # refuses with the nearest name
    return given


def read(given: Any, target: str | None, reading: Mapping[str, Any]) -> Table:
    """A toy or packaged table by name, or whatever `tabular` reads."""
    return tabular(opened(given, target), target, **reading)


def read_again(source: Mapping[str, Any] | None) -> Table:
    """The table that `source_of` told of; `UnbendError` for one that lay in memory."""
    if source is None:
        raise UnbendError(
            "this run was begun with data in memory, which cannot be read again; call choose() with the same data and "
            "out=, and it goes on"
        )
    rest = {name: value for name, value in source.items() if name not in ("data", "target")}
    return read(source["data"], source["target"], rest)
