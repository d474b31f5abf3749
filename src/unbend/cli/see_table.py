"""The small table that ``unbend see`` prints: how the shown network ended, and how often the others got there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from unbend.data.dataset import Dataset
    from unbend.recording.recording import Recording

TARGETS = {"accuracy": 0.99, "r2": 0.9}
GUESSING = 0.01  # a network this near to what a constant answer scores has learnt nothing

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "{name}: {rows} rows, {features} features; measured on the rows that were learnt",
        "activation": "activation",
        "accuracy": "accuracy",
        "r2": "R²",
        "share": "of {seeds} seeds reach {target}",
        "median": "median",
        "failed": "what failed",
        "diverged": "{count} diverged",
        "stuck": "{count} no better than guessing",
        "short": "{count} fell short",
        "none": "–",
        "diverged_run": "diverged in epoch {epoch}",
    },
    "zh": {
        "title": "{name}：{rows} 行，{features} 个特征；指标在训练数据上测得",
        "activation": "激活函数",
        "accuracy": "准确率",
        "r2": "R²",
        "share": "{seeds} 个种子中达到 {target}",
        "median": "中位数",
        "failed": "失败情况",
        "diverged": "{count} 个发散",
        "stuck": "{count} 个与瞎猜无异",
        "short": "{count} 个未达标",
        "none": "–",
        "diverged_run": "第 {epoch} 轮发散",
    },
}


@dataclass(frozen=True)
class Outcome:
    """How one activation fared: the shown network's ``metric``, and counts over all seeds."""

    metric_name: str
    metric: float
    diverged_at: int | None
    seeds: int
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
    name = run.metric_name
    floor = 0.0 if name == "r2" else float(np.bincount(run.dataset.y.astype(np.int64)).max() / len(run.dataset))
    reached = ~diverged & (metric >= TARGETS[name])
    stuck = ~diverged & ~reached & (metric <= floor + GUESSING)
    known = np.where(diverged, -np.inf, metric)
    return Outcome(
        metric_name=name,
        metric=float(run.history[name][-1]),
        diverged_at=run.diverged_at,
        seeds=len(metric),
        target=TARGETS[name],
        reached=int(reached.sum()),
        median=float(np.median(known)),
        diverged=int(diverged.sum()),
        stuck=int(stuck.sum()),
    )


def show_table(dataset: "Dataset", names: list[str], found: list[Outcome], lang: str) -> None:
    """Print the table to standard output."""
    from rich.console import Console
    from rich.table import Table

    words, first = WORDS[lang], found[0]
    title = words["title"].format(name=dataset.name, rows=len(dataset), features=dataset.x.shape[1])
    table = Table(title=title, title_justify="left")
    share = words["share"].format(seeds=first.seeds, target=_value(first.metric_name, first.target, 0))
    for heading in (words["activation"], words[first.metric_name], share, words["median"], words["failed"]):
        table.add_column(heading, overflow="fold")
    for name, one in zip(names, found, strict=True):
        table.add_row(name, _own(one, words), f"{one.reached / one.seeds:.0%}", _median(one), _failures(one, words))
    Console(highlight=False, markup=False).print(table)


def _own(one: Outcome, words: dict[str, str]) -> str:
    if one.diverged_at is not None:
        return words["diverged_run"].format(epoch=one.diverged_at)
    return _value(one.metric_name, one.metric)


def _median(one: Outcome) -> str:
    return _value(one.metric_name, one.median) if np.isfinite(one.median) else "–"


def _value(metric_name: str, value: float, digits: int = 1) -> str:
    return f"{value:.{digits}%}" if metric_name == "accuracy" else f"{value:.3g}"


def _failures(one: Outcome, words: dict[str, str]) -> str:
    counts = {"diverged": one.diverged, "stuck": one.stuck, "short": one.short}
    said = [words[kind].format(count=count) for kind, count in counts.items() if count]
    return ", ".join(said) or words["none"]
