"""Lesson: a smooth activation after each layer bends the boundary; networks of one to four hidden layers."""

from typing import Any

import numpy as np

from unbend.data import spiral
from unbend.geometry import warp
from unbend.lessons.claim import Claim
from unbend.lessons.counting import shares
from unbend.lessons.lesson import Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, share
from unbend.recording import Population, Recording, train, train_many

POINTS, WIDTH, TARGET = 400, 8, 0.95
DEPTHS = tuple((WIDTH,) * depth for depth in (1, 2, 3, 4))
SHALLOW = ((62,),)  # one hidden layer with as many parameters as four of eight units
RECIPE: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 64, "epochs": 300}
TANH: dict[str, Any] = {**RECIPE, "activation": "tanh", "init": "lecun_normal"}
BOUNDARIES = 16  # networks whose boundary is followed
TURN = 1e-3  # radians; where a boundary turns less between two vertices it is straight there


def experiment(settings: Settings) -> Findings:
    """Train tanh networks of one to four layers on the spiral, count the solvers, and follow their boundaries."""
    data, seeds = spiral(n=POINTS), range(settings.seed, settings.seed + settings.seeds)
    last: dict[str, Any] = {"keep": "last", "measure": "kept"}
    runs = train_many(data, hidden=[*DEPTHS, *SHALLOW], seed=seeds, **TANH, **last)
    solved = shares(runs, "hidden", TARGET)
    some = seeds[:BOUNDARIES]
    relu = train_many(data, hidden=DEPTHS[-1], activation="relu", init="he_normal", seed=some, **RECIPE, **last)
    deep = [runs[3 * settings.seeds + place] for place in range(len(some))]
    straight = {name: float(np.median([straight_share(run) for run in them])) for name, them in
                (("tanh", deep), ("relu", relu))}  # fmt: skip
    shown = [_usual(runs, place, settings) for place in range(len(DEPTHS))]
    return Findings(
        claims=(
            _solved(1, solved[DEPTHS[0]], (0.0, 0.05)),
            _solved(2, solved[DEPTHS[1]], (0.0, 0.15)),
            _solved(3, solved[DEPTHS[2]], (0.62, 0.92)),
            _solved(4, solved[DEPTHS[3]], (0.9, 1.0)),
            Claim(
                Text(
                    zh="参数一样多、但只有一个隐藏层的网络，同样的训练之后只有 {value} 学会",
                    en="one hidden layer with just as many parameters, trained alike: {value} of the seeds solve it",
                ),
                Text(zh="达到 95% 的种子", en="seeds that reach 95%"),
                solved[SHALLOW[0]], "between", (0.0, 0.05), form=share,
            ),
            Claim(
                Text(
                    zh="tanh 网络的分界线几乎处处在转弯：只有 {value} 的地方是直的",
                    en="the boundary of a tanh network turns almost everywhere: it is straight in {value} of its places",
                ),
                Text(zh="分界线上笔直之处（中位数）", en="straight places of the boundary (median)"),
                straight["tanh"], "<=", 0.2, form=share,
            ),
            Claim(
                Text(
                    zh="ReLU 网络的分界线由直线段拼成：{value} 的地方是直的，转弯只在折痕上",
                    en="the boundary of a ReLU network is made of straight pieces: {value} of its places are straight",
                ),
                Text(zh="分界线上笔直之处（中位数）", en="straight places of the boundary (median)"),
                straight["relu"], ">=", 0.6, form=share,
            ),
        ),
        numbers={
            "seeds": count(settings.seeds),
            "width": count(WIDTH),
            "parameters": count(runs[3 * settings.seeds].network.parameter_count),
            "shallow": share(solved[SHALLOW[0]]),
            **{name: share(solved[hidden]) for name, hidden in zip(("one", "two", "three", "four"), DEPTHS, strict=True)},
            **{f"straight_{name}": share(value) for name, value in straight.items()},
        },
        exhibits={"depths": _picture(shown), "shares": _table(runs, solved, settings)},
        recordings={f"depth-{depth}": run for depth, run in enumerate(shown, start=1)},
    )  # fmt: skip


def straight_share(run: Recording) -> float:
    """The share of the boundary's vertices at which it goes straight on; 1 where there is no boundary to turn."""
    turns: list[float] = []
    for curve in warp(run).boundary:
        steps = np.diff(curve, axis=0)
        steps = steps[np.hypot(*steps.T) > 1e-9]
        angles = np.arctan2(steps[:, 1], steps[:, 0])
        turns.extend(np.abs((np.diff(angles) + np.pi) % (2 * np.pi) - np.pi).tolist())
    return float(np.mean(np.array(turns) < TURN)) if turns else 1.0


def _usual(runs: Population, place: int, settings: Settings) -> Recording:
    """The seed in the middle of its population, neither lucky nor unlucky, trained again with its epochs kept."""
    own = np.asarray(runs.table()["accuracy"])[place * settings.seeds : (place + 1) * settings.seeds]
    middle = int(np.argsort(own, kind="stable")[len(own) // 2])
    return train(spiral(n=POINTS), hidden=DEPTHS[place], seed=settings.seed + middle, keep="last", **TANH)


def _solved(depth: int, value: float, limit: tuple[float, float]) -> Claim:
    words = {1: "one hidden layer", 2: "two hidden layers", 3: "three hidden layers", 4: "four hidden layers"}
    return Claim(
        Text(
            zh=f"{depth} 个隐藏层、每层 {WIDTH} 个 tanh 单元：{{value}} 的种子学会螺线",
            en=f"{words[depth]} of {WIDTH} tanh units: {{value}} of the seeds learn the spiral",
        ),
        Text(zh="达到 95% 的种子", en="seeds that reach 95%"),
        value=value,
        relation="between",
        limit=limit,
        form=share,
    )


def _picture(shown: list[Recording]) -> Picture:
    from unbend.drawing import compare

    return Picture(
        lambda lang: compare(shown, lang=lang),
        alt=Text(
            zh="四个网络，一到四个隐藏层。下排是输入空间中的螺线和分界线：层数越多，分界线绕得越多。上排是最后一层的空间，分界线总是直的。",
            en="Four networks with one to four hidden layers. Below, the spiral in the input space with the boundary, which "
            "winds more with every layer. Above, the space of the last layer, where the boundary is always straight.",
        ),
        caption=Text(
            zh="从左到右：一到四个隐藏层，各取成绩居中的那个种子。上排永远是一条直线，下排是它在输入空间里的样子。",
            en="From left to right: one to four hidden layers, each the seed in the middle of its population. Above there is "
            "always one straight line; below is what it becomes in the input.",
        ),
    )


def _table(runs: Population, solved: dict[Any, float], settings: Settings) -> Table:
    table = runs.table()
    counts = [runs[place * settings.seeds].network.parameter_count for place in range(len(solved))]
    medians = np.median(np.reshape(table["accuracy"], (len(solved), -1)), axis=1)
    return Table(
        Text(zh=f"螺线：{settings.seeds} 个种子的成绩", en=f"The spiral: {settings.seeds} seeds each"),
        (
            Text(zh="隐藏层", en="hidden layers"),
            Text(zh="参数", en="parameters"),
            Text(zh="准确率中位数", en="median accuracy"),
            Text(zh="达到 95% 的种子", en="seeds that reach 95%"),
        ),
        tuple(
            ("-".join(map(str, hidden)), count(parameters), share(float(median)), share(value))
            for (hidden, value), parameters, median in zip(solved.items(), counts, medians, strict=True)
        ),
    )


LESSON = Lesson(
    name="depth",
    title=Text(zh="每层弯一次：从一层到四层", en="A bend after every layer: from one to four"),
    summary=Text(
        zh="光滑的激活函数让分界线变成光滑的曲线；多叠几层，就能弯出一层弯不出的形状。",
        en="A smooth activation makes the boundary a smooth curve; more layers bend shapes that one layer does not.",
    ),
    body=(
        Text(
            zh="上一课的阶跃函数只会拼直线段。换成 tanh 这样的光滑函数，每个单元就不再“一刀切”，而是沿着自己的方向平缓地弯一下。"
            "弯过之后再乘权重、再弯，一层接一层。公式很快长得没人愿意写，图却始终看得懂。",
            en="The step of the last lesson can only join straight pieces. With a smooth function such as tanh a unit no longer "
            "cuts; it bends space gently along its own direction. The next layer multiplies and bends again, and so on. The "
            "formula soon grows too long to write, but the picture stays readable.",
        ),
        Text(
            zh="试一道难题：两条互相缠绕的螺线。每层只给 {width} 个单元，每种深度训练 {seeds} 个网络，训练的步数完全相同。",
            en="Here is a hard task: two spirals wound into each other. Each layer has only {width} units; of every depth {seeds} "
            "networks are trained, all for the same number of steps.",
        ),
        Show("depths"),
        Show("shares"),
        Text(
            zh="一层有 {one} 学会，两层 {two}，三层 {three}，四层 {four}。是因为参数更多吗？不是：把四层的 {parameters} 个参数"
            "全部放进一个宽的隐藏层，同样训练，学会的只有 {shallow}。理论上一层足够宽的网络什么曲线都画得出，"
            "但“画得出”和“学得到”是两回事。",
            en="With one layer {one} of the seeds learn it, with two {two}, with three {three}, with four {four}. Is it that they "
            "have more parameters? No: put all {parameters} parameters of the deep network into one wide layer, train it in the "
            "same way, and {shallow} learn it. In theory one layer that is wide enough can draw any curve; but being able to "
            "draw it and finding it are two things.",
        ),
        Text(
            zh="再看分界线本身。沿着线走，tanh 网络只有 {straight_tanh} 的地方是直的，其余处处在转弯；"
            "ReLU 网络有 {straight_relu} 的地方是直的，只在折痕处拐一下。光滑的激活函数给出光滑的边界，带折痕的给出折线，仅此而已；"
            "两者都能弯。",
            en="Now follow the boundary itself. With tanh it is straight in only {straight_tanh} of its places and turns everywhere "
            "else; with ReLU it is straight in {straight_relu} of them and turns only at creases. A smooth activation gives a "
            "smooth boundary, a creased one gives a broken line. Both can bend.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
