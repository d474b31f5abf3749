"""Every word that a picture can show, in English and Chinese, in one table; `Words` looks them up and fills them in."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from unbend.errors import UnbendError, did_you_mean

LANGUAGES = ("en", "zh")
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
WIDE = 0x2E80  # from here on, most characters are twice as wide as a letter

TABLE: dict[str, tuple[str, str]] = {
    # the header
    "epoch": ("epoch {epoch} of {epochs}", "第 {epoch} 轮，共 {epochs} 轮"),
    "step": ("step {epoch} of {epochs}", "第 {epoch} 步，共 {epochs} 步"),
    "accuracy_now": ("accuracy {value}", "准确率 {value}"),
    "r2_now": ("R² {value}", "R² {value}"),
    "diverged_epoch": ("diverged in epoch {epoch}; its last finite weights are shown",
                 "第 {epoch} 轮发散，图中为最后一组有限的权重"),
    "diverged_short_epoch": ("diverged in epoch {epoch}", "第 {epoch} 轮发散"),
    "diverged_step": ("diverged in step {epoch}; its last finite weights are shown",
                      "第 {epoch} 步发散，图中为最后一组有限的权重"),
    "diverged_short_step": ("diverged in step {epoch}", "第 {epoch} 步发散"),
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
    "steps_axis": ("step", "训练步数"),
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
    # the passage through the layers
    "bend_input": ("the input", "输入空间"),
    "bend_before": ("the layer before", "前一层的空间"),
    "bend_turn": ("turn and stretch (W)", "旋转、拉伸（W）"),
    "bend_over": ("turn over and stretch (W)", "翻面、拉伸（W）"),
    "bend_shift": ("shift (b)", "平移（b）"),
    "bend_bend": ("bend ({name})", "弯曲（{name}）"),
    "bend_line": ("a straight line divides space", "一条直线划分空间"),
    "bend_lines": ("straight lines divide space", "几条直线划分空间"),
    "bend_levels": ("equal predictions lie on straight lines", "预测值相等处成直线"),
    "bend_home": ("back in the input: the line is bent", "回到输入空间：直线是弯的"),
    "bend_home_boundary": ("back in the input: the boundary", "回到输入空间：决策边界"),
    "bend_layer": ("layer {layer} of {layers}", "第 {layer} 层，共 {layers} 层"),
    "bend_in_layer": ("layer {layer}: {text}", "第 {layer} 层：{text}"),
    "bend_coordinate": ("every coordinate: z → {name}(z)", "每个坐标：z → {name}(z)"),
    "units_fold": ("{count} of {units} units fold inside the picture", "{units} 个单元中有 {count} 个在图内有折痕"),
    "units_steep": ("{count} of {units} units bend inside the picture", "{units} 个单元中有 {count} 个在图内弯曲"),
    # two units beside three
    "lift_flat": ("2 units: the sheet stays in its plane", "2 个单元：纸面留在平面里"),
    "lift_cap": ("{units} units: the sheet is lifted, one cut parts it", "{units} 个单元：纸面被抬起，一刀切开"),
    "lift_right": ("{share} right", "对 {share}"),
    "lift_loop": ("a circle in the input", "输入空间里的一个圆"),
    "lift_cut": ("the cut between the classes", "分开两类的那一刀"),
    # a truth table as a cube
    "cube_inputs": ("Four inputs: no line parts the colours", "四个输入：没有直线能分开两种颜色"),
    "cube_units": ("Three units: one plane parts them", "三个单元：一个平面就分开了"),
    "cube_both": ("both", "都是 1"),
    # one unit and its line
    "unit_header": ("One unit, one line: w·x + b = 0", "一个单元，一条直线：w·x + b = 0"),
    "unit_trained": ("Trained units: straight, whatever the data", "训练好的单元：数据怎样，边界都是直线"),
    "unit_line": ("w = (3, 4), b = −5", "w = (3, 4)，b = −5"),
    "unit_weights": ("weights w:\nthe way up", "权重 w：\n得分上升的方向"),
    "unit_distance": ("score {score}, distance {distance}", "得分 {score}，距离 {distance}"),
    "unit_negative": ("score below 0", "得分小于 0"),
    "unit_positive": ("score above 0", "得分大于 0"),
    "unit_turn": ("turn the weights: the line turns", "权重转向：直线转动"),
    "unit_shift": ("change the bias: the line shifts", "改变偏置：直线平移"),
    "unit_scale": ("all times 2: the same line", "全部乘 2：直线不变"),
    "unit_flip": ("all times −1: the sides swap", "全部乘 −1：两侧互换"),
    # the perceptron at work
    "learn_header": ("The perceptron learns: at every mistake, add the point",
                     "感知机学习：每错一次，就把那个点加进来"),
    "learn_start": ("no line yet: every score is 0", "还没有直线：得分都是 0"),
    "learn_wrong": ("mistake {count}: this point is on the wrong side", "第 {count} 次错误：圈中的点在错误的一侧"),
    "learn_moved": ("mistake {count}: the line moves", "第 {count} 次错误：直线移动"),
    "learn_end": ("a whole pass without a mistake: done", "整整一遍没有错误：学会了"),
    "learn_on": ("still mistakes in the last pass", "最后一遍仍有错误"),
    "learn_sum": ("The sum that moves the line", "移动直线的加法"),
    "learn_old": ("weights before", "原来的权重"),
    "learn_now": ("weights at the end", "最后的权重"),
    "learn_plus": ("+ (x1, x2, 1), blue", "+ (x1, x2, 1)，蓝"),
    "learn_minus": ("− (x1, x2, 1), orange", "− (x1, x2, 1)，橙"),
    "learn_new": ("= new weights", "= 新的权重"),
    "learn_points": ("points on the wrong side", "分错的点数"),
    "learn_mistakes": ("mistakes made", "已犯的错误"),
    "learn_count": ("mistakes made: {count}", "已犯错误：{count} 次"),
    "learn_bound": ("the theorem allows at most (R/γ)² = {bound}", "定理保证最多 (R/γ)² = {bound} 次"),
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
    # a choice
    "choice_axis": ("held-out {metric}", "{metric}（测试折）"),
    "choice_untuned": ("held-out {metric} (hollow: all at {rate})",
                       "{metric}（测试折；空心：统一用 {rate}）"),
    "choice_score": ("{metric}", "{metric}"),
    "choice_rate": ("learning rate", "学习率"),
    "choice_better": ("P(row better)", "P(行更好)"),
    "choice_dummy": ("constant answer", "常数答案"),
    "choice_linear": ("linear model", "线性模型"),
    "choice_trees": ("boosted trees", "梯度提升树"),
    "choice_sklearn_mlp": ("scikit-learn's MLP", "scikit-learn 的 MLP"),
    # a watched model
    "health_steps": ("step (log scale)", "训练步（对数刻度）"),
    "health_dead": ("dead", "死亡"),
    "health_saturated": ("beyond usual", "超出常态"),
    "health_gradient": ("gradient", "梯度"),
    "health_update": ("update", "更新比"),
    "health_number": ("layer (#)", "层（#）"),
    "health_layer": ("layer, from input to output", "层（从输入到输出）"),
    "health_variance": ("mean square of the pre-activations", "激活前的均方"),
    "health_chi": ("χ: gradient², from one layer back to the one before", "χ：梯度² 每向前一层的倍数"),
    "health_theory": ("theory", "理论"),
    "health_measured": ("measured", "实测"),
    "health_edge": ("χ = 1", "χ = 1"),
    "health_first": ("first unit", "第一个单元"),
    "health_last": ("last unit", "最后一个单元"),
    "health_alive": ("alive", "活跃"),
    "health_dormant": ("dormant", "休眠"),
    "health_dead_unit": ("dead", "死亡"),
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
    # arms over several tables
    "ranks_title": ("Mean ranks over {tables} tables", "{tables} 个表格上的平均名次"),
    "ranks_better": ("← better", "← 更好"),
    "ranks_worse": ("worse →", "更差 →"),
    "ranks_difference": ("critical difference {value}", "临界差 {value}"),
    "ranks_bars": ("A bar joins arms whose mean ranks Nemenyi's test does not tell apart (α = {alpha}).",
                   "粗线相连的各项，平均名次用 Nemenyi 检验区分不开（α = {alpha}）。"),
    "ranks_nobody": ("Nemenyi's test tells all mean ranks apart (α = {alpha}).",
                     "各项的平均名次用 Nemenyi 检验都能区分（α = {alpha}）。"),
    # the path of a probe through any model
    "path_header": ("{model}: the path of {count} inputs through its layers", "{model}：{count} 个输入穿过各层的路径"),
    "path_step": ("step {step} of {last}", "第 {step} 步，共 {last} 步"),
    "path_step_first": ("at the start", "训练开始前"),
    "path_input": ("input", "输入"),
    "path_embedding": ("embedding", "嵌入"),
    "path_output": ("output", "输出"),
    "path_beside": ("main direction beside", "其余的主方向"),
    "path_nothing": ("all inputs in one place", "所有输入落在同一处"),
    "path_other": ("read-out direction 2", "读出方向 2"),
    "path_one": ("read-out direction 1", "读出方向 1"),
    "path_shows": ("shows {share} of variance", "显示 {share} 的方差"),
    "path_classes": ("Told apart by a straight cut", "一刀直线能分开多少"),
    "path_answers": ("The final answers, told apart by a straight cut", "最终答案：一刀直线能分开多少"),
    "path_numbers": ("R² of a linear read-out", "线性读出的 R²"),
    "path_guessing": ("guessing", "随机猜测"),
    "path_start": ("at the start", "训练开始前"),
    "path_now": ("now", "现在"),
    "path_gain": ("from {first} at the input to {last} at the output; the largest gain is at {name}: {before} → "
                  "{after}",
                  "从输入的 {first} 到输出的 {last}；提升最大的一层是 {name}：{before} → {after}"),
    "path_no_gain": ("{first} at the input, {last} at the output: no layer makes it much easier",
                     "输入 {first}，输出 {last}：没有哪一层让它明显变容易"),
    "path_alike": ("The model gives the same answer to every input: there is nothing to tell apart.",
                   "模型对每个输入都给出同样的答案：没有什么可区分的。"),
    "path_class": ("class {name}", "类别 {name}"),
    "path_answer": ("answer {name}", "答案 {name}"),
    "path_low": ("low", "低"),
    "path_high": ("high", "高"),
    "path_cut": ("the cut", "分界线"),
    "path_same": ("one input of each class, followed", "每类跟踪一个输入"),
    "path_same_numbers": ("inputs followed", "被跟踪的输入"),
    "path_note": ("Percentages: each fifth of the inputs, classed by a linear read-out of the others; every class "
                  "counts alike. Convolutions: a 4 × 4 grid of averages; tokens: their mean; recurrent: the last step.",
                  "百分数：用其余输入拟合线性读出，再判断留出的五分之一，各类权重相同。"
                  "卷积层取 4 × 4 网格的平均，词元取平均，循环层取最后一步。"),
    "path_note_numbers": ("R²: each fifth of the inputs, by a linear read-out of the others. Convolutions: a 4 × 4 "
                          "grid of averages; tokens: their mean; recurrent: the last step.",
                          "R²：用其余输入拟合线性读出，再预测留出的五分之一。"
                          "卷积层取 4 × 4 网格的平均，词元取平均，循环层取最后一步。"),
    "flat_zone": ("|f′(x)| < {flat}", "|f′(x)| < {flat}"),
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
    """Three significant digits; very small and very large values as powers of ten.

    >>> number(0.5), number(-2.4142), number(3.58e-15), number(9.99e-11), number(0.0)
    ('0.5', '−2.41', '3.6 × 10⁻¹⁵', '10⁻¹⁰', '0')
    """
    if not isfinite(value) or value == 0.0:
        return str(value) if value else "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}".replace("-", "−") if abs(value) < 1e3 else f"{value:,.0f}".replace("-", "−")
    mantissa, exponent = f"{value:.1e}".replace(".0e", "e").split("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
    mantissa = mantissa.replace("-", "−")
    return power if mantissa == "1" else f"{mantissa} × {power}"


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
