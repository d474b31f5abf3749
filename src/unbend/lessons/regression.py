"""Lesson: the choice depends on the task, by medians over many seeds, with the reason measured: kinks against curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unbend.data import sine, tariff
from unbend.data.dataset import Dataset
from unbend.data.toys_regression import TARIFF_KINKS
from unbend.geometry import kink_places, polyline_floor
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.statistics import median_interval, wins
from unbend.lessons.text import Text, count, number, share
from unbend.network import forward
from unbend.recording import Recording, train, train_many
from unbend.recording.population import Group

NAMES = ("relu", "tanh", "sigmoid", "gelu")
SMOOTH = NAMES[1:]
UNITS = 8
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
RECIPE: dict[str, Any] = {
    "hidden": (UNITS,), "init": "lecun_normal", "gain": "exact", "optimizer": "adam", "schedule": "cosine",
    "batch_size": None, "epochs": 800,
}  # fmt: skip
LEARNT, TESTED = 48, 201  # places
NEAR = 0.1  # of a kink


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be learnt: the ``data`` of training, and ``x`` (n, 1), ``y`` (n,) of the test."""

    data: Dataset
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False)
class Arm:
    """One activation on one task: its learning ``rate``, chosen on other seeds, and the runs (P,) that are reported.

    ``fits`` (P, n) at the places of the test; ``errors`` (P,) root mean squares; ``kinks`` (P, units) of the fits.
    """

    task: Task
    name: str
    rate: float
    seeds: np.ndarray
    fits: np.ndarray
    errors: np.ndarray
    kinks: np.ndarray

    @property
    def median(self) -> float:
        """The median error."""
        return float(np.median(self.errors))

    @property
    def middle(self) -> int:
        """The place of the run in the middle: half of the others are better."""
        return int(np.argsort(self.errors)[len(self.errors) // 2])

    @property
    def counts(self) -> np.ndarray:
        """(P,) kinks within the interval."""
        return np.isfinite(self.kinks).sum(axis=-1)


Arms = Mapping[str, Arm]


def experiment(settings: Settings) -> Findings:
    """Choose every learning rate on half of the seeds, and report the errors of the other half."""
    tasks = {"wave": _task(sine, waves=1), "tariff": _task(tariff)}
    arms = {label: {name: _arm(task, name, settings) for name in NAMES} for label, task in tasks.items()}
    floor = polyline_floor(tasks["wave"].x[:, 0], tasks["wave"].y, 2 * UNITS)
    return Findings(
        claims=_claims(arms["wave"], arms["tariff"], floor),
        numbers=_numbers(arms["wave"], arms["tariff"], floor, settings),
        exhibits={
            "fits": _fits(arms),
            "medians": _medians(arms, floor),
            "table": _table(arms, settings),
            "reasons": _reasons(arms["wave"]["relu"], arms["tariff"], floor),
        },
        recordings={f"{label}-{name}": _record(arms[label][name]) for label in arms for name in ("relu", "gelu")},
    )


# ---------------------------------------------------------------------- measuring
def _task(toy: Any, **options: Any) -> Task:
    test = toy(n=TESTED, noise=0.0, **options)
    return Task(toy(n=LEARNT, noise=0.0, **options), test.x, test.y)


def _arm(task: Task, name: str, settings: Settings) -> Arm:
    half = settings.seeds // 2
    choosing = range(settings.seed, settings.seed + half)
    reported = range(settings.seed + half, settings.seed + settings.seeds)
    losses = np.nan_to_num(_group(task, name, list(RATES), choosing).final("loss"), nan=np.inf)
    rate = RATES[int(np.argmin(np.median(losses.reshape(len(RATES), half), axis=1)))]
    group = _group(task, name, rate, reported)
    fits = _predict(group, task)
    kinks = kink_places(group.network, group.network.unflatten(group.trained.weights[-1]), -1.0, 1.0)
    return Arm(task, name, rate, group.seeds, fits, _errors(fits, task), kinks)


def _group(task: Task, name: str, rate: Any, seeds: range) -> Group:
    runs = train_many(
        task.data, activation=name, learning_rate=rate, seed=seeds, keep="last", measure="kept", **RECIPE
    )  # fmt: skip
    return runs.groups[0]


def _predict(group: Group, task: Task) -> np.ndarray:
    """(P, n) what the networks say at the places of the test."""
    weights = group.network.unflatten(group.trained.weights[-1].astype(np.float64))
    return forward(group.network, weights, task.x)[-1].pre_activation[..., 0]


def _errors(fits: np.ndarray, task: Task) -> np.ndarray:
    return np.sqrt(((fits - task.y) ** 2).mean(axis=-1))


def _record(arm: Arm) -> Recording:
    """The run in the middle, trained again with its epochs kept."""
    seed = int(arm.seeds[arm.middle])
    return train(arm.task.data, activation=arm.name, learning_rate=arm.rate, seed=seed, **RECIPE)


def _best_smooth(arms: Arms) -> Arm:
    return min((arms[name] for name in SMOOTH), key=lambda arm: arm.median)


def _from_kink(x: np.ndarray) -> np.ndarray:
    """(n,) how far each place is from the nearest kink of the price list."""
    return np.abs(x - np.array(TARIFF_KINKS)).min(axis=-1)


def _near_kinks(arm: Arm) -> float:
    """The share of the squared error within `NEAR` of a kink, all runs of the arm taken alike (median)."""
    squares = (arm.fits - arm.task.y) ** 2
    near = _from_kink(arm.task.x) < NEAR
    return float(np.median(squares[:, near].sum(axis=1) / squares.sum(axis=1)))


def _over_floor(arm: Arm, floor: np.ndarray) -> np.ndarray:
    """(P,) each error divided by the least that a line with as many kinks can have."""
    return arm.errors / floor[arm.counts]


def _one_kink_short(relu: Arm, rival: Arm) -> float:
    """Of the runs behind the rival's median, the share whose error is that of one kink, give or take a tenth."""
    behind = relu.errors[relu.errors > rival.median]
    alone = polyline_floor(relu.task.x[:, 0], relu.task.y, 1)[1]
    return float((np.abs(behind / alone - 1) <= 0.1).mean()) if len(behind) else 0.0


# ---------------------------------------------------------------------- claims and numbers
def _claims(wave: Arms, tariff: Arms, floor: np.ndarray) -> tuple[Claim, ...]:
    smooth, best = _best_smooth(wave), _best_smooth(tariff)
    return (
        Claim(
            Text(
                zh="学一段正弦波：ReLU 的中位误差是最好的光滑激活函数的 {value} 倍",
                en="learning a wave, ReLU's median error is {value} times that of the best smooth activation",
            ),
            Text(zh="中位误差之比", en="ratio of the median errors"),
            value=wave["relu"].median / smooth.median,
            relation=">=",
            limit=4.0,
        ),
        Claim(
            Text(
                zh="学一张分段的价目表：反过来，最好的光滑激活函数的中位误差是 ReLU 的 {value} 倍",
                en="learning a price list it is the other way round: the best smooth activation has {value} times ReLU's median error",
            ),
            Text(zh="中位误差之比", en="ratio of the median errors"),
            value=best.median / tariff["relu"].median,
            relation=">=",
            limit=3.0,
        ),
        Claim(
            Text(
                zh=f"再怎么训练也不够：折 {UNITS} 次的线里最好的一条，误差仍是 GELU 中位误差的 {{value}} 倍",
                en=f"no training is enough: the best of all lines with {UNITS} kinks has {{value}} times GELU's median error",
            ),
            Text(zh="折线误差下限除以 GELU 的中位误差", en="least error of such a line by GELU's median error"),
            value=float(floor[UNITS]) / wave["gelu"].median,
            relation=">=",
            limit=1.3,
        ),
        Claim(
            Text(
                zh="没有一个 ReLU 网络低于折点数相同的折线的误差下限：最接近的是下限的 {value} 倍",
                en="no ReLU network beats the least error for its number of kinks: the closest has {value} times that",
            ),
            Text(zh="误差除以下限（最小值）", en="error by least possible error (smallest)"),
            value=float(_over_floor(wave["relu"], floor).min()),
            relation=">=",
            limit=1.0,
            tolerance=1e-6,
        ),
        Claim(
            Text(
                zh="光滑的激活函数转不了急弯：在价目表上，GELU 的平方误差有 {value} 集中在折点附近五分之一的路段",
                en="a smooth activation cannot turn a corner: on the price list, {value} of GELU's squared error lies in the fifth nearest the kinks",
            ),
            Text(zh="折点附近的平方误差占比（中位数）", en="share of squared error near the kinks (median)"),
            value=_near_kinks(tariff["gelu"]),
            relation=">=",
            limit=0.4,
            form=share,
        ),
    )


def _numbers(wave: Arms, tariff: Arms, floor: np.ndarray, settings: Settings) -> dict[str, str | Text]:
    relu, smooth, best = wave["relu"], _best_smooth(wave), _best_smooth(tariff)
    return {
        "half": count(settings.seeds // 2),
        "other": count(len(relu.seeds)),
        "rates": count(len(RATES)),
        "lowest": f"{RATES[0]:g}",
        "highest": f"{RATES[-1]:g}",
        "epochs": count(RECIPE["epochs"]),
        "units": count(UNITS),
        "parameters": count(3 * UNITS + 1),
        "quarter": number(float(floor[UNITS] / floor[2 * UNITS])),
        "near_by": number(NEAR),
        "one_kink": share(_one_kink_short(tariff["relu"], best)),
        "smooth": smooth.name,
        "smooth_error": number(smooth.median),
        "wave_relu": number(relu.median),
        "wave_wins": share(wins(relu.errors, smooth.errors)),
        "best": best.name,
        "best_error": number(best.median),
        "tariff_relu": number(tariff["relu"].median),
        "tariff_loses": share(wins(best.errors, tariff["relu"].errors)),
        "floor": number(float(floor[UNITS])),
        "used": number(float(np.median(relu.counts))),
        "over": number(float(np.median(_over_floor(relu, floor)))),
        "near": share(_near_kinks(tariff["gelu"])),
        "even": share(float((_from_kink(relu.task.x) < NEAR).mean())),
    }


def _table(arms: Mapping[str, Arms], settings: Settings) -> Table:
    words = {"wave": Text(zh="正弦波", en="wave"), "tariff": Text(zh="价目表", en="price list")}
    return Table(
        Text(
            zh=f"均方根误差：每个激活函数先用 {settings.seeds // 2} 个种子选学习率，再用另外 {settings.seeds - settings.seeds // 2} 个种子报告；区间为中位数的 95% 置信区间",
            en=f"Root mean square errors: {settings.seeds // 2} seeds choose each learning rate, {settings.seeds - settings.seeds // 2} others are reported; intervals hold the median with 95% confidence",
        ),
        (
            Text(zh="任务", en="task"),
            Text(zh="激活函数", en="activation"),
            Text(zh="学习率", en="learning rate"),
            Text(zh="中位误差", en="median error"),
            Text(zh="区间", en="interval"),
            Text(zh="胜过 ReLU 的次数", en="beats ReLU"),
        ),
        tuple(
            (words[label], arm.name, f"{arm.rate:g}", *_interval(arm), "" if arm.name == "relu" else share(wins(arm.errors, own["relu"].errors)))
            for label, own in arms.items()
            for arm in own.values()
        ),
    )  # fmt: skip


def _interval(arm: Arm) -> tuple[str, Text]:
    middle, low, high = (number(value) for value in median_interval(arm.errors))
    return middle, Text(zh=f"{low} 至 {high}", en=f"{low} to {high}")


# ---------------------------------------------------------------------- pictures
TITLES = {
    "wave": Text(zh="正弦波：ReLU 最差", en="A wave: ReLU does worst"),
    "tariff": Text(zh="价目表：ReLU 最好", en="A price list: ReLU does best"),
}


def _fits(arms: Mapping[str, Arms]) -> Picture:
    return Picture(
        lambda lang: _draw_fits(arms, lang),
        alt=Text(
            zh="两排四列的小图。上排是正弦波：ReLU 的折线与波形有明显的缝隙，其余三条贴合。下排是价目表：ReLU 与折线重合，其余三条在折点处把角磨圆，误差在那里鼓起。",
            en="Two rows of four small charts. Above, a wave: ReLU's broken line leaves clear gaps, the other three fit closely. "
            "Below, a price list: ReLU lies on it, the other three round its corners, and their errors swell there.",
        ),
        caption=Text(
            zh="灰色粗线是目标，黑点是网络自己的折点，下面的窄图是误差。每一条都是中位的那次运行，而不是挑出来的。",
            en="Grey: the target; black dots: the network's own kinks; below each fit its error. Each is the run in the middle, "
            "not a chosen one.",
        ),
    )


def _draw_fits(arms: Mapping[str, Arms], lang: str) -> Any:
    from unbend.drawing.fits import Fit, FitRow, fitted

    note = Text(zh="中位误差 {value}", en="median error {value}")
    words = {"wave": Text(zh="正弦波", en="wave"), "tariff": Text(zh="价目表", en="price list")}
    rows = [
        FitRow(
            words[label](lang),
            own["relu"].task.x[:, 0],
            own["relu"].task.y,
            [_one_fit(arm, note.fill({"value": number(arm.median)})(lang), Fit) for arm in own.values()],
        )
        for label, own in arms.items()
    ]
    return fitted(rows, "x", Text(zh="误差", en="error")(lang))


def _one_fit(arm: Arm, note: str, fit: Any) -> Any:
    from unbend.drawing import style

    kinks = arm.kinks[arm.middle]
    return fit(arm.name, note, arm.fits[arm.middle], kinks[np.isfinite(kinks)], style.ACTIVATIONS[arm.name])


def _medians(arms: Mapping[str, Arms], floor: np.ndarray) -> Picture:
    return Picture(
        lambda lang: _draw_medians(arms, floor, lang),
        alt=Text(
            zh="两幅点图，横轴是对数刻度的误差。左：正弦波，ReLU 的点全在右边，其余三种在左边；一条竖线标出八个折点的误差下限，光滑函数的中位数在它左边。右：价目表，ReLU 的中位数远在左边，但有一簇点落在右边。",
            en="Two dot charts over a logarithmic error. Left, the wave: ReLU's dots lie to the right, the others to the left; an "
            "upright line marks the least error with eight kinks, and the smooth medians are left of it. Right, the price "
            "list: ReLU's median is far to the left, yet a cluster of its dots is far to the right.",
        ),
        caption=Text(
            zh="每个点是一个种子，菱形是中位数，横杠是它的 95% 置信区间。",
            en="A dot is a seed, the diamond the median, the bar its interval of 95% confidence.",
        ),
    )


def _draw_medians(arms: Mapping[str, Arms], floor: np.ndarray, lang: str) -> Any:
    from unbend.drawing import style
    from unbend.drawing.charts import Mark, Spread, Spreads, spreads

    limit = Text(zh=f"{UNITS} 个折点的下限", en=f"least with {UNITS} kinks")(lang)
    sheets = [
        Spreads(
            TITLES[label](lang),
            Text(zh="误差（均方根）", en="error (root mean square)")(lang),
            [
                Spread(arm.name, arm.errors, *median_interval(arm.errors), style.ACTIVATIONS[arm.name])
                for arm in own.values()
            ],
            x_log=True,
            notes=(Mark(float(floor[UNITS]), limit, across=False),) if label == "wave" else (),
        )
        for label, own in arms.items()
    ]
    return spreads(sheets)


def _reasons(relu: Arm, tariff: Arms, floor: np.ndarray) -> Picture:
    return Picture(
        lambda lang: _draw_reasons(relu, tariff, floor, lang),
        alt=Text(
            zh="左图：横轴是折点数，纵轴是对数刻度的误差，ReLU 网络的点全在一条下降的下限曲线上方。右图：横轴是到最近折点的距离，纵轴是累计的平方误差占比，三条光滑函数的曲线都高于均匀分布的虚线。",
            en="Left: over the number of kinks, the errors of ReLU networks all lie above a falling curve, the least possible. "
            "Right: over the distance to the nearest kink, the accumulated share of squared error of the smooth "
            "activations lies above the dashed line of an even spread.",
        ),
        caption=Text(
            zh="左：正弦波上，折线的误差由折点数决定下限。右：价目表上，光滑函数的误差集中在折点附近。",
            en="Left: on the wave, the number of kinks sets a limit to a broken line. Right: on the price list, the error of "
            "smooth activations gathers at the kinks.",
        ),
    )


def _draw_reasons(relu: Arm, tariff: Arms, floor: np.ndarray, lang: str) -> Any:
    from unbend.drawing import style
    from unbend.drawing.charts import Chart, Curve, charts

    kinks = np.arange(UNITS + 1)
    aside = 0.3 * (np.arange(len(relu.counts)) * 0.618 % 1.0 - 0.5)  # so that equal numbers do not hide one another
    limit = Chart(
        Text(zh="正弦波：折点越少，误差的下限越高", en="A wave: fewer kinks, a higher floor")(lang),
        Text(zh="拟合曲线的折点数", en="kinks of the fit")(lang),
        Text(zh="误差（均方根）", en="error (root mean square)")(lang),
        [
            Curve(Text(zh="可能的最小误差", en="least possible error")(lang), kinks, floor[: UNITS + 1], color=style.INK),
            Curve(Text(zh="ReLU 网络", en="ReLU networks")(lang), relu.counts + aside, relu.errors, look="points", color=style.NEGATIVE),
        ],
        y_log=True,
    )  # fmt: skip
    distance = np.linspace(0.0, float(_from_kink(relu.task.x).max()), 36)
    even = (_from_kink(relu.task.x) <= distance[:, None]).mean(axis=1)
    gathered = Chart(
        Text(zh="价目表：误差聚在折点旁", en="A price list: errors gather at the kinks")(lang),
        Text(zh="到最近折点的距离", en="distance to the nearest kink")(lang),
        Text(zh="该距离以内的平方误差占比（中位数）", en="share of squared error within it (median)")(lang),
        [
            *(
                Curve(name, distance, _gathered(tariff[name], distance), color=style.ACTIVATIONS[name])
                for name in SMOOTH
            ),
            Curve(Text(zh="若均匀分布", en="if spread evenly")(lang), distance, even, look="dashed", color=style.QUIET),
        ],
    )
    return charts([limit, gathered])


def _gathered(arm: Arm, distance: np.ndarray) -> np.ndarray:
    """(m,) the share of squared error within each distance (m,) of a kink, the median over the runs."""
    squares = (arm.fits - arm.task.y) ** 2
    within = _from_kink(arm.task.x) <= distance[:, None] + 1e-9
    return np.median(squares @ within.T / squares.sum(axis=1, keepdims=True), axis=0)


LESSON = Lesson(
    name="regression",
    title=Text(zh="回归：选哪个，看任务", en="Regression: the task decides"),
    summary=Text(
        zh="同样的网络、同样的预算：一个任务里 ReLU 最差，另一个里最好。原因可以量出来：折点对曲线。",
        en="Same network, same budget: on one task ReLU is worst, on another best. The reason can be measured: kinks against curves.",
    ),
    body=(
        Text(
            zh="有人做回归时试了 ReLU，结果很难看，只好在报告里替它编理由。这里不编，直接量。两个任务，同一个网络："
            "一个输入、{units} 个隐藏单元、一个输出，不管用哪个激活函数，都是 {parameters} 个参数。第一个任务是一段光滑的正弦波 y = sin(πx)；"
            "第二个是一张像阶梯电价那样的价目表，由三段直线组成：第一档免费，第二档便宜，第三档贵。数据不加噪声，只比形状。",
            en="Try ReLU on a regression, get a dismal result, invent reasons for it: that happens. Here nothing is invented; it is "
            "measured. Two tasks, one network: one input, {units} hidden units, one output, {parameters} parameters whatever the "
            "activation. The first task is a smooth wave, y = sin(πx). The second is a price list of three straight pieces, as "
            "for electricity: the first units free, the next cheap, the rest dear. There is no noise; only the shape counts.",
        ),
        Text(
            zh="为了公平，每个激活函数都用自己的增益初始化，也用自己的学习率：先用 {half} 个种子试 {rates} 个学习率（从 {lowest} 到 {highest}），"
            "留下损失的中位数最小的那个；再用它训练另外 {other} 个种子，只报告这一半。每次训练都是 {epochs} 轮。",
            en="To be fair, each activation starts with its own gain and gets its own learning rate: {half} seeds try {rates} rates "
            "from {lowest} to {highest}, and the one with the smallest median loss stays. It then trains {other} other seeds, and "
            "only these are reported. Every run has {epochs} epochs.",
        ),
        Show("fits"),
        Text(
            zh="在正弦波上，ReLU 的中位误差是 {wave_relu}，最好的 {smooth} 是 {smooth_error}；各抽一次运行来比，ReLU 只赢 {wave_wins}。"
            "到了价目表上，名次倒过来：ReLU 是 {tariff_relu}，光滑函数里最好的 {best} 是 {best_error}。",
            en="On the wave, ReLU has a median error of {wave_relu}, the best of the others, {smooth}, {smooth_error}; in duels of one "
            "run each, ReLU wins {wave_wins}. On the price list the order turns round: ReLU has {tariff_relu}, and the best of the "
            "smooth ones, {best}, {best_error}.",
        ),
        Show("medians"),
        Show("table"),
        Text(
            zh="为什么？一个 ReLU 单元只能画一条折一次的线，{units} 个单元合起来，最多折 {units} 次。"
            "这样的折线最好能有多好，不用训练就能算：用动态规划把所有断点的位置都比较一遍。在正弦波上，误差至少是 {floor}。"
            "所以不管怎么训练，这么宽的 ReLU 网络都到不了 {floor} 以下，而 {smooth} 的中位数早就在下面了。折点加倍，这个下限也只除以 {quarter}。"
            "何况训练还到不了下限：ReLU 网络在区间里用上的折点，中位数是 {used} 个，误差是同样多折点的下限的 {over} 倍。",
            en="Why? A ReLU unit draws a straight line with one kink, so {units} units together draw a broken line with {units} kinks "
            "at most. How good such a line can be is computed without training: dynamic programming compares all places of the "
            "breaks. On the wave the error is at least {floor}. However it is trained, a ReLU network of this width stays above "
            "{floor}, and the median of {smooth} is below. Twice as many kinks only divide that limit by {quarter}. Nor does "
            "training get so far: the median ReLU network has {used} kinks within the interval, and the median error is {over} times "
            "the least for as many kinks as a network has.",
        ),
        Text(
            zh="价目表正相反：它只有两个折点，ReLU 恰好擅长折。光滑的激活函数只能把角磨圆，误差就聚在角上："
            "GELU 的平方误差有 {near} 落在离折点不到 {near_by} 的地方，而这些地方只占整段的 {even}。",
            en="The price list is the opposite: it has two kinks, and kinks are what ReLU is made of. A smooth activation has to round "
            "the corners, and there its error gathers: {near} of GELU's squared error lies within {near_by} of a kink, on {even} of "
            "the interval.",
        ),
        Show("reasons"),
        Text(
            zh="那么只跑一次行不行？在价目表上，一对一比较时 ReLU 仍会输掉 {tariff_loses}。它输的那些运行里，{one_kink} 的误差与“只剩一个折点”的折线差不多："
            "少了一个该有的折点。只跑一次，就有可能得出相反的结论，再替它编一个理由。ReLU 没有好坏之分，先看目标是折的还是弯的。",
            en="And would one run do? On the price list ReLU still loses {tariff_loses} of the duels. Of the runs that lose, {one_kink} are "
            "about as wrong as a line with a single kink: the other kink is missing. With one run each, you may well conclude the "
            "opposite, and invent a reason for that. ReLU is neither good nor bad; first ask whether the target is broken or bent.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
