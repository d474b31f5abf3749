"""What the page of a choice says in numbers: rows of its tables and its cards, as words in both languages."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from typing import Any

import numpy as np

from unbend.choosing import forms
from unbend.choosing.calibration import calibration
from unbend.choosing.choice import Choice
from unbend.choosing.why import Diagnosis
from unbend.drawing.rows import metric_words
from unbend.drawing.words import shorten
from unbend.lessons import Text
from unbend.report.choice_words import CALIBRATION, DATA, FACTS, HELD, KINDS, METHOD

Cell = str | Text
PACKAGES = ("unbend", "numpy", "llvmlite", "scikit-learn", "scipy", "pyarrow")
NAMES, CLASSES, NOTES = 24, 12, 12  # how many a data card lists
NAME, SENTENCE = 32, 300  # how many letters of each


@dataclass(frozen=True)
class Fact:
    """A number that stands out: its ``label``, its ``value`` and a ``note`` below."""

    label: Text
    value: Text
    note: Text


def said(words: Callable[[str], str]) -> Text:
    """What a function of the language says, in both."""
    return Text(zh=words("zh"), en=words("en"))


def filled(text: Text, **values: Cell) -> Text:
    """A text with its values, no blank between Chinese words."""
    both = text.fill(values)
    return Text(zh=forms.closed(both.zh), en=both.en)


# ---------------------------------------------------------------------- the head of the page
def facts(choice: Choice) -> tuple[Fact, ...]:
    """The four numbers beside the verdict."""
    verdict, metric = choice.verdict, choice.verdict.metric
    best, pair = verdict.ranking[0], verdict.comparison(verdict.best, verdict.ranking[1].activation)
    name, second = shorten(best.activation, NAME), shorten(pair.second, NAME)
    return (
        Fact(
            filled(FACTS["fact_best"], metric=metric_text(metric), best=name),
            plain(forms.score(metric, best.mean)),
            filled(FACTS["of"], interval=said(lambda lang: forms.interval(metric, best.low, best.high, lang))),
        ),
        Fact(
            filled(FACTS["fact_better"], best=name, second=second, rope=rope_text(choice)),
            plain(forms.chance(pair.better)),
            filled(FACTS["against"], difference=said(lambda lang: forms.difference(metric, pair.difference, lang))),
        ),
        Fact(
            filled(FACTS["fact_detectable"], unit=unit_text(metric)),
            plain(forms.bare_difference(metric, verdict.detectable_difference).removeprefix("+")),
            filled(FACTS["rows"], rows=f"{len(choice.study.plan.table):,}"),
        ),
        _honest(choice, name),
    )


def _honest(choice: Choice, name: str) -> Fact:
    """The score of the best without the optimism of having been chosen."""
    metric, mean = choice.verdict.metric, choice.verdict.ranking[0].mean
    note = filled(FACTS["own"], mean=forms.score(metric, mean))
    if choice.untouched is None:
        return Fact(FACTS["fact_nested"], plain(forms.score(metric, choice.nested)), note)
    return Fact(filled(FACTS["fact_untouched"], best=name), plain(forms.score(metric, choice.untouched)), note)


def plain(text: str) -> Text:
    """The same in both languages."""
    return Text(zh=text, en=text)


def metric_text(metric: str) -> Text:
    """What a metric is called."""
    return said(lambda lang: metric_words(metric, lang))


def unit_text(metric: str) -> Text:
    """The unit of a metric's differences, in brackets where there is one."""
    return Text(zh=f"（{forms.POINTS['zh']}）", en=f" ({forms.POINTS['en']})") if metric in forms.PERCENT else plain("")


def rope_text(choice: Choice) -> Text:
    """The difference that does not matter, with its unit."""
    return said(lambda lang: forms.difference(choice.verdict.metric, choice.verdict.rope, lang, signed=False))


# ---------------------------------------------------------------------- tables
def ranking_rows(choice: Choice) -> list[list[Cell]]:
    """For every arm: name, mean, interval, distance to the best, Holm's p, median learning rate, divergence."""
    verdict, metric = choice.verdict, choice.verdict.metric
    rows: list[list[Cell]] = []
    for one in verdict.ranking:
        behind: list[Cell] = ["–", "–"]
        if one.activation != verdict.best:
            pair = verdict.comparison(one.activation, verdict.best)
            behind = [forms.bare_difference(metric, pair.difference), forms.p_value(pair.p_holm).removeprefix("= ")]
        mark = "● " if one.activation in verdict.not_excluded else "○ "
        ends = said(lambda lang, one=one: forms.interval(metric, one.low, one.high, lang))
        rows.append(
            [
                mark + shorten(one.activation, NAME), forms.score(metric, one.mean), ends, *behind,
                forms.rate(middle(diagnosis_of(choice, one.activation).chosen_rates)), forms.share(one.failure_rate),
            ]
        )  # fmt: skip
    return rows


def pair_rows(choice: Choice) -> list[list[Cell]]:
    """Every comparison, the nearer arm to the top first."""
    verdict, metric = choice.verdict, choice.verdict.metric
    names = [one.activation for one in verdict.ranking]
    pairs = [verdict.comparison(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    return [
        [
            shorten(one.first, NAME), shorten(one.second, NAME), forms.bare_difference(metric, one.difference),
            said(lambda lang, one=one: forms.interval(metric, one.low, one.high, lang, of="difference")),
            forms.p_value(one.p).removeprefix("= "), forms.p_value(one.p_holm).removeprefix("= "),
            forms.chance(one.worse), forms.chance(one.equivalent), forms.chance(one.better), forms.share(one.wins),
        ]
        for one in pairs
    ]  # fmt: skip


def health_rows(choice: Choice) -> list[list[Cell]]:
    """Dead and saturated shares, gradient ratio, χ₁, epochs to 90 %, basin, divergence."""
    rows: list[list[Cell]] = []
    for one in choice.verdict.ranking:
        own = diagnosis_of(choice, one.activation)
        ratio = own.gradient_first / np.where(own.gradient_last > 0, own.gradient_last, np.nan)
        rows.append(
            [
                shorten(one.activation, NAME), _course(own.dead, forms.share), _course(own.saturated, forms.share),
                _course(ratio, _digits), _digits(own.gradient_growth), _digits(own.epochs_to_90),
                ("≥ " if own.basin_open else "") + _digits(own.basin),
                forms.share(one.failure_rate),
            ]
        )  # fmt: skip
    return rows


def diagnosis_of(choice: Choice, name: str) -> Diagnosis:
    """The diagnosis of an arm."""
    return choice.diagnoses[[arm.name for arm in choice.study.plan.arms].index(name)]


def _course(values: Any, form: Callable[[float], str]) -> str:
    """At the start and at the end."""
    first, last = (form(float(values[place])) if isfinite(values[place]) else "–" for place in (0, -1))
    return f"{first} → {last}"


def _digits(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else "–"


def middle(values: Any) -> float:
    """The median, the lower one of two: a value that is among them."""
    return float(np.quantile(values, 0.5, method="lower"))


# ---------------------------------------------------------------------- method and cards
def method(choice: Choice) -> list[Text]:
    """How the numbers were made, a paragraph each."""
    plan, splits = choice.study.plan, choice.study.plan.splits
    protocol, arms = plan.protocol, len(choice.verdict.ranking)
    shards = [shard for arm in choice.study.shards for shard in arm] + list(choice.study.untouched or ())
    held = plain("") if splits.untouched is None else filled(HELD, rows=f"{len(splits.untouched.test):,}")
    values: dict[str, Cell] = {
        "train": f"{splits.n_train:,}", "test": f"{splits.n_test:,}", "metric": metric_text(choice.verdict.metric),
        "repeats": str(splits.repeats), "folds": str(splits.folds), "splits": str(len(splits.outer)),
        "kind": _kind(choice), "seeds": str(protocol.seeds), "rates": str(len(protocol.learning_rates)),
        "low": forms.rate(protocol.learning_rates[0]), "high": forms.rate(protocol.learning_rates[-1]),
        "extensions": str(protocol.extensions), "epochs": str(protocol.epochs), "optimizer": protocol.optimizer,
        "batch": str(protocol.batch_size), "networks": f"{sum(len(shard['seed']) for shard in shards):,}",
        "pairs": str(arms * (arms - 1) // 2), "rope": rope_text(choice), "held": held,
    }  # fmt: skip
    skipped = () if protocol.extensions else ("extended",)
    told = [filled(text, **values) for name, text in METHOD.items() if name not in skipped]
    return [*told, calibration_said()]


def calibration_said() -> Text:
    """How often the procedure is wrong where the truth is known."""
    measured = calibration()
    twins, blocks, planted = measured["twins"], measured["blocks"], measured["planted"]
    return filled(
        CALIBRATION, tables=f"{twins['setting']['tables']:,}", arms=str(len(twins["arms"])),
        winner=_rate(twins["winner"]["rate"]), winner_low=_rate(twins["winner"]["low"]),
        winner_high=_rate(twins["winner"]["high"]), any=_rate(twins["any_difference"]["rate"]),
        planted=said(lambda lang: forms.difference("accuracy", planted["difference"], lang, signed=False)),
        power=_rate(planted["power"]["rate"]), naive=_rate(blocks["one_pair_naive"]["rate"]),
        corrected=_rate(blocks["one_pair"]["rate"]),
    )  # fmt: skip


def _rate(value: float) -> str:
    return f"{value:.1%}"


def _kind(choice: Choice) -> Text:
    table = choice.study.plan.table
    if table.time is not None:
        return KINDS["time"]
    if table.groups is not None:
        return KINDS["groups"]
    return KINDS["regression" if table.task == "regression" else "classes"]


def data_card(choice: Choice) -> list[tuple[Text, list[Cell]]]:
    """What the table is; long names and long lists are cut, so that its length does not grow with the table."""
    table = choice.study.plan.table
    names = [*table.number_names, *table.level_names]
    kinds = filled(DATA["kinds"], numbers=str(len(table.number_names)), levels=str(len(table.level_names)))
    missing = int(np.isnan(table.numbers).sum() + (table.levels < 0).sum())
    card: list[tuple[Text, list[Cell]]] = [
        (DATA["origin"], [shorten(table.origin, 120)]),
        (DATA["target"], [shorten(table.target_name, NAME)]),
        (DATA["task"], [DATA[table.task]]),
        (DATA["rows"], [f"{len(table):,}"]),
        (DATA["columns"], [kinds, *_listed(names, NAMES)]),
    ]
    if table.task != "regression":
        counts = np.bincount(table.y.astype(np.int64), minlength=len(table.class_names)).tolist()
        classes = [f"{shorten(n, NAME)} ({count:,})" for n, count in zip(table.class_names, counts, strict=True)]
        card.append((DATA["classes"], _listed(classes, CLASSES, length=2 * NAME)))
    card.append((DATA["missing"], [f"{missing:,}"]))
    if table.groups is not None:
        card.append((DATA["grouping"], [filled(DATA["groups"], count=f"{len(np.unique(table.groups)):,}")]))
    if table.time is not None:
        card.append((DATA["order"], [DATA["kept"]]))
    if table.notes:
        card.append((DATA["notes"], _listed(table.notes, NOTES, SENTENCE)))
    return [*card, (DATA["digest"], [table.digest])]


def _listed(things: Sequence[str], most: int, length: int = NAME) -> list[Cell]:
    shown: list[Cell] = [shorten(thing, length) for thing in things[:most]]
    if len(things) > most:
        shown.append(filled(DATA["more"], count=f"{len(things) - most:,}"))
    return shown


def environment_card(choice: Choice, command: str = "") -> list[tuple[Text, list[Cell]]]:
    """Versions, processor, seed, and the command where there was one."""
    versions = [f"{name} {found}" for name in PACKAGES if (found := installed(name))]
    card: list[tuple[Text, list[Cell]]] = [
        (plain("Python"), [f"{platform.python_version()}, {platform.system()} {platform.machine()}"]),
        (DATA["processor"], [_processor()]),
        (DATA["packages"], list(versions)),
        (DATA["seed"], [str(choice.study.plan.protocol.seed)]),
    ]
    return [*card, (DATA["command"], [shorten(command, SENTENCE)])] if command else card


def installed(package: str) -> str:
    """The version of a package; empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    """The name that LLVM has for it, and the vectors that the kernel uses."""
    try:
        from unbend.training.kernel.compile import host_lanes, host_name

        return f"{host_name()}, {host_lanes()} × float32"
    except (ImportError, OSError, RuntimeError):
        return platform.machine()
