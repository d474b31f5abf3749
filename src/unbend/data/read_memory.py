"""Dataframes and arrays to a `RawTable`.

Whatever speaks Arrow's C stream protocol is read (polars, pyarrow, DuckDB, …), and what narwhals knows (lazy frames,
Dask, Ibis, …); pandas column by column, so that its index stays out and a column of mixed types can be named.
"""

from numbers import Real
from typing import Any

import numpy as np

from unbend.data.dataset import Dataset
from unbend.data.faults import Fault, listed, refuse, shortened
from unbend.data.raw_table import FROM_ONE, RawTable

ARRAYS = "the arrays (X, y)"


def is_frame(source: Any) -> bool:
    """Whether ``source`` is a dataframe that `read_frame` reads."""
    return _is_pandas(source) or hasattr(source, "__arrow_c_stream__") or _by_narwhals(source) is not None


def read_frame(frame: Any) -> RawTable:
    """The table in a dataframe."""
    import pyarrow as pa

    origin = f"a {type(frame).__module__.split('.')[0].lstrip('_')} dataframe"
    if _is_pandas(frame):
        names = tuple(str(name) for name in frame.columns)
        pairs = [_column(name, frame.iloc[:, j]) for j, name in enumerate(names)]
        return _raw("table", origin, names, pairs, len(frame))
    table = pa.table(frame if hasattr(frame, "__arrow_c_stream__") else _by_narwhals(frame))
    return _raw("table", origin, tuple(table.column_names), [(one, None) for one in table.columns], table.num_rows)


def _is_pandas(source: Any) -> bool:
    """Whether it is a dataframe of pandas itself, whose columns can be taken by their place."""
    return type(source).__module__.split(".")[0] == "pandas" and hasattr(source, "iloc") and hasattr(source, "columns")


def _by_narwhals(source: Any) -> Any:
    """An eager or lazy dataframe that narwhals knows, as something that speaks Arrow; None if it is none."""
    if isinstance(source, np.ndarray | str | list | tuple | dict | int | float):
        return None
    import narwhals as nw

    known: Any = nw.from_native(source, pass_through=True)
    if isinstance(known, nw.LazyFrame):
        known = known.collect(backend="pyarrow")
    return known if isinstance(known, nw.DataFrame) else None


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
        return _object_column(name, list(values))
    return (column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])), None


def _object_column(name: str, values: list[Any]) -> tuple[Any, Fault | None]:
    """Python numbers of any size as float64; anything else is a fault."""
    import pyarrow as pa

    if not all(_is_missing(value) or isinstance(value, Real) for value in values):
        return None, _mixed(name, values)
    floats: list[float | None] = []
    for row, value in enumerate(values, start=1):
        try:
            floats.append(None if _is_missing(value) else float(value))
        except OverflowError:
            digits = len(str(abs(int(value)))) if abs(value) < 10**4000 else "thousands of"
            text = f"column {name!r} holds a number of {digits} digits in row {row}, more than float64 can hold"
            return None, Fault(f"{text} (at most 1.8e308); change its unit or take its logarithm", rows=True)
    return pa.chunked_array([pa.array(floats, pa.float64())]), None


def _is_missing(value: Any) -> bool:
    """Whether a cell stands for "no value": None, NaN, pandas' NA and NaT."""
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )


def _mixed(name: str, values: list[Any]) -> Fault:
    """The first value of each type in a column that is neither numbers nor text."""
    first: dict[str, tuple[int, Any]] = {}
    for row, value in enumerate(values, start=1):
        if not _is_missing(value):
            plain = str(value) if isinstance(value, np.str_) else value
            first.setdefault(type(plain).__name__, (row, plain))
    found = ", ".join(f"{shortened(value)} in row {row}" for row, value in first.values())
    verb = f"mixes {listed(list(first))}" if len(first) > 1 else f"is of type {listed(list(first))}"
    return Fault(f"column {name!r} {verb} ({found}); give it numbers only, or text only", rows=True)


def _raw(name: str, origin: str, names: tuple[str, ...], pairs: list[tuple[Any, Any]], n: int) -> RawTable:
    faults = tuple(fault for _, fault in pairs if fault)
    return RawTable(name, origin, names, tuple(column for column, _ in pairs), np.arange(1, n + 1), FROM_ONE, faults)
