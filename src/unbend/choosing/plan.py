"""The plan of a study: what is compared, on which rows, by which protocol; everything that decides a number."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

from unbend.choosing.arms import LINKS, Arm
from unbend.choosing.folds import Split, Splits, split_of_all, splits_of
from unbend.choosing.metrics import Floats, Metric, metric_of, usual_rope
from unbend.choosing.verdict import check_limits
from unbend.data.tabular import Table
from unbend.errors import UnbendError
from unbend.network import Network
from unbend.network.network import Link
from unbend.training import Recipe
from unbend.training.recipe import Loss, validate

FORMAT = 1  # of the plan and the shards; results of another format are never mixed in
LEARNING_RATES = tuple(round(10.0 ** (half / 2), 12) for half in range(-8, 0))  # 1e-4 … 0.316 in half decades
LOSSES: dict[str, Loss] = {"binary": "binary_cross_entropy", "multiclass": "cross_entropy", "regression": "squared"}
LARGEST_SEED = 4 * 10**9  # those of splits and twins are counted on from it, and end below 2^32
UNTOUCHED = -1  # the number of the split that scores the untouched rows
ALL_ROWS = -2  # the number of the split of all rows, on which the chosen arm is fitted in the end; no shard of a run


@dataclass(frozen=True)
class Protocol:
    """The same for every arm: budget in ``epochs``, the search over ``learning_rates``, ``seeds`` within a split."""

    epochs: int = 100
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rates: tuple[float, ...] = LEARNING_RATES
    extensions: int = 2  # how often the search goes on where its best learning rate lies at the edge
    seeds: int = 3
    folds: int = 10
    repeats: int | None = None
    seed: int = 0
    metric: str | None = None  # None: accuracy, or R²

    def checkpoints(self) -> tuple[int, ...]:
        """Epochs at which early stopping looks at the validation rows: 0, 1, 2, 3, 4, 6, 8, 11, … and the last."""
        steps = {round(2 ** (half / 2)) for half in range(2 * self.epochs.bit_length())}
        return (0, *sorted(step for step in steps if step < self.epochs), self.epochs)

    def recipe(self, task: str, shuffle_seed: int) -> Recipe:
        """How every network of a split is trained; the learning rate comes with each network."""
        return Recipe(
            loss=LOSSES[task],
            optimizer=self.optimizer,  # pyright: ignore[reportArgumentType]
            batch_size=self.batch_size,
            epochs=self.epochs,
            shuffle_seed=shuffle_seed,
            keep=self.checkpoints(),
            measure="kept",
        )


@dataclass(frozen=True)
class Judgement:
    """How results are judged: differences within ±``rope`` do not matter, false alarms are rarer than ``alpha``.

    ``why``: whether causes are tried out by training some arms once more.
    """

    rope: float
    alpha: float = 0.05
    why: bool = False

    def __post_init__(self) -> None:
        """Refuse what means nothing before anything is trained."""
        check_limits(self.rope, self.alpha)


@dataclass(frozen=True, eq=False)
class Plan:
    """Arms, protocol and splits for one table; its shards are the pairs of an arm and a split.

    ``source`` is how the table is read again, JSON-safe; None where it came from memory.
    """

    table: Table
    arms: tuple[Arm, ...]
    protocol: Protocol
    splits: Splits
    judgement: Judgement
    source: Mapping[str, Any] | None = None

    @property
    def link(self) -> Link:
        """The output link of every network."""
        return LINKS[self.table.task]

    @property
    def metric(self) -> Metric:
        """What arms are compared by."""
        return metric_of(self.protocol.metric, self.table.task)

    def score(self, scores: Floats, y: Floats, y_scale: float) -> Floats:
        """(P,) the metric of scores (P, n, k) on targets (n,), in the target's own units where it has any."""
        value = self.metric.value(self.link, scores, y)
        return value * y_scale if self.metric.in_units else value

    @property
    def shards(self) -> tuple[tuple[int, int], ...]:
        """(arm, split) of every shard, split by split so that an interrupted run has whole splits."""
        numbers = [*range(len(self.splits.outer)), *([UNTOUCHED] if self.splits.untouched else [])]
        return tuple((arm, split) for split in numbers for arm in range(len(self.arms)))

    @property
    def originals(self) -> tuple[int, ...]:
        """The places of the arms that are not hidden twins of others."""
        return tuple(place for place, arm in enumerate(self.arms) if not arm.twin)

    @property
    def networks(self) -> int:
        """Networks to be trained if no search goes on past its edge."""
        rates = sum(len(arm.rates or self.protocol.learning_rates) for arm in self.arms)
        return len(self.shards) // len(self.arms) * rates * self.protocol.seeds

    def split(self, number: int) -> Split:
        """The rows of a split."""
        if number == ALL_ROWS:
            return split_of_all(self.table, self.protocol.seed)
        found = self.splits.untouched if number == UNTOUCHED else self.splits.outer[number]
        if found is None:
            raise UnbendError("this plan keeps no rows untouched; the table is too small for that")
        return found

    def network(self, arm: int, inputs: int) -> Network:
        """The network of an arm."""
        return self.arms[arm].network(inputs, self.table.outputs, self.table.task)

    def key(self, arm: int, split: int) -> str:
        """SHA-256 of the canonical JSON of all that decides a shard's numbers."""
        rows = self.split(split)
        drawn = hashlib.sha256(b"|".join(part.tobytes() for part in (rows.train, rows.part, rows.test)))
        return digest_of(
            {
                "format": FORMAT,
                "data": self.table.digest,
                "arm": self.arms[arm].to_dict(),
                "protocol": _own(self.protocol),
                "split": split,
                "rows": drawn.hexdigest(),
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """What `plan.json` says: enough to recognise changed data, arms, protocol or splits."""
        return {
            "format": FORMAT,
            "data": self.table.digest,
            "origin": self.table.origin,
            "target": self.table.target_name,
            "arms": [arm.to_dict() for arm in self.arms],
            "protocol": asdict(self.protocol),
            "judgement": asdict(self.judgement),
            "source": None if self.source is None else dict(self.source),
            "splits": digest_of([self.key(0, split) for _, split in self.shards[:: len(self.arms)]]),
            "networks": self.networks,
        }


def make_plan(
    table: Table,
    arms: tuple[Arm, ...],
    protocol: Protocol | None = None,
    judgement: Judgement | None = None,
    source: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan of a study; raises `UnbendError` for a protocol that cannot be followed and `DataError` for few rows.

    ``judgement=None``: alpha 0.05 and the metric's usual ROPE.
    """
    chosen = protocol or Protocol()
    _check(chosen)
    validate(chosen.recipe(table.task, chosen.seed), LINKS[table.task])
    metric = metric_of(chosen.metric, table.task)
    splits = splits_of(table, chosen.folds, chosen.repeats, chosen.seed)
    return Plan(table, arms, chosen, splits, judgement or Judgement(usual_rope(metric, float(table.y.std()))), source)


def planned(said: Mapping[str, Any], table: Table) -> Plan:
    """The plan that `Plan.to_dict` told of, for the table read again; `UnbendError` if it is of another format.

    Whether it is the same table, `unbend.choosing.store.open_run` finds out.
    """
    if said.get("format") != FORMAT:
        raise UnbendError(
            f"this run has the format {said.get('format')}, and this version reads {FORMAT}; make it anew"
        )
    try:
        arms = tuple(Arm.from_dict(arm) for arm in said["arms"])
        protocol = Protocol(**said["protocol"] | {"learning_rates": tuple(said["protocol"]["learning_rates"])})
        judgement, source = Judgement(**said["judgement"]), said["source"]
    except (KeyError, TypeError) as error:
        raise UnbendError(
            f"the plan of this run was changed by hand or is damaged ({error}); make the run anew"
        ) from error
    return make_plan(table, arms, protocol, judgement, source)


def digest_of(thing: Any) -> str:
    """SHA-256 of canonical JSON.

    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(json.dumps(thing, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _own(protocol: Protocol) -> dict[str, Any]:
    """The protocol as far as it decides a shard; folds and repeats do so through the rows."""
    return asdict(replace(protocol, folds=0, repeats=None))


def _check(protocol: Protocol) -> None:
    rates: Any = protocol.learning_rates
    least = {"epochs": 1, "batch_size": 1, "extensions": 0, "seeds": 1, "folds": 2, "repeats": 1, "seed": 0}
    wanted = {name: _whole(getattr(protocol, name), smallest) for name, smallest in least.items()}
    wanted["repeats"] |= protocol.repeats is None
    wanted["seed"] = wanted["seed"] and protocol.seed <= LARGEST_SEED
    wanted["learning_rates"] = (
        isinstance(rates, tuple | list)
        and len(rates) >= 1
        and all(isinstance(rate, int | float) and 0 < rate < inf for rate in rates)
        and all(a < b for a, b in pairwise(rates))
    )
    wrong = [f"{name}={getattr(protocol, name)!r:.60}" for name, sound in wanted.items() if not sound]
    if wrong:
        raise UnbendError(
            f"{', '.join(wrong)} cannot be followed; epochs, batch_size, seeds and repeats are whole numbers from 1, "
            "folds from 2, extensions from 0, learning_rates are numbers that rise from above 0, and seed is from 0 to "
            f"{LARGEST_SEED}"
        )


def _whole(value: object, least: int) -> bool:
    return type(value) is int and value >= least
