"""All networks of one arm over the splits of a study, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.metrics import constant_scores
from unbend.choosing.plan import Plan
from unbend.choosing.shard import TWIN_SEEDS, points_of
from unbend.choosing.study import Study
from unbend.training.losses import LOSSES

Floats = NDArray[np.float64]
CURVES = ("train_loss", "validation_losses", "dead", "saturated", "gradient_first", "gradient_last")


@dataclass(frozen=True, eq=False)
class Cohort:
    """N networks, split by split.

    ``split`` (N,) the place of its split in the study; ``rate`` (N,), ``score`` (N,), ``diverged`` (N,), ``chosen``
    (N,) as in `run_shard`; ``constant`` (N,) the constant answer's loss on a network's validation rows; ``loss`` (N,)
    its own, no larger than ``constant``. ``curves``: (chosen networks, k) by the names of `run_shard`, NaN for
    those that diverged.
    """

    splits: int
    split: NDArray[np.int64]
    rate: Floats
    loss: Floats
    score: Floats
    diverged: NDArray[np.bool_]
    chosen: NDArray[np.bool_]
    constant: Floats
    curves: dict[str, Floats]

    def per_split(self, values: Floats) -> Floats:
        """(splits, …) means of the values (chosen networks, …) that are finite; NaN where none is."""
        own, sound = self.split[self.chosen], np.isfinite(values)
        total, count = np.zeros((self.splits, *values.shape[1:])), np.zeros((self.splits, *values.shape[1:]))
        np.add.at(total, own, np.where(sound, values, 0.0))
        np.add.at(count, own, sound)
        return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)

    def gradient_ratio(self) -> Floats:
        """(splits,) mean over the checkpoints of log10(first / last layer's gradient); NaN where there is none."""
        first, last = self.per_split(self.curves["gradient_first"]), self.per_split(self.curves["gradient_last"])
        with np.errstate(all="ignore"):
            return mean_of_finite(np.log10(first / last).T)

    def epochs_to_90(self, epochs: NDArray[np.int64]) -> Floats:
        """(chosen networks,) epochs until 90 % of the way from the constant answer's loss to the best, at checkpoints
        ``epochs`` (k,) with straight lines between; NaN for a network that does not get ahead of the constant answer.
        """
        curve, constant = self.curves["validation_losses"], self.constant[self.chosen]
        best = curve.min(axis=1)
        with np.errstate(invalid="ignore"):
            goal = constant - 0.9 * (constant - best)
        place = np.argmax(curve <= goal[:, None], axis=1)
        rows, before = np.arange(len(curve)), np.maximum(place - 1, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            part = (curve[rows, before] - goal) / (curve[rows, before] - curve[rows, place])
        reached = epochs[before] + np.where(place > 0, part, 0.0) * (epochs[place] - epochs[before])
        return np.where(best < constant, reached, np.nan)


def mean_of_finite(values: Floats) -> Floats:
    """The means (…) of those values (n, …) that are finite; NaN where none is."""
    sound = np.isfinite(values)
    total, count = np.where(sound, values, 0.0).sum(axis=0), np.asarray(sound.sum(axis=0))
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)


def cohort(study: Study, arm: int, constants: Sequence[Floats]) -> Cohort:
    """The networks of an arm; ``constants`` as `constant_losses` gives them."""
    shards = study.shards[arm]

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([shard[name] for shard in shards])

    def curves(name: str) -> Floats:
        pairs = (zip(shard[name], shard["chosen"], strict=True) for shard in shards)
        values = np.array([values for pair in pairs for values, own in pair if own], np.float64)
        values[diverged[chosen]] = np.nan
        return values

    chosen, diverged = column("chosen").astype(bool), column("diverged_at") >= 0
    split = np.repeat(np.arange(len(shards)), [len(shard["chosen"]) for shard in shards])
    cut = column("seed") % TWIN_SEEDS
    constant = np.array(
        [constants[own][seed % len(constants[own])] for own, seed in zip(split.tolist(), cut.tolist(), strict=True)]
    )
    return Cohort(
        splits=len(shards), split=split, rate=column("learning_rate"),
        loss=np.minimum(column("validation_loss"), constant), score=column("test_score"),
        diverged=diverged, chosen=chosen, constant=constant,
        curves={name: curves(name) for name in CURVES},
    )  # fmt: skip


def constant_losses(study: Study) -> list[Floats]:
    """For each split (cuts,): the loss on the validation rows of the answer that is best without seeing the inputs."""
    plan = _without_inputs(study.plan)
    return [
        np.array([_constant_loss(plan, points.fit[1], points.validation[1]) for points in points_of(plan, split)])
        for split in study.splits
    ]


def _constant_loss(plan: Plan, known: Floats, y: Floats) -> float:
    """The mean loss on targets y (n,) of the constant answer to ``known`` ones (m,)."""
    scores = np.repeat(constant_scores(plan.link, known, len(plan.table.class_names)), len(y), axis=1)
    return float(LOSSES[plan.protocol.recipe(plan.table.task, 0).loss].value(scores, y, 1.0).mean())


def _without_inputs(plan: Plan) -> Plan:
    """The same splits of a table that has its target alone, which is prepared at once."""
    table, n = plan.table, len(plan.table)
    numbers, levels = np.zeros((n, 0)), np.zeros((n, 0), np.int64)
    bare = replace(table, numbers=numbers, number_names=(), levels=levels, level_names=(), categories=())
    return replace(plan, table=bare)
