"""The scores that arms can be compared by, under scikit-learn's names; higher is better in each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Task
from unbend.errors import UnbendError, did_you_mean
from unbend.network.network import Link
from unbend.training.losses import LOSSES, predicted_class

Floats = NDArray[np.float64]
CLASSES: tuple[Task, ...] = ("binary", "multiclass")


@dataclass(frozen=True)
class Metric:
    """A held-out score: ``value(link, scores (P, n, k), y (n,))`` gives (P,); ``in_units`` of the target's deviation.

    ``words`` in English and Chinese.
    """

    name: str
    tasks: tuple[Task, ...]
    words: tuple[str, str]
    value: Callable[[Link, Floats, Floats], Floats]
    in_units: bool = False


def _accuracy(link: Link, scores: Floats, y: Floats) -> Floats:
    return (predicted_class(link, scores) == y).mean(axis=-1)


def _balanced_accuracy(link: Link, scores: Floats, y: Floats) -> Floats:
    right = predicted_class(link, scores) == y
    return np.mean([right[:, y == label].mean(axis=-1) for label in np.unique(y)], axis=0)


def _roc_auc(link: Link, scores: Floats, y: Floats) -> Floats:
    """Mann–Whitney's U over the number of pairs, ties half (Hanley & McNeil 1982); 0.5 where one class is missing."""
    from scipy.stats import rankdata

    positive = int((y == 1).sum())
    pairs = positive * (len(y) - positive)
    if pairs == 0:
        return np.full(len(scores), 0.5)
    ranks = rankdata(scores[..., 0], axis=-1)
    return (ranks[:, y == 1].sum(axis=-1) - positive * (positive + 1) / 2) / pairs


def _neg_log_loss(link: Link, scores: Floats, y: Floats) -> Floats:
    loss = "binary_cross_entropy" if link == "sigmoid" else "cross_entropy"
    return -LOSSES[loss].value(scores, y, 1.0).mean(axis=-1)


def _r2(link: Link, scores: Floats, y: Floats) -> Floats:
    """Scikit-learn's convention where all targets are equal: 1 for a perfect answer, else 0."""
    error, total = ((scores[..., 0] - y) ** 2).sum(axis=-1), float(((y - y.mean()) ** 2).sum())
    return 1 - error / total if total else np.where(error == 0, 1.0, 0.0)


def _neg_mean_absolute_error(link: Link, scores: Floats, y: Floats) -> Floats:
    return -np.abs(scores[..., 0] - y).mean(axis=-1)


def _neg_root_mean_squared_error(link: Link, scores: Floats, y: Floats) -> Floats:
    return -np.sqrt(((scores[..., 0] - y) ** 2).mean(axis=-1))


METRICS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric("accuracy", CLASSES, ("accuracy", "准确率"), _accuracy),
        Metric("balanced_accuracy", CLASSES, ("balanced accuracy", "平衡准确率"), _balanced_accuracy),
        Metric("roc_auc", ("binary",), ("area under the ROC curve", "ROC 曲线下面积"), _roc_auc),
        Metric("neg_log_loss", CLASSES, ("negative log loss", "负对数损失"), _neg_log_loss),
        Metric("r2", ("regression",), ("R²", "R²"), _r2),
        Metric(
            "neg_mean_absolute_error", ("regression",), ("negative mean absolute error", "负平均绝对误差"),
            _neg_mean_absolute_error, in_units=True,
        ),
        Metric(
            "neg_root_mean_squared_error", ("regression",), ("negative root mean squared error", "负均方根误差"),
            _neg_root_mean_squared_error, in_units=True,
        ),
    )
}  # fmt: skip


def metric_of(name: str | None, task: Task) -> Metric:
    """The metric of a name, or the usual one of a task: accuracy, or R².

    Raises `UnbendError` for unknown names and for metrics that the task does not have.

    >>> metric_of(None, "binary").name, metric_of("roc_auc", "binary").words[0]
    ('accuracy', 'area under the ROC curve')
    """
    possible = tuple(row.name for row in METRICS.values() if task in row.tasks)
    if name is None:
        return METRICS["r2" if task == "regression" else "accuracy"]
    if name not in possible:
        raise UnbendError(f"there is no metric {name!r} for a {task} target; {did_you_mean(name, possible)}")
    return METRICS[name]


def usual_rope(metric: Metric, deviation: float) -> float:
    """A difference that does not matter in practice: 0.01, or a hundredth of the target's deviation.

    >>> usual_rope(METRICS["accuracy"], 3.0), usual_rope(METRICS["neg_mean_absolute_error"], 3.0)
    (0.01, 0.03)
    """
    return 0.01 * deviation if metric.in_units else 0.01


def constant_scores(link: Link, y: Any, classes: int) -> Floats:
    """(1, 1, k) scores of the answer that is best without looking at the inputs, from training targets y (n,).

    The logarithm of each class's share, their log-odds for two classes, or the mean of a regression.

    >>> constant_scores("sigmoid", [1.0, 1.0, 0.0, 1.0], 2).round(3).tolist()
    [[[1.099]]]
    """
    values = np.asarray(y, np.float64)
    if link == "identity":
        return np.full((1, 1, 1), values.mean())
    shares = np.bincount(values.astype(np.int64), minlength=classes) / len(values)
    return class_scores(link, shares[None, None])


def class_scores(link: Link, probabilities: Any) -> Floats:
    """Scores (…, k) that a link turns into class probabilities (…, classes)."""
    logarithms = np.log(np.clip(np.asarray(probabilities, np.float64), 1e-15, 1.0))
    return logarithms[..., 1:] - logarithms[..., :1] if link == "sigmoid" else logarithms
