"""Lesson: one unit draws one straight line; what weights and bias do to it, and what training can make of it."""

from typing import Any

import numpy as np

from unbend.data import line, moons
from unbend.data.dataset import Dataset
from unbend.geometry import best_line_accuracy, boundary_places
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Exhibit, Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.network import forward
from unbend.randomness import uniform
from unbend.recording import Population, Recording, train, train_many

WEIGHT, BIAS = (3.0, 4.0), -5.0  # the unit of the table: |w| is 5
POINTS = ((2.0, 1.0), (0.0, 0.0), (-1.0, 2.0), (-3.0, -1.5))
PLACES = 400  # for each network, from which its boundary is sought
FAR = 3.0  # they lie in a square of this half side
EPOCHS = 150


def experiment(settings: Settings) -> Findings:
    """Train single units on two data sets, one of which no line parts, and ask every one where its boundary is."""
    parted, crossed = line(n=200), moons(n=200)
    easy, hard = _trained(parted, settings), _trained(crossed, settings)
    accuracy = {runs.dataset.name: np.asarray(runs.table()["accuracy"]) for runs in (easy, hard)}
    best = best_line_accuracy(crossed.x, crossed.y)
    asked = [_asked(runs, settings.seed) for runs in (easy, hard)]
    straight = max(float(_off_the_line(runs, found).max()) for runs, found in zip((easy, hard), asked, strict=True))
    return Findings(
        claims=(
            Claim(
                Text(
                    zh="可分的数据：{value} 的种子至少分对 99%",
                    en="on data that a line parts, {value} of the seeds get at least 99% right",
                ),
                Text(zh="达到 99% 的种子", en="seeds that reach 99%"),
                value=float((accuracy["line"] >= 0.99).mean()),
                relation=">=",
                limit=0.98,
                form=share,
            ),
            Claim(
                Text(
                    zh="边界就是那条直线：只凭回答找到的所有边界点，离 w·x + b = 0 最多 {value}",
                    en="the boundary is that line: of all its places found by asking, none is farther from w·x + b = 0 than {value}",
                ),
                Text(zh="边界点到直线的最大距离", en="largest distance from the line"),
                value=straight,
                relation="<=",
                limit=1e-9,
            ),
            Claim(
                Text(
                    zh="得分除以 |w| 就是距离：与在平面上量出的距离最多相差 {value}",
                    en="score divided by |w| is the distance: it differs from the one measured in the plane by {value} at most",
                ),
                Text(zh="最大差值", en="largest difference"),
                value=_against_measured(easy, asked[0]),
                relation="<=",
                limit=1e-9,
            ),
            Claim(
                Text(
                    zh="两弯月牙：训练出来最好的单元对 {value}，没有超过最好的直线",
                    en="two moons: the best trained unit is right for {value}, no more than the best straight line",
                ),
                Text(zh="单元的最高准确率", en="best accuracy of a unit"),
                value=float(accuracy["moons"].max()),
                relation="<=",
                limit=best,
                form=share,
            ),
        ),
        numbers={
            "seeds": count(settings.seeds),
            "reached": share(float((accuracy["line"] >= 0.99).mean())),
            "places": count(sum(found.shape[0] * found.shape[1] for found in asked)),
            "straight": number(straight),
            "turn": number(_turn(easy)),
            "moons": share(float(accuracy["moons"].max())),
            "best": share(best),
        },
        exhibits=_exhibits(easy, hard, asked, settings),
        recordings={"line": _recorded(parted, settings), "moons": _recorded(crossed, settings)},
    )


# ---------------------------------------------------------------------- measuring
def _trained(data: Dataset, settings: Settings) -> Population:
    seeds = range(settings.seed, settings.seed + settings.seeds)
    return train_many(data, hidden=(), seed=seeds, epochs=EPOCHS, keep=[0, EPOCHS], measure="kept")


def _recorded(data: Dataset, settings: Settings) -> Recording:
    return train(data, hidden=(), seed=settings.seed, epochs=EPOCHS)


def _units(runs: Population, kept: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """Weights (P, 2) and biases (P,) of all units, in float64, at the first (0) or last (-1) epoch."""
    group = runs.groups[0]
    ((weight, bias),) = group.network.unflatten(group.trained.weights[kept].astype(np.float64))
    return weight[..., 0], bias[..., 0]


def _asked(runs: Population, seed: int) -> np.ndarray:
    """(P, m, 2) boundary places of every unit, between places whose answers differ; it looks at answers alone."""
    group = runs.groups[0]
    weights = group.network.unflatten(group.trained.weights[-1].astype(np.float64))

    def answers(places: np.ndarray) -> np.ndarray:
        return forward(group.network, weights, places)[-1].activation[..., 0] > 0.5

    ends = FAR * (2.0 * uniform(seed, "line ends", np.arange(4 * PLACES)).reshape(2, PLACES, 2) - 1.0)
    start, end = (np.broadcast_to(side, (len(runs), PLACES, 2)) for side in ends)
    differ = answers(start) != answers(end)
    fewest = int(differ.sum(axis=1).min())
    first = np.argsort(~differ, axis=1, kind="stable")[:, :fewest, None]
    return boundary_places(answers, np.take_along_axis(start, first, 1), np.take_along_axis(end, first, 1))


def _off_the_line(runs: Population, found: np.ndarray) -> np.ndarray:
    """(P, m) distances of the places from the line that the weights describe."""
    weight, bias = _units(runs)
    score = (found * weight[:, None]).sum(axis=-1) + bias[:, None]
    return np.abs(score) / np.hypot(weight[:, 0], weight[:, 1])[:, None]


def _against_measured(runs: Population, found: np.ndarray) -> float:
    """The largest difference between |score| / |w| and the distance from a line through two places found by asking."""
    weight, bias = _units(runs)
    x = runs.dataset.x
    scored = np.abs(x @ weight.T + bias).T / np.hypot(weight[:, 0], weight[:, 1])[:, None]
    middle = found[:, :1]
    other = np.argmax(((found - middle) ** 2).sum(axis=-1), axis=1)
    along = found[np.arange(len(found)), other] - middle[:, 0]
    to_point = x[None] - middle
    area = along[:, None, 0] * to_point[..., 1] - along[:, None, 1] * to_point[..., 0]
    return float(np.abs(np.abs(area) / np.hypot(along[:, 0], along[:, 1])[:, None] - scored).max())


# ---------------------------------------------------------------------- exhibits
def _exhibits(easy: Population, hard: Population, asked: list[np.ndarray], settings: Settings) -> dict[str, Exhibit]:
    return {
        "pencil": _pencil(),
        "unit": _unit(),
        "trained": Picture(
            lambda lang: _draw_trained(easy, hard, asked, lang),
            alt=Text(
                zh="三幅图。左：直线两侧是两类点，直线上的小白圈是逐点问出来的边界点。中：各个种子出发时的直线四面八方，训练后都停在空带里的那条黑线上。"
                "右：两弯月牙，直线切掉了各自的一角，有些点落在错误的一侧。",
                en="Three panels. Left: a line with one class on each side; white dots on it are boundary places found by asking. "
                "Middle: the lines with which the seeds start run everywhere; all end on the black line in the empty strip. Right: two moons; the line cuts a "
                "piece off each, and some points are on the wrong side.",
            ),
            caption=Text(
                zh=f"左：一个种子；白点是只凭“是”与“否”问出来的边界。中：灰线是 {settings.seeds} 个种子的起点，黑线是终点。右：数据弯了，直线还是直的。",
                en=f"Left: one seed; the white dots are its boundary, found by asking for yes and no. Middle: grey, where "
                f"{settings.seeds} seeds start; black, where they end. Right: the data bend, the line does not.",
            ),
        ),
    }


def _pencil() -> Table:
    weight = np.array(WEIGHT)
    rows = [_row(np.array(point), weight) for point in POINTS]
    return Table(
        Text(
            zh="拿笔算：w = (3, 4)，b = −5，|w| = √(3² + 4²) = 5",
            en="With a pencil: w = (3, 4), b = −5, |w| = √(3² + 4²) = 5",
        ),
        (
            Text(zh="点 (x1, x2)", en="point (x1, x2)"),
            "3·x1 + 4·x2 − 5",
            Text(zh="除以 5：到直线的距离", en="by 5: distance from the line"),
            Text(zh="单元的回答", en="the unit says"),
        ),
        tuple(rows),
    )


def _row(point: np.ndarray, weight: np.ndarray) -> tuple[str | Text, ...]:
    score = float(point @ weight + BIAS)
    said = Text(zh="蓝（1）", en="blue (1)") if score > 0 else Text(zh="橙（0）", en="orange (0)")
    on_it = Text(zh="在直线上", en="on the line")
    where = f"({number(point[0])}, {number(point[1])})"
    return where, number(score), number(score / float(np.hypot(*weight))), on_it if score == 0 else said


def _unit() -> Picture:
    from unbend.drawing.units import one_unit

    return Picture(
        lambda lang: one_unit(np.array(WEIGHT), BIAS, np.array(POINTS), lang=lang),
        alt=Text(
            zh="左：一条黑色直线把平面分成橙、蓝两半，箭头 w 与直线垂直，指向蓝色一侧；四个点各有虚线量到直线，注明得分与距离。"
            "右：四幅小图，直线转动、平移、不变，以及两侧颜色互换。",
            en="Left: a black line parts the plane into an orange and a blue half; the arrow w stands upright on it and points to "
            "the blue side; dotted segments measure four points, with score and distance. Right: four small panels in which "
            "the line turns, shifts, stays, and its sides swap.",
        ),
        caption=Text(
            zh="权重是垂直于直线的箭头，偏置决定直线离原点多远。负的距离表示在橙色一侧。",
            en="The weights are an arrow upright on the line; the bias says how far from the origin the line runs. A negative "
            "distance means the orange side.",
        ),
    )


def _draw_trained(easy: Population, hard: Population, asked: list[np.ndarray], lang: str) -> Any:
    from unbend.drawing.units import Trained, trained_units

    right = Text(zh="对 {value}", en="{value} right")
    notes = [right.fill({"value": share(runs.table()["accuracy"][0])})(lang) for runs in (easy, hard)]
    one = Text(zh="一条直线就够的数据", en="data that one line parts")(lang)
    starts = Text(zh=f"{len(easy)} 个起点，同一个终点", en=f"{len(easy)} starts, one end")(lang)
    bent = Text(zh="两弯月牙", en="two moons")(lang)
    first, last, other = _lines(easy, 0), _lines(easy)[0], _lines(hard)[0]
    return trained_units(
        [
            Trained(one, notes[0], easy.dataset.x, easy.dataset.y, last, _spread_out(asked[0][0])),
            Trained(starts, "", easy.dataset.x, easy.dataset.y, last, np.zeros((0, 2)), first),
            Trained(bent, notes[1], hard.dataset.x, hard.dataset.y, other, _spread_out(asked[1][0])),
        ],
        lang=lang,
    )


def _lines(runs: Population, kept: int = -1) -> list[tuple[np.ndarray, float]]:
    weight, bias = _units(runs, kept)
    return list(zip(weight, bias.tolist(), strict=True))


def _turn(runs: Population) -> float:
    """The largest angle in degrees between any two of the trained lines."""
    weight = _units(runs)[0]
    angle = np.arctan2(weight[:, 1], weight[:, 0])
    beside = (angle - angle[0] + np.pi) % (2 * np.pi) - np.pi
    return float(np.degrees(beside.max() - beside.min()))


def _spread_out(found: np.ndarray, most: int = 9) -> np.ndarray:
    """Some of the places that lie in the picture, evenly along the line."""
    near = found[np.abs(found).max(axis=1) < 1.0]
    order = np.argsort(near[:, 0])
    return near[order[np.linspace(0, len(near) - 1, min(most, len(near))).astype(int)]]


LESSON = Lesson(
    name="line",
    title=Text(zh="一个感知机，一条直线", en="A perceptron draws one line"),
    summary=Text(
        zh="加权求和，再与零比较：这就是一条直线。权重定方向，偏置定位置，训练只是在挪这条直线。",
        en="A weighted sum compared with zero is a straight line. Weights turn it, the bias shifts it, training moves it about.",
    ),
    body=(
        Text(
            zh="一个单元做的事，小学生也会：每个输入乘上一个数，加起来，再加一个数，得到得分 w1·x1 + w2·x2 + b。"
            "得分大于 0 就回答“蓝”，否则回答“橙”。那么，得分正好等于 0 的地方在哪里？取 w = (3, 4)，b = −5，"
            "就是 3·x1 + 4·x2 = 5，中学里见过的直线方程。",
            en="What a unit does needs no more than school arithmetic: multiply each input by a number, add them up, add one number "
            "more. That is the score w1·x1 + w2·x2 + b. Above 0 the unit says “blue”, else “orange”. Where is the score exactly "
            "0? With w = (3, 4) and b = −5 it is where 3·x1 + 4·x2 = 5: the equation of a straight line.",
        ),
        Show("pencil"),
        Text(
            zh="得分还有一层意思：除以 |w|，就是点到直线的距离，带正负号，符号说明在哪一侧。把 w 看成箭头，它与直线垂直，"
            "指向得分上升最快的方向。转动 w，直线跟着转；改变 b，直线平行移动；所有的数一起乘 2，直线不动；一起乘 −1，两侧互换。",
            en="The score says more: divided by |w| it is the distance from the line, with a sign that tells the side. Seen as an "
            "arrow, w stands upright on the line and points to where the score rises fastest. Turn w, and the line turns; change "
            "b, and it shifts, parallel to itself; multiply all three numbers by 2, and it stays; by −1, and its sides swap.",
        ),
        Show("unit"),
        Text(
            zh="训练就是调这三个数。数据之间若有一条空带，直线总能放进去：{seeds} 个种子中有 {reached} 至少分对 99%。"
            "不管从哪条直线出发，最后都停在几乎同一个位置，方向最多相差 {turn}°。我们没有只相信公式：在平面上随机取点，只问单元“蓝还是橙”，"
            "在回答改变的地方不断对半细分，找出 {places} 个边界点，它们离直线最多 {straight}。",
            en="Training is the search for these three numbers. Where the data leave an empty strip, a line can be put into it: of "
            "{seeds} seeds, {reached} get at least 99% right. Wherever they start, they end in nearly the same place, "
            "no more than {turn}° apart. We did not just trust the formula: between random places we asked the unit nothing but “blue or orange?”, halved the way where the "
            "answer changes, and halved again. Of the {places} boundary places found so, none is farther from the line than "
            "{straight}.",
        ),
        Show("trained"),
        Text(
            zh="换成两弯月牙，训练也变不出曲线：最好的单元对 {moons}，而所有直线中最好的对 {best}。要弯，就得有激活函数。",
            en="On two moons, training does not produce a curve either: the best unit is right for {moons} of the points, and the best "
            "of all straight lines for {best}. To bend, it takes an activation.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
