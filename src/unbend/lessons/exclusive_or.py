"""Lesson: the exclusive or, by threshold units one can follow with a pencil, and by networks that learn it."""

from typing import Any

import numpy as np

from unbend.data import xor
from unbend.geometry import Separation, best_line_accuracy, linearly_separable
from unbend.lessons.claim import Claim
from unbend.lessons.counting import shares
from unbend.lessons.lesson import Exhibit, Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.network import run_threshold_network, xor_network
from unbend.network.threshold import ThresholdStep
from unbend.recording import Population, Recording, train, train_many

WIDTHS = ((2,), (3,), (8,))
RECIPE: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.1, "batch_size": None, "epochs": 500}


def experiment(settings: Settings) -> Findings:
    """Prove that no line exists, compute the threshold network step by step, and count how often training finds one."""
    data = xor()
    middle, last = run_threshold_network(xor_network(), data.x)
    seeds = range(settings.seed, settings.seed + settings.seeds)
    trained = {
        name: train_many(data, hidden=list(WIDTHS), activation=name, seed=seeds, keep="last", measure="kept", **RECIPE)
        for name in ("tanh", "relu")
    }
    reached = {name: shares(runs, "hidden", 1.0) for name, runs in trained.items()}
    proof = linearly_separable(data.x, data.y)
    return Findings(
        claims=_claims(data.x, data.y, middle, last, reached),
        numbers={
            "line": share(best_line_accuracy(data.x, data.y)),
            "meeting": "({}, {})".format(*map(number, proof.common_point if proof.common_point is not None else ())),
            "seeds": count(settings.seeds),
            "narrow": share(reached["tanh"][2,]),
            "wide": share(reached["tanh"][8,]),
            "relu": share(reached["relu"][2,]),
        },
        exhibits=_exhibits(data.x, data.y, middle, last, reached, trained["tanh"], settings),
        recordings={"threshold": _as_recording(), "tanh-2-2-1": _solver(trained["tanh"], settings)},
    )


def _claims(
    x: np.ndarray, y: np.ndarray, middle: ThresholdStep, last: ThresholdStep, reached: dict[str, dict[Any, float]]
) -> tuple[Claim, ...]:
    before, behind = linearly_separable(x, y), linearly_separable(middle.output, y)
    shares_of = Text(zh="解决问题的种子", en="seeds that solve it")
    return (
        Claim(
            Text(
                zh="没有一条直线能把异或的两类分开；最好的直线对 {value}",
                en="no straight line parts the classes of the exclusive or; the best one is right for {value}",
            ),
            Text(zh="最好的直线的准确率", en="accuracy of the best line"),
            value=best_line_accuracy(x, y),
            relation="==",
            limit=0.75,
            form=share,
        ),
        Claim(
            Text(
                zh="线性规划证明不可分：两类的凸包有公共点，两个代表点相距 {value}",
                en="a linear program proves it: the hulls of the classes meet; two points of theirs are {value} apart",
            ),
            Text(zh="两类凸包的距离", en="distance between the hulls"),
            value=_hull_distance(before, x, y),
            relation="<=",
            limit=1e-9,
        ),
        Claim(
            Text(
                zh="经过第二层的阈值之后，一个平面把两类隔开，间隔是 {value}",
                en="behind the thresholds of the second layer a plane parts them, with a gap of {value}",
            ),
            Text(zh="两类的间隔", en="gap between the classes"),
            value=_gap(behind),
            relation=">=",
            limit=0.1,
        ),
        Claim(
            Text(
                zh="阈值网络对四行真值表答错 {value} 行", en="the threshold network gets {value} of the four rows wrong"
            ),
            Text(zh="答错的行数", en="wrong rows"),
            value=float((last.output[:, 0] != y).sum()),
            relation="==",
            limit=0,
        ),
        Claim(
            Text(zh="8 个 tanh 单元：{value} 的种子学会了", en="8 tanh units: {value} of the seeds learn it"),
            shares_of,
            value=reached["tanh"][8,],
            relation=">=",
            limit=0.97,
            form=share,
        ),
        Claim(
            Text(zh="只有 2 个 tanh 单元：{value} 的种子学会了", en="only 2 tanh units: {value} of the seeds learn it"),
            shares_of,
            value=reached["tanh"][2,],
            relation="between",
            limit=(0.3, 0.66),
            form=share,
        ),
        Claim(
            Text(zh="只有 2 个 ReLU 单元：{value} 的种子学会了", en="only 2 ReLU units: {value} of the seeds learn it"),
            shares_of,
            value=reached["relu"][2,],
            relation="<=",
            limit=0.25,
            form=share,
        ),
    )


def _hull_distance(separation: Separation, x: np.ndarray, y: np.ndarray) -> float:
    """How far apart the two mixtures of a proof of inseparability are; infinite where there is no such proof."""
    if separation.mixture is None:
        return float("inf")
    means = [separation.mixture[y == label] @ x[y == label] for label in (0, 1)]
    return float(np.linalg.norm(means[0] - means[1]))


def _gap(separation: Separation) -> float:
    """The width of the strip that holds no point; 0 where nothing parts the classes."""
    return 0.0 if separation.weight is None else float(2 / np.linalg.norm(separation.weight))


def _exhibits(
    x: np.ndarray,
    y: np.ndarray,
    middle: ThresholdStep,
    last: ThresholdStep,
    reached: dict[str, dict[Any, float]],
    tanh: Population,
    settings: Settings,
) -> dict[str, Exhibit]:
    from unbend.drawing import cube, figure

    solver, weight = _solver(tanh, settings), xor_network()[1].weight
    return {
        "steps": _steps(x, middle, last),
        "threshold": Picture(
            lambda lang: cube(x, middle.output, y, (weight[:, 0], float(last.threshold[0])), lang=lang),
            alt=Text(
                zh="左：真值表是正方形的四个角，同色的两点在对角上。右：三个单元把它们变成立方体的角，一个平面把橙色和蓝色隔开。",
                en="Left: the truth table as the corners of a square, equal colours on a diagonal. Right: three units make them "
                "corners of a cube, and a plane has the orange points on one side and the blue ones on the other.",
            ),
            caption=Text(
                zh="阈值网络：左边四个角分不开；加上“都是 1”这个单元，点 (1, 1) 被抬到立方体的远角，平面就分得开了。",
                en="The threshold network: at the left no line will do; the unit “both” moves the point (1, 1) to the far corner of "
                "a cube, and a plane is enough.",
            ),
        ),
        "trained": Picture(
            lambda lang: figure(solver, lang=lang),
            alt=Text(
                zh="左：输入空间里弯曲的边界隔开对角的点。右：tanh 把网格弯折，直线分开两类。",
                en="Left: a curved boundary in the input space holds the opposite corners apart. Right: tanh has bent the "
                "grid, and a straight line parts the classes.",
            ),
            caption=Text(
                zh="训练出来的 2-2-1 tanh 网络：它自己找到了一种弯法。",
                en="A trained 2-2-1 tanh network: it has found a bend of its own.",
            ),
        ),
        "shares": Table(
            Text(zh="学会异或的种子占多大比例", en="How many of the seeds learn the exclusive or"),
            (Text(zh="激活函数", en="activation"), *(Text(zh=f"{w} 个单元", en=f"{w} units") for (w,) in WIDTHS)),
            tuple((name, *(share(found[width]) for width in WIDTHS)) for name, found in reached.items()),
        ),
    }


def _steps(x: np.ndarray, middle: ThresholdStep, last: ThresholdStep) -> Table:
    """Every sum and every answer of the threshold network, a row of the truth table in a row."""
    rows = [
        (f"{point[0]:g}, {point[1]:g}", f"{sums[1]:g}", _list(answers), f"{total[0]:g}", f"{answer[0]:g}")
        for point, sums, answers, total, answer in zip(
            x, middle.total, middle.output, last.total, last.output, strict=True
        )
    ]
    return Table(
        Text(
            zh="第一层到第二层（阈值 1.5），第二层到第三层（阈值 0.5）",
            en="From the first layer to the second (threshold 1.5), from the second to the third (threshold 0.5)",
        ),
        (
            "x1, x2",
            "x1 + x2",
            Text(zh="x1，两者都是（> 1.5），x2", en="x1, both (> 1.5), x2"),
            Text(zh="x1 − 2·两者都是 + x2", en="x1 − 2·both + x2"),
            Text(zh="输出（> 0.5）", en="output (> 0.5)"),
        ),
        tuple(rows),
    )


def _list(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _as_recording() -> Recording:
    weights = [(layer.weight, -layer.threshold) for layer in xor_network()]
    return Recording.from_weights(xor(), [weights], activation="step")


def _solver(tanh: Population, settings: Settings) -> Recording:
    """The first of the narrow tanh networks that learnt it, trained again with all its epochs kept."""
    accuracy = np.asarray(tanh.table()["accuracy"][: settings.seeds])
    seed = settings.seed + int(np.argmax(accuracy == accuracy.max()))
    return train(xor(), hidden=WIDTHS[0], activation="tanh", seed=seed, **RECIPE)


LESSON = Lesson(
    name="xor",
    title=Text(zh="异或：弯一次，一条线就够", en="Exclusive or: bend once, and a line is enough"),
    summary=Text(
        zh="四个点、一张真值表：没有直线能分开它们，一层阈值单元之后就能。",
        en="Four points and a truth table: no line parts them; behind one layer of threshold units, a line does.",
    ),
    body=(
        Text(
            zh="异或问的是：两个输入是否不同？把四种情形画成正方形的四个角，相同的占一条对角线，不同的占另一条。"
            "任何直线最多分对三个角（{line}）。不可能的证明只有一句话：两条对角线在 {meeting} 相交，"
            "直线若把两类隔开，这个交点就得同时在两边。",
            en="The exclusive or asks: are the two inputs different? Draw the four cases as the corners of a square; those that "
            "are alike hold one diagonal, those that differ the other. Any straight line gets at most three corners right "
            "({line}). The proof that four is impossible is one sentence: the diagonals cross at {meeting}, and a line that "
            "held the classes apart would need that point on both its sides.",
        ),
        Text(
            zh="阈值单元只做一个判断：加权和超过阈值就输出 1，否则输出 0。第二层的中间单元把两个输入相加，阈值 1.5，"
            "于是它的意思是“两个都是 1”。第三层算 x1 − 2·(两者都是) + x2，阈值 0.5。拿一支笔，就能跟着算完每一行：",
            en="A threshold unit makes one decision: it says 1 if its weighted sum exceeds the threshold, else 0. The middle unit "
            "of the second layer adds both inputs with the threshold 1.5, so it means “both are 1”. The third layer computes "
            "x1 − 2·both + x2 with the threshold 0.5. Take a pencil and follow every row:",
        ),
        Show("steps"),
        Show("threshold"),
        Text(
            zh="多出来的那个单元把点 (1, 1) 抬离了平面，原来分不开的四个点，现在一刀就能切开。这就是激活函数的作用："
            "不是“加一点非线性”，而是把空间折到一条直线够用为止。",
            en="The extra unit lifts the point (1, 1) out of the plane, and four points that could not be parted fall to one cut. "
            "That is what an activation does: it does not “add some non-linearity”, it folds space until a straight line will "
            "do.",
        ),
        Text(
            zh="阈值的导数处处为 0，梯度下降学不动，所以训练时换成光滑的激活函数。学得会吗？要看运气，也要看宽度："
            "{seeds} 个种子里，2 个 tanh 单元有 {narrow} 学会，2 个 ReLU 单元只有 {relu}，8 个 tanh 单元则有 {wide}。"
            "一个种子告诉我们怎么学，许多种子才告诉我们多常学会。",
            en="A threshold has slope 0 everywhere, so gradient descent cannot learn it; for training we take a smooth activation. "
            "Does it learn? That depends on luck, and on width: of {seeds} seeds, 2 tanh units learn it for {narrow}, 2 ReLU "
            "units for only {relu}, and 8 tanh units for {wide}. One seed shows how; many seeds show how often.",
        ),
        Show("trained"),
        Show("shares"),
        Show("claims"),
    ),
    experiment=experiment,
)
