"""A table as it was found, before anything becomes a number: the common ground of files, dataframes and arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.faults import Fault
from unbend.data.notes import Note

BELOW_HEADER = "rows are counted from 1 below the header"
FROM_ONE = "rows are counted from 1"


@dataclass(frozen=True, eq=False)
class RawTable:
    """Named columns of any type, with the number of each row as its owner counts it, and what was wrong already.

    ``columns``: pyarrow chunked arrays of n values; None for a column that could not be read (then a fault says why).
    ``rows``: (n,) row numbers, from 1. ``counting`` says in words how rows are counted. ``separator`` parts the cells
    of a text file.
    """

    name: str
    origin: str
    names: tuple[str, ...]
    columns: tuple[Any, ...]
    rows: NDArray[np.int64]
    counting: str
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    separator: str = ""
