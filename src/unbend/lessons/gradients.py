"""Lesson: gradients on their way back through many layers, units that die, and what the three classics really do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np

from unbend.activations import activation
from unbend.data import curves
from unbend.data.dataset import Dataset
from unbend.diagnosis import Propagation, dead_units, gradient_growth, propagation
from unbend.lessons.claim import Claim
from unbend.lessons.counting import shares
from unbend.lessons.lesson import Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.outputs import density, distance_from_normal, excess_kurtosis, moments
from unbend.lessons.text import Text, count, number, share
from unbend.network import exact_gain
from unbend.properties import Card, card
from unbend.properties.telling import interval
from unbend.recording import train, train_many

NAMES = ("sigmoid", "tanh", "relu")
FLAT = 0.01  # a slope below this lets next to nothing through
TRAVELLED = 30  # layers that the gradient goes back, through networks with one hidden layer more
WIDTH = 32
STARTS: Mapping[str, tuple[str, Any]] = {  # initializer and gain
    "torch": ("lecun_normal", 3**-0.5),  # the variance of torch.nn.Linear: 1 / (3 n)
    "glorot": ("glorot_normal", None),
    "exact": ("lecun_normal", "exact"),
}
DEEP: dict[str, Any] = {
    "hidden": (8,) * 16, "optimizer": "adam", "learning_rate": 0.005, "batch_size": 10, "epochs": 40,
}  # fmt: skip
SHALLOW: dict[str, Any] = {
    "hidden": (16,), "init": "lecun_normal", "gain": "exact", "optimizer": "adam", "batch_size": 10, "epochs": 60,
}  # fmt: skip
MORTAL = ("relu", "leaky_relu", "tanh")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
TARGET = 0.95
ONLY_LAST: dict[str, Any] = {"keep": "last", "measure": "kept"}


@dataclass(frozen=True, eq=False)
class Stuck:
    """Networks trained with each of the rates: their ``share`` (rates, seeds) of dead units, and ``accuracy``."""

    share: np.ndarray
    accuracy: np.ndarray


def experiment(settings: Settings) -> Findings:
    """Send gradients back through deep networks, train deep and shallow ones, and count the units that died."""
    data = curves(n=100)
    back = _travels(settings)
    reached = {start: _trained(data, start, settings) for start in STARTS}
    stuck = {name: _stuck(data, name, settings) for name in MORTAL}
    cost = _cost(data, settings)
    away = distance_from_normal(activation("tanh"))
    return Findings(
        claims=_claims(back, reached, stuck, away),
        numbers=_numbers(back, reached, stuck, cost, away, settings),
        exhibits={
            "curves": _curves(),
            "facts": _facts(),
            "depth": _depth(back),
            "trained": _table(reached, settings),
            "dead": _dead(stuck),
            "cost": _costs(cost),
            "normal": _normal(),
        },
        recordings={
            "relu-deep": train(data, activation="relu", init="lecun_normal", gain="exact", seed=settings.seed, **DEEP),
            "relu-dying": train(data, activation="relu", learning_rate=RATES[-1], seed=settings.seed, **SHALLOW),
        },
    )


# ---------------------------------------------------------------------- measuring
def _travels(settings: Settings) -> dict[str, dict[str, Propagation]]:
    """Random deep networks for every start and activation."""
    seeds = range(settings.seed, settings.seed + max(8, settings.seeds // 8))
    return {
        start: {
            name: propagation(activation(name), TRAVELLED + 1, WIDTH, initializer, gain, seeds) for name in NAMES
        }
        for start, (initializer, gain) in STARTS.items()
    }  # fmt: skip


def _left(deep: Propagation) -> float:
    """What is left of the gradient at the first layer: the median over the networks."""
    return float(np.median(deep.relative[:, 0]))


def _loss_per_layer(deep: Propagation) -> float:
    """The factor that the gradient loses in each layer."""
    return _left(deep) ** (-1 / TRAVELLED)


def _seeds(settings: Settings) -> range:
    return range(settings.seed, settings.seed + settings.seeds)


def _trained(data: Dataset, start: str, settings: Settings) -> dict[str, float]:
    """The share of deep networks that learn, for each activation."""
    initializer, gain = STARTS[start]
    runs = train_many(
        data, activation=list(NAMES), init=initializer, gain=gain, seed=_seeds(settings), **DEEP, **ONLY_LAST
    )
    return shares(runs, "activation", TARGET)


def _stuck(data: Dataset, name: str, settings: Settings) -> Stuck:
    """The dead units of one activation; of tanh, those that are saturated at every point."""
    runs = train_many(data, activation=name, learning_rate=list(RATES), seed=_seeds(settings), **SHALLOW, **ONLY_LAST)
    (group,) = runs.groups
    below = FLAT if name == "tanh" else 0.0
    dead = [
        dead_units(group.network, group.network.unflatten(weights), data.x, below)[0].mean(axis=-1)
        for weights in np.split(group.trained.weights[-1], len(RATES))
    ]
    return Stuck(np.stack(dead), np.nan_to_num(runs.table()["accuracy"]).reshape(len(RATES), settings.seeds))


def _cost(data: Dataset, settings: Settings) -> dict[str, float]:
    """The work of training with each activation, relative to ReLU: the least of some rounds, the first compiles."""
    rounds = [{name: _processor_seconds(data, name, settings) for name in NAMES} for _ in range(5)]
    least = {name: min(seconds[name] for seconds in rounds) for name in NAMES}
    return {name: least[name] / least["relu"] for name in NAMES}


def _processor_seconds(data: Dataset, name: str, settings: Settings) -> float:
    start = process_time()
    train_many(data, activation=name, seed=_seeds(settings), **SHALLOW | {"epochs": 300}, **ONLY_LAST)
    return process_time() - start


def _stretch() -> float:
    """The largest difference between tanh(z) and 2 sigmoid(2 z) − 1."""
    z = np.linspace(-20, 20, 4001)
    return float(np.abs(activation("tanh")(z) - (2 * activation("sigmoid")(2 * z) - 1)).max())


# ---------------------------------------------------------------------- claims and numbers
def _claims(
    back: Mapping[str, Mapping[str, Propagation]],
    reached: Mapping[str, Mapping[str, float]],
    stuck: Mapping[str, Stuck],
    away: float,
) -> tuple[Claim, ...]:
    return (
        Claim(
            Text(
                zh="sigmoid：即使初始权重让信号强度逐层不变，梯度每退一层仍要除以 {value}",
                en="sigmoid: even where the start keeps the signal's size, each layer divides the gradient by {value}",
            ),
            Text(zh="每层除以（中位数）", en="divisor per layer (median)"),
            value=_loss_per_layer(back["exact"]["sigmoid"]),
            relation=">=",
            limit=2.4,
        ),
        Claim(
            Text(
                zh="ReLU 从 Glorot 初始化出发，梯度照样消失：退回 30 层，只剩 {value}",
                en="ReLU from Glorot's start: the gradient vanishes too; 30 layers back, {value} of it is left",
            ),
            Text(zh="剩下的梯度（中位数）", en="gradient that is left (median)"),
            value=_left(back["glorot"]["relu"]),
            relation="<=",
            limit=1e-4,
        ),
        Claim(
            Text(
                zh="ReLU 配上自己的增益，梯度既不消失也不爆炸：退回 30 层，还剩 {value}",
                en="ReLU with its own gain: the gradient neither vanishes nor explodes; 30 layers back, {value} is left",
            ),
            Text(zh="剩下的梯度（中位数）", en="gradient that is left (median)"),
            value=_left(back["exact"]["relu"]),
            relation="between",
            limit=(0.1, 3.0),
        ),
        Claim(
            Text(
                zh="16 个隐藏层的 ReLU 网络从 Glorot 换成自己的增益，学会的种子占比提高 {value}（百分点）",
                en="ReLU networks with 16 hidden layers: the gain raises the share of seeds that learn by {value} (points) over Glorot's",
            ),
            Text(zh="学会的占比之差", en="difference between the shares that learn"),
            value=reached["exact"]["relu"] - reached["glorot"]["relu"],
            relation=">=",
            limit=0.2,
            form=share,
        ),
        Claim(
            Text(
                zh="学习率从 0.001 升到 1，死亡的 ReLU 单元占比提高 {value}（百分点）",
                en="from the learning rate 0.001 to 1, the share of dead ReLU units rises by {value} (points)",
            ),
            Text(zh="死亡占比之差（平均）", en="rise of the dead share (mean)"),
            value=float(stuck["relu"].share[-1].mean() - stuck["relu"].share[0].mean()),
            relation=">=",
            limit=0.5,
            form=share,
        ),
        Claim(
            Text(
                zh="tanh 的输出以零为中心，却不是正态分布：与同均值、同方差的正态分布相差 {value}",
                en="the outputs of tanh are centred on zero but not normal: {value} away from the normal law of the same mean and variance",
            ),
            Text(zh="柯尔莫哥洛夫距离", en="Kolmogorov distance"),
            value=away,
            relation=">=",
            limit=0.05,
        ),
    )


def _numbers(
    back: Mapping[str, Mapping[str, Propagation]],
    reached: Mapping[str, Mapping[str, float]],
    stuck: Mapping[str, Stuck],
    cost: Mapping[str, float],
    away: float,
    settings: Settings,
) -> dict[str, str | Text]:
    tanh, sigmoid, relu = (activation(name) for name in ("tanh", "sigmoid", "relu"))
    left = {f"{name}_{start}": number(_left(deep)) for start, row in back.items() for name, deep in row.items()}
    learned = {f"learned_{name}_{start}": share(row[name]) for start, row in reached.items() for name in NAMES}
    steepest = card("sigmoid").max_gradient or 0.0
    centre = float(density(tanh, np.zeros(1))[0])
    return {
        **left,
        **learned,
        "stretch": number(_stretch()),
        "sigmoid_steepest": number(steepest),
        "sigmoid_edge": number(card("sigmoid").gradient_below_0_01 or 0.0),
        "tanh_edge": number(card("tanh").gradient_below_0_01 or 0.0),
        "ten": number(steepest**10),
        "networks": count(len(back["exact"]["relu"].gradient)),
        "sigmoid_loss": number(_loss_per_layer(back["exact"]["sigmoid"])),
        "sigmoid_theory": number(gradient_growth(sigmoid, exact_gain(sigmoid) ** 2) ** -0.5),
        "relu_theory": number(gradient_growth(relu, 1.0)),
        "relu_gain": number(exact_gain(relu) ** 2),
        "tanh_theory": number(gradient_growth(tanh, exact_gain(tanh) ** 2) ** 0.5),
        "seeds": count(settings.seeds),
        "dead_low": share(float(stuck["relu"].share[0].mean())),
        "dead_high": share(float(stuck["relu"].share[-1].mean())),
        "leaky_high": share(float(stuck["leaky_relu"].share.max())),
        "tanh_high": share(float(stuck["tanh"].share[-1].mean())),
        "accuracy_high": share(float(np.median(stuck["relu"].accuracy[-1]))),
        "alone_tanh": number((card("tanh").relative_cost or {}).get("gradient", np.nan)),
        "cost_tanh": f"{cost['tanh']:.1f}",
        "cost_sigmoid": f"{cost['sigmoid']:.1f}",
        "tanh_variance": number(moments(tanh)[1] ** 2),
        "tanh_kurtosis": number(excess_kurtosis(tanh)),
        "away": number(away),
        "centre": number(centre),
        "peak": number(float(density(tanh, np.linspace(0, 4, 4001)).max())),
        "tanh_mean": number(moments(tanh)[0]),
        "relu_mean": number(moments(relu)[0]),
        "sigmoid_mean": number(moments(sigmoid)[0]),
    }


# ---------------------------------------------------------------------- tables
def _facts() -> Table:
    rows: list[tuple[str | Text, ...]] = []
    for name in NAMES:
        facts = card(name)
        mean, deviation = moments(facts.activation)
        outputs = interval(*facts.range, closed=facts.range_reached) if facts.range else ""
        steepest = number(facts.max_gradient or 0.0)
        rows.append((name, outputs, steepest, _flat_words(facts), number(mean), number(deviation**2)))
    return Table(
        Text(zh="三个激活函数的数据；后两列的输入服从标准正态分布", en="The three in numbers; in the last two columns the input is standard normal"),
        (
            Text(zh="激活函数", en="activation"),
            Text(zh="输出", en="outputs"),
            Text(zh="最大梯度", en="largest gradient"),
            Text(zh=f"梯度小于 {FLAT}", en=f"gradient below {FLAT}"),
            Text(zh="输出的均值", en="mean output"),
            Text(zh="输出的方差", en="variance of the output"),
        ),
        tuple(rows),
    )  # fmt: skip


def _flat_words(facts: Card) -> str:
    """Where the slope stays below FLAT: on both sides, or on the left alone."""
    both, left = facts.gradient_below_0_01, facts.saturates_from[0]
    return f"z ≤ {number(left or 0.0)}" if both is None else f"|z| > {number(both)}"


def _table(reached: Mapping[str, Mapping[str, float]], settings: Settings) -> Table:
    return Table(
        Text(
            zh=f"16 个隐藏层、每层 8 个单元的网络，{settings.seeds} 个种子里有多少在两条曲线上达到 95%",
            en=f"Networks of 16 hidden layers with 8 units each: how many of {settings.seeds} seeds reach 95% on the two curves",
        ),
        (Text(zh="激活函数", en="activation"), *(_start_words(start) for start in STARTS)),
        tuple((name, *(share(reached[start][name]) for start in STARTS)) for name in NAMES),
    )


def _start_words(start: str) -> Text:
    return {
        "torch": Text(zh="方差 1/(3n)，PyTorch 的默认值", en="variance 1/(3n), PyTorch's default"),
        "glorot": Text(zh="Glorot，这里是 1/n", en="Glorot, here 1/n"),
        "exact": Text(zh="各自的增益", en="each with its own gain"),
    }[start]


def _costs(cost: Mapping[str, float]) -> Table:
    alone = {name: card(name).relative_cost or {} for name in NAMES}
    return Table(
        Text(
            zh="在这台机器上的用时，ReLU 记为 1；两次测量可能相差一两成",
            en="Time on this machine; ReLU counts as 1, and two measurements may differ by a tenth or two",
        ),
        (
            Text(zh="激活函数", en="activation"),
            Text(zh="函数和梯度", en="function and gradient"),
            Text(zh="整个训练", en="the whole training"),
        ),
        tuple((name, number(alone[name].get("gradient", np.nan)), f"{cost[name]:.1f}") for name in NAMES),
    )


# ---------------------------------------------------------------------- pictures
def _curves() -> Picture:
    from unbend.drawing.curves import curve_panels

    return Picture(
        lambda lang: curve_panels([activation(name) for name in NAMES], FLAT, lang),
        alt=Text(
            zh="三幅并排的图：sigmoid 的红色梯度只有一个 0.25 高的矮丘；tanh 的梯度在零点高达 1，但很窄；ReLU 的梯度在左边是 0，在右边是 1。灰色区域里梯度几乎为零。",
            en="Three panels side by side. The red gradient of sigmoid is a low hill of height 0.25; that of tanh reaches 1 at "
            "zero but is narrow; that of ReLU is 0 on the left and 1 on the right. Grey marks where there is next to none.",
        ),
        caption=Text(
            zh="黑线是函数值，红色虚线是梯度，三幅图比例相同。落在灰色区域里的单元几乎学不到东西。",
            en="Dark: the value; red, dashed: the gradient, all on one scale. A unit in the grey zone learns next to nothing.",
        ),
    )


def _depth(back: Mapping[str, Mapping[str, Propagation]]) -> Picture:
    return Picture(
        lambda lang: _depth_charts(back, lang),
        alt=Text(
            zh="三幅对数坐标图，横轴是梯度退回的层数，纵轴是剩下的梯度。左图三条线都直线下降；中图 sigmoid 和 ReLU 下降，tanh 大致持平；右图只有 sigmoid 下降，ReLU 和 tanh 大致持平。",
            en="Three logarithmic charts over the number of layers the gradient has gone back. Left: all three fall. Middle: sigmoid "
            "and ReLU fall, tanh stays nearly level. Right: only sigmoid falls, ReLU and tanh stay nearly level.",
        ),
        caption=Text(
            zh="三种初始方差，纵轴相同。线是中位数，浅色带包含十分之八的网络。",
            en="Three variances to start from, on one scale. Lines are medians; the pale bands hold eight networks in ten.",
        ),
    )


def _depth_charts(back: Mapping[str, Mapping[str, Propagation]], lang: str) -> Any:
    from unbend.drawing import style
    from unbend.drawing.charts import Chart, Curve, charts

    steps = np.arange(0, TRAVELLED + 1, 3)
    several: list[Chart] = []
    for start, row in back.items():
        lines: list[Curve] = []
        for name, deep in row.items():
            low, middle, high = np.quantile(deep.relative[:, ::-1][:, steps], [0.1, 0.5, 0.9], axis=0)
            lines.append(Curve(name, steps, middle, band=(low, high), color=style.ACTIVATIONS[name]))
        several.append(
            Chart(
                _start_words(start)(lang),
                Text(zh="退回的层数", en="layers gone back")(lang),
                Text(zh="剩下的梯度", en="gradient that is left")(lang),
                lines,
                y_log=True,
            )
        )
    sheet = charts(several)
    limits = [axes.get_ylim() for axes in sheet.canvas.axes]
    for axes in sheet.canvas.axes:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return sheet


def _dead(stuck: Mapping[str, Stuck]) -> Picture:
    return Picture(
        lambda lang: _dead_charts(stuck, lang),
        alt=Text(
            zh="左图：死亡单元的比例对学习率。ReLU 从接近 0 升到一半以上，leaky ReLU 始终为 0，tanh 只在最大的学习率处升起。右图：准确率对学习率，三条线在大学习率处都高。",
            en="Left: the share of dead units over the learning rate. ReLU rises from nearly 0 to more than half, leaky ReLU stays at "
            "0, tanh rises only at the largest rate. Right: accuracy over the learning rate, high for all three at large rates.",
        ),
        caption=Text(
            zh="左：对所有训练点梯度都为 0 的单元（tanh：都小于 0.01）。线是平均值（左）和中位数（右），带是中间一半的网络。",
            en="Left: units whose gradient is 0 at every training point (tanh: below 0.01). Lines are means (left) and medians "
            "(right); bands hold the middle half of the networks.",
        ),
    )


def _dead_charts(stuck: Mapping[str, Stuck], lang: str) -> Any:
    from unbend.drawing import style
    from unbend.drawing.charts import Chart, Curve, charts

    def lines(values: Callable[[Stuck], np.ndarray], middle: Callable[..., np.ndarray]) -> list[Curve]:
        found: list[Curve] = []
        for name, one in stuck.items():
            low, high = np.quantile(values(one), [0.25, 0.75], axis=1)
            look = "dashed" if name == "leaky_relu" else "line"  # it often lies on ReLU's
            found.append(Curve(name, RATES, middle(values(one), axis=1), (low, high), look, style.ACTIVATIONS[name]))
        return found

    rate = Text(zh="学习率", en="learning rate")(lang)
    return charts(
        [
            Chart(
                Text(zh="训练后死亡的单元", en="Units dead after training")(lang),
                rate,
                Text(zh="占隐藏单元的比例", en="share of the hidden units")(lang),
                lines(lambda one: one.share, np.mean),
                x_log=True,
            ),
            Chart(
                Text(zh="同一批网络的准确率", en="Accuracy of the same networks")(lang),
                rate,
                Text(zh="准确率", en="accuracy")(lang),
                lines(lambda one: one.accuracy, np.median),
                x_log=True,
            ),
        ]
    )


def _normal() -> Picture:
    return Picture(
        _normal_chart,
        alt=Text(
            zh="实线是 tanh 输出的密度：在 0 处最低，靠近 −1 和 1 处有两个尖峰，此外为零。虚线是均值和方差相同的正态分布：在 0 处最高，并伸出 −1 和 1 之外。",
            en="The solid curve is the density of tanh's outputs: lowest at 0, with peaks near −1 and 1 and nothing beyond. The "
            "dashed curve is the normal law of the same mean and variance: highest at 0, and it reaches beyond −1 and 1.",
        ),
        caption=Text(
            zh="输入服从标准正态分布时，tanh 的输出是两头高、中间低，与正态分布恰好相反。",
            en="For standard normal input, the outputs of tanh are high at both ends and low in the middle: the reverse of normal.",
        ),
    )


def _normal_chart(lang: str) -> Any:
    from unbend.drawing.charts import Chart, Curve, Mark, charts

    f = activation("tanh")
    mean, deviation = moments(f)
    z = np.linspace(-6, 6, 241)
    places = np.linspace(-2, 2, 161)
    fitted = np.exp(-(((places - mean) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))
    return charts(
        [
            Chart(
                Text(zh="tanh(z) 的分布，z 服从标准正态分布", en="How tanh(z) is distributed for standard normal z")(
                    lang
                ),
                Text(zh="输出", en="output")(lang),
                Text(zh="密度", en="density")(lang),
                [
                    Curve("tanh(z)", f(z), density(f, z)),
                    Curve(
                        Text(zh="均值、方差相同的正态分布", en="normal, same mean and variance")(lang),
                        places,
                        fitted,
                        look="dashed",
                    ),
                ],
                notes=[Mark(side, f"{side:+d}".replace("-", "−"), across=False) for side in (-1, 1)],
            )
        ]
    )


LESSON = Lesson(
    name="gradients",
    title=Text(zh="梯度：一层一层相乘", en="Gradients: multiplied layer by layer"),
    summary=Text(
        zh="梯度为什么会消失，ReLU 在什么条件下不会，它的单元又为什么会死。",
        en="Why gradients vanish, on what condition ReLU's do not, and why its units die.",
    ),
    body=(
        Text(
            zh="网络靠梯度学习：每个权重都按自己的梯度挪动一点。权重后面的激活函数有多陡，梯度就通过多少。sigmoid 把输出压进 (0, 1)，"
            "最陡处的斜率也只有 {sigmoid_steepest}。tanh 就是拉伸过的 sigmoid：tanh(z) = 2·sigmoid(2z) − 1（逐点核对，最大相差 {stretch}）。"
            "它的斜率在 0 处达到 1，可是降得更快：|z| 超过 {tanh_edge} 就不到 0.01，sigmoid 要到 {sigmoid_edge}。ReLU 在右边斜率为 1，在左边为 0，没有中间值。",
            en="A network learns by its gradient: each weight is moved a little along its own. How much of it gets past an activation "
            "depends on how steep that is. Sigmoid presses its output into (0, 1), and even at its steepest the slope is "
            "{sigmoid_steepest}. Tanh is a stretched sigmoid: tanh(z) = 2·sigmoid(2z) − 1 (point by point, they differ by {stretch} at "
            "most). Its slope reaches 1 at 0 but falls sooner: it is below 0.01 beyond |z| = {tanh_edge}, sigmoid's only beyond "
            "{sigmoid_edge}. ReLU has slope 1 on the right and 0 on the left, and nothing between.",
        ),
        Show("curves"),
        Show("facts"),
        Text(
            zh="多层网络的梯度由链式法则算出：从输出往回走，每过一层，就乘一次斜率，再乘一次权重。sigmoid 的斜率最多 0.25，"
            "光是十层斜率的乘积就不超过 0.25¹⁰ = {ten}。权重能补回来一些，补得够不够，要量过才知道。我们取 {networks} 个没训练过的深层网络，"
            "每层 32 个单元，把梯度一路送回 30 层，看还剩多少。初始权重的方差取三种，n 是前一层的单元数。",
            en="In a deep network the chain rule makes the gradient: on the way back from the output, every layer multiplies it by a "
            "slope and by weights. Sigmoid's slope is 0.25 at most, so ten layers of slopes alone come to no more than 0.25¹⁰ = {ten}. "
            "Weights can make up for some of it; whether for enough must be measured. We take {networks} untrained networks with 32 "
            "units a layer and send the gradient back through 30 layers. The weights start with one of three variances, where n is "
            "the number of units in the layer before.",
        ),
        Show("depth"),
        Text(
            zh="常听人说，用了 ReLU 就再也没有梯度消失。这话只对一半。ReLU 大约关掉一半的单元，方差为 1/n 的权重每退一层，只留下梯度平方的 {relu_theory} 倍；"
            "方差要取 {relu_gain}/n 才正好补上，这就是 He 初始化，也就是图中 ReLU “各自的增益”。用它，30 层之后还剩 {relu_exact}；用 Glorot 只剩 {relu_glorot}；"
            "用 PyTorch 的默认方差，只剩 {relu_torch}。tanh 配上自己的增益也不消失，反而略有增长，到 {tanh_exact} 倍。sigmoid 不行："
            "增益让信号的强度逐层不变，梯度每层仍要除以 {sigmoid_loss}（网络无限宽时，理论值是 {sigmoid_theory}），30 层之后剩 {sigmoid_exact}。",
            en="With ReLU, one often hears, gradients vanish no more. That is half the truth. ReLU switches off about half of the units, "
            "so weights of variance 1/n leave {relu_theory} of the gradient's square in each layer; the variance {relu_gain}/n makes up "
            "for exactly that. This is He's initialisation, and in the chart ReLU “with its own gain”. With it, {relu_exact} is left "
            "after 30 layers; with Glorot's, {relu_glorot}; with the variance that PyTorch starts from, {relu_torch}. Tanh with its own "
            "gain does not vanish either; it grows a little, to {tanh_exact} times. Sigmoid fails: its gain keeps the size of the signal "
            "from layer to layer, yet each layer divides the gradient by {sigmoid_loss} (for infinitely wide networks theory says "
            "{sigmoid_theory}), and after 30 layers {sigmoid_exact} is left.",
        ),
        Text(
            zh="训练起来，差别就看得见。同样是 16 个隐藏层的 ReLU 网络，从 Glorot 出发，{seeds} 个种子里有 {learned_relu_glorot} 学会；"
            "换成自己的增益，有 {learned_relu_exact}。tanh 从 {learned_tanh_glorot} 升到 {learned_tanh_exact}。sigmoid 用自己的增益，学会的是 {learned_sigmoid_exact}。",
            en="Training shows the difference. Of ReLU networks with 16 hidden layers, {learned_relu_glorot} of {seeds} seeds learn from "
            "Glorot's start, and {learned_relu_exact} with the gain of their own. Tanh goes from {learned_tanh_glorot} to "
            "{learned_tanh_exact}. Of sigmoid networks with their own gain, {learned_sigmoid_exact} learn.",
        ),
        Show("trained"),
        Text(
            zh="ReLU 左边的零斜率另有代价。一步迈得太大，一个单元可能落到所有训练点都在它左边的地方：输出恒为 0，梯度恒为 0，再没有什么能把它拉回来。"
            "这叫死亡单元。学习率越大，死得越多：0.001 时平均 {dead_low}，到 1 时是 {dead_high}。leaky ReLU 左边还留一点斜率，无论学习率多大，死亡单元是 {leaky_high}。"
            "tanh 的斜率不会真的等于 0，但会饱和：学习率为 1 时，{tanh_high} 的单元在每个训练点上斜率都不到 0.01。不过，死了一些单元不等于学不会："
            "学习率为 1 的 ReLU 网络，准确率的中位数是 {accuracy_high}。",
            en="ReLU's zero slope on the left has a price of its own. One step too long, and a unit may land where all training points lie "
            "on its left: its output is 0, its gradient is 0, and nothing pulls it back. That is a dead unit. The larger the learning "
            "rate, the more die: {dead_low} on average at 0.001, {dead_high} at 1. Leaky ReLU keeps a little slope on the left, and "
            "whatever the rate, {leaky_high} of its units are dead. The slope of tanh does not quite become 0, but it saturates: at the "
            "rate 1, {tanh_high} of its units have a slope below 0.01 at every training point. Yet dead units need not spoil a network: "
            "at the rate 1 the median accuracy with ReLU is {accuracy_high}.",
        ),
        Show("dead"),
        Text(
            zh="ReLU 也常被称为算梯度最快的激活函数。单看函数确实省事：比较一次大小就行，tanh 和 sigmoid 要算指数，在这台机器上，连梯度一起，tanh 的用时是 ReLU 的 {alone_tanh} 倍。"
            "可是训练还要做乘法、读写数据，函数只占其中一部分：整个训练用 tanh 的时间是 ReLU 的 {cost_tanh} 倍，用 sigmoid 是 {cost_sigmoid} 倍。",
            en="ReLU is often called the activation with the fastest gradient. The function by itself is cheap indeed: one comparison, where "
            "tanh and sigmoid need an exponential; on this machine tanh with its gradient takes {alone_tanh} times as long. But training "
            "also multiplies, reads and writes, and the function is only a part of it: the whole training with tanh takes {cost_tanh} "
            "times as long as with ReLU, and with sigmoid {cost_sigmoid} times.",
        ),
        Show("cost"),
        Text(
            zh="还有一种说法：tanh 以零为中心，所以输出近似正态，正好给下一层用。前半句对：输入服从标准正态分布时，tanh 输出的均值是 {tanh_mean}"
            "（sigmoid 是 {sigmoid_mean}，ReLU 是 {relu_mean}）。后半句不对：方差是 {tanh_variance}，不是 1；形状不是钟形，密度在正中间是 {centre}，在两头高达 {peak}；"
            "超额峰度 {tanh_kurtosis}，而正态分布是 0；与均值、方差相同的正态分布相比，分布函数最多相差 {away}。"
            "下一层的净输入确实接近正态，但原因是它把许多单元加在了一起。",
            en="One more saying: tanh is centred on zero, so its outputs are about normal, just right for the next layer. Centred, yes: for "
            "standard normal input the mean output is {tanh_mean} (sigmoid {sigmoid_mean}, ReLU {relu_mean}). Normal, no: the variance is "
            "{tanh_variance}, not 1; the shape is no bell, for the density is {centre} in the middle and {peak} near the ends; the excess "
            "kurtosis is {tanh_kurtosis}, where a normal law has 0; and the distribution function differs by up to {away} from that of "
            "the normal law with the same mean and variance. The sums that enter the units of the next layer are nearly normal indeed, but "
            "because each adds up many units.",
        ),
        Show("normal"),
        Show("claims"),
    ),
    experiment=experiment,
)
