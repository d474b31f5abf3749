"""Conditions held against what a watch measured: which are broken, where, and by how much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from unbend.errors import UnbendError
from unbend.text import Text
from unbend.watching.conditions import Condition
from unbend.watching.health import ORDER, Flag, Health
from unbend.watching.history import History, Sample
from unbend.watching.measure import OF_LAYER
from unbend.watching.rules import LATEST

BROKEN = ("broken", "broken_gradient")  # kinds of flags that fail every check: nothing is measured behind a NaN
HOLDS = Text(en="{condition}: {name} is {value} in '{place}'", zh="{condition}：“{place}”的 {name} 为 {value}")
OF_MODEL = Text(en="{condition}: {name} is {value}", zh="{condition}：{name} 为 {value}")


class HealthError(UnbendError, AssertionError):
    """A model is not as healthy as was asked for (exit status 1)."""

    exit_status = 1


@dataclass(frozen=True)
class Broken:
    """A condition that must not hold, and does: in which part (None: the model), and the words for a reader."""

    condition: Condition | None
    place: str | None
    value: float
    text: Text


def check(conditions: Sequence[Condition], health: Health, history: History) -> list[Broken]:
    """Every place where a condition holds now; NaN and Inf in the model always count.

    Layers are the hidden activations. Raises `UnbendError` for a condition on what was nowhere measured: whether it
    holds is not known.
    """
    found, missing = judged(conditions, health, history)
    if missing:
        raise unmeasured(missing)
    return found


def judged(conditions: Sequence[Condition], health: Health, history: History) -> tuple[list[Broken], list[Condition]]:
    """Every place where a condition holds now, and the conditions on what was nowhere measured."""
    if not history.samples:
        raise UnbendError("nothing was measured yet, so that health is not known; train the model first")
    found = [_of_flag(None, flag) for flag in health.flags if flag.kind in BROKEN]
    is_broken, missing = bool(found), list[Condition]()
    samples = _sound(history)
    for one in conditions:
        if one.name in ORDER:
            worst = ORDER[: ORDER.index(one.name) + 1]
            found += [_of_flag(one, f) for f in health.flags if f.severity in worst and f.kind not in BROKEN]
            continue
        values = measured(samples, one.name)
        found += [_of_value(one, place, value) for place, value in values.items() if one.holds(value)]
        if not values and not is_broken:
            missing.append(one)
    return found, missing


def unmeasured(missing: Sequence[Condition]) -> UnbendError:
    """What to say of conditions that cannot be judged."""
    names = ", ".join(repr(one.text) for one in missing)
    needs_step = any(one.name == "update" for one in missing)
    mend = "an update is seen in a sampled step of training, so train (longer)" if needs_step else "leave it out"
    return UnbendError(f"whether {names} holds is not known: it was measured nowhere in this model; {mend}")


def measured(samples: Sequence[Sample], name: str) -> dict[str | None, float]:
    """The last value of each part in which it was measured."""
    found: dict[str | None, float] = {}
    for sample in samples[-LATEST:]:
        if name in OF_LAYER:
            values = {layer.name: float(getattr(layer, name)) for layer in sample.hidden}
        elif name == "update":
            values = {weight.name: weight.update for weight in sample.weights}
        else:
            values = {None: sample.gradient_ratio}
        found |= {place: value for place, value in values.items() if not math.isnan(value)}
    return found


def failure(found: Sequence[Broken], model: str, steps: int) -> HealthError:
    """All that is broken, in one sentence."""
    said = "; ".join(one.text("en").rstrip(".") for one in found)
    return HealthError(f"{model} is not healthy enough after {steps} steps: {said}")


def _sound(history: History) -> list[Sample]:
    samples = history.samples
    return samples[: next((place for place, sample in enumerate(samples) if sample.broken), len(samples))]


def _of_value(condition: Condition, place: str | None, value: float) -> Broken:
    values = {"condition": condition.text, "name": condition.name, "place": place or "", "value": f"{value:.3g}"}
    return Broken(condition, place, value, (HOLDS if place else OF_MODEL).fill(values))


def _of_flag(condition: Condition | None, flag: Flag) -> Broken:
    name = condition.text if condition else "NaN"
    return Broken(condition, flag.place, flag.value, Text(zh=f"{name}：{flag.what.zh}", en=f"{name}: {flag.what.en}"))
