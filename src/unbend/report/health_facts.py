"""What the page of a watched model says in numbers: its findings, facts, rows and cards, as words in both languages."""

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass

from unbend.drawing.health_course import course
from unbend.drawing.words import number, shorten
from unbend.report.choice_facts import Cell, Fact, installed, plain
from unbend.report.health_words import CARD, FACTS, HARMLESS, MILD, ROLES, WORDS
from unbend.text import Text
from unbend.watching.health import Flag, Health, LayerHealth
from unbend.watching.health_words import form
from unbend.watching.history import History
from unbend.watching.measure import CONSTANT, DORMANT, RANK_ROWS, LayerMeasure
from unbend.watching.rules import RULES
from unbend.watching.telling import MARKS, alike

NAME = 40  # letters
PLACES = 12  # further layers that a finding names
LAYERS, UNITS = 12, 12  # of the table of units
PACKAGES = ("unbend", "numpy", "torch", "keras", "jax", "tensorflow", "scikit-learn", "lightning")
FORMS = {rule.kind: rule.form for rule in RULES}
# Which column a kind of flag is about, where it is not called like one.
COLUMN_OF = {
    "alike": "constant", "large": "spread", "vanishing": "gradient", "exploding": "gradient",
    "exploding_in_time": "gradient", "gain": "spread", "broken": "name", "broken_gradient": "update",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Flags of one kind as one thing: where, since when, how bad, and what to try first."""

    severity: str
    mark: str
    what: Text
    since: Text
    now: Cell
    healthy: Text
    remedies: tuple[Text, ...]
    harmless: Text | None
    also: str


def findings(health: Health) -> list[Finding]:
    """The worst first."""
    return [_finding(flags) for flags in alike(health.flags)]


def _finding(flags: list[Flag]) -> Finding:
    first, also = flags[0], [shorten(flag.place or "", NAME) for flag in flags[1:]]
    places = ", ".join(also[:PLACES]) + (", …" if len(also) > PLACES else "")
    harmless = HARMLESS.get(first.kind, MILD) if first.severity == "note" else None
    remedies = tuple(_begun(remedy.what) for remedy in first.remedies)
    return Finding(
        first.severity, MARKS[first.severity], first.what, _since(first), _now(first), first.healthy, remedies,
        harmless, places,
    )  # fmt: skip


def _begun(text: Text) -> Text:
    """The same as the beginning of a sentence."""
    return Text(zh=text.zh, en=text.en[:1].upper() + text.en[1:])


def _now(flag: Flag) -> Cell:
    """What was measured last, and how many times what healthy models stay below."""
    value = form(FORMS.get(flag.kind, "number"), flag.value)
    if not math.isfinite(flag.times):
        return value
    return WORDS["times"].fill({"value": value, "times": form("number", flag.times)})


def _since(flag: Flag) -> Text:
    if flag.before is not None:
        return WORDS["healthy_since"].fill({"since": f"{flag.since:,}", "before": f"{flag.before:,}"})
    return WORDS["from_first"].fill({"since": f"{flag.since:,}"}) if flag.since else WORDS["from_start"]


def limits() -> dict[str, str]:
    """From where on something is not healthy, by kind and severity, and the constants of the definitions."""
    said = {
        f"{rule.kind}_{severity}": form(rule.form, getattr(rule, severity))
        for rule in RULES
        for severity in ("note", "warning", "alarm")
    }
    shares = {"dormant": f"{DORMANT:.1%}", "constant": f"{CONSTANT:.1%}", "rows": str(RANK_ROWS)}
    return said | shares


# ---------------------------------------------------------------------- the head of the page
def facts(health: Health) -> tuple[Fact, ...]:
    """The four numbers under the verdict."""
    return _dead(health), _saturated(health), _ratio(health), _cost(health)


def _worst(health: Health, value: Callable[[LayerMeasure], float]) -> LayerMeasure | None:
    hidden = [one.measure for one in health.layers if one.measure.role == "hidden" and not math.isnan(one.measure.dead)]
    return max(hidden, key=value, default=None)


def _dead(health: Health) -> Fact:
    worst = _worst(health, lambda layer: layer.dead)
    if worst is None:
        return Fact(FACTS["dead"], plain("–"), plain(""))
    note = FACTS["in"].fill({"place": shorten(worst.name, NAME)}) if worst.dead > 0 else FACTS["everywhere"]
    return Fact(FACTS["dead"], plain(form("share", worst.dead)), note)


def _saturated(health: Health) -> Fact:
    worst = _worst(health, lambda layer: layer.saturated - layer.usual_saturated)
    if worst is None:
        return Fact(FACTS["saturated"], plain("–"), plain(""))
    values = {"place": shorten(worst.name, NAME), "usual": form("share", worst.usual_saturated)}
    return Fact(FACTS["saturated"], plain(form("share", worst.saturated)), FACTS["in_usual"].fill(values))


def _ratio(health: Health) -> Fact:
    if math.isnan(health.gradient_ratio):
        return Fact(FACTS["ratio"], plain("–"), FACTS["single"])
    usual = {rule.kind: rule.healthy for rule in RULES}
    ends = {"low": f"{1 / usual['vanishing']:g}", "high": f"{usual['exploding']:g}"}
    return Fact(FACTS["ratio"], plain(number(health.gradient_ratio)), FACTS["between"].fill(ends))


def _cost(health: Health) -> Fact:
    cost = health.overhead
    note = FACTS["sampled"].fill(counts(health)) if cost.steps else FACTS["not_trained"]
    return Fact(FACTS["cost"], plain(_share(health)), note)


def counts(health: Health) -> dict[str, str]:
    """The numbers of steps and samples and the seconds that these took, as sentences have them."""
    cost = health.overhead
    seconds = form("number", cost.watching_seconds)
    return {"steps": f"{cost.steps:,}", "samples": f"{cost.samples:,}", "seconds": seconds}


def _share(health: Health) -> str:
    share = health.overhead.share
    return "–" if math.isnan(share) else f"{share:.1%}"


# ---------------------------------------------------------------------- the table
@dataclass(frozen=True)
class Marked:
    """A cell, and how bad it is; no severity: as in a healthy model, or not measured."""

    text: Cell
    severity: str = ""

    @property
    def mark(self) -> str:
        """What stands beside it."""
        return MARKS.get(self.severity, "")


def rows(health: Health, history: History) -> list[list[Marked]]:
    """For every layer: name, activation, and the columns of the table."""
    updates = _last_updates(history)
    marks = _marks(health, updates)
    return [_row(one, updates, marks) for one in health.layers]


def _row(layer: LayerHealth, updates: dict[str, float], marks: dict[tuple[str, str], str]) -> list[Marked]:
    one = layer.measure
    rank = "–" if math.isnan(one.rank) else f"{form('number', one.rank)} / {one.rank_limit}"
    told: dict[str, str] = {
        "units": f"{one.units:,}",
        **{name: form("share", getattr(one, name)) for name in ("dead", "saturated", "dormant", "constant")},
        **{name: form("number", getattr(one, name)).replace("-", "−", 1) for name in ("mean", "spread")},
        "gradient": form("number", one.gradient),
        "rank": rank,
        "update": form("number", updates.get(one.name, math.nan)),
    }
    name = Marked(shorten(one.name, NAME), marks.get((one.name, "name"), ""))
    role = ROLES.get(one.role)
    kind = shorten(one.activation, NAME)
    activation: Cell = kind if role is None else Text(zh=f"{kind}（{role('zh')}）", en=f"{kind} ({role('en')})")
    return [name, Marked(activation), *(Marked(text, marks.get((one.name, key), "")) for key, text in told.items())]


def _last_updates(history: History) -> dict[str, float]:
    """By layer, the last update ratio that was measured."""
    names, values = course(history, "update")
    return {
        name: next((value for value in reversed(row) if not math.isnan(value)), math.nan)
        for name, row in zip(names, values.tolist(), strict=True)
    }


def _marks(health: Health, updates: dict[str, float]) -> dict[tuple[str, str], str]:
    """By layer and column, the worst severity of a flag about it."""
    marks: dict[tuple[str, str], str] = {}
    for flag in health.flags:  # the worst first
        column = COLUMN_OF.get(flag.kind, flag.kind)
        for name in _about(flag, column, health, updates):
            marks.setdefault((name, column), flag.severity)
            marks.setdefault((name, "name"), flag.severity)
    return marks


def _about(flag: Flag, column: str, health: Health, updates: dict[str, float]) -> list[str]:
    """The layers that a flag is about: its own, the one behind its weights, or where the model shows it."""
    measures = [one.measure for one in health.layers]
    if flag.place is not None:
        return [one.name for one in measures if flag.place in (one.name, one.weight)]
    hidden = [one.name for one in measures if one.role == "hidden"]
    if column == "update":
        return [name for name in updates if updates[name] == flag.value]
    return hidden[-1:] if flag.kind == "gain" else hidden[:1]


def unit_rows(health: Health) -> list[list[Cell]]:
    """The layers with dead or dormant units, and which these are, counted from 0; the worst layers first."""
    found = [one.measure for one in health.layers if one.measure.dead_units or one.measure.dormant_units]
    found.sort(key=lambda one: (-one.dead, -one.dormant))
    return [
        [shorten(one.name, NAME), _units(one.dead_units), _units(tuple(set(one.dormant_units) - set(one.dead_units)))]
        for one in found[:LAYERS]
    ]


def _units(units: tuple[int, ...]) -> Cell:
    numbers = ", ".join(str(unit) for unit in sorted(units)[:UNITS])
    if len(units) <= UNITS:
        return numbers or "–"
    return FACTS["units_more"].fill({"numbers": numbers, "count": f"{len(units) - UNITS:,}"})


# ---------------------------------------------------------------------- cards
def cost_line(health: Health) -> Text:
    """What this watch cost, in one sentence."""
    if not health.overhead.steps:
        return CARD["free"]
    return CARD["cost_line"].fill({"share": _share(health), **counts(health)})


def watch_card(health: Health) -> list[tuple[Text, list[Cell]]]:
    """What was watched, how often, at what cost, with which versions, and what a reader must know."""
    cost = health.overhead
    times = {
        "training": f"{cost.training_seconds:.3g}", "watching": f"{cost.watching_seconds:.3g}",
        "setup": f"{cost.setup_seconds:.3g}",
    }  # fmt: skip
    every = CARD[{"auto": "auto", 1: "all"}.get(cost.every, "each")].fill({"every": str(cost.every)})
    versions: list[Cell] = [f"{name} {found}" for name in PACKAGES if (found := installed(name))]
    card: list[tuple[Text, list[Cell]]] = [
        (CARD["model"], [shorten(health.model, NAME)]),
        (CARD["cost"], [CARD["times"].fill(times)]),
        (CARD["every"], [every]),
        (plain("Python"), [f"{platform.python_version()}, {platform.system()} {platform.machine()}"]),
        (CARD["packages"], versions),
    ]
    notices: list[Cell] = list(health.notices)
    return [*card, (CARD["notices"], notices)] if notices else card
