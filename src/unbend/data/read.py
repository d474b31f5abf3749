"""Whatever holds a user's table to a `RawTable`: which column is the target, and what is wrong with its shape."""

import difflib
from pathlib import Path
from typing import Any

from unbend.data.faults import Fault, counted, listed
from unbend.data.raw_table import RawTable
from unbend.data.read_file import read_file
from unbend.data.read_memory import is_frame, read_arrays, read_frame
from unbend.errors import UnbendError

SMALLEST_N = 4


def read(source: Any, target: Any, encoding: str | None = None, sniff: bool = False) -> tuple[RawTable, str | None]:
    """The columns of a file, a dataframe or the arrays (X, y), and the name that the target is asked for by.

    ``sniff``: find out what separates the cells of a text file, else its ending says so.
    """
    if isinstance(source, str | Path):
        return read_file(Path(source), encoding, sniff), None if target is None else str(target)
    if encoding is not None:
        raise UnbendError(f"encoding={encoding!r} goes with a text file; leave it out")
    if isinstance(source, tuple) and len(source) == 2:
        if target is not None:
            raise UnbendError(f"target={target!r} names a column of a table; with the arrays (X, y) leave it out")
        return read_arrays(*source)
    if is_frame(source):
        return read_frame(source), None if target is None else str(target)
    kind = type(source).__name__
    raise UnbendError(f"a value of type {kind} is not a table; give a file's path, a dataframe, or the arrays (X, y)")


def find_target(raw: RawTable, target: str | None) -> tuple[int | None, list[Fault]]:
    """The position of the target (of the nearest name, with a fault, if there is none of this name)."""
    if not raw.names:
        return None, []
    if target is None:
        return None, [Fault(f"say which column is the target, target='…'; the columns are {listed(raw.names, 20)}")]
    return find_column(raw, target)


def find_column(raw: RawTable, wanted: str) -> tuple[int | None, list[Fault]]:
    """The position of a column (of the nearest name, with a fault, if there is none of this name)."""
    if wanted in raw.names:
        return raw.names.index(wanted), []
    lowered = [name.lower() for name in raw.names]
    near = difflib.get_close_matches(wanted.lower(), lowered, n=1, cutoff=0.5)
    if not near:
        return None, [Fault(f"there is no column {wanted!r}; the columns are {listed(raw.names, 20)}")]
    position = lowered.index(near[0])
    return position, [Fault(f"there is no column {wanted!r}; did you mean {raw.names[position]!r}?")]


def shape_faults(raw: RawTable) -> list[Fault]:
    """Names used twice or missing, and too few columns or rows."""
    faults: list[Fault] = []
    for name in dict.fromkeys(raw.names):
        places = [j + 1 for j, other in enumerate(raw.names) if other == name]
        if len(places) > 1:
            faults.append(Fault(f"the name {name!r} is used for columns {listed(places)}; give each its own name"))
        elif not name:
            faults.append(Fault(f"column {places[0]} has no name; name it, or leave it out if it only counts rows"))
    if len(raw.names) < 2:
        faults.append(Fault(f"the table has {counted(len(raw.names), 'column')}; features and a target are needed"))
    if len(raw.rows) == 0:
        faults.append(Fault("there are no rows; add some"))
    elif len(raw.rows) < SMALLEST_N:
        faults.append(Fault(f"the table has only {counted(len(raw.rows), 'row')}; at least {SMALLEST_N} are needed"))
    return faults
