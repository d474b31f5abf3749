"""Columns that are no features: which rows belong together, and in which order rows came."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.column import Floats, Rows, as_floats, decode, infinite_fault, kind, missing_fault
from unbend.data.faults import Fault, shortened


def read_groups(name: str, column: Any, rows: Rows) -> tuple[NDArray[np.int64] | None, list[Fault]]:
    """The group (n,) of each row as a number from 0, or what is wrong with the column."""
    words = [None if value is None or value != value else str(value) for value in decode(column).to_pylist()]
    missing = np.array([word is None or not word.strip() for word in words], dtype=bool)
    if missing.any():
        return None, [missing_fault(name, missing, rows, "group")]
    _, codes = np.unique(np.array(words, dtype=object), return_inverse=True)
    if codes.size and codes.max() == 0:
        text = (
            f"group {name!r} is {shortened(words[0])} in every row; two groups at least are needed: leave --group away"
        )
        return None, [Fault(text)]
    return codes.astype(np.int64), []


def read_order(name: str, column: Any, rows: Rows) -> tuple[Floats | None, list[Fault]]:
    """The place (n,) of each row in the order of time, from 0, equal times alike; or what is wrong with the column."""
    column = decode(column)
    found = kind(column)
    if found in ("text", "empty"):
        column, found = _as_times(column), "time"
    if found == "time" and column is not None:
        missing = column.is_null().to_numpy()
        values = _counts(column)
    elif found == "numeric":
        values = as_floats(column)
        missing = np.isnan(values)
    else:
        mend = "write numbers, or dates such as 2024-01-31 or 2024-01-31 12:30"
        return None, [Fault(f"time {name!r} holds neither numbers nor dates that can be ordered; {mend}")]
    faults = [missing_fault(name, missing, rows, "time")] if missing.any() else []
    if found == "numeric" and np.isinf(values).any():
        faults.append(infinite_fault(name, np.isinf(values), rows, "time"))
    if faults:
        return None, faults
    return np.unique(values, return_inverse=True)[1].astype(np.float64), []


def _as_times(column: Any) -> Any:
    """Text as points in time; None where one is not written as ISO 8601."""
    import pyarrow as pa

    try:
        return column.cast(pa.string()).cast(pa.timestamp("us"))
    except pa.ArrowException:
        return None


def _counts(column: Any) -> NDArray[np.int64]:
    """Times as whole numbers of their own unit, 0 where missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    narrow = pa.types.is_date32(column.type) or pa.types.is_time32(column.type)
    whole: Any = column.cast(pa.int32()) if narrow else column.cast(pa.int64())
    return pc.fill_null(whole, 0).to_numpy().astype(np.int64)
