"""Every word that a picture can show, in English and Chinese, in one table; `Words` looks them up and fills them in."""

from dataclasses import dataclass
from typing import Any

from unbend.errors import UnbendError, did_you_mean

LANGUAGES = ("en", "zh")
WIDE = 0x2E80  # from here on, most characters are twice as wide as a letter

TABLE: dict[str, tuple[str, str]] = {
    # the header
    "epoch": ("epoch {epoch} of {epochs}", "第 {epoch} 轮，共 {epochs} 轮"),
    "accuracy_now": ("accuracy {value}", "准确率 {value}"),
    "r2_now": ("R² {value}", "R² {value}"),
    "diverged": ("diverged in epoch {epoch}; its last finite weights are shown",
                 "第 {epoch} 轮发散，图中为最后一组有限的权重"),
    "diverged_short": ("diverged in epoch {epoch}", "第 {epoch} 轮发散"),
    "linear": ("linear", "线性"),
    "rate": ("rate {value}", "学习率 {value}"),
    "seed": ("seed {value}", "种子 {value}"),
    # the input space
    "input_title": ("Input space: the line, pulled back", "输入空间：拉回来的分界线"),
    "input_lines": ("Input space: the lines, pulled back", "输入空间：拉回来的分界线"),
    "input_straight": ("Input space: the line is straight", "输入空间：分界线是直的"),
    "input_curved": ("Input space: the boundary", "输入空间：决策边界"),
    "input_slice": ("Input space, cut by a plane", "输入空间的一个平面切片"),
    "input_levels": ("Input space: equal predictions", "输入空间：预测值相等的曲线"),
    "input_fit": ("Input and output: the fitted curve", "输入与输出：拟合曲线"),
    "input_probability": ("Input and output: the probability", "输入与输出：概率"),
    "probability": ("probability of {name}", "{name} 的概率"),
    "probabilities": ("probability of each class", "各类的概率"),
    "standardised": ("{name} (standardised)", "{name}（标准化）"),
    "view_axis": ("direction {index} ({share} of the variance)", "方向 {index}（占方差的 {share}）"),
    "view_axis_short": ("direction {index} ({share})", "方向 {index}（{share}）"),
    "agrees_short": ("{share} keep class", "{share} 类别不变"),
    "agrees": ("{share} of the points keep their class here", "{share} 的点在此切片上类别不变"),
    # the hidden space
    "hidden_title": ("Hidden layer {layer}: bent grid, straight line", "第 {layer} 隐藏层：网格弯曲，分界线笔直"),
    "hidden_lines": ("Hidden layer {layer}: bent grid, straight lines", "第 {layer} 隐藏层：网格弯曲，分界线笔直"),
    "hidden_levels": ("Hidden layer {layer}: the same, straight", "第 {layer} 隐藏层：相等处成直线"),
    "hidden_grid": ("Hidden layer {layer}: the bent grid", "第 {layer} 隐藏层：弯曲的网格"),
    "hidden_none": ("No hidden layer: nothing is bent", "没有隐藏层：空间没有弯曲"),
    "unit": ("unit {index}", "单元 {index}"),
    "readout": ("read-out direction", "读出方向"),
    "beside": ("main direction beside it", "其余的主方向"),
    "direction": ("direction {index}", "方向 {index}"),
    "shows_short": ("{share} of variance", "方差的 {share}"),
    "shows": ("shows {share} of the variance", "显示 {share} 的方差"),
    # history and layers
    "accuracy": ("Accuracy", "准确率"),
    "r2": ("R²", "R²"),
    "loss": ("Loss", "损失"),
    "epochs_axis": ("epoch", "训练轮数"),
    "layers_title": ("Activations per layer", "各层激活值"),
    "layers_axis": ("activation value", "激活值"),
    "layer": ("layer {index}", "第 {index} 层"),
    "output": ("output", "输出"),
    "flat": ("{share} flat", "平坦 {share}"),
    "flat_note": ("flat: gradient below 0.01", "平坦：梯度小于 0.01"),
    # legend and notes
    "line": ("where the network is undecided", "网络无法决定之处"),
    "levels": ("equal predictions", "预测值相等"),
    "grid": ("grid of the input", "输入空间的网格"),
    "prediction": ("prediction", "预测"),
    "low": ("low", "低"),
    "high": ("high", "高"),
    "some_points": ("{shown:,} of {all:,} points are drawn", "共 {all:,} 个点，画出 {shown:,} 个"),
    "more_classes": ("and {count} more", "另有 {count} 类"),
    # comparing runs
    "compare_hidden": ("transformed space:\nstraight line", "变换后的空间：\n分界线是直的"),
    "compare_input": ("input space:\nline pulled back", "输入空间：\n拉回的分界线"),
    "compare_hidden_levels": ("transformed space:\nequal predictions", "变换后的空间：\n预测值相等处"),
    "compare_input_levels": ("input space:\nequal predictions", "输入空间：\n预测值相等处"),
    "compare_input_fit": ("input and output:\nfitted curve", "输入与输出：\n拟合曲线"),
    "compare_input_probability": ("input and output:\nprobability", "输入与输出：\n概率"),
    "seeds": ("{reached} of {seeds} seeds reach {target}", "{seeds} 个种子中有 {reached} 个达到 {target}"),
    "seeds_short": ("{reached}/{seeds} reach {target}", "{reached}/{seeds} 达到 {target}"),
    # one activation
    "value": ("value f(x)", "函数值 f(x)"),
    "gradient": ("gradient f′(x)", "梯度 f′(x)"),
    "saturated_zone": ("|gradient| below 0.01", "|梯度| 小于 0.01"),
    "steepest": ("steepest: {value}", "最陡：{value}"),
    "lowest": ("lowest: {value}", "最低：{value}"),
    "above_none": ("always below {value}", "始终小于 {value}"),
    "below_none": ("always above {value}", "始终大于 {value}"),
    "card_range": ("range", "值域"),
    "card_smoothness": ("smoothness", "光滑性"),
    "card_monotone": ("monotone", "单调性"),
    "card_mean": ("mean output", "输出均值"),
    "card_max_gradient": ("largest |gradient|", "最大 |梯度|"),
    "card_below": ("|gradient| < 0.01 beyond", "|梯度| < 0.01 始于"),
    "card_share": ("saturated share", "饱和比例"),
    "card_dead": ("no gradient at all on", "梯度为 0 的区间"),
    "card_gain": ("gain keeping the variance", "保持方差的增益"),
    "card_chi": ("gradient² per layer there", "此时梯度² 每层倍数"),
    "card_growth": ("… with Glorot; He", "… Glorot；He 时"),
    "card_edge": ("edge of chaos: σ_w", "混沌边缘：σ_w"),
    "card_self": ("self-normalising", "自归一化"),
    "card_cost": ("cost (ReLU = 1)", "耗时（ReLU = 1）"),
    "card_normal": ("mean, share, gain and gradient²: for inputs x ~ N(0, 1)",
                    "均值、比例、增益、梯度² 均指输入 x ~ N(0, 1)"),
    "left_of": ("x = {place}, leftwards", "x = {place}，向左"),
    "right_of": ("x = {place}, rightwards", "x = {place}，向右"),
    "everywhere": ("everywhere", "处处"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "strictly": ("strictly {direction}", "严格{direction}"),
    "weakly": ("weakly {direction}", "非严格{direction}"),
    "increasing": ("rising", "递增"),
    "decreasing": ("falling", "递减"),
    "constant": ("constant", "常数"),
    "discontinuous": ("jumps", "有跳跃"),
    "no_kink": ("{kind}, no kink", "{kind}，无折点"),
    "has_kink": ("{kind}, kink at {places}", "{kind}，折点 {places}"),
    # the cheat sheet
    "sheet_title": ("Activation functions: which shape causes which problem", "激活函数速查：什么形状带来什么问题"),
    "sheet_note": ("Each panel: −4 ≤ x ≤ 4, −2 ≤ y ≤ 3. Groups follow from computed numbers; where several rules hold, "
                   "the graver one decides.",
                   "每格：−4 ≤ x ≤ 4，−2 ≤ y ≤ 3。分组全由计算出的数值决定；同时符合几条规则的，归入问题较重的一组。"),
    "group_dies": ("It dies", "会死亡"),
    "group_dies_rule": ("Gradient exactly 0 on a whole stretch: a unit that lands there learns nothing.",
                        "在一整段上梯度恰为 0：落在那里的单元学不到东西。"),
    "group_saturates": ("It saturates", "会饱和"),
    "group_saturates_rule": ("|gradient| below 0.01 on both sides, from |x| ≤ 10 on: large signals stop learning.",
                             "从 |x| ≤ 10 起两侧 |梯度| 都小于 0.01：信号一大就学不动。"),
    "group_explodes": ("It explodes", "会爆炸"),
    "group_explodes_rule": ("The gradient has no upper bound: deep stacks blow up.", "梯度没有上界：层数一多就爆炸。"),
    "group_wavy": ("Not monotone", "不单调"),
    "group_wavy_rule": ("A dip, a fold or a wave: different inputs give one output; the gradient changes its sign.",
                        "有坑、有折叠或有波动：不同输入得到同一输出，梯度会变号。"),
    "group_kink": ("It has a kink", "有折点"),
    "group_kink_rule": ("The gradient jumps: not smooth, though cheap and rarely a problem.",
                        "梯度有跳跃：不光滑，但便宜，很少成为问题。"),
    "group_off_centre": ("Off centre", "偏离中心"),
    "group_off_centre_rule": ("Mean output beyond ±0.25 for normal input: the next layer sees a shift.",
                              "正态输入下输出均值超出 ±0.25：下一层会看到偏移。"),
    "group_healthy": ("None of these", "以上都没有"),
    "group_healthy_rule": ("Monotone, smooth, centred, and the gradient survives on one side at least.",
                           "单调、光滑、居中，至少一侧梯度不消失。"),
    "panel_mean": ("mean {value}", "均值 {value}"),
    "panel_gradient": ("|f′| ≤ {value}", "|f′| ≤ {value}"),
    "panel_unbounded": ("|f′| unbounded", "|f′| 无上界"),
    "panel_flat": ("flat: |x| > {value}", "|x| > {value} 平坦"),
    "panel_dip": ("lowest {value}", "最低 {value}"),
    "panel_share": ("{value} flat", "{value} 平坦"),
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The words of one language: ``Words("zh")("loss")``.

    >>> Words("en")("epoch", epoch=3, epochs=150)
    'epoch 3 of 150'
    """

    lang: str = "en"

    def __post_init__(self) -> None:
        """Refuse a language that is not there."""
        if self.lang not in LANGUAGES:
            raise UnbendError(f"there is no language {self.lang!r}; {did_you_mean(self.lang, LANGUAGES)}")

    def __call__(self, key: str, **values: Any) -> str:
        """The text for ``key`` with ``values`` filled in."""
        return TABLE[key][LANGUAGES.index(self.lang)].format(**values)


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage, never rounded up to 100 or down to 0 when it is neither.

    >>> percent(0.5), percent(1.0), percent(0.99996), percent(0.00001)
    ('50.0%', '100%', '99.9%', '0.1%')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    smallest = 10.0**-digits
    return f"{min(max(100.0 * share, smallest), 100.0 - smallest):.{digits}f}%"


def number(value: float) -> str:
    """A number of three digits, small and large ones with a power of ten.

    >>> number(0.08714), number(9.47e-05), number(-2.0)
    ('0.0871', '9.47×10⁻⁵', '−2.00')
    """
    text = f"{value:#.3g}"
    if "e" not in text:
        return text.rstrip(".").replace("-", "−")
    mantissa, exponent = f"{value:.2e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}×10{raised}".replace("-", "−")


def shorten(text: str, length: int = 24) -> str:
    """``text`` on one line, cut with an ellipsis if longer than ``length``; a Chinese character counts twice.

    >>> shorten("x*sigmoid(1.702*x)", 12)
    'x*sigmoid(1…'
    """
    line = " ".join(text.split())
    if text_width(line) <= length:
        return line
    kept = line
    while text_width(kept) >= length:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def text_width(text: str) -> int:
    """How many letters wide ``text`` is.

    >>> text_width("x"), text_width("激活")
    (1, 4)
    """
    return sum(2 if ord(character) >= WIDE else 1 for character in text)
