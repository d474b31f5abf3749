"""Dataframes and arrays to a `RawTable`.

Any dataframe that speaks Arrow's C stream protocol is read (polars, pyarrow, DuckDB, …); pandas column by column, so
that its index stays out and a column of mixed types can be named.
"""

from typing import Any

import numpy as np

from unbend.data.dataset import Dataset
from unbend.data.faults import Fault, listed, refuse, shortened
from unbend.data.raw_table import FROM_ONE, RawTable

ARRAYS = "the arrays (X, y)"


def is_frame(source: Any) -> bool:
    """Whether ``source`` is a dataframe that `read_frame` reads."""
    return (hasattr(source, "iloc") and hasattr(source, "columns")) or hasattr(source, "__arrow_c_stream__")


def read_frame(frame: Any) -> RawTable:
    """The table in a dataframe."""
    import pyarrow as pa

    if hasattr(frame, "iloc"):
        names = tuple(str(name) for name in frame.columns)
        pairs = [_column(name, frame.iloc[:, j]) for j, name in enumerate(names)]
    else:
        table = pa.table(frame)
        names, pairs = tuple(table.column_names), [(column, None) for column in table.columns]
    origin = f"a {type(frame).__module__.split('.')[0]} dataframe"
    return _raw("table", origin, names, pairs, len(frame))


def read_arrays(x: Any, y: Any) -> tuple[RawTable, str]:
    """The table made of inputs (n, d) and targets (n,), arrays or dataframes, and the name of its target."""
    inputs = read_frame(x) if is_frame(x) else _read_matrix(x)
    target = str(getattr(y, "name", None) or "y")
    target = target if target not in inputs.names else f"{target} (target)"
    column, fault = _column(target, _one_dimensional(y))
    n = len(inputs.rows)
    if column is not None and len(column) != n:
        refuse(ARRAYS, [Fault(f"X has {n} rows and y has {len(column)}; give one target for each row")])
    faults = (*inputs.faults, *([fault] if fault else []))
    table = RawTable(
        "arrays", ARRAYS, (*inputs.names, target), (*inputs.columns, column), inputs.rows, FROM_ONE, faults
    )
    return table, target


def read_dataset(data: Dataset) -> RawTable:
    """The table in one of our own data sets, its standardisation undone; the target is the last column."""
    import pyarrow as pa

    x = data.x if data.x_scale is None or data.x_mean is None else data.x * data.x_scale + data.x_mean
    y = data.y * data.y_scale + data.y_mean
    columns = tuple(pa.chunked_array([pa.array(values)]) for values in (*x.T, y))
    names = (*data.feature_names, data.target_name)
    return RawTable(data.name, data.origin or data.name, names, columns, np.arange(1, len(data) + 1), FROM_ONE)


def one_column(name: str, values: Any, n: int) -> tuple[Any, list[Fault]]:
    """Values (n,) given beside a table as a pyarrow chunked array, or None and what is wrong with them."""
    flat = _one_dimensional(values, name)
    column, fault = _column(name, flat)
    if column is not None and len(column) != n:
        return None, [Fault(f"{name} has {len(column)} values and the table {n} rows; give one value for each row")]
    return column, [fault] if fault else []


def _read_matrix(x: Any) -> RawTable:
    if hasattr(x, "toarray"):
        refuse(ARRAYS, [Fault("X is a sparse matrix; give X.toarray()")])
    try:
        matrix = np.asarray(x)
    except ValueError:
        refuse(ARRAYS, [Fault("the rows of X differ in length; give every row the same number of values")])
    if matrix.ndim != 2:
        mend = "X.reshape(-1, 1) makes one feature of it" if matrix.ndim == 1 else "flatten each row first"
        refuse(ARRAYS, [Fault(f"X has shape {matrix.shape}; it must have two axes, (rows, features): {mend}")])
    names = tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    pairs = [_column(name, matrix[:, j]) for j, name in enumerate(names)]
    return _raw("arrays", ARRAYS, names, pairs, len(matrix))


def _one_dimensional(y: Any, name: str = "y") -> Any:
    """Values with one axis; a single column counts."""
    if (hasattr(y, "iloc") or hasattr(y, "__arrow_c_stream__")) and len(getattr(y, "shape", (1,))) == 1:
        return y
    array = np.asarray(y, dtype=object) if isinstance(y, list | tuple) else np.asarray(y)
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        return array.reshape(-1)
    mend = "np.argmax(y, axis=1) turns one-hot rows into classes" if array.ndim == 2 else "give a list of targets"
    mend = mend if name == "y" else "give a list of values"
    refuse(ARRAYS, [Fault(f"{name} has shape {array.shape}; it must hold one value for each row: {mend}")])


def _column(name: str, values: Any) -> tuple[Any, Fault | None]:
    """The values as a pyarrow chunked array, or None and the fault that says why not."""
    import pyarrow as pa

    try:
        column = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None, _mixed(name, values)
    return (column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])), None


def _mixed(name: str, values: Any) -> Fault:
    """The first value of each type in a column that is neither numbers nor text."""
    first: dict[str, tuple[int, Any]] = {}
    for row, value in enumerate(values, start=1):
        if value is not None and value == value:
            first.setdefault(type(value).__name__, (row, value))
    found = ", ".join(f"{shortened(value)} in row {row}" for row, value in first.values())
    verb = f"mixes {listed(list(first))}" if len(first) > 1 else f"is of type {listed(list(first))}"
    return Fault(f"column {name!r} {verb} ({found}); give it numbers only, or text only", rows=True)


def _raw(name: str, origin: str, names: tuple[str, ...], pairs: list[tuple[Any, Any]], n: int) -> RawTable:
    faults = tuple(fault for _, fault in pairs if fault)
    return RawTable(name, origin, names, tuple(column for column, _ in pairs), np.arange(1, n + 1), FROM_ONE, faults)
