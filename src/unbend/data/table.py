"""A user's own table to a `Dataset`: read, check everything, say all faults at once, encode, standardise."""

import difflib
from pathlib import Path
from typing import Any, get_args

import numpy as np

from unbend.data.column import Floats, feature_numbers
from unbend.data.dataset import Dataset, Task
from unbend.data.faults import Fault, counted, listed, refuse
from unbend.data.raw_table import RawTable
from unbend.data.read_file import read_file
from unbend.data.read_memory import is_frame, read_arrays, read_frame
from unbend.data.standardize import standardize as standardized
from unbend.data.target import Target, read_target
from unbend.errors import UnbendError, did_you_mean

SMALLEST_N = 4


def table(source: Any, target: str | None = None, standardize: bool = True, task: Task | None = None) -> Dataset:
    """The data set in a table: (n, d) numbers and one target column.

    ``source``: a path ending in .csv, .tsv or .parquet, a dataframe (pandas, polars, pyarrow, …), or the arrays (X, y).
    ``target``: the name of the target column (not with arrays). The task is guessed from the target unless given.
    Classes are encoded in sorted order; features, and the target of a regression, get mean 0 and deviation 1, and the
    data set keeps what undoes it. All faults of a table are said together in one `DataError`.

    >>> data = table(([[1.0, 5.0], [2.0, 4.0], [3.0, 8.0], [4.0, 6.0]], ["no", "yes", "no", "yes"]))
    >>> data.task, data.class_names, data.y.tolist()
    ('binary', ('no', 'yes'), [0.0, 1.0, 0.0, 1.0])
    >>> (data.x * data.x_scale + data.x_mean)[0].round(12).tolist()
    [1.0, 5.0]
    """
    if task is not None and task not in get_args(Task):
        raise UnbendError(f"there is no task {task!r}; {did_you_mean(str(task), get_args(Task))}")
    raw, wanted = _read(source, target)
    position, faults = _find_target(raw, wanted)
    faults = [*raw.faults, *_shape_faults(raw), *faults]
    features = [j for j in range(len(raw.names)) if j != position]
    columns: list[Floats] = []
    answer: Target | None = None
    if position is not None and len(raw.rows) >= SMALLEST_N:
        columns, answer, more = _numbers(raw, features, position, task, check_target=wanted in raw.names)
        faults += more
    if faults or answer is None:
        refuse(raw.origin, faults, raw.counting)
    return _dataset(raw, features, columns, answer, raw.names[position or 0], standardize)


def _read(source: Any, target: Any) -> tuple[RawTable, str | None]:
    if isinstance(source, str | Path):
        return read_file(Path(source)), None if target is None else str(target)
    if isinstance(source, tuple) and len(source) == 2:
        if target is not None:
            raise UnbendError(f"target={target!r} names a column of a table; with the arrays (X, y) leave it out")
        return read_arrays(*source)
    if is_frame(source):
        return read_frame(source), None if target is None else str(target)
    kind = type(source).__name__
    raise UnbendError(f"a value of type {kind} is not a table; give a file's path, a dataframe, or the arrays (X, y)")


def _find_target(raw: RawTable, target: str | None) -> tuple[int | None, list[Fault]]:
    """The position of the target (of the nearest name, with a fault, if there is none of this name)."""
    if not raw.names:
        return None, []
    if target is None:
        return None, [Fault(f"say which column is the target, target='…'; the columns are {listed(raw.names, 20)}")]
    if target in raw.names:
        return raw.names.index(target), []
    lowered = [name.lower() for name in raw.names]
    near = difflib.get_close_matches(target.lower(), lowered, n=1, cutoff=0.5)
    if not near:
        return None, [Fault(f"there is no column {target!r}; the columns are {listed(raw.names, 20)}")]
    position = lowered.index(near[0])
    return position, [Fault(f"there is no column {target!r}; did you mean {raw.names[position]!r}?")]


def _shape_faults(raw: RawTable) -> list[Fault]:
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


def _numbers(
    raw: RawTable, features: list[int], position: int, task: Task | None, check_target: bool
) -> tuple[list[Floats], Target | None, list[Fault]]:
    """The feature columns and the target, with all their faults."""
    columns: list[Floats] = []
    faults: list[Fault] = []
    for j in features:
        if raw.columns[j] is not None:
            values, found = feature_numbers(raw.names[j], raw.columns[j], raw.rows)
            columns += [values] if values is not None else []
            faults += found
    if raw.columns[position] is None or not check_target:
        return columns, None, faults
    answer, found = read_target(raw.names[position], raw.columns[position], raw.rows, task)
    return columns, answer, [*found, *faults]


def _dataset(
    raw: RawTable, features: list[int], columns: list[Floats], answer: Target, target: str, standardize: bool
) -> Dataset:
    x, x_mean, x_scale = np.stack(columns, axis=1), None, None
    y, y_mean, y_scale = answer.y, 0.0, 1.0
    if standardize:
        x, x_mean, x_scale = standardized(x)
        if answer.task == "regression":
            y, mean, scale = standardized(y)
            y_mean, y_scale = float(mean), float(scale)
    return Dataset(
        name=raw.name,
        x=x,
        y=y,
        task=answer.task,
        feature_names=tuple(raw.names[j] for j in features),
        target_name=target,
        class_names=answer.class_names,
        origin=raw.origin,
        x_mean=x_mean,
        x_scale=x_scale,
        y_mean=y_mean,
        y_scale=y_scale,
    )
