"""The small table that ``unbend see`` prints: how the shown network ended, and how often the others got there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

from unbend.drawing.often import target_text
from unbend.drawing.words import percent

if TYPE_CHECKING:
    from unbend.data.dataset import Dataset
    from unbend.recording.recording import Recording

TARGETS = {"accuracy": 0.99, "r2": 0.9}
GUESSING = 0.02  # a network that came so little of the way from a constant answer to a perfect one has learnt nothing

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "{name} (rows: {rows}, features: {features}); measured on the training rows, "
        "where one constant answer scores {floor}",
        "activation": "activation",
        "accuracy": "accuracy, seed {seed}",
        "r2": "R², seed {seed}",
        "share": "seeds that reach {target}",
        "median": "median",
        "failed": "what failed",
        "diverged": "{count} diverged",
        "stuck": "{count} no better than guessing",
        "short": "{count} fell short",
        "none": "–",
        "diverged_run": "diverged in epoch {epoch}",
        "hint": "No network reached {target}: more --epochs, a wider --hidden or another --learning-rate may help.",
        "hint_diverged": "Every network diverged: try a smaller --learning-rate; a formula must be finite everywhere.",
        "linear": "Without a hidden layer there is no activation to compare: one linear network is shown.",
    },
    "zh": {
        "title": "{name}（行：{rows}，特征：{features}）；指标在训练数据上测得，恒定答案得 {floor}",
        "activation": "激活函数",
        "accuracy": "准确率（种子 {seed}）",
        "r2": "R²（种子 {seed}）",
        "share": "达到 {target} 的种子",
        "median": "中位数",
        "failed": "失败情况",
        "diverged": "{count} 个发散",
        "stuck": "{count} 个与瞎猜无异",
        "short": "{count} 个未达标",
        "none": "–",
        "diverged_run": "第 {epoch} 轮发散",
        "hint": "没有网络达到 {target}：可试试更大的 --epochs、更宽的 --hidden 或别的 --learning-rate。",
        "hint_diverged": "所有网络都发散了：请减小 --learning-rate；公式必须处处有限。",
        "linear": "没有隐藏层就没有激活函数可比：只显示一个线性网络。",
    },
}


@dataclass(frozen=True)
class Outcome:
    """How one activation fared: the shown network's ``metric``, and counts over all seeds.

    ``floor`` is what one constant answer scores.
    """

    metric_name: str
    metric: float
    seed: int
    diverged_at: int | None
    seeds: int
    floor: float
    target: float
    reached: int
    median: float
    diverged: int
    stuck: int

    @property
    def short(self) -> int:
        """Networks that learnt something but not enough."""
        return self.seeds - self.reached - self.diverged - self.stuck


def outcome(run: "Recording", metric: NDArray[Any], diverged: NDArray[Any]) -> Outcome:
    """Count what became of the seeds; ``metric`` and ``diverged`` (seeds,)."""
    name, floor = run.metric_name, _floor(run)
    target = max(TARGETS[name], (1.0 + floor) / 2)  # where one class is nearly all, 99 % would be reached by guessing
    reached = ~diverged & (metric >= target)
    stuck = ~diverged & ~reached & (metric <= floor + GUESSING * (1.0 - floor))
    known = np.where(diverged, -np.inf, metric)
    return Outcome(
        metric_name=name,
        metric=float(run.history[name][-1]),
        seed=run.recipe.seed,
        diverged_at=run.diverged_at,
        seeds=len(metric),
        floor=floor,
        target=target,
        reached=int(reached.sum()),
        median=float(np.median(known)),
        diverged=int(diverged.sum()),
        stuck=int(stuck.sum()),
    )


def _floor(run: "Recording") -> float:
    if run.metric_name == "r2":
        return 0.0
    return float(np.bincount(run.dataset.y.astype(np.int64)).max() / len(run.dataset))


def say_linear(lang: str) -> str:
    """Say that activations make no difference without a hidden layer; returns the one that changes nothing."""
    click.echo(WORDS[lang]["linear"], err=True)
    return "identity"


def show_table(dataset: "Dataset", names: list[str], found: list[Outcome], lang: str) -> None:
    """Print the table to standard output, and below it what to try where nothing came of it."""
    from rich.console import Console
    from rich.table import Table

    words, first = WORDS[lang], found[0]
    floor, target = _value(first.metric_name, first.floor), target_text(first.target, first.metric_name)
    title = words["title"].format(name=dataset.name, rows=len(dataset), features=dataset.x.shape[1], floor=floor)
    table = Table(title=title, title_justify="left")
    own, share = words[first.metric_name].format(seed=first.seed), words["share"].format(target=target)
    for heading in (words["activation"], own, share, words["median"], words["failed"]):
        table.add_column(heading, overflow="fold")
    for name, one in zip(names, found, strict=True):
        table.add_row(name, _own(one, words), _share(one), _median(one), _failures(one, words))
    Console(highlight=False, markup=False, emoji=False).print(table)
    if not any(one.reached for one in found):
        hopeless = all(one.diverged == one.seeds for one in found)
        click.echo(words["hint_diverged" if hopeless else "hint"].format(target=target))


def _own(one: Outcome, words: dict[str, str]) -> str:
    if one.diverged_at is not None:
        return words["diverged_run"].format(epoch=one.diverged_at)
    return _value(one.metric_name, one.metric)


def _share(one: Outcome) -> str:
    return f"{one.reached}/{one.seeds} ({percent(one.reached / one.seeds)})"


def _median(one: Outcome) -> str:
    return _value(one.metric_name, one.median) if np.isfinite(one.median) else "–"


def _value(metric_name: str, value: float) -> str:
    """Never rounded up to perfect.

    >>> _value("accuracy", 0.99996), _value("r2", 0.99996), _value("r2", -2e30)
    ('99.9%', '0.999', '-2e+30')
    """
    if metric_name == "accuracy":
        return percent(value)
    return f"{value if value == 1 else min(value, 0.999):.3f}" if value > -1000 else f"{value:.3g}"


def _failures(one: Outcome, words: dict[str, str]) -> str:
    counts = {"diverged": one.diverged, "stuck": one.stuck, "short": one.short}
    said = [words[kind].format(count=count) for kind, count in counts.items() if count]
    return ", ".join(said) or words["none"]
