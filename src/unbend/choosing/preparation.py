"""From a table's columns to a network's inputs, fitted to the training rows of one split alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.data.tabular import Table

Floats = NDArray[np.float64]
SOFT_LIMIT = 3.0


@dataclass(frozen=True, eq=False)
class Preparation:
    """How inputs and targets are made: medians and quartile scales of the numbers, levels seen of the categories.

    A number becomes u = (value - ``centre``) / ``scale``, then u / sqrt(1 + (u / 3)^2), which is u near 0 and never
    beyond 3 (robust scaling and smooth clipping; Holzmüller, Grinsztajn & Steinwart 2024, section 3). A missing number
    counts as the median. A category becomes one 0/1 column for each level; an unknown or missing one is 0 in all.
    """

    centre: Floats  # (numeric columns,)
    scale: Floats  # (numeric columns,), inf for a column that is constant in the training rows
    seen: tuple[NDArray[np.bool_], ...]  # for each categorical column (levels,): whether the training rows have it
    y_mean: float
    y_scale: float

    @property
    def width(self) -> int:
        """The number of inputs."""
        return len(self.centre) + sum(len(levels) for levels in self.seen)


def fit(table: Table, rows: NDArray[np.int64]) -> Preparation:
    """Look at the training ``rows`` (n,) of a table and at nothing else."""
    numbers = table.numbers[rows]
    centre, scale = np.zeros(numbers.shape[1]), np.full(numbers.shape[1], np.inf)
    present = ~np.isnan(numbers)
    whole = present.all(axis=0)
    centre[whole], scale[whole] = _centre_and_scale(numbers[:, whole])
    for column in np.flatnonzero(present.any(axis=0) & ~whole):
        own = numbers[present[:, column], column, None]
        centre[[column]], scale[[column]] = _centre_and_scale(own)
    levels = table.levels[rows]
    seen = tuple(np.isin(np.arange(len(names)), levels[:, column]) for column, names in enumerate(table.categories))
    y = table.y[rows]
    regression = table.task == "regression"
    y_mean, y_scale = (float(y.mean()), float(y.std()) or 1.0) if regression else (0.0, 1.0)
    return Preparation(centre, scale, seen, y_mean, y_scale)


def inputs(preparation: Preparation, numbers: Floats, levels: NDArray[np.int64]) -> Floats:
    """(n, width) inputs from numbers (n, numeric columns) and levels (n, categorical columns) as a `Table` has them."""
    filled = np.where(np.isnan(numbers), preparation.centre, numbers)
    with np.errstate(over="ignore"):
        scaled = np.clip(filled / preparation.scale - preparation.centre / preparation.scale, -1e9, 1e9)
    parts = [scaled / np.sqrt(1 + (scaled / SOFT_LIMIT) ** 2)]
    for column, seen in enumerate(preparation.seen):
        parts.append((levels[:, column, None] == np.arange(len(seen))) & seen)
    return np.concatenate(parts, axis=1, dtype=np.float64)


def prepared(preparation: Preparation, table: Table, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Inputs (n, width) and targets (n,) of some rows of a table."""
    x = inputs(preparation, table.numbers[rows], table.levels[rows])
    return x, targets(preparation, table, rows)


def targets(preparation: Preparation, table: Table, rows: NDArray[np.int64]) -> Floats:
    """(n,) class numbers, or standardised targets of a regression."""
    return (table.y[rows] - preparation.y_mean) / preparation.y_scale


def _centre_and_scale(values: Floats) -> tuple[Floats, Floats]:
    """Medians and distances of the quartiles of the columns (n, d); half the range where the quartiles are equal."""
    reach = np.abs(values).max(axis=0)  # differences of huge numbers would overflow without it
    reach[reach == 0] = 1.0
    low, middle, high = np.quantile(values / reach, (0.25, 0.5, 0.75), axis=0)
    spread = np.where(high > low, high - low, np.ptp(values / reach, axis=0) / 2) * reach
    return middle * reach, np.where(spread > 0, spread, np.inf)
