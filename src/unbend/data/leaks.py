"""The leak alarm: a feature that alone says the target, which real features hardly ever do."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.data.notes import Note

if TYPE_CHECKING:
    from unbend.data.tabular import Table

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
SMALLEST_CLASS = 10  # by chance, 10 against 10 rows are parted by one threshold once in 90,000 columns
ROWS_PER_LEVEL = 10
SURE_AUC = 0.999
SURE_RECALL = 0.995
SURE_CORRELATION = 0.9999


def leaks(table: "Table") -> list[Note]:
    """A note that begins with "leak?" on each feature that predicts the target almost perfectly without the others."""
    classes = table.task != "regression"
    rows = np.bincount(table.y.astype(np.int64)) if classes else np.array([len(table)])
    if rows.min() < SMALLEST_CLASS:
        return []
    found: list[Note] = []
    for name, values in zip(table.number_names, table.numbers.T, strict=True):
        found += _told(table, name, _numeric_evidence(values, table.y, classes))
    for name, levels in zip(table.level_names, table.levels.T, strict=True):
        found += _told(table, name, _level_evidence(levels, table.y, classes))
    return found


def auc(values: Floats, positive: NDArray[np.bool_]) -> float:
    """The share of pairs (positive, negative) in which the positive has the larger value, ties counting half.

    Mann-Whitney's U over its largest value, from mid-ranks.

    >>> auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    0.875
    """
    from scipy.stats import rankdata

    n = int(positive.sum())
    u = float(rankdata(values)[positive].sum()) - n * (n + 1) / 2
    return u / (n * (len(values) - n))


def neighbours_auc(values: Floats, y: Codes) -> float:
    """The smallest AUC (or 1 - AUC) between classes whose medians are neighbours; two classes have one."""
    present = np.unique(y)
    order = present[np.argsort([np.median(values[y == k]) for k in present], kind="stable")]
    found: list[float] = []
    for low, high in pairwise(order):
        both = (y == low) | (y == high)
        share = auc(values[both], y[both] == high)
        found.append(max(share, 1.0 - share))
    return min(found, default=0.0)


def level_recall(levels: Codes, y: Codes) -> float:
    """The mean over classes of the share of rows whose class the other rows of their level foretell.

    Rows count by one over the size of their class, so that a rare class counts as much as a common one.
    """
    _, level = np.unique(levels, return_inverse=True)
    classes, label = np.unique(y, return_inverse=True)
    counts = np.zeros((level.max() + 1, len(classes)))
    np.add.at(counts, (level, label), 1.0)
    weight = 1.0 / counts.sum(axis=0)
    weighted = counts * weight
    rivals = np.stack([np.delete(weighted, k, axis=1).max(axis=1, initial=0.0) for k in range(len(classes))], axis=1)
    right = (counts - 1.0) * weight > rivals
    return float((np.where(right, counts, 0.0).sum(axis=0) * weight).mean())


def level_r2(levels: Codes, y: Floats) -> float:
    """R² of the mean of the other rows with the same level; a level of one row foretells nothing."""
    _, level = np.unique(levels, return_inverse=True)
    size = np.bincount(level)[level]
    centred = y - y.mean()
    sums = np.bincount(level, weights=centred)[level]
    others = np.where(size > 1, (sums - centred) / np.maximum(size - 1, 1), 0.0)
    return 1.0 - float(((centred - others) ** 2).sum() / (centred**2).sum())


def _numeric_evidence(values: Floats, y: Floats, classes: bool) -> str:
    """How the values say the target, in a few symbols; empty if they do not."""
    missing = np.isnan(values)
    if evidence := _level_evidence(missing.astype(np.int64), y, classes) if missing.any() else "":
        return evidence
    present, target = values[~missing], y[~missing]
    distinct, places = np.unique(present, return_inverse=True)
    if len(distinct) < 2 or len(np.unique(target)) < 2:
        return ""
    few = len(present) >= ROWS_PER_LEVEL * len(distinct)
    if few and (evidence := _level_evidence(places, target, classes)):
        return evidence
    if not classes:
        return _correlation_evidence(present, target)
    if len(np.unique(target)) < len(np.unique(y)) or np.unique(target, return_counts=True)[1].min() < SMALLEST_CLASS:
        return ""
    share = neighbours_auc(present, target.astype(np.int64))
    return f"AUC {share:.4f}" if share >= SURE_AUC else ""


def _level_evidence(levels: Codes, y: Floats, classes: bool) -> str:
    if classes:
        recall = level_recall(levels, y.astype(np.int64))
        return f"recall {recall:.4f}" if recall >= SURE_RECALL else ""
    share = level_r2(levels, y)
    return f"R² {share:.4f}" if share >= SURE_CORRELATION**2 else ""


def _correlation_evidence(values: Floats, y: Floats) -> str:
    """Pearson's r, or Spearman's, which is Pearson's r of the ranks."""
    from scipy.stats import rankdata

    if len(values) < SMALLEST_CLASS:
        return ""
    ranks = abs(_correlation(rankdata(values), rankdata(y)))
    line = abs(_correlation(values / np.abs(values).max(), y))
    found = max(ranks, line)
    return f"correlation {found:.5f}" if found >= SURE_CORRELATION else ""


def _correlation(first: Floats, second: Floats) -> float:
    """Pearson's r; 0 where one of the two does not vary within float64."""
    a, b = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((a**2).sum()) * np.sqrt((b**2).sum()))
    return float((a * b).sum()) / norm if norm > 0 and np.isfinite(norm) else 0.0


def _told(table: "Table", name: str, evidence: str) -> list[Note]:
    if not evidence:
        return []
    english = (
        f"leak? column {name!r} alone says {table.target_name!r} almost perfectly ({evidence}); "
        "if it is known only after the target, leave it out"
    )
    chinese = (
        f"泄漏？仅凭列 {name!r} 就几乎能完全预测 {table.target_name!r}（{evidence}）；若它在目标之后才知道，请去掉"
    )
    return [Note(english, chinese)]
