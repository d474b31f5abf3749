"""A card in words, English and Chinese: property, value, and what it means where that helps.

Plain text, the table of a terminal, Markdown and HTML are made of the same rows.
"""

import math
from html import escape
from typing import TYPE_CHECKING, Any

from unbend.errors import UnbendError, did_you_mean
from unbend.properties.record import Card

if TYPE_CHECKING:
    from rich.table import Table

LANGUAGES = ("en", "zh")
Row = tuple[str, str, str]

WORDS: dict[str, tuple[str, str]] = {
    "property": ("property", "性质"),
    "number": ("value", "数值"),
    "means": ("what it means", "含义"),
    "formula": ("formula", "公式"),
    "source": ("source", "出处"),
    "use": ("use", "用途"),
    "differs": ("libraries", "各库差异"),
    "domain": ("defined on", "定义域"),
    "domain_note": ("the formula has no number elsewhere", "其余地方公式没有值"),
    "range": ("range", "值域"),
    "range_note": ("a round bracket: the end is never reached", "圆括号：端点取不到"),
    "limits": ("limits at −∞, +∞", "−∞、+∞ 处的极限"),
    "smoothness": ("smoothness", "光滑性"),
    "discontinuous": ("discontinuous", "不连续"),
    "jump_note": ("the value jumps: no gradient leads across", "函数值有跳跃，梯度无法跨越"),
    "C0": ("the value is continuous, the gradient jumps", "值连续，梯度有跳跃"),
    "Ck": ("the first {k} derivatives are continuous", "前 {k} 阶导数连续"),
    "C∞": ("smooth: every derivative is continuous", "光滑：各阶导数都连续"),
    "kinks": ("kinks", "折点"),
    "monotone": ("monotone", "单调性"),
    "strictly": ("strictly {direction}", "严格{direction}"),
    "weakly": ("weakly {direction}", "非严格{direction}"),
    "no": ("no", "不单调"),
    "increasing": ("increasing", "递增"),
    "decreasing": ("decreasing", "递减"),
    "constant": ("constant", "常数"),
    "monotone_note": ("different inputs can give one output", "不同输入可能得到同一输出"),
    "symmetry": ("symmetry", "对称性"),
    "odd": ("odd, f(−x) = −f(x)", "奇函数，f(−x) = −f(x)"),
    "even": ("even, f(−x) = f(x)", "偶函数，f(−x) = f(x)"),
    "neither": ("neither odd nor even", "非奇非偶"),
    "even_note": ("the sign of the input is lost", "输入的正负号会丢失"),
    "mean": ("mean output, x ~ N(0, 1)", "输出均值，x ~ N(0, 1)"),
    "centred": ("centred on 0", "以 0 为中心"),
    "off_centre": ("not centred: the next layer sees a shift", "不以 0 为中心，下一层会看到偏移"),
    "max_gradient": ("largest |gradient|", "最大 |梯度|"),
    "at": ("at x = {place}", "在 x = {place} 处"),
    "approached": ("approached, never reached", "只能接近，取不到"),
    "unbounded": ("unbounded: large inputs explode", "没有上界：大的输入会爆炸"),
    "shrinks": ("every layer shrinks the gradient by this at least", "每过一层，梯度至少缩小到这个倍数"),
    "lipschitz": ("Lipschitz constant", "利普希茨常数"),
    "below_0_1": ("|gradient| below 0.1 beyond", "|梯度| 小于 0.1 的起点"),
    "below_0_01": ("|gradient| below 0.01 beyond", "|梯度| 小于 0.01 的起点"),
    "both_sides": ("|x| = {place}", "|x| = {place}"),
    "left_only": ("x = {place}, to the left", "x = {place}，向左"),
    "right_only": ("x = {place}, to the right", "x = {place}，向右"),
    "everywhere": ("everywhere", "处处"),
    "never": ("never for good", "不会一直如此"),
    "saturates": ("it saturates on both sides", "两侧都会饱和"),
    "saturates_one": ("it saturates on one side", "一侧会饱和"),
    "no_gradient": ("gradient descent cannot train it", "梯度下降无法训练它"),
    "share": ("saturated share, x ~ N(0, 1)", "饱和比例，x ~ N(0, 1)"),
    "share_note": ("share of normal inputs with |gradient| < 0.01", "正态输入中 |梯度| < 0.01 的比例"),
    "dead": ("dead zone", "死区"),
    "dead_exact": ("gradient exactly 0: a unit there learns nothing", "梯度恰好为 0：落在这里的单元学不到东西"),
    "dead_tail": ("|gradient| below 10⁻⁶ for good", "|梯度| 一直小于 10⁻⁶"),
    "minimum": ("minimum", "最小值"),
    "maximum": ("maximum", "最大值"),
    "taylor": ("Taylor series at 0", "0 处的泰勒级数"),
    "fixed": ("fixed points, |x| ≤ 12", "不动点，|x| ≤ 12"),
    "fixed_note": ("where f(x) = x", "即 f(x) = x 之处"),
    "gain_exact": ("gain that keeps the variance", "保持方差的增益"),
    "gain_exact_note": ("weights of variance gain²/fan-in keep signals at 1",
                        "权重方差取 增益²/扇入，信号方差保持为 1"),
    "gain_pytorch": ("gain of PyTorch", "PyTorch 的增益"),
    "chi": ("χ₁ at that gain", "该增益下的 χ₁"),
    "chi_grows": ("gradients grow by this factor per layer (squared)", "梯度（平方）每层放大的倍数"),
    "chi_shrinks": ("gradients shrink by this factor per layer (squared)", "梯度（平方）每层缩小的倍数"),
    "chi_keeps": ("gradients keep their size: the edge of chaos", "梯度大小不变：混沌边缘"),
    "growth": ("χ₁ with Glorot, He weights", "Glorot、He 初始化下的 χ₁"),
    "depth": ("depth scale with Glorot, He weights", "Glorot、He 初始化下的深度尺度"),
    "depth_note": ("layers over which a gradient² changes by a factor of e", "梯度² 变化 e 倍所需的层数"),
    "edge": ("edge of chaos (σ_w, σ_b)", "混沌边缘 (σ_w, σ_b)"),
    "edge_note": ("starting weights between vanishing and exploding", "介于消失与爆炸之间的初始权重"),
    "self_normalising": ("self-normalising", "自归一化"),
    "yes": ("yes", "是"),
    "not": ("no", "否"),
    "self_note": ("mean 0 and variance 1 are stable with lecun_normal", "配合 lecun_normal，均值 0、方差 1 是稳定的"),
    "cost": ("cost, ReLU = 1", "耗时，ReLU = 1"),
    "cost_value": ("{value} value, {gradient} with gradient", "求值 {value}，连同梯度 {gradient}"),
    "cost_note": ("measured on this machine ({processor})", "在本机（{processor}）测得"),
    "none": ("none", "无"),
    "whole": ("all x", "全体实数"),
    "code": ("code", "代码"),
}  # fmt: skip


class Said:
    """The words of one language."""

    def __init__(self, lang: str):
        """Refuse a language that is not there."""
        if lang not in LANGUAGES:
            raise UnbendError(f"there is no language {lang!r}; {did_you_mean(lang, LANGUAGES)}")
        self.lang = lang

    def __call__(self, key: str, **values: Any) -> str:
        """The text for ``key`` with ``values`` filled in."""
        return WORDS[key][LANGUAGES.index(self.lang)].format(**values)


def shown(value: float | None) -> str:
    """A number in few digits, with a real minus sign.

    >>> shown(-0.25), shown(float("inf")), shown(None), shown(2.0), shown(1.2e-7)
    ('−0.25', '∞', '–', '2', '1.2×10⁻⁷')
    """
    if value is None:
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) if exponent else ""
    return (f"{mantissa}×10{raised}" if exponent else mantissa).replace("-", "−")


def interval(low: float, high: float, closed: tuple[bool, bool] = (False, False)) -> str:
    """An interval; a square bracket where the end is reached.

    >>> interval(0.0, float("inf"), (True, False))
    '[0, ∞)'
    """
    return f"{'[' if closed[0] else '('}{shown(low)}, {shown(high)}{']' if closed[1] else ')'}"


def rows(card: Card, lang: str = "en") -> list[Row]:
    """Property, value and meaning ("" where none is needed), in reading order. Measures the cost.

    >>> from unbend.properties import card
    >>> next(row for row in rows(card("tanh")) if "0.01" in row[0])
    ('|gradient| below 0.01 beyond', '|x| = 2.993', 'it saturates on both sides')
    """
    said = Said(lang)
    return [*_about(card, said), *_shape(card, said), *_slope(card, said), *_deep(card, said), *_cost(card, said)]


def _about(card: Card, said: Said) -> list[Row]:
    found = [(said("formula"), f"f(x) = {card.formula}", "")]
    if card.source:
        found.append((said("source"), card.source, ""))
    if card.use:
        found.append((said("use"), card.use[said.lang], ""))
    if card.libraries["differs"]:
        found.append((said("differs"), card.libraries["differs"][said.lang], ""))
    return found


def _shape(card: Card, said: Said) -> list[Row]:
    found: list[Row] = []
    if card.domain:
        found.append((said("domain"), " ∪ ".join(interval(*span) for span in card.domain), said("domain_note")))
    if card.range:
        found.append((said("range"), interval(*card.range, closed=card.range_reached), said("range_note")))
    found.append((said("limits"), f"{shown(card.limits[0])}, {shown(card.limits[1])}", ""))
    found.append(_smoothness(card, said))
    kinks = ", ".join(f"x = {shown(kink)}" for kink in card.kinks[:6]) + (" …" if len(card.kinks) > 6 else "")
    found.append((said("kinks"), kinks or said("none"), ""))
    direction = said(card.direction or "constant")
    found.append(
        (
            said("monotone"),
            said(order_kept(card), direction=direction),
            "" if card.monotone else said("monotone_note"),
        )
    )
    symmetry = "odd" if card.odd else "even" if card.even else "neither"
    found.append((said("symmetry"), said(symmetry), said("even_note") if symmetry == "even" else ""))
    for key, value, at in (("minimum", card.minimum, card.minimum_at), ("maximum", card.maximum, card.maximum_at)):
        if value is not None:
            found.append((said(key), shown(value), _place(at, said)))
    found.append((said("fixed"), _points(card.fixed_points, said), said("fixed_note")))
    if card.taylor:
        found.append((said("taylor"), _series(card.taylor), ""))
    return found


def order_kept(card: Card) -> str:
    """The word for how an activation keeps the order of its inputs: "strictly", "weakly" or "no"."""
    return "strictly" if card.strictly_monotone else "weakly" if card.monotone else "no"


def _smoothness(card: Card, said: Said) -> Row:
    kind = card.smoothness
    if kind is None:
        return said("smoothness"), "–", ""
    if kind == "discontinuous":
        return said("smoothness"), said(kind), said("jump_note")
    order = kind.removeprefix("C")
    raised = order.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    note = said(kind) if kind in ("C0", "C∞") else said("Ck", k=order)
    return said("smoothness"), f"C{raised}", note


def _slope(card: Card, said: Said) -> list[Row]:
    found: list[Row] = [(said("max_gradient"), shown(card.max_gradient), _steepest(card, said))]
    found.append((said("lipschitz"), shown(card.lipschitz), ""))
    found.append((said("below_0_1"), _beyond(card.gradient_below_0_1, (None, None), said), ""))
    beyond = _beyond(card.gradient_below_0_01, card.saturates_from, said)
    found.append((said("below_0_01"), beyond, _saturation(card, said)))
    share = card.saturated_share_normal
    found.append(
        (said("share"), "–" if share is None else _percent(share), "" if share is None else said("share_note"))
    )
    for zone, exact in zip(card.dead_zone, card.dead_zone_exact, strict=True):
        found.append((said("dead"), interval(*zone), said("dead_exact" if exact else "dead_tail")))
    if not card.dead_zone:
        found.append((said("dead"), said("none"), ""))
    return found


def _steepest(card: Card, said: Said) -> str:
    if card.max_gradient is None:
        return ""
    if card.max_gradient == math.inf:
        return said("unbounded")
    if card.max_gradient == 0:
        return said("no_gradient")
    place = _place(card.max_gradient_at, said) if card.max_gradient_at is not None else said("approached")
    return f"{place}; {said('shrinks')}" if card.max_gradient <= 0.5 else place


def _beyond(both: float | None, sides: tuple[float | None, float | None], said: Said) -> str:
    if both is not None:
        return said("both_sides", place=shown(both)) if both > 0 else said("everywhere")
    if sides[0] is not None:
        return said("left_only", place=shown(sides[0]))
    return said("right_only", place=shown(sides[1])) if sides[1] is not None else said("never")


def _saturation(card: Card, said: Said) -> str:
    if card.gradient_below_0_01 == 0:
        return said("no_gradient")
    if card.gradient_below_0_01 is not None:
        return said("saturates")
    return said("saturates_one") if any(side is not None for side in card.saturates_from) else ""


def _deep(card: Card, said: Said) -> list[Row]:
    found: list[Row] = []
    if card.mean_normal is not None:
        note = said("off_centre") if abs(card.mean_normal) > 0.1 else said("centred") if card.mean_normal == 0 else ""
        found.append((said("mean"), shown(card.mean_normal), note))
    found.append((said("gain_exact"), shown(card.gain_exact), said("gain_exact_note") if card.gain_exact else ""))
    found.append((said("gain_pytorch"), shown(card.gain_pytorch), ""))
    if card.chi_1 is not None:
        size = "chi_keeps" if abs(card.chi_1 - 1) < 1e-9 else "chi_grows" if card.chi_1 > 1 else "chi_shrinks"
        found.append((said("chi"), shown(card.chi_1), said(size)))
    glorot, he = (shown(card.gradient_growth[name]) for name in ("glorot", "he"))
    found.append((said("growth"), f"{glorot}, {he}", ""))
    glorot, he = (shown(card.depth_scale[name]) for name in ("glorot", "he"))
    found.append((said("depth"), f"{glorot}, {he}", said("depth_note")))
    edge = card.edge_of_chaos
    points = ", ".join(f"({shown(weight)}, {shown(bias)})" for weight, bias in edge or ())
    found.append((said("edge"), points or said("none"), said("edge_note") if edge else ""))
    yes = card.self_normalising
    found.append((said("self_normalising"), said("yes" if yes else "not"), said("self_note") if yes else ""))
    return found


def _cost(card: Card, said: Said) -> list[Row]:
    cost = card.relative_cost
    if cost is None:
        return []
    value = said("cost_value", value=shown(cost["value"]), gradient=shown(cost["gradient"]))
    return [(said("cost"), value, said("cost_note", processor=cost["measured_on"]))]


def _place(place: Any, said: Said) -> str:
    if place is None:
        return ""
    if isinstance(place, tuple):
        low, high = place
        return said("whole") if (low, high) == (-math.inf, math.inf) else f"x ∈ {interval(low, high)}"
    return said("at", place=shown(place))


def _points(points: tuple[Any, ...], said: Said) -> str:
    texts = [_closed(*point) if isinstance(point, tuple) else shown(point) for point in points]
    return ", ".join(texts[:8]) + (" …" if len(texts) > 8 else "") if texts else said("none")


def _closed(low: float, high: float) -> str:
    return interval(low, high, (math.isfinite(low), math.isfinite(high)))


def _series(coefficients: tuple[float, ...]) -> str:
    """The polynomial, such as ``x − 0.3333 x³``."""
    text = ""
    for power, value in enumerate(coefficients):
        if value:
            size = shown(abs(value))
            raised = "" if power < 2 else str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
            term = size if power == 0 else f"x{raised}" if size == "1" else f"{size} x{raised}"
            text += f"{' − ' if value < 0 else ' + '}{term}"
    return (
        text.removeprefix(" + ").replace(" − ", "−", 1) if text.startswith(" − ") else text.removeprefix(" + ") or "0"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%" if share >= 1e-4 else "0%" if share == 0 else "< 0.01%"


# ---------------------------------------------------------------------- forms
def plain_text(card: Card, lang: str = "en") -> str:
    """One line for each property."""
    lines = [f"{name}: {value}" + (f"  ({note})" if note else "") for name, value, note in rows(card, lang)]
    return "\n".join([card.name, *lines, "", *_code_lines(card)])


def markdown(card: Card, lang: str = "en") -> str:
    """A table, and the code for each library."""
    said = Said(lang)
    head = [f"# {card.name}", "", f"| {said('property')} | {said('number')} | {said('means')} |", "|---|---|---|"]
    table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows(card, lang)]
    code = [f"\n## {TITLES[library]}\n\n```python\n{source}\n```" for library, source in card.code.items()]
    return "\n".join([*head, *table, *code, ""])


TITLES = {"pytorch": "PyTorch", "keras": "Keras", "jax": "JAX"}


def _code_lines(card: Card) -> list[str]:
    return [f"# {TITLES[library]}\n{source}\n" for library, source in card.code.items()]


def html_table(card: Card, lang: str = "en") -> str:
    """A table for a notebook."""
    cells = (f"<tr><th style='text-align:left'>{escape(a)}</th><td style='text-align:left'>{escape(b)}</td>"
             f"<td style='text-align:left'>{escape(c)}</td></tr>" for a, b, c in rows(card, lang))  # fmt: skip
    return f"<table><caption>{escape(card.name)}</caption>{''.join(cells)}</table>"


def rich_table(card: Card, lang: str = "en") -> "Table":
    """A table for a terminal."""
    from rich.table import Table
    from rich.text import Text

    said = Said(lang)
    table = Table(title=Text(card.name, style="bold"), title_justify="left")
    for key in ("property", "number", "means"):
        table.add_column(said(key), overflow="fold")
    for row in rows(card, lang):
        table.add_row(*map(Text, row))
    return table
