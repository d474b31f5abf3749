"""Lesson: the perceptron learning algorithm step by step, and why it must stop: Novikoff's bound, measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from unbend.data import line, xor
from unbend.data.dataset import Dataset
from unbend.geometry import widest_margin
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Exhibit, Film, Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.network import PerceptronRun, learn_perceptron, mistake_bound
from unbend.randomness import permutation, uniform
from unbend.recording import Recording

POINTS = 40  # in each data set
NARROWEST, WIDEST = 0.025, 0.63  # strips between the classes
SHOWN, NEARLY = 18, 4  # so many mistakes, give or take, make a good film
PASSES = 1000  # over the exclusive or
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OR = np.array([0.0, 1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Trial:
    """One data set, the ``run`` of the perceptron on it, and the three lengths of the theorem.

    ``margin``: gamma, the largest possible. ``radius``: R, the longest point. Both count the bias as a coordinate.
    """

    x: np.ndarray
    y: np.ndarray
    run: PerceptronRun
    margin: float
    radius: float
    bound: float

    @property
    def mistakes(self) -> int:
        """How many there were."""
        return len(self.run.rows)


def experiment(settings: Settings) -> Findings:
    """Let the perceptron learn many data sets and many orders of one, and watch the exclusive or go round in a circle."""
    trials = [_trial(*_data(settings.seed + index)) for index in range(settings.seeds)]
    shown = min(trials, key=lambda trial: (abs(trial.mistakes - SHOWN) > NEARLY, trial.bound))
    orders = [_trial(shown.x[order], shown.y[order]) for order in _orders(settings)]
    circle = learn_perceptron(CORNERS, xor().y, passes=PASSES)
    return Findings(
        claims=_claims(trials, orders, circle),
        numbers=_numbers(trials, shown, orders, circle, settings),
        exhibits=_exhibits(trials, shown, orders),
        recordings={"perceptron": _recording(shown)},
    )


# ---------------------------------------------------------------------- measuring
def _data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A strip of random width between the classes, turned and shifted at random."""
    width, turn, right, up = uniform(seed, "perceptron data", np.arange(4))
    data = line(n=POINTS, margin=float(NARROWEST * (WIDEST / NARROWEST) ** width), seed=seed)
    cosine, sine = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
    return data.x @ np.array([[cosine, -sine], [sine, cosine]]) + np.array([right, up]) - 0.5, data.y


def _trial(x: np.ndarray, y: np.ndarray) -> Trial:
    best = widest_margin(x, y)
    bound = mistake_bound(x, y, best.weight, best.bias)
    run = learn_perceptron(x, y, passes=int(bound) + 1)
    radius = float(np.sqrt((x**2).sum(axis=1).max() + 1.0))
    return Trial(x, y, run, best.margin, radius, bound)


def _orders(settings: Settings) -> np.ndarray:
    return permutation(settings.seed, "perceptron order", np.arange(settings.seeds), POINTS)


def _outside(trial: Trial) -> float:
    """How far the length of the weights leaves its two limits, k gamma and R sqrt(k), after any mistake k; 0 if never."""
    length = np.linalg.norm(trial.run.weights, axis=1)
    done = np.arange(len(length))
    return float(np.maximum(done * trial.margin - length, length - np.sqrt(done) * trial.radius).max())


def _ratio(trial: Trial) -> float:
    return trial.mistakes / trial.bound


def _after_passes(run: PerceptronRun) -> np.ndarray:
    """(passes + 1, d + 1) the weights before the first and after every pass over points of which each is a mistake."""
    return run.weights[:: len(CORNERS)]


# ---------------------------------------------------------------------- claims and numbers
def _claims(trials: list[Trial], orders: list[Trial], circle: PerceptronRun) -> tuple[Claim, ...]:
    return (
        Claim(
            Text(
                zh=f"{len(trials)} 组可分的数据，感知机学会了其中的 {{value}}",
                en=f"of {len(trials)} separable data sets the perceptron learns {{value}}",
            ),
            Text(zh="学会的数据", en="data sets learnt"),
            value=float(np.mean([trial.run.converged for trial in trials])),
            relation="==",
            limit=1.0,
            form=share,
        ),
        Claim(
            Text(
                zh="没有一组超过上限 (R/γ)²：最接近的一组用掉了上限的 {value}",
                en="none makes more mistakes than (R/γ)²: the closest comes to {value} of that bound",
            ),
            Text(zh="错误数除以上限（最大值）", en="mistakes by bound (largest)"),
            value=max(map(_ratio, trials)),
            relation="<=",
            limit=1.0,
            form=share,
        ),
        Claim(
            Text(
                zh="证明中的两条界限始终成立：k·γ ≤ |w| ≤ R·√k，越界最多 {value}",
                en="both limits of the proof hold after every mistake: k·γ ≤ |w| ≤ R·√k is left by {value} at most",
            ),
            Text(zh="最大越界", en="largest excess"),
            value=max(map(_outside, trials)),
            relation="<=",
            limit=1e-9,
        ),
        Claim(
            Text(
                zh=f"同一组数据换 {len(orders)} 种次序，错误最多 {{value}} 次，仍在上限之内",
                en=f"one data set in {len(orders)} orders: at most {{value}} mistakes, still within the bound",
            ),
            Text(zh="最多的错误", en="most mistakes"),
            value=max(trial.mistakes for trial in orders),
            relation="<=",
            limit=orders[0].bound,
            form=count,
        ),
        Claim(
            Text(
                zh="通常远远用不到上限：错误数与上限之比的中位数是 {value}",
                en="mostly the bound is far away: the median of mistakes by bound is {value}",
            ),
            Text(zh="错误数除以上限（中位数）", en="mistakes by bound (median)"),
            value=float(np.median([_ratio(trial) for trial in trials])),
            relation="<=",
            limit=0.12,
            form=share,
        ),
        Claim(
            Text(
                zh=f"异或没有直线可分，感知机原地打转：{PASSES:,} 遍，每一遍之后三个数都回到 {{value}}",
                en=f"no line parts the exclusive or, and the perceptron goes round: after each of {PASSES:,} passes its numbers are back at {{value}}",
            ),
            Text(zh="每遍之后权重的最大绝对值", en="largest weight after any pass"),
            value=float(np.abs(_after_passes(circle)).max()) if not circle.converged else float("inf"),
            relation="==",
            limit=0.0,
        ),
    )


def _numbers(
    trials: list[Trial], shown: Trial, orders: list[Trial], circle: PerceptronRun, settings: Settings
) -> dict[str, str | Text]:
    school, pair = _trial(CORNERS, OR), _trial(np.array([[-1.0], [1.0]]), np.array([0.0, 1.0]))
    mistakes = [trial.mistakes for trial in orders]
    return {
        "seeds": count(settings.seeds),
        "points": count(POINTS),
        "or_mistakes": count(school.mistakes),
        "or_bound": count(school.bound),
        "or_line": _equation(school.run.weights[-1]),
        "shown": count(shown.mistakes),
        "shown_bound": count(shown.bound),
        "worst": share(max(map(_ratio, trials))),
        "median": share(float(np.median([_ratio(trial) for trial in trials]))),
        "fewest": count(min(mistakes)),
        "most": count(max(mistakes)),
        "pair_mistakes": count(pair.mistakes),
        "pair_bound": count(pair.bound),
        "passes": count(PASSES),
        "circle": count(len(circle.rows) / PASSES),
    }


def _equation(weights: np.ndarray) -> str:
    first, second, bias = weights
    sign = "−" if bias < 0 else "+"
    return f"{number(first)}·x1 + {number(second)}·x2 {sign} {number(abs(bias))} = 0"


def _recording(trial: Trial) -> Recording:
    """The run as a recording whose epochs are mistakes."""
    data = Dataset("line", trial.x, trial.y, "binary", ("x1", "x2"), ("0", "1"), origin="two sides of a random line")
    kept = [[(weights[:2, None], weights[2:])] for weights in trial.run.weights]
    return Recording.from_weights(data, kept, activation="identity", epochs=range(len(kept)))


# ---------------------------------------------------------------------- exhibits
def _exhibits(trials: list[Trial], shown: Trial, orders: list[Trial]) -> dict[str, Exhibit]:
    from unbend.drawing.perceptron_films import perceptron_figure, perceptron_film

    run, x, y, bound = shown.run, shown.x, shown.y, shown.bound
    return {
        "steps": _steps(),
        "film": Film(
            lambda path, lang: perceptron_film(run, x, y, bound, path, lang=lang),
            poster=lambda lang: perceptron_figure(run, x, y, bound, lang=lang),
            alt=Text(
                zh="左：两类点和一条直线；每次圈出一个分错的点，直线随即转动，旧的位置留下虚线。右：这一步的加法，分错的点数，以及错误次数与上限之比的横条。",
                en="Left: points of two classes and a line; each time a point on the wrong side is ringed, the line turns, and a "
                "dashed line stays where it was. Right: the sum of this step, the number of points on the wrong side, and a bar "
                "of the mistakes made against the bound.",
            ),
            caption=Text(
                zh="每次先圈出分错的点，再挪直线。分错的点数有升有降，学习并不是一路变好；可是错误的总数有上限。",
                en="First the point on the wrong side, then the line that moves. The number of wrong points goes up and down: learning "
                "does not improve at every step, and yet the mistakes are numbered.",
            ),
        ),
        "bound": Picture(
            lambda lang: _draw_bound(trials, shown, orders, lang),
            alt=Text(
                zh="左：横轴 k 是错误次数，权重的长度夹在直线 k·γ 与曲线 R·√k 之间，两者在上限处相交。右：双对数散点图，横轴是上限，纵轴是错误数，所有的点都在对角线下方。",
                en="Left: over the number of mistakes k, the length of the weights lies between the line k·γ and the curve R·√k, "
                "which meet at the bound. Right: a scatter chart, both axes logarithmic, of mistakes over bounds; every "
                "point lies below the diagonal.",
            ),
            caption=Text(
                zh="左：影片里的那一次，权重的长度没有第三条路。右：每个点是一组数据，没有一个在对角线之上。",
                en="Left: the run of the film; the length of its weights has nowhere else to go. Right: each point is a data set; none is "
                "above the diagonal.",
            ),
        ),
    }


def _steps() -> Table:
    """Every mistake on the logical or, with all numbers."""
    run = learn_perceptron(CORNERS, OR)
    rows = [
        _step(place + 1, run.weights[place], run.weights[place + 1], int(row)) for place, row in enumerate(run.rows)
    ]
    return Table(
        Text(
            zh="学“或”：从 (0, 0, 0) 出发，依次检查 (0, 0)、(0, 1)、(1, 0)、(1, 1)，一遍又一遍，直到一遍全对",
            en="Learning “or”: from (0, 0, 0) on, look at (0, 0), (0, 1), (1, 0), (1, 1) in turn, again and again, until a pass has no mistake",
        ),
        (
            Text(zh="错误", en="mistake"),
            Text(zh="点", en="point"),
            Text(zh="应答", en="should be"),
            Text(zh="得分 w1·x1 + w2·x2 + b", en="score w1·x1 + w2·x2 + b"),
            Text(zh="加上", en="add"),
            Text(zh="新的 (w1, w2, b)", en="new (w1, w2, b)"),
        ),
        tuple(rows),
    )


def _step(place: int, old: np.ndarray, new: np.ndarray, row: int) -> tuple[str, ...]:
    point = np.append(CORNERS[row], 1.0)
    terms = " + ".join(f"{_bracket(weight)}·{value:g}" for weight, value in zip(old[:2], point[:2], strict=True))
    score = f"{terms} + {_bracket(old[2])} = {number(float(point @ old))}"
    return str(place), _tuple(CORNERS[row]), f"{OR[row]:g}", score, _tuple(new - old), _tuple(new)


def _bracket(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"


def _tuple(values: np.ndarray) -> str:
    return f"({', '.join(number(float(value)) for value in values)})"


def _draw_bound(trials: list[Trial], shown: Trial, orders: list[Trial], lang: str) -> Any:
    from unbend.drawing import style
    from unbend.drawing.charts import Chart, Curve, Mark, charts

    k = np.linspace(0.0, 1.15 * shown.bound, 200)
    length = np.linalg.norm(shown.run.weights, axis=1)
    proof = Chart(
        Text(zh="为什么一定会停", en="Why it must stop")(lang),
        Text(zh="错误次数 k", en="mistakes k")(lang),
        Text(zh="权重的长度 |w|", en="length of the weights |w|")(lang),
        [
            Curve(Text(zh="不大于 R·√k", en="at most R·√k")(lang), k, shown.radius * np.sqrt(k), color=style.POSITIVE),
            Curve(Text(zh="不小于 k·γ", en="at least k·γ")(lang), k, shown.margin * k, color=style.NEGATIVE),
            Curve(Text(zh="影片中的 |w|", en="|w| in the film")(lang), np.arange(len(length)), length, color=style.INK),
        ],
        notes=(Mark(shown.bound, f"(R/γ)² = {shown.bound:.0f}", across=False),),
    )
    bounds = np.array([trial.bound for trial in trials])
    ends = np.array([bounds.min(), bounds.max()])
    scatter = Chart(
        Text(zh=f"{len(trials)} 组数据：都在上限之下", en=f"{len(trials)} data sets: all below the bound")(lang),
        Text(zh="上限 (R/γ)²", en="bound (R/γ)²")(lang),
        Text(zh="犯过的错误", en="mistakes made")(lang),
        [
            Curve(Text(zh="错误数 = 上限", en="mistakes = bound")(lang), ends, ends, look="dashed", color=style.QUIET),
            Curve(Text(zh="一组数据", en="a data set")(lang), bounds, [trial.mistakes for trial in trials], look="points", color=style.POSITIVE),
            Curve(
                Text(zh=f"同一组数据，{len(orders)} 种次序", en=f"one data set, {len(orders)} orders")(lang),
                [trial.bound for trial in orders], [trial.mistakes for trial in orders], look="points", color=style.NEGATIVE,
            ),
        ],
        x_log=True,
        y_log=True,
    )  # fmt: skip
    return charts([proof, scatter])


LESSON = Lesson(
    name="perceptron",
    title=Text(zh="感知机怎样学习：错一次，加一个点", en="How the perceptron learns: one mistake, one addition"),
    summary=Text(
        zh="最早的学习算法只有一条规则，还带着一个定理：数据可分，它就一定会停，错误次数有上限。",
        en="The oldest learning algorithm has one rule, and a theorem: where a line exists it stops, after a limited number of mistakes.",
    ),
    body=(
        Text(
            zh="怎样找到那条直线？感知机学习算法（Rosenblatt 1958）只有一条规则：一个一个地看点，看对了什么也不改；看错了，"
            "蓝点就把 (x1, x2, 1) 加到 (w1, w2, b) 上，橙点就减掉。得分正好是 0 也算错。全部看完又从头看起，直到整整一遍没有错误。"
            "拿“或”练手：两个输入只要有一个是 1，答案就是 1。下面是全部 {or_mistakes} 次错误，拿支笔就能跟着算；"
            "最后得到的直线是 {or_line}。",
            en="How is the line found? The perceptron learning algorithm (Rosenblatt 1958) has one rule: look at the points one by one. "
            "If the answer is right, change nothing. If it is wrong, add (x1, x2, 1) to (w1, w2, b) for a blue point, and subtract it "
            "for an orange one; a score of exactly 0 counts as wrong. After the last point begin again, until a whole pass has no "
            "mistake. Take “or” as an exercise: the answer is 1 as soon as one of two inputs is 1. Here are all of its {or_mistakes} "
            "mistakes, for pencil and paper; the line it ends with is {or_line}.",
        ),
        Show("steps"),
        Text(
            zh="为什么加上那个点会有用？加过之后，这个点自己的得分正好增加 x1² + x2² + 1，朝正确的方向走。别的点也许会变坏，"
            "影片里能看到：直线来回摆，分错的点有时反而变多。这一次，{points} 个点，错 {shown} 次就停了。",
            en="Why does adding the point help? Its own score then moves by x1² + x2² + 1, in the right direction. Other points may be "
            "worse off; the film shows the line swinging to and fro, and sometimes more points wrong than before. With these {points} "
            "points, all is over after {shown} mistakes.",
        ),
        Show("film"),
        Text(
            zh="会不会一直摆下去？不会，理由只有两行（Novikoff 1962）。把偏置 b 也算进 w，每个点相应添上一个坐标 1。设最好的直线离所有点至少 γ，最远的点离原点 R。"
            "第一，每错一次，w 朝最好的方向至少前进 γ，所以 k 次之后 |w| ≥ k·γ。第二，只有答错时才加，|w|² 每次最多增加 R²，所以 |w| ≤ R·√k。"
            "一个按 k 长，一个按 √k 长，夹不了多久：k ≤ (R/γ)²。空带越窄，允许的错误越多。γ 要取最大的才算数，我们把它精确地解了出来。",
            en="Could it swing for ever? No, and the reason takes two lines (Novikoff 1962). Count the bias b as a part of w, and "
            "give every point one more coordinate, 1. Let the best line be at least γ away from all points, and the farthest point R "
            "from the origin. First: each mistake takes w "
            "forward by at least γ in the best direction, so after k of them |w| ≥ k·γ. Second: only a wrong answer leads to an "
            "addition, so |w|² grows by R² at most, and |w| ≤ R·√k. One grows like k, the other like √k, and they meet soon: "
            "k ≤ (R/γ)². The narrower the strip, the more mistakes are allowed. For γ we take the largest there is, solved for exactly.",
        ),
        Show("bound"),
        Text(
            zh="我们造了 {seeds} 组数据，空带有宽有窄，方向和位置随机。上限从没有被打破，也很少被用满：错误数与上限之比，最大 {worst}，中位数 {median}。"
            "次序不同，快慢相差很多：影片里的数据换 {seeds} 种次序，错 {fewest} 到 {most} 次，上限却都是 {shown_bound}。上限也不是随口说的："
            "数轴上的 −1 和 1 两个点，上限是 {pair_bound}，恰好错 {pair_mistakes} 次。",
            en="We made {seeds} data sets, with strips wide and narrow, turned and shifted at random. The bound was never broken and "
            "seldom nearly reached: mistakes by bound is {worst} at most, and {median} in the median. The order of the points matters "
            "much for the speed: the data of the film in {seeds} orders take {fewest} to {most} mistakes, but the bound is "
            "{shown_bound} for all. Nor is it idle: for two points at −1 and 1 on a number line the bound is {pair_bound}, and "
            "they take exactly {pair_mistakes}.",
        ),
        Text(
            zh="定理有一个前提：得有那么一条直线。异或没有。按同样的次序看异或的四个点，四个全错，一遍之后三个数又回到 (0, 0, 0)。"
            "第二遍于是与第一遍一模一样，永远如此；我们跑了 {passes} 遍，每遍都错 {circle} 次。要学会异或，得先把空间弯过来。",
            en="The theorem needs one thing: that there is such a line. For the exclusive or there is none. Look at its four points in "
            "the same order, and all four are mistakes; after the pass the three numbers are back at (0, 0, 0). So the second pass is "
            "the first again, and so on for ever; we ran {passes} passes, each with {circle} mistakes. To learn the exclusive or, space "
            "has to be bent first.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
