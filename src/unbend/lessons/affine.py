"""Lesson: layers without an activation are one affine map, however many there are."""

import numpy as np

from unbend.data import curves
from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.geometry import bent_share, best_line_accuracy
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.recording import Population, Recording, collapse, train_many

POINTS = 500
SHAPES = ((), (2,), (8, 8, 8, 8))
SMALL = 1  # the place of (2,) in SHAPES
PLACES = 400  # random inputs at which network and map are compared


def experiment(settings: Settings) -> Findings:
    """Collapse trained linear networks of three depths; then ask the same of bent ones."""
    data = curves(n=POINTS)
    seeds = range(settings.seed, settings.seed + settings.seeds)
    linear = train_many(data, hidden=list(SHAPES), activation="identity", seed=seeds, keep="last", measure="kept")
    bent = train_many(data, hidden=(2,), activation="tanh", seed=seeds, keep="last", measure="kept")
    difference = max(_difference(run) for run in linear)
    reached, line = max(linear.table()["accuracy"]), best_line_accuracy(data.x, data.y)
    missed = float(np.median([_missed_by_the_best_affine_map(run) for run in bent]))
    shown = [linear[place * settings.seeds] for place in range(len(SHAPES))]
    return Findings(
        claims=(
            Claim(
                Text(
                    zh="训练好的线性网络与它折叠成的那一个仿射映射，处处最多相差 {value}",
                    en="a trained linear network and the one affine map it collapses to differ by {value} at most",
                ),
                Text(zh="最大差值", en="largest difference"),
                value=difference,
                relation="<=",
                limit=1e-10,
            ),
            Claim(
                Text(
                    zh="无论多深，线性网络的准确率最高只有 {value}，超不过最好的一条直线",
                    en="no linear network, however deep, gets past the best straight line: the best has {value}",
                ),
                Text(zh="线性网络的最高准确率", en="best accuracy of a linear network"),
                value=reached,
                relation="<=",
                limit=line,
                form=share,
            ),
            Claim(
                Text(
                    zh="加上 tanh 之后就折叠不了：最接近的仿射映射仍解释不了输出变化的 {value}",
                    en="with tanh there is nothing to collapse to: the nearest affine map misses {value} of the variation",
                ),
                Text(zh="仿射映射解释不了的方差（中位数）", en="variance the affine map misses (median)"),
                value=missed,
                relation=">=",
                limit=0.1,
                form=share,
            ),
        ),
        numbers={
            "networks": count(len(linear)),
            "difference": number(difference),
            "line": share(line),
            "reached": share(reached),
            "missed": share(missed),
            "refusal": _refusal(bent),
            "seeds": count(settings.seeds),
        },
        exhibits={"product": _product(shown[SMALL]), "picture": _picture(shown)},
        recordings={"linear-2-2-1": shown[SMALL], "linear-2-8-8-8-8-1": shown[-1]},
    )


def _difference(run: Recording) -> float:
    """The largest difference between a network's scores and those of its affine map."""
    inputs = _inputs(run.dataset)
    return float(np.abs(run.forward(inputs)[-1].pre_activation - collapse(run)(inputs)).max())


def _inputs(data: Dataset) -> np.ndarray:
    """Points evenly over twice the box of the data."""
    side = round(PLACES**0.5)
    axes = [np.linspace(2 * low, 2 * high, side) for low, high in zip(data.x.min(0), data.x.max(0), strict=True)]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)


def _missed_by_the_best_affine_map(run: Recording) -> float:
    """The share of the score's variance that the affine map of least squares leaves unexplained."""
    inputs = _inputs(run.dataset)
    return bent_share(inputs, run.forward(inputs)[-1].pre_activation)


def _refusal(bent: Population) -> str:
    try:
        collapse(bent[0])
    except UnbendError as error:
        return str(error)
    raise AssertionError("a tanh network has collapsed")


def _product(run: Recording) -> Table:
    """Both layers of a 2-2-1 network and their product, in numbers."""
    (first, shift), (last, offset) = run.weights()
    affine = collapse(run)
    rows = [
        (Text(zh=f"第一层，单元 {unit + 1}", en=f"layer 1, unit {unit + 1}"), *map(number, first[:, unit]), number(shift[unit]))
        for unit in range(2)
    ]  # fmt: skip
    return Table(
        Text(
            zh="一个 2-2-1 线性网络：两层相乘，只剩三个数",
            en="A linear 2-2-1 network: multiply its layers, and three numbers remain",
        ),
        (Text(zh="", en=""), Text(zh="乘 x1 的权重", en="weight of x1"), Text(zh="乘 x2 的权重", en="weight of x2"), Text(zh="偏置", en="bias")),
        (
            *rows,
            (Text(zh="第二层（输入为两个单元）", en="layer 2 (its inputs are the units)"), *map(number, last[:, 0]), number(offset[0])),
            (Text(zh="合在一起", en="together"), *map(number, affine.weight[:, 0]), number(affine.bias[0])),
        ),
    )  # fmt: skip


def _picture(shown: list[Recording]) -> Picture:
    from unbend.drawing import compare

    return Picture(
        lambda lang: compare(shown, lang=lang),
        alt=Text(
            zh="三个线性网络。上排：网格被旋转、拉伸或压扁，但网格线仍是直线。下排：输入空间里的分界线始终是一条直线，穿过两条曲线。",
            en="Three linear networks. Above: the grid is turned, stretched or flattened, but its lines stay straight. "
            "Below: in the input the boundary is one straight line, and it cuts through both curves.",
        ),
        caption=Text(
            zh="没有隐藏层、一个隐藏层、四个隐藏层：空间可以转、可以拉、可以压扁，就是弯不了。",
            en="No hidden layer, one, and four: space is turned, stretched, even flattened, but never bent.",
        ),
    )


LESSON = Lesson(
    name="affine",
    title=Text(zh="没有激活函数，再深也只是一层", en="Without an activation, deep is not deep"),
    summary=Text(
        zh="一串仿射映射乘起来还是一个仿射映射，所以边界永远是一条直线。",
        en="A chain of affine maps is one affine map, so the boundary stays a straight line.",
    ),
    body=(
        Text(
            zh="神经网络的一层先做一件事：把输入乘上权重，再加上偏置。几何上，这是对平面的旋转、拉伸和平移，"
            "数学上叫仿射映射。两个仿射映射接在一起，还是一个仿射映射：W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂)。"
            "所以，如果层与层之间什么也不加，十层网络与一层网络能表达的东西完全相同。",
            en="A layer of a neural network first does one thing: it multiplies its input by weights and adds a bias. Seen as "
            "geometry it turns, stretches and shifts the plane: an affine map. Two affine maps in a row are again an affine "
            "map: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂). So if nothing stands between the layers, ten of them can say "
            "nothing that one cannot.",
        ),
        Show("product"),
        Text(
            zh="这不只是纸上的推导。我们训练了 {networks} 个线性网络（没有隐藏层、一个隐藏层、四个隐藏层），"
            "把每一个的各层相乘，再拿乘积与网络本身逐点比较。最大的差别是 {difference}，也就是浮点数的舍入误差。",
            en="This is not only algebra. We trained {networks} linear networks, with no hidden layer, with one and with four, "
            "multiplied the layers of each, and compared the product with the network itself, point by point. The largest "
            "difference is {difference}: rounding.",
        ),
        Show("picture"),
        Text(
            zh="两条抛物线一上一下，人眼一看就能分开，直线却做不到：逐一试遍所有直线，最好的也只对 {line}。"
            "线性网络当中成绩最好的是 {reached}，没有一个能越过这条线。",
            en="Two parabolas lie one above the other; the eye parts them at once, but no straight line can. Of all straight "
            "lines, and every one was tried, the best is right for {line} of the points. The best of the linear networks "
            "has {reached}; none gets past that line.",
        ),
        Text(
            zh="现在只改一处：在隐藏层后面加上 tanh。折叠立刻失败，unbend 会指出是哪一层、哪个激活函数弯曲了空间。"
            "对 {seeds} 个网络，即使用最小二乘找到最接近的仿射映射，输出的变化中仍有 {missed}（中位数）它解释不了。这一部分，就是“弯”。",
            en="Now change one thing: put tanh behind the hidden layer. The collapse fails at once; unbend answers: “{refusal}”. "
            "Over {seeds} networks, even the nearest affine map, found by least squares, misses {missed} of the output's "
            "variation (the median). That part is the bend.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
