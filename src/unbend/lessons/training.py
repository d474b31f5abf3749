"""Lesson: the film of training; first the network draws a line, then it bends space."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data import moons
from unbend.geometry import bent_share, best_line_accuracy
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Film, Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.network import forward
from unbend.recording import Population, Recording, train, train_many

POINTS = 500
RECIPE: dict[str, Any] = {"hidden": (8, 2), "activation": "tanh", "learning_rate": 0.1, "batch_size": 16, "epochs": 150}
EPOCHS = (0, 1, 2, 4, 7, 12, 20, 30, 45, 60, 80, 100, 125, 150)
EARLY = EPOCHS.index(12)
FILMED = (*range(60), *range(60, 151, 3))
SATURATED = 0.01  # of a gradient

Array = NDArray[np.float64]


def experiment(settings: Settings) -> Findings:
    """Follow loss, accuracy, bend and saturation of a population through training."""
    data = moons(n=POINTS)
    seeds = range(settings.seed, settings.seed + settings.seeds)
    runs = train_many(data, seed=seeds, keep=list(EPOCHS), **RECIPE)
    courses = np.array([_course(run) for run in runs])  # (seeds, epochs, loss accuracy bend flat)
    middle = np.median(courses, axis=0)
    line = best_line_accuracy(data.x, data.y)
    shown = _usual(runs, settings)
    return Findings(
        claims=(
            Claim(
                Text(
                    zh="训练到第 12 轮，中间的网络准确率 {value}，还没有超过最好的一条直线",
                    en="after 12 epochs the median network has {value}, no more than the best straight line",
                ),
                Text(zh="第 12 轮的准确率（中位数）", en="accuracy after 12 epochs (median)"),
                middle[EARLY, 1], "<=", line, form=share,
            ),
            Claim(
                Text(
                    zh="这时空间几乎还没有弯：最接近的仿射映射只差 {value}",
                    en="by then space is hardly bent: the nearest affine map misses only {value}",
                ),
                Text(zh="第 12 轮仿射映射解释不了的部分（中位数）", en="what no affine map explains after 12 epochs (median)"),
                middle[EARLY, 2], "<=", 0.08, form=share,
            ),
            Claim(
                Text(zh="训练结束时，弯曲的部分占到 {value}", en="at the end {value} of the hidden space is bend"),
                Text(zh="结束时仿射映射解释不了的部分（中位数）", en="what no affine map explains at the end (median)"),
                middle[-1, 2], ">=", 0.2, form=share,
            ),
            Claim(
                Text(zh="准确率也到了 {value}", en="and the accuracy has risen to {value}"),
                Text(zh="结束时的准确率（中位数）", en="accuracy at the end (median)"),
                middle[-1, 1], ">=", 0.975, form=share,
            ),
            Claim(
                Text(
                    zh="学习有代价：开始时没有饱和的激活值，结束时有 {value} 的斜率不到 0.01",
                    en="learning has its price: at the end {value} of the activations have a slope below 0.01",
                ),
                Text(zh="结束时饱和的激活值（中位数）", en="saturated activations at the end (median)"),
                middle[-1, 3], "between", (0.01, 0.15), form=share,
            ),
        ),
        numbers={
            "seeds": count(settings.seeds),
            "line": share(line),
            "early": share(middle[EARLY, 1]),
            "early_bend": share(middle[EARLY, 2]),
            "end": share(middle[-1, 1]),
            "end_bend": share(middle[-1, 2]),
            "flat": share(middle[-1, 3]),
            "first_flat": share(middle[0, 3]),
        },
        exhibits={"film": _film(shown), "courses": _picture(courses, line), "table": _table(middle, settings)},
        recordings={"moons": shown},
    )  # fmt: skip


def _course(run: Recording) -> Array:
    """(epochs, 4) loss, accuracy, bent share of the last hidden space, and share of saturated activations."""
    x, network = run.dataset.x, run.network
    layers = forward(network, network.unflatten(run.weights_at), x)[:-1]
    bend = [bent_share(x, values) for values in layers[-1].activation]
    slopes = [
        activation.gradient(layer.pre_activation) for activation, layer in zip(network.activations, layers, strict=True)
    ]
    flat = np.mean([np.mean(np.abs(slope) < SATURATED, axis=(1, 2)) for slope in slopes], axis=0)
    history = [run.history[name][list(EPOCHS)] for name in ("loss", "accuracy")]
    return np.stack([*history, bend, flat], axis=1)


def _usual(runs: Population, settings: Settings) -> Recording:
    """The seed whose loss is in the middle, trained again with more of its epochs kept."""
    middle = int(np.argsort(runs.table()["loss"], kind="stable")[len(runs) // 2])
    return train(moons(n=POINTS), seed=settings.seed + middle, keep=list(FILMED), **RECIPE)


def _film(shown: Recording) -> Film:
    from unbend.drawing import figure, film

    return Film(
        write=lambda path, lang: film(shown, path, lang=lang, seconds=7.0),
        poster=lambda lang: figure(shown, lang=lang),
        alt=Text(
            zh="训练的影片，四个画面：输入空间里的两弯月牙和分界线；最后一个隐藏层的空间，网格逐渐弯曲，分界线始终是直的；"
            "损失与准确率的曲线；每层激活值的分布。",
            en="The film of training in four panels: the input space with two moons and the boundary; the last hidden space, "
            "where the grid bends and the line stays straight; the curves of loss and accuracy; the activations of each layer.",
        ),
        caption=Text(
            zh="2-8-2-1 的 tanh 网络学两弯月牙，损失居中的那个种子，150 轮。左：输入空间。中：最后一个隐藏层。右：损失、准确率、各层激活值。",
            en="A tanh network 2-8-2-1 learns two moons; the seed with the median loss, 150 epochs. Left: the input. Middle: the "
            "last hidden layer. Right: loss, accuracy, activations of each layer.",
        ),
    )


def _picture(courses: Array, line: float) -> Picture:
    from unbend.drawing.charts import Chart, Curve, Mark, charts

    low, middle, high = np.quantile(courses, (0.25, 0.5, 0.75), axis=0)

    def curve(label: str, column: int, color: str) -> Curve:
        return Curve(label, EPOCHS, middle[:, column], (low[:, column], high[:, column]), color=color)

    def draw(lang: str) -> Any:
        epochs = Text(zh="训练轮数", en="epoch")(lang)
        best = Text(zh="最好的一条直线", en="the best straight line")(lang)
        return charts(
            [
                Chart(
                    Text(zh="先画直线，再弯曲", en="First a line, then a curve")(lang),
                    epochs,
                    Text(zh="准确率", en="accuracy")(lang),
                    [curve("", 1, "#0877bd")],
                    notes=[Mark(line, best)],
                ),
                Chart(
                    Text(zh="空间弯了多少", en="How much space is bent")(lang),
                    epochs,
                    Text(zh="占比", en="share")(lang),
                    [
                        curve(
                            Text(zh="仿射映射解释不了的部分", en="not explained by any affine map")(lang), 2, "#0877bd"
                        ),
                        curve(Text(zh="饱和的激活值", en="saturated activations")(lang), 3, "#f59322"),
                    ],
                ),
            ]
        )

    return Picture(
        draw,
        alt=Text(
            zh="左图：准确率随训练轮数上升，先停在最好的直线附近，然后越过它。右图：空间的弯曲程度在同一时候开始上升，饱和的激活值随后慢慢增多。",
            en="Left: accuracy over the epochs; it rests near that of the best straight line, then passes it. Right: the bend of "
            "space begins to grow at the same time, and saturated activations follow slowly.",
        ),
        caption=Text(
            zh="曲线是全部种子的中位数，色带是中间一半的种子。",
            en="Curves are medians over all seeds; the bands hold the middle half of them.",
        ),
    )


def _table(middle: Array, settings: Settings) -> Table:
    rows = [(str(epoch), number(row[0]), *map(share, row[1:])) for epoch, row in zip(EPOCHS, middle, strict=True)]
    return Table(
        Text(zh=f"{settings.seeds} 个种子的中位数", en=f"Medians of {settings.seeds} seeds"),
        (
            Text(zh="轮", en="epoch"),
            Text(zh="损失", en="loss"),
            Text(zh="准确率", en="accuracy"),
            Text(zh="弯曲", en="bend"),
            Text(zh="饱和", en="saturated"),
        ),
        tuple(rows[place] for place in (0, 2, EARLY, 7, 8, 10, len(rows) - 1)),
    )


LESSON = Lesson(
    name="training",
    title=Text(zh="训练的影片：先画直线，再弯空间", en="The film of training: first a line, then the bend"),
    summary=Text(
        zh="一轮一轮地看特征空间、分界线、损失和激活值，并数一数它们什么时候开始变。",
        en="Feature space, boundary, loss and activations epoch by epoch, and when each of them begins to change.",
    ),
    body=(
        Text(
            zh="前面的图大多是训练的终点。终点是怎么来的？把每一轮的权重都留下，就能放一部影片。",
            en="Most pictures so far show the end of training. How does a network get there? Keep its weights of every epoch, and "
            "there is a film.",
        ),
        Show("film"),
        Text(
            zh="放慢看，会发现两个阶段。刚开始权重很小，tanh 在零附近几乎是直的，整个网络近似一个仿射映射，"
            "所以它先学会能用直线学会的部分：到第 12 轮，准确率 {early}，与最好的一条直线 {line} 相当，而空间只弯了 {early_bend}。"
            "权重长大以后，输入才走到 tanh 弯的地方，分界线随之弯起来：结束时弯曲占 {end_bend}，准确率 {end}。",
            en="Seen slowly it has two acts. At first the weights are small, and near zero tanh is almost straight, so the whole "
            "network is nearly one affine map. It learns what a line can learn: after 12 epochs its accuracy is {early}, about "
            "that of the best straight line ({line}), and only {early_bend} of its space is bent. Then the weights grow, inputs "
            "reach the part where tanh curves, and the boundary bends with it: at the end {end_bend} is bend, and the accuracy "
            "is {end}.",
        ),
        Show("courses"),
        Show("table"),
        Text(
            zh="这里的“弯曲”是这样量的：用最小二乘找一个最接近隐藏层的仿射映射，看它解释不了多少。数字来自 {seeds} 个种子，不是一次运气。"
            "最后一列提醒我们代价：一开始饱和的激活值占 {first_flat}，结束时有 {flat} 斜率不到 0.01。弯得越用力，能继续学的单元就越少。",
            en="The bend is measured: find the affine map nearest to the hidden layer by least squares and see how much it misses. "
            "The numbers come from {seeds} seeds, not from one stroke of luck. The last column shows the price: at the start "
            "{first_flat} of the activations are saturated, at the end {flat} have a slope below 0.01. The harder a network "
            "bends, the fewer of its units can still learn.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
