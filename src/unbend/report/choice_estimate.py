"""What a choice would take, on a terminal: networks, time, and the smallest difference that it could find."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from unbend.choosing import forms
from unbend.choosing.estimate import Estimate, estimate
from unbend.choosing.plan import Plan
from unbend.drawing.rows import metric_words
from unbend.drawing.words import shorten
from unbend.lessons import Text
from unbend.report.choice_terminal import WIDTH, say

ESTIMATE = {
    "networks": Text(
        zh="要训练 {networks} 个网络：{arms} 个候选 × {splits} 次划分，共 {shards} 个分片{kept}。",
        en="{networks} networks to train, in {shards} shards: {arms} arms on {splits} splits{kept}.",
    ),
    "time": Text(
        zh="{workers} 路并行，估计 {low} 到 {high}。", en="With {workers} workers that takes {low} to {high}."
    ),
    "detectable": Text(
        zh="能可靠看出的最小差别约 {from} 到 {to} {unit}（由 {pilots} 次划分、{epochs} 轮的试跑估计）；"
        "多重复降不了多少，多一些行才行。",
        en="The smallest difference that could be seen reliably is about {from} to {to} {unit}, as a trial of {epochs} "
        "epochs on {pilots} splits suggests. More repeats lower it little, more rows do.",
    ),
}
KEPT = Text(zh="（含留在一旁的行）", en=" and on the rows kept apart")


def show_estimate(plans: Sequence[Plan], workers: int | None, lang: str, as_json: bool = False) -> None:
    """Print what every plan would train, how long that takes and what it could find; a little of it is run for that."""
    from rich.console import Console

    found = [estimate(plan, workers) for plan in plans]
    if as_json:
        told = [{"data": plan.table.origin} | asdict(one) for plan, one in zip(plans, found, strict=True)]
        print(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, allow_nan=False))
        return
    console = Console()
    for plan, one in zip(plans, found, strict=True):
        width = min(console.width, WIDTH)
        say(console, shorten(plan.table.origin, 60), width, "bold")
        for sentence in _foretold(plan, one, lang):
            say(console, sentence, width)


def _foretold(plan: Plan, one: Estimate, lang: str) -> list[str]:
    values = {
        "networks": f"{one.networks:,}", "shards": f"{one.shards:,}", "arms": str(len(plan.arms)),
        "splits": str(one.splits), "workers": str(one.workers), "low": _duration(one.seconds[0], lang),
        "high": _duration(one.seconds[1], lang), "kept": KEPT(lang) if plan.splits.untouched else "",
        "pilots": str(one.pilot_splits), "epochs": str(one.pilot_epochs),
    }  # fmt: skip
    sentences = ["networks", "time"]
    if one.detectable_difference is not None:
        low, high = (forms.bare_difference(one.metric, end).removeprefix("+") for end in one.detectable_difference)
        unit = forms.POINTS[lang] if one.metric in forms.PERCENT else metric_words(one.metric, lang)
        values |= {"from": low, "to": high, "unit": unit}
        sentences.append("detectable")
    return [ESTIMATE[name].fill(values)(lang) for name in sentences]


def _duration(seconds: float, lang: str) -> str:
    """Seconds, minutes or hours in two digits.

    >>> _duration(4.2, "en"), _duration(100, "en"), _duration(10_000, "zh")
    ('4.2 s', '1.7 min', '2.8 小时')
    """
    for size, units in ((3600.0, ("h", "小时")), (60.0, ("min", "分钟")), (1.0, ("s", "秒"))):
        if seconds >= size or size == 1.0:
            return f"{seconds / size:.2g} {units[lang == 'zh']}"
    raise AssertionError(seconds)
