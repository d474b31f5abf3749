"""The results of a run as arrays: what the statistics and the reasons are computed from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.plan import UNTOUCHED, Plan
from unbend.choosing.scores import Scores
from unbend.choosing.shard import constant_score, points_of
from unbend.choosing.store import Failure, read_failures, read_shard, shard_path
from unbend.errors import UnbendError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Study:
    """A plan with the results of its complete splits: ``shards[arm][split]`` are the columns of `run_shard`.

    The shards of ``failures`` count as if all their networks had diverged.
    """

    plan: Plan
    splits: tuple[int, ...]
    shards: tuple[tuple[dict[str, list[Any]], ...], ...]
    untouched: tuple[dict[str, list[Any]], ...] | None
    failures: tuple[Failure, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every shard of the plan has results."""
        outer, held = self.plan.splits.outer, self.plan.splits.untouched
        return len(self.splits) == len(outer) and (held is None or self.untouched is not None) and not self.failures

    @property
    def scores(self) -> Scores:
        """Held-out scores (arms, splits): the chosen networks' mean over the seeds."""
        return Scores(
            names=tuple(arm.name for arm in self.plan.arms),
            values=np.array([[chosen_mean(shard, "test_score") for shard in arm] for arm in self.shards]),
            failures=np.array([[_failed(shard) for shard in arm] for arm in self.shards]).mean(
                axis=1, dtype=np.float64
            ),
            n_train=self.plan.splits.n_train,
            n_test=self.plan.splits.n_test,
            metric=self.plan.metric.name,
        )

    def nested(self) -> float:
        """The score of "the arm that the validation rows liked best", chosen anew in every split.

        Nested cross-validation over the arms: no test row takes part in any choice, so it is free of the optimism that
        the best of several scores has (Cawley & Talbot 2010).
        """
        own = list(self.plan.originals)
        loss = np.array([[chosen_mean(shard, "validation_loss") for shard in self.shards[arm]] for arm in own])
        best = np.argmin(loss, axis=0)
        return float(self.scores.values[own][best, np.arange(len(best))].mean())

    def untouched_score(self, arm: int) -> float | None:
        """The score of an arm on the rows that took no part in the comparison, None where there are none."""
        return None if self.untouched is None else chosen_mean(self.untouched[arm], "test_score")


def read_study(plan: Plan, folder: Path) -> Study:
    """The results that lie in a run's folder, of the splits that every arm has finished or failed in.

    Raises `UnbendError` where fewer than two splits are complete, or a file is damaged.
    """
    arms = range(len(plan.arms))
    paths = {shard: shard_path(folder, plan.key(*shard)) for shard in plan.shards}
    failures = read_failures(folder, plan)
    ended = {shard for shard, path in paths.items() if path.exists()} | {(one.arm, one.split) for one in failures}
    whole = [
        number for number in dict.fromkeys(split for _, split in paths) if all((arm, number) in ended for arm in arms)
    ]
    splits = tuple(number for number in whole if number != UNTOUCHED)
    if len(splits) < 2:
        raise UnbendError(f"'{folder}' has {len(splits)} complete splits, and two are needed for a result; resume it")

    def columns(arm: int, split: int) -> dict[str, list[Any]]:
        path = paths[arm, split]
        return read_shard(path) if path.exists() else failed_shard(plan, arm, split)

    shards = tuple(tuple(columns(arm, split) for split in splits) for arm in arms)
    untouched = tuple(columns(arm, UNTOUCHED) for arm in arms) if UNTOUCHED in whole else None
    return Study(plan, splits, shards, untouched, tuple(one for one in failures if one.split in whole))


def failed_shard(plan: Plan, arm: int, split: int) -> dict[str, list[Any]]:
    """The columns of `run_shard` if every network had diverged at its start; all learning rates are as bad."""
    rates = plan.arms[arm].rates or plan.protocol.learning_rates
    seeds, kept = plan.protocol.seeds, len(plan.protocol.checkpoints())
    cuts = points_of(plan, split)
    constants = [constant_score(plan, cuts[seed % len(cuts)]) for seed in range(seeds)]
    count = len(rates) * seeds
    chosen = [number < seeds for number in range(count)]
    unknown = [[np.nan] * kept if one else None for one in chosen]
    return {
        "learning_rate": [rate for rate in rates for _ in range(seeds)],
        "seed": list(range(seeds)) * len(rates),
        "epoch": [0] * count,
        "validation_loss": [np.inf] * count,
        "test_score": constants * len(rates),
        "diverged_at": [0] * count,
        "chosen": chosen,
        "train_loss": [[np.nan] * kept] * count,
        "validation_losses": [[np.inf] * kept] * count,
        "dead": unknown,
        "saturated": unknown,
        "gradient_first": unknown,
        "gradient_last": unknown,
    }


def chosen_mean(shard: dict[str, list[Any]], column: str) -> float:
    """The mean of a column over the seeds with the chosen learning rate."""
    return float(np.mean([value for value, chosen in zip(shard[column], shard["chosen"], strict=True) if chosen]))


def _failed(shard: dict[str, list[Any]]) -> float:
    return float(np.mean([at >= 0 for at, chosen in zip(shard["diverged_at"], shard["chosen"], strict=True) if chosen]))
