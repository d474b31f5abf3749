"""A diagnosis on a terminal: the verdict, one line per activation, the flags with what to try, and the cost."""

from unbend.text import Text
from unbend.watching.health import Flag, Health, LayerHealth
from unbend.watching.health_words import form

MARKS = {"alarm": "✗", "warning": "!", "note": "·"}
HEAD = (
    Text(en="layer", zh="层"), Text(en="activation", zh="激活函数"), Text(en="units", zh="单元"),
    Text(en="dead", zh="死亡"), Text(en="saturated", zh="饱和"), Text(en="dormant", zh="休眠"),
    Text(en="mean", zh="均值"), Text(en="spread", zh="标准差"), Text(en="gradient", zh="梯度"),
    Text(en="rank", zh="秩"), Text(en="update", zh="更新比"),
)  # fmt: skip
ALSO = Text(en="Also: {places}", zh="同样的还有：{places}")
MOST_NAMED = 6
USUAL = Text(en="healthy: {healthy}", zh="健康值：{healthy}")
NOTE = Text(
    en="Harmless while the loss falls. Where it stalls: {advice}", zh="损失还在下降就无妨。若不再下降：{advice}"
)
COST = Text(
    en="{steps} steps, {samples} samples; watching took {seconds} s, {share} of the training time.",
    zh="共 {steps} 步，取样 {samples} 次；观察用时 {seconds} 秒，占训练时间的 {share}。",
)
UNTRAINED = Text(en="No step of training was watched.", zh="没有观察到训练。")
DEPTH = Text(
    en="At the start the gradient's square changes by a factor of e in {predicted} layers by theory, {measured} "
    "measured.",
    zh="初始时，梯度的平方每过若干层变化 e 倍：理论 {predicted} 层，实测 {measured} 层。",
)


def summary(health: Health, lang: str) -> str:
    """The diagnosis in ``lang``, "en" or "zh"; `UnbendError` for another language."""
    lines = [health.verdict(lang)]
    if health.layers:
        lines += ["", *_table(health.layers, lang)]
    for flags in alike(health.flags):
        lines += ["", *_said(flags, lang)]
    if health.theory is not None:
        scales = {"predicted": health.theory.depth_scale, "measured": health.theory.measured_depth_scale}
        lines += ["", DEPTH.fill({key: form("number", value) for key, value in scales.items()})(lang)]
    lines += ["", *(notice(lang) for notice in health.notices), _cost(health, lang)]
    return "\n".join(lines)


def alike(flags: tuple[Flag, ...]) -> list[list[Flag]]:
    """Flags of one kind and severity together, in the order of the first of each."""
    groups: dict[tuple[str, str], list[Flag]] = {}
    for flag in flags:
        groups.setdefault((flag.severity, flag.kind), []).append(flag)
    return list(groups.values())


def _said(flags: list[Flag], lang: str) -> list[str]:
    first, also = flags[0], [flag.place or "" for flag in flags[1:]]
    lines = [f"{MARKS[first.severity]} {first.what(lang)} [{USUAL.fill({'healthy': first.healthy})(lang)}]"]
    if also:
        places = ", ".join(also[:MOST_NAMED]) + (", …" if len(also) > MOST_NAMED else "")
        lines.append(f"  {ALSO.fill({'places': places})(lang)}")
    return [*lines, f"  → {_advice(first)(lang)}"]


def _advice(flag: Flag) -> Text:
    """What to try first; a note asks for nothing as long as the model learns."""
    if flag.severity != "note":
        return flag.advice
    begun = Text(zh=flag.advice.zh, en=flag.advice.en[:1].lower() + flag.advice.en[1:])
    return NOTE.fill({"advice": begun})


def _cost(health: Health, lang: str) -> str:
    cost = health.overhead
    if not cost.steps:
        return UNTRAINED(lang)
    spent = {"seconds": form("number", cost.watching_seconds), "share": f"{100 * cost.share:.1f}%"}
    return COST.fill({"steps": f"{cost.steps:,}", "samples": str(cost.samples), **spent})(lang)


def _table(layers: tuple[LayerHealth, ...], lang: str) -> list[str]:
    from rich.cells import cell_len

    rows = [[word(lang) for word in HEAD], *(_row(layer) for layer in layers)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines: list[str] = []
    for row in rows:
        pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        words = [cell + pad for cell, pad in zip(row[:2], pads[:2], strict=True)]
        numbers = [pad + cell for cell, pad in zip(row[2:], pads[2:], strict=True)]
        lines.append("  ".join(words + numbers))
    return lines


def _row(layer: LayerHealth) -> list[str]:
    one = layer.measure
    worst = next((MARKS[flag.severity] for flag in layer.flags), " ")
    shares, numbers = (one.dead, one.saturated, one.dormant), (one.mean, one.spread, one.gradient)
    return [
        f"{worst} {one.name}", one.activation, str(one.units), *(form("share", x) for x in shares),
        *(form("number", x) for x in numbers), f"{form('number', one.rank)}/{one.rank_limit}",
        form("number", layer.weight.update) if layer.weight else "–",
    ]  # fmt: skip
