"""A user's table as it is chosen on: checked, and with nothing fitted to it; that happens inside the folds."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset, Task
from unbend.data.table import table

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """A checked table with n rows.

    ``numbers`` (n, numeric columns) float64, NaN where a value is missing; ``levels`` (n, categorical columns) the
    place of each value in ``categories``, -1 where missing; ``y`` (n,) class numbers or the target itself, not
    standardised; ``groups`` (n,) rows that must not be parted; ``time`` (n,) the order of the rows; ``notes`` what was
    noticed or done, a sentence each.
    """

    numbers: Floats
    number_names: tuple[str, ...]
    levels: NDArray[np.int64]
    level_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    y: Floats
    task: Task
    class_names: tuple[str, ...]
    target_name: str
    origin: str
    groups: NDArray[np.int64] | None = None
    time: Floats | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """The number of rows n."""
        return len(self.y)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in (self.numbers, self.levels, self.y, self.groups, self.time):
            if array is not None:
                array.flags.writeable = False

    @property
    def outputs(self) -> int:
        """Units of the output layer: k for multiclass, else 1."""
        return len(self.class_names) if self.task == "multiclass" else 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides results: values, names of levels and classes, task, groups, time."""
        words = [self.task, self.class_names, self.number_names, self.level_names, self.categories]
        found = hashlib.sha256(json.dumps(words, ensure_ascii=True).encode())
        for array in (self.numbers, self.levels, self.y, self.groups, self.time):
            found.update(b"none" if array is None else f"{array.shape}{array.dtype.str}".encode() + array.tobytes())
        return found.hexdigest()


def tabular(source: Any, target: str | None = None, *, task: Task | None = None) -> Table:
    """A table from a file's path, a dataframe, arrays (X, y) or a `Dataset` of ours.

    Raises `DataError` with every fault of the table.

    >>> import unbend as ub
    >>> found = tabular(ub.data.iris())
    >>> found.numbers.shape, found.task, float(found.numbers[0, 0].round(3))
    ((150, 4), 'multiclass', 5.1)
    """
    data = source if isinstance(source, Dataset) else table(source, target, standardize=False, task=task)
    x = data.x if data.x_scale is None or data.x_mean is None else data.x * data.x_scale + data.x_mean
    return Table(
        numbers=np.array(x, np.float64),
        number_names=data.feature_names,
        levels=np.zeros((len(data), 0), np.int64),
        level_names=(),
        categories=(),
        y=np.array(data.y * data.y_scale + data.y_mean),
        task=data.task,
        class_names=data.class_names,
        target_name=data.target_name,
        origin=data.origin or data.name,
    )
