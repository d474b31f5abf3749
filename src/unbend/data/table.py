"""A user's own table to a `Dataset`: read, check everything, say all faults at once, encode, standardise."""

from typing import Any, get_args

import numpy as np

from unbend.data.column import Floats, feature_numbers
from unbend.data.dataset import Dataset, Task
from unbend.data.faults import Fault, refuse
from unbend.data.raw_table import RawTable
from unbend.data.read import SMALLEST_N, find_target, read, shape_faults
from unbend.data.standardize import standardize as standardized
from unbend.data.target import Target, read_target
from unbend.errors import UnbendError, did_you_mean


def table(
    source: Any,
    target: str | None = None,
    standardize: bool = True,
    task: Task | None = None,
    encoding: str | None = None,
) -> Dataset:
    """The data set in a table: (n, d) numbers and one target column.

    ``source``: a path ending in .csv, .tsv, .parquet or .arff, a dataframe (pandas, polars, pyarrow, …), or the arrays
    (X, y). ``target``: the name of the target column (not with arrays). The task is guessed from the target unless
    given; ``encoding`` of a text file that is not UTF-8.
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
    raw, wanted = read(source, target, encoding)
    position, faults = find_target(raw, wanted)
    faults = [*raw.faults, *shape_faults(raw), *faults]
    features = [j for j in range(len(raw.names)) if j != position]
    columns: list[Floats] = []
    answer: Target | None = None
    if position is not None and len(raw.rows) >= SMALLEST_N:
        columns, answer, more = _numbers(raw, features, position, task, check_target=wanted in raw.names)
        faults += more
    if faults or answer is None:
        refuse(raw.origin, faults, raw.counting)
    return _dataset(raw, features, columns, answer, raw.names[position or 0], standardize)


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
