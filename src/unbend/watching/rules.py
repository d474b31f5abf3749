"""What counts as unhealthy, one row for each thing: which number, for which layers, and from where on."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from unbend.watching.history import Sample
from unbend.watching.measure import LayerMeasure, WeightMeasure
from unbend.watching.theory import Theory

Severity = Literal["alarm", "warning", "note"]
INF = math.inf
LATEST = 8  # samples in which the last measured value is looked for: an update is not seen in each
DEAD = 0.9  # of a layer's units: next to nothing comes through
HALF, MOST = 0.5, 0.7  # of a layer's units; see the harm of dead units in benchmarks/health.py
ALIKE = 0.9  # of a layer's units that say the same of every input: the signal has died out
RANK_FROM = 16  # an effective rank below a tenth of fewer directions says little
BOUNDED = 0.25  # where more of a healthy input is flat, as for ReLU, flat is no fault


@dataclass(frozen=True)
class Finding:
    """A rule that holds in the latest sample: how much, how bad, since which step, in which activation or weight."""

    place: str | None
    value: float
    severity: Severity
    since: int
    before: int | None = None
    """The step of the sample before, which was healthy; None if it has been so from the start."""
    layer: LayerMeasure | None = None


@dataclass(frozen=True)
class Rule:
    """A number that is unhealthy from ``note``, ``warning`` or ``alarm`` on, measured in every part of a sample."""

    kind: str
    form: Literal["share", "number"]
    parts: Callable[[Sample], dict[str | None, float]]
    note: float = INF
    warning: float = INF
    alarm: float = INF
    healthy: float = math.nan
    """What healthy models stay below; see benchmarks/health.py."""

    def __post_init__(self) -> None:
        """Worse is later."""
        if not self.warning <= self.alarm:
            raise ValueError(f"the limits of {self.kind!r} do not rise")

    def severity(self, value: float) -> Severity | None:
        """How bad a value is; None if it is healthy or was not measured."""
        levels: tuple[tuple[Severity, float], ...] = (
            ("alarm", self.alarm), ("warning", self.warning), ("note", self.note)
        )  # fmt: skip
        return next((name for name, limit in levels if value > limit), None)

    def findings(self, samples: list[Sample]) -> list[Finding]:
        """Where the rule holds in the latest of the samples, and since which of them without a break."""
        if not samples:
            return []
        found: list[Finding] = []
        layers = {layer.name: layer for layer in samples[-1].layers}
        for place, value in self.latest(samples).items():
            severity = self.severity(value)
            if severity is not None:
                began = self._began(samples, place, severity)
                found.append(Finding(place, value, severity, *began, layers.get(place or "")))
        return found

    def latest(self, samples: list[Sample]) -> dict[str | None, float]:
        """The last value of each part that was measured at all."""
        values: dict[str | None, float] = {}
        for sample in samples[-LATEST:]:
            values.update({place: value for place, value in self.parts(sample).items() if not math.isnan(value)})
        return values

    def _began(self, samples: list[Sample], place: str | None, severity: Severity) -> tuple[int, int | None]:
        """The first step of the last samples that all show it, and the step of the healthy one before.

        A sample that would only deserve a note is healthy, unless a note is what this is about.
        """
        limit = self.note if severity == "note" else self.warning
        since = samples[-1].step
        for sample in reversed(samples):
            value = self.parts(sample).get(place, math.nan)
            if math.isnan(value):
                continue
            if value <= limit:
                return since, sample.step
            since = sample.step
        return since, None


def _of_layers(
    value: Callable[[LayerMeasure], float], applies: Callable[[LayerMeasure], bool] = lambda layer: True
) -> Callable[[Sample], dict[str | None, float]]:
    return lambda sample: {layer.name: value(layer) for layer in _reached(sample) if applies(layer)}


def _reached(sample: Sample) -> list[LayerMeasure]:
    """The layers up to the first that is dead: what lies behind it hears nothing, which is no fault of its own."""
    hidden = list(sample.hidden)
    dead = next((place for place, layer in enumerate(hidden) if layer.dead >= DEAD), len(hidden))
    return hidden[: dead + 1]


def _of_weights(value: Callable[[WeightMeasure], float]) -> Callable[[Sample], dict[str | None, float]]:
    return lambda sample: {weight.name: value(weight) for weight in sample.weights}


def _largest(parts: Callable[[Sample], dict[str | None, float]]) -> Callable[[Sample], dict[str | None, float]]:
    """The largest of them all, as a property of the model."""

    def found(sample: Sample) -> dict[str | None, float]:
        values = [value for value in parts(sample).values() if not math.isnan(value)]
        return {None: max(values)} if values else {}

    return found


def _is_alive(sample: Sample) -> bool:
    """A dead layer lets no gradient through, which is not what is meant by a vanishing one."""
    return all(layer.dead < DEAD for layer in sample.hidden)


def _shrinkage(sample: Sample) -> dict[str | None, float]:
    ratio = sample.gradient_ratio
    return {} if math.isnan(ratio) or not _is_alive(sample) else {None: 1 / ratio if ratio > 0 else INF}


def _growth(sample: Sample) -> dict[str | None, float]:
    return {None: sample.gradient_ratio} if _is_alive(sample) else {}


def _tells_apart(layer: LayerMeasure) -> bool:
    return layer.constant < ALIKE


def _has_rank(layer: LayerMeasure) -> bool:
    return layer.rank_limit >= RANK_FROM and layer.dead < DEAD and layer.constant < ALIKE


def _is_seldom_flat(layer: LayerMeasure) -> bool:
    return layer.usual_saturated < BOUNDED


# A healthy reference is what 95 of 100 healthy models stay below, by benchmarks/health.py. The limits lie between that
# and what does harm there: an alarm where the task is no longer learned, a warning where it is learned worse.
RULES: tuple[Rule, ...] = (
    Rule("dead", "share", _of_layers(lambda one: one.dead), warning=HALF, alarm=MOST, healthy=0.1),
    Rule(
        "saturated", "share", _of_layers(lambda one: one.saturated, _is_seldom_flat), warning=0.5, alarm=0.8,
        healthy=0.1,
    ),
    Rule("vanishing", "number", _shrinkage, warning=1e2, alarm=1e3, healthy=2),
    Rule("exploding", "number", _growth, warning=1e2, alarm=1e3, healthy=15),
    Rule(
        "exploding_in_time", "number", _of_layers(lambda one: one.time_ratio), warning=1e2, alarm=1e3, healthy=1
    ),
    Rule("large", "number", _of_layers(lambda one: one.spread), warning=1e3, alarm=1e6, healthy=4),
    Rule("update", "number", _largest(_of_weights(lambda one: one.update)), note=0.1, warning=0.5, healthy=0.01),
    Rule("dormant", "share", _of_layers(lambda one: one.dormant - one.dead), note=0.3, healthy=0.05),
    Rule("constant", "share", _of_layers(lambda one: one.constant - one.dead, _tells_apart), note=0.3, healthy=0.05),
    Rule("alike", "share", _of_layers(lambda one: one.constant - one.dead), warning=ALIKE, healthy=0.05),
    Rule("rank", "share", _of_layers(lambda one: 1 - one.rank / one.rank_limit, _has_rank), note=0.9, healthy=0.8),
)  # fmt: skip


def rules(theory: Theory | None) -> tuple[Rule, ...]:
    """All rules; what theory says of the start holds for every sample."""
    drift = theory.drift if theory else None
    if drift is None:
        return RULES
    return (*RULES, Rule("gain", "number", lambda sample: {None: drift}, note=2, warning=3, alarm=10, healthy=1))
