"""Lesson: squared coordinates make a circle a straight line; then networks that find such a map themselves."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from unbend.data import ring
from unbend.data.dataset import Dataset
from unbend.geometry import bent_share, best_line_accuracy, linearly_separable, warp
from unbend.lessons.claim import Claim
from unbend.lessons.counting import shares
from unbend.lessons.lesson import Exhibit, Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.recording import Population, Recording, train, train_many

POINTS, TARGET = 400, 0.99
WIDTHS = ((2,), (3,), (4,))
NAMES = ("x**2", "tanh")
SHOWN = (("x**2", (2,)), ("tanh", (3,)), ("tanh", (4,)))
RECIPE: dict[str, Any] = {
    "optimizer": "adam", "learning_rate": 0.1, "batch_size": None, "epochs": 500, "init": "lecun_normal",
}  # fmt: skip

Array = np.ndarray[Any, np.dtype[np.float64]]


def experiment(settings: Settings) -> Findings:
    """Prove what the squares separate, measure that they are no linear map, and see whether networks find them."""
    data = ring(n=POINTS)
    proof = linearly_separable(squares(data.x), data.y)
    radius, gap = between(data)
    seeds = range(settings.seed, settings.seed + settings.seeds)
    runs = {name: train_many(data, hidden=list(WIDTHS), activation=name, seed=seeds, keep="last", measure="kept", **RECIPE)
            for name in NAMES}  # fmt: skip
    found = {name: shares(runs[name], "hidden", TARGET) for name in NAMES}
    solvers, others = roundness(runs["x**2"], settings.seeds)
    line = best_line_accuracy(data.x, data.y)
    doubled, bent = doubling(data.x), bent_share(data.x, squares(data.x))
    shown = [_solver(runs[name], name, width, settings) for name, width in SHOWN]
    return Findings(
        claims=_claims(line, gap if proof.separable else 0.0, doubled, solvers, found),
        numbers={
            "line": share(line),
            "radius": number(radius),
            "radius_squared": number(radius**2),
            "gap": number(gap),
            "doubled": number(doubled),
            "bent": share(bent),
            "seeds": count(settings.seeds),
            "two": share(found["x**2"][2,]),
            "four": share(found["x**2"][4,]),
            "ratio": number(solvers),
            "axes": number(solvers**0.5),
            "flat": number(others),
            "tanh_two": share(found["tanh"][2,]),
            "tanh_three": share(found["tanh"][3,]),
        },
        exhibits={
            "spaces": _spaces(data, radius, shown[0]),
            "doubling": _doubling(),
            "trained": _trained(shown),
            "shares": _shares(found, settings),
        },
        recordings={"squares-2-2-1": shown[0], "tanh-2-3-1": shown[1]},
    )  # fmt: skip


def _claims(
    line: float, gap: float, doubled: float, solvers: float, found: Mapping[str, Mapping[Any, float]]
) -> tuple[Claim, ...]:
    return (
        Claim(
            Text(zh="在 (x, y) 里，最好的直线也只对 {value}", en="in (x, y) the best straight line is right for {value}"),
            Text(zh="最好的直线的准确率", en="accuracy of the best line"),
            line, "<=", 0.75, form=share,
        ),
        Claim(
            Text(
                zh="在 (x², y²) 里，一条直线全部分对，两类之间的空隙宽 {value}",
                en="in (x², y²) a straight line gets all of them right, in a gap {value} wide",
            ),
            Text(zh="空隙的宽度（不可分则为 0）", en="width of the gap (0 if not separable)"),
            gap, ">=", 0.15,
        ),
        Claim(
            Text(
                zh="平方不是线性映射：点的坐标加倍，它的像变成 {value} 倍，线性映射应当是 2 倍",
                en="squaring is not linear: double a point, and its image is {value} times as large; a linear map gives 2",
            ),
            Text(zh="像的倍数", en="factor of the image"),
            doubled, "==", 4.0, tolerance=1e-12,
        ),
        Claim(
            Text(
                zh="两个平方单元，训练之后：{value} 的种子学会了",
                en="two squaring units, trained: {value} of the seeds learn it",
            ),
            Text(zh="达到 99% 的种子", en="seeds that reach 99%"),
            found["x**2"][2,], "between", (0.5, 0.9), form=share,
        ),
        Claim(
            Text(
                zh="学会的网络找到的几乎就是圆：二次型的两个特征值之比是 {value}（中位数，圆是 1）",
                en="those that learn it find a circle, nearly: the two eigenvalues of their form have the ratio {value} "
                "(median; 1 is a circle)",
            ),
            Text(zh="小特征值 ÷ 大特征值", en="smaller eigenvalue / larger one"),
            solvers, "between", (0.93, 1.0),
        ),
        Claim(
            Text(zh="三个 tanh 单元：{value} 的种子学会了", en="three tanh units: {value} of the seeds learn it"),
            Text(zh="达到 99% 的种子", en="seeds that reach 99%"),
            found["tanh"][3,], ">=", 0.9, form=share,
        ),
    )  # fmt: skip


def squares(points: Array) -> Array:
    """The feature map (x, y) → (x², y²) of points (n, 2)."""
    return points**2


def between(data: Dataset) -> tuple[float, float]:
    """The radius of the circle half-way between the classes, and the width of their gap in (x², y²).

    There the classes lie on two sides of x² + y² = radius²; the strip between them is as wide as the difference of those
    sums over √2, because the line runs along a diagonal. Negative if the classes overlap.
    """
    sums = squares(data.x).sum(axis=1)
    inner, outer = float(sums[data.y == 1].max()), float(sums[data.y == 0].min())
    return float(np.sqrt((inner + outer) / 2.0)), (outer - inner) / 2.0**0.5


def doubling(points: Array) -> float:
    """How many times as large the image becomes when a point is doubled; the mean over ``points``."""
    return float(np.mean(np.linalg.norm(squares(2.0 * points), axis=1) / np.linalg.norm(squares(points), axis=1)))


def quadratic_form(run: Recording) -> Array:
    """The matrix Q (2, 2) of a network of squaring units: its score is x·Qx plus terms of first order.

    A unit w with the read-out v adds v (w·x + b)², and so v w wᵀ to Q.
    """
    (weight, _), (readout, _) = run.weights()
    return weight @ np.diag(readout[:, 0]) @ weight.T


def eigenvalue_ratio(run: Recording) -> float:
    """The eigenvalue of smaller size over the larger one: 1 for a circle, 0 for two parallel lines, negative for a
    hyperbola."""
    values = np.linalg.eigvalsh(quadratic_form(run))
    small, large = sorted(values.tolist(), key=abs)
    return small / large if large else 0.0


def roundness(runs: Population, seeds: int) -> tuple[float, float]:
    """The median `eigenvalue_ratio` of the two-unit networks that reach the target, and its size in those that do not."""
    ratios = np.array([eigenvalue_ratio(runs[place]) for place in range(seeds)])
    solved = np.asarray(runs.table()["accuracy"][:seeds]) >= TARGET
    return _median(ratios[solved]), _median(np.abs(ratios[~solved]))


def _median(values: Array) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _solver(runs: Population, name: str, width: tuple[int, ...], settings: Settings) -> Recording:
    """The first of the networks of this width with the best accuracy, trained again with its epochs kept."""
    place = WIDTHS.index(width) * settings.seeds
    own = runs.table()["accuracy"][place : place + settings.seeds]
    return train(ring(n=POINTS), hidden=width, activation=name, seed=settings.seed + own.index(max(own)), **RECIPE)


def _spaces(data: Dataset, radius: float, run: Recording) -> Picture:
    def draw(lang: str) -> Any:
        from unbend.drawing.feature_map import Plane, planes
        from unbend.drawing.panel import joined

        angles = np.linspace(0.0, 2.0 * np.pi, 181)
        circle = radius * np.column_stack([np.cos(angles), np.sin(angles)])
        line = np.array([[0.0, radius**2], [radius**2, 0.0]])
        space = warp(run)
        lattice = _lattice()
        largest = 1.05 * space.points.max(axis=0)
        unit = Text(zh="平方单元 {unit}", en="squaring unit {unit}")
        return planes(
            [
                Plane(Text(zh="输入：边界是圆", en="Input: the boundary is a circle")(lang), "x", "y",
                      (-1.1, 1.1, -1.1, 1.1), data.x, circle, lattice),
                Plane(Text(zh="取平方：边界是直线", en="Squared: the boundary is straight")(lang), "x²", "y²",
                      (-0.06, 1.06, -0.06, 1.06), squares(data.x), line, tuple(map(squares, lattice))),
                Plane(Text(zh="训练出来的隐藏层", en="The hidden layer of a trained network")(lang),
                      unit.fill({"unit": "1"})(lang), unit.fill({"unit": "2"})(lang),
                      (-0.05 * largest[0], largest[0], -0.05 * largest[1], largest[1]), space.points, joined(tuple(line.segment for line in space.lines)),
                      tuple(run.forward(curve)[0].activation for curve in lattice)),
            ],
            data.y.astype(np.int64),
            [Text(zh="类别 0", en="class 0")(lang), Text(zh="类别 1", en="class 1")(lang)],
            Text(zh="分界线", en="boundary")(lang),
        )  # fmt: skip

    return Picture(
        draw,
        alt=Text(
            zh="三幅图，同样的点。左：圆盘在圆环里面，黑色边界是圆。中：坐标换成平方之后，点落在一个三角形里，靠近原点的一类与另一类之间有一条斜的直线。右：训练所得的两个平方单元，点也挤在一个角里，直线把两类分开。",
            en="Three panels of the same points. Left: a disc inside a ring with a circle between. Middle: with squared coordinates "
            "the points fill a triangle, and a slanting straight line parts the class near the origin from the other. Right: "
            "the two squaring units of a trained network; the points lie in a corner again, and a straight line parts them.",
        ),
        caption=Text(
            zh="左边的圆和中间的直线是同一个条件：x² + y² = r²。右边是网络自己学到的平方，方向由它自己选。",
            en="The circle on the left and the line in the middle are one condition: x² + y² = r². On the right the network has "
            "chosen its own directions to square.",
        ),
    )


def _lattice() -> tuple[Array, ...]:
    """Lines (m, 2) of the input plane, upright and level in turn."""
    along = np.linspace(-1.0, 1.0, 25)
    pairs = [(np.full(len(along), at), along) for at in along[::3]]
    return tuple(np.column_stack(pair) for first, second in pairs for pair in ((first, second), (second, first)))


def _doubling() -> Table:
    """What squaring does to two points, their doubles and their sum, next to what a linear map would do."""
    first, second = np.array([[0.2, 0.4]]), np.array([[0.3, 0.1]])
    image = squares(first) + squares(second)
    rows = (
        (Text(zh="p 的像", en="image of p"), first, squares(first), squares(first)),
        (Text(zh="2p 的像", en="image of 2p"), 2.0 * first, squares(2.0 * first), 2.0 * squares(first)),
        (Text(zh="p + q 的像", en="image of p + q"), first + second, squares(first + second), image),
    )
    return Table(
        Text(zh="p = (0.2, 0.4)，q = (0.3, 0.1)", en="p = (0.2, 0.4), q = (0.3, 0.1)"),
        (
            "",
            Text(zh="点", en="point"),
            Text(zh="取平方所得", en="squared"),
            Text(zh="若是线性映射", en="if it were linear"),
        ),
        tuple((name, *map(_pair, values)) for name, *values in rows),
    )


def _pair(point: Array) -> str:
    return "({}, {})".format(*map(number, point[0].tolist()))


def _trained(shown: list[Recording]) -> Picture:
    from unbend.drawing import compare

    return Picture(
        lambda lang: compare(shown, lang=lang),
        alt=Text(
            zh="三个训练好的网络并排。左列：两个平方单元，上图的直线拉回输入空间是一个圆。中列、右列：三个和四个 tanh 单元，拉回来是圆角的闭曲线，不那么圆。",
            en="Three trained networks side by side. Left: two squaring units; the straight line above, pulled back to the input "
            "below, is a circle. Middle and right: three and four tanh units; pulled back, the boundary is a closed curve with "
            "rounded corners, less round.",
        ),
        caption=Text(
            zh="上：隐藏空间和其中的直线（平面）。下：拉回输入空间，就成了包住圆盘的闭曲线（图的横轴比纵轴长，圆画出来是扁的）。",
            en="Above: the hidden space with the straight line (a plane) in it. Below: pulled back to the input, it encloses the disc "
            "(the panels are wider than high, so a circle looks flat).",
        ),
    )


def _shares(found: dict[str, dict[Any, float]], settings: Settings) -> Exhibit:
    return Table(
        Text(zh=f"{settings.seeds} 个种子里有多少学会", en=f"How many of {settings.seeds} seeds learn it"),
        (Text(zh="激活函数", en="activation"), *(Text(zh=f"{w} 个单元", en=f"{w} units") for (w,) in WIDTHS)),
        tuple((name, *(share(found[name][width]) for width in WIDTHS)) for name in NAMES),
    )


LESSON = Lesson(
    name="squares",
    title=Text(zh="换成 x²、y²，圆就成了直线", en="With x² and y², a circle is a straight line"),
    summary=Text(
        zh="换一组坐标，圆就成了直线；隐藏层能自己找到这样的坐标。",
        en="In other coordinates a circle is a straight line, and a hidden layer can find such coordinates itself.",
    ),
    body=(
        Text(
            zh="一个圆盘，外面套一个圆环。平面上最好的直线只分对 {line}。可是圆的方程 x² + y² = r² 里，若把 x² 叫作 u，把 y² 叫作 v，"
            "它就是 u + v = r²：一条直线。所以把每个点 (x, y) 搬到 (x², y²)，直线就够用了。线性规划证实了这一点：新坐标里两类完全分得开，"
            "直线 u + v = {radius_squared} 从宽 {gap} 的空隙正中穿过；拉回原来的平面，就是半径 {radius} 的圆。",
            en="A disc inside a ring. In the plane the best straight line is right for {line} of the points. But look at the equation "
            "of a circle, x² + y² = r²: call x² by the name u and y² by the name v, and it says u + v = r², a straight line. So move "
            "every point (x, y) to (x², y²), and a line will do. A linear program confirms it: there the classes can be parted "
            "completely. The line u + v = {radius_squared} runs through the middle of a gap {gap} wide; back in the plane it is a "
            "circle of radius {radius}.",
        ),
        Show("spaces"),
        Text(
            zh="这样的换坐标有时被称作“线性变换”，这里值得说准一点。线性映射有两条规矩：点加倍，像也加倍；两点之和的像，等于两个像之和。平方两条都不守：",
            en="Such a change of coordinates is sometimes called a “linear transformation”, and here it pays to be exact. A linear map "
            "has two rules: double the point, and its image doubles; the image of a sum is the sum of the images. Squaring keeps "
            "neither:",
        ),
        Show("doubling"),
        Text(
            zh="坐标加倍，像变成 {doubled} 倍。即使允许平移，最接近的仿射映射也解释不了像的变化的 {bent}。线性的不是这个映射，而是新坐标里的那条分界线。"
            "说到底这正是好消息：真要是线性变换，直线拉回来还是直线，圆就永远画不出来。",
            en="Double the coordinates, and the image is {doubled} times as large. Even if shifts are allowed, the nearest affine map "
            "misses {bent} of the variation of the image. What is linear is not the map but the boundary in the new coordinates. "
            "And that is good news: were the map linear, the line pulled back would still be a line, and never a circle.",
        ),
        Text(
            zh="x² 和 y² 是我们看着图想出来的。网络自己找得到吗？给它两个以平方为激活函数的单元，{seeds} 个种子里有 {two} 学会。"
            "它们找到的是不是同一个映射？网络的分数是一个二次式，它的两个特征值之比告诉我们边界是什么形状：1 是圆，0 表示只有一个方向起作用（两条平行线，或一条抛物线）。"
            "学会的网络，这个比是 {ratio}（中位数），两条半轴之比是 {axes}，几乎就是圆，只是方向随意：圆不在乎怎么转。"
            "没学会的，这个比的大小是 {flat}：另一个方向丢掉了。多给两个单元，学会的就有 {four}。",
            en="We found x² and y² by looking. Can a network find them? Give it two units with the square as their activation, and "
            "{two} of {seeds} seeds learn it. Is it the same map? The score of such a network is a quadratic, and the ratio of its "
            "two eigenvalues tells the shape of the boundary: 1 is a circle, 0 means that only one direction counts (two parallel lines, or a parabola). For the networks that learn it, "
            "the ratio is {ratio} (median), and that of the two half-axes {axes}: nearly a circle, turned any way it likes, for a "
            "circle does not mind. For the others its size is {flat}: the second direction is lost. With two units more, "
            "{four} learn it.",
        ),
        Show("trained"),
        Show("shares"),
        Text(
            zh="平方是专为圆准备的。tanh 不知道什么是圆，两个单元围不住圆盘（学会的有 {tanh_two}），三个就有 {tanh_three}。"
            "人挑特征，要先看出形状；隐藏层挑特征，只需要一个会弯的激活函数和一些例子。",
            en="The square was made for circles. Tanh knows nothing of circles: two units cannot enclose the disc ({tanh_two} learn "
            "it), with three {tanh_three} do. A person who picks features has to see the shape first; a hidden layer needs an "
            "activation that bends, and examples.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
