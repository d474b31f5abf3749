"""Which rows train and which test: the same splits for every arm, fixed by the table and one seed."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.tabular import Table
from unbend.errors import DataError

Rows = NDArray[np.int64]
SMALL_TABLE = 2000  # rows below which ten repeats are made
UNTOUCHED_FROM = 500  # rows from which a fifth is kept out of the comparison
INNER_FOLDS = 7  # every seed validates on another of them


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of one outer split: ``train`` (n,) and ``test`` (m,), and the inner cuts of the former.

    In inner cut i the rows with ``part`` (n,) == i validate: they choose learning rate and epoch; the others are
    fitted.
    """

    train: Rows
    test: Rows
    part: NDArray[np.int8]
    cuts: int

    def inner(self, number: int) -> tuple[Rows, Rows]:
        """(fitting, validation) rows of an inner cut."""
        own = self.part == number
        return self.train[~own], self.train[own]


@dataclass(frozen=True, eq=False)
class Splits:
    """The outer splits (repeats x folds), and the split that scores the untouched rows (None for small tables)."""

    outer: tuple[Split, ...]
    untouched: Split | None
    folds: int
    repeats: int

    @property
    def n_train(self) -> int:
        """Rows of an outer training part (fitting and validation), the median over the splits."""
        return int(np.median([len(split.train) for split in self.outer]))

    @property
    def n_test(self) -> int:
        """Rows of an outer test part, the median over the splits."""
        return int(np.median([len(split.test) for split in self.outer]))


def splits_of(table: Table, folds: int = 10, repeats: int | None = None, seed: int = 0) -> Splits:
    """Repeated (stratified, grouped) folds, or growing windows where rows have an order in time.

    ``repeats=None``: ten below 2,000 rows, else three (Bouckaert & Frank 2004 recommend 10 x 10). From 500 rows on a
    fifth stays untouched by the comparison. Folds are lowered to the smallest class and the number of groups; raises
    `DataError` where not even two are possible.
    """
    rows = np.arange(len(table.y))
    possible = _possible_folds(table, rows)
    untouched = None
    searched = rows
    if len(rows) >= UNTOUCHED_FROM and possible >= 5:
        searched, held = _cut(table, rows, 5, seed)[-1]
        untouched = cut_inside(table, searched, held, seed)
    folds = min(folds, _possible_folds(table, searched))
    if folds < 2:
        raise DataError(f"{table.origin}: {_too_few(table)}")
    repeats = 1 if table.time is not None else repeats or (10 if len(searched) < SMALL_TABLE else 3)
    outer = [
        cut_inside(table, train, test, seed + repeat)
        for repeat in range(repeats)
        for train, test in _cut(table, searched, folds, seed + 1 + repeat)
    ]
    return Splits(tuple(outer), untouched, folds, repeats)


def split_of_all(table: Table, seed: int = 0) -> Split:
    """Every row of a table to learn from, cut inside as an outer training part is; no row is left to test on.

    >>> from unbend.data import iris
    >>> from unbend.data.tabular import tabular
    >>> split = split_of_all(tabular(iris()))
    >>> len(split.train), len(split.test)
    (150, 0)
    """
    rows = np.arange(len(table.y))
    return cut_inside(table, rows, rows[:0], seed)


def _possible_folds(table: Table, rows: Rows) -> int:
    """The largest number of folds that leaves every class and group something to do."""
    if table.time is not None:
        return max(len(rows) // 4, 1)
    largest = len(rows)
    if table.task != "regression":
        largest = int(np.bincount(table.y[rows].astype(np.int64), minlength=len(table.class_names)).min())
    if table.groups is not None:
        largest = min(largest, len(np.unique(table.groups[rows])))
    return largest


def _too_few(table: Table) -> str:
    if table.time is not None or table.task == "regression":
        return f"{len(table.y)} rows cannot be cut into two folds; add rows"
    if table.groups is not None:
        return "two groups and two rows of every class are needed to cut folds; add rows, or leave --group away"
    counts = np.bincount(table.y.astype(np.int64), minlength=len(table.class_names))
    smallest = int(counts.argmin())
    return f"class {table.class_names[smallest]!r} has {counts[smallest]} row; every class needs two or more: add rows"


def _cut(table: Table, rows: Rows, folds: int, seed: int) -> list[tuple[Rows, Rows]]:
    """(training, test) row numbers of each fold."""
    y, groups = table.y[rows], None if table.groups is None else table.groups[rows]
    if table.time is not None:
        order = rows[np.argsort(table.time[rows], kind="stable")]
        return [(order[train], order[test]) for train, test in _splitter(table, y, folds, seed).split(order)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # classes smaller than the inner folds
        found = list(_splitter(table, y, folds, seed).split(rows, y if table.task != "regression" else 0 * y, groups))
    return [(rows[train], rows[test]) for train, test in found]


def _splitter(table: Table, y: NDArray[np.float64], folds: int, seed: int) -> Any:
    from sklearn import model_selection as cutting

    seed %= 2**32  # all that scikit-learn takes
    if table.time is not None:
        return cutting.TimeSeriesSplit(n_splits=folds)
    if table.groups is not None:
        return cutting.StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    if table.task == "regression" or np.unique(y, return_counts=True)[1].max() < folds:
        return cutting.KFold(folds, shuffle=True, random_state=seed)
    return cutting.StratifiedKFold(folds, shuffle=True, random_state=seed)


def cut_inside(table: Table, train: Rows, test: Rows, seed: int) -> Split:
    """The split with its inner cuts, made as the outer ones are; rows in time have one, whose last rows validate."""
    groups = len(train) if table.groups is None else len(np.unique(table.groups[train]))
    folds = max(2, min(INNER_FOLDS, len(train) // 2, groups))
    cuts = _cut(table, train, folds, seed)
    if table.time is not None:
        cuts = cuts[-1:]
    part = np.full(len(train), len(cuts), np.int8)
    for number, (_, validation) in enumerate(cuts):
        part[np.isin(train, validation)] = number
    return Split(train, test, part, len(cuts))
