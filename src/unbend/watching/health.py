"""The diagnosis of a watched model: flags with what is wrong, since when, how bad and what to try first."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from unbend.text import Text
from unbend.watching.budget import Overhead
from unbend.watching.health_words import (
    HEALTHY,
    NEVER_SOUND,
    REFERENCE,
    SINCE,
    SINCE_START,
    SOUND,
    VERDICTS,
    WHAT,
    form,
)
from unbend.watching.history import History, Sample
from unbend.watching.measure import LayerMeasure, WeightMeasure
from unbend.watching.remedies import Case, Remedy, advice, remedies
from unbend.watching.rules import LATEST, Finding, Rule, Severity, rules
from unbend.watching.theory import Theory

SCHEMA = 1
DIVERGED = 100.0  # times as spread out as at the start
ORDER: tuple[Severity, ...] = ("alarm", "warning", "note")


@dataclass(frozen=True)
class Flag:
    """One thing that is not as in a healthy model. ``since``: the step from which on every sample shows it.

    ``before``: the step of the sample before that, which was healthy; None if there is none. ``value`` was measured
    last, ``healthy`` says what is usual, and ``advice`` what to try first: the ``remedies``, in words.

    ``reference``: the value that healthy models stay below, NaN if there is none; ``times``: ``value`` over it.
    """

    kind: str
    place: str | None
    severity: Severity
    since: int
    before: int | None
    value: float
    healthy: Text
    what: Text
    advice: Text
    reference: float = math.nan
    times: float = math.nan
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class LayerHealth:
    """One activation: its latest numbers, the last ones measured of the weights before it, and its flags."""

    measure: LayerMeasure
    weight: WeightMeasure | None
    flags: tuple[Flag, ...]

    @property
    def state(self) -> Literal["alarm", "warning", "healthy"]:
        """The severity of the worst flag; "healthy" if there is neither an alarm nor a warning."""
        if any(flag.severity == "alarm" for flag in self.flags):
            return "alarm"
        return "warning" if any(flag.severity == "warning" for flag in self.flags) else "healthy"


@dataclass(frozen=True, eq=False)
class Health:
    """The state of a model after ``step`` updates, from the latest sound sample; the worst flags first."""

    model: str
    step: int
    layers: tuple[LayerHealth, ...]
    flags: tuple[Flag, ...]
    gradient_ratio: float
    theory: Theory | None
    overhead: Overhead
    notices: tuple[Text, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether something was measured, with neither an alarm nor a warning; notes are for the curious."""
        return bool(self.layers) and all(flag.severity == "note" for flag in self.flags)

    @property
    def verdict(self) -> Text:
        """In one sentence."""
        counts = {severity: sum(flag.severity == severity for flag in self.flags) for severity in ORDER}
        worst = next((one for one in ORDER[:2] if counts[one]), "healthy" if self.layers else "unmeasured")
        return VERDICTS[worst].fill({**{key: str(value) for key, value in counts.items()}, "model": self.model})

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: what was not measured is None, infinities are "inf" and "-inf"."""
        theory = self.theory
        said: dict[str, Any] = {
            "schema": SCHEMA,
            "model": self.model,
            "step": self.step,
            "healthy": self.is_healthy,
            "verdict": asdict(self.verdict),
            "gradient_ratio": self.gradient_ratio,
            "layers": [
                {**asdict(one.measure), "weights": asdict(one.weight) if one.weight else None,
                 "state": one.state, "flags": [asdict(flag) for flag in one.flags]}
                for one in self.layers
            ],
            "flags": [asdict(flag) for flag in self.flags],
            "theory": theory and {
                "variance": theory.variance.tolist(), "measured_variance": theory.measured_variance.tolist(),
                "chi": theory.chi.tolist(), "measured_chi": theory.measured_chi.tolist(),
                "depth_scale": theory.depth_scale, "measured_depth_scale": theory.measured_depth_scale,
            },
            "overhead": self.overhead.to_dict(),
            "notices": [asdict(notice) for notice in self.notices],
        }  # fmt: skip
        return plain(said)


def diagnose(
    model: str, history: History, theory: Theory | None, overhead: Overhead, notices: tuple[Text, ...] = ()
) -> Health:
    """The health of a model from the samples of its run.

    >>> diagnose("MLP", History(), None, Overhead(0, 0, 0.0, 0.0, 0.0, "auto")).is_healthy
    False
    """
    samples = history.samples
    broken = next((place for place, sample in enumerate(samples) if sample.broken), len(samples))
    sound = samples[:broken]
    flags = [_flag(rule, finding, sound[-1]) for rule in rules(theory) for finding in rule.findings(sound)]
    if broken < len(samples):
        flags.append(_broken(samples[broken], sound))
    flags.sort(key=lambda flag: ORDER.index(flag.severity))
    latest = (sound or samples or [Sample(0, ())])[-1]
    weights = last_measured(sound or [latest])
    layers = tuple(
        LayerHealth(one, weights.get(one.weight or ""), tuple(flag for flag in flags if flag.place == one.name))
        for one in latest.layers
    )
    return Health(model, overhead.steps, layers, tuple(flags), latest.gradient_ratio, theory, overhead, notices)


def last_measured(samples: list[Sample]) -> dict[str, WeightMeasure]:
    """The weights of the latest sample, with the last gradient and update that were measured of each."""
    found: dict[str, WeightMeasure] = {}
    for sample in samples[-LATEST:]:
        for now in sample.weights:
            before = found.get(now.name, now)
            gradient, update = (
                old if math.isnan(new) else new
                for old, new in ((before.gradient, now.gradient), (before.update, now.update))
            )
            found[now.name] = replace(now, gradient=gradient, update=update)
    return found


def _flag(rule: Rule, finding: Finding, latest: Sample) -> Flag:
    layer = finding.layer or next(iter(latest.hidden), None)
    values: dict[str, str | Text] = {
        "place": finding.place or "", "value": form(rule.form, finding.value), "since": _since(finding),
        "activation": layer.activation if layer else "",
        "mean": form("number", layer.mean) if layer else "", "spread": form("number", layer.spread) if layer else "",
        "usual": form("share", layer.usual_saturated) if layer else "",
        "reference": form(rule.form, rule.healthy),
    }  # fmt: skip
    weight = next((one for one in latest.weights if layer and one.name == layer.weight), None)
    found = remedies(Case(rule.kind, finding.place, layer, weight, finding.since, len(latest.hidden)))
    return Flag(
        rule.kind, finding.place, finding.severity, finding.since, finding.before, finding.value,
        HEALTHY.get(rule.kind, REFERENCE).fill(values), WHAT[rule.kind].fill(values), advice(found),
        rule.healthy, finding.value / rule.healthy, found,
    )  # fmt: skip


def _since(finding: Finding) -> Text:
    if finding.before is None:
        return SINCE_START
    return SINCE.fill({"since": str(finding.since), "before": str(finding.before)})


def _broken(sample: Sample, sound: list[Sample]) -> Flag:
    """The first NaN or Inf: where, and between which samples it came."""
    inside = any(not layer.finite for layer in sample.layers)
    kind = "broken" if inside else "broken_gradient"
    before = sample.sound if sample.sound is not None else sound[-1].step if sound else None
    values: dict[str, str | Text] = {
        "place": sample.broken or "",
        "since": str(sample.step),
        "last": NEVER_SOUND if before is None else SOUND.fill({"last": str(before)}),
    }
    cause = "broken" if inside or _has_grown(sample, sound) else kind
    found = remedies(Case(cause, sample.broken, None, since=sample.step))
    return Flag(
        kind, sample.broken, "alarm", sample.step, before, math.nan, HEALTHY["broken"], WHAT[kind].fill(values),
        advice(found), remedies=found,
    )  # fmt: skip


def _has_grown(sample: Sample, sound: list[Sample]) -> bool:
    """Whether pre-activations have outgrown those of the start: training diverges, and no single batch is to blame."""
    started = {layer.name: layer.spread for one in sound[:1] for layer in one.layers}
    return any(layer.spread > DIVERGED * started.get(layer.name, math.inf) for layer in sample.layers)


def plain(value: Any) -> Any:
    """A value ready for JSON: NaN is None, infinities are "inf" and "-inf"."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
