"""Lesson: step activations draw a circle out of straight pieces; how many it takes, and what bent units do instead."""

from typing import Any

import numpy as np

from unbend.data.dataset import Dataset
from unbend.geometry import best_polygon, disc_error, warp
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, number, share
from unbend.network import convex_network, run_threshold_network
from unbend.recording import Population, Recording, train_many

SIDES = (3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
SHOWN = (3, 6, 12)
GOALS = (0.01, 0.001, 0.0001)  # errors, and the table says how many straight pieces each of them takes
UNITS = 4
SAMPLE, REACH = 32, 1.25  # training points along a side of the square that reaches so far from the origin
GRID, WIDE = 140, 1.6  # the same for the points at which trained networks are asked
RECIPE: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.1, "batch_size": None, "epochs": 600}
SCALES = (0.8, 0.4, 0.2, 0.1, 0.05)  # weights of the tanh units that are set by hand
CORNERS = 180  # of a drawn curve
BIAS = float(np.arctanh(np.sqrt(1.0 / 3.0)))  # where tanh is bent most: its second derivative is largest
ANGLES, RINGS, HALVINGS = 721, 200, 50  # no number of sides divides the angles, so they fall on every part of a side

Array = np.ndarray[Any, np.dtype[np.float64]]


def experiment(settings: Settings) -> Findings:
    """Measure polygons of threshold units, a population of small tanh networks, and tanh units set by hand."""
    errors = np.array([best_polygon(sides).error for sides in SIDES])
    counted = np.array([counted_error(sides) for sides in SIDES])
    seeds = range(settings.seed, settings.seed + settings.seeds)
    runs = train_many(disc(SAMPLE, REACH), hidden=UNITS, activation="tanh", init="lecun_normal", seed=seeds,
                      keep="last", measure="kept", **RECIPE)  # fmt: skip
    trained = trained_errors(runs)
    usual = int(np.argsort(trained, kind="stable")[len(trained) // 2])
    middle = float(np.median(trained))
    bent = np.array([disc_error(radii(bent_by_hand(scale))) for scale in SCALES])
    order, bent_order = -slope(SIDES, errors), slope(SCALES, bent)
    needed = sides_for(middle)
    return Findings(
        claims=_claims(order, bent_order, float(np.abs(counted / errors - 1.0).max()), middle, needed),
        numbers={
            "three": share(errors[0]),
            "last": percent_of(errors[-1]),
            "most": count(SIDES[-1]),
            "order": number(order),
            "seeds": count(settings.seeds),
            "units": count(UNITS),
            "trained": share(middle),
            "needed": count(needed),
            "best": share(float(trained.min())),
            "failed": share(float(np.mean(trained > errors[0]))),
            "largest_scale": number(SCALES[0]),
            "smallest_scale": number(SCALES[-1]),
            "bent_first": share(bent[0]),
            "bent_last": percent_of(bent[-1]),
            "bent_needed": count(sides_for(bent[-1])),
        },
        exhibits={
            "polygons": _polygons(runs[usual], trained[usual]),
            "errors": _errors(errors, middle, bent),
            "goals": _goals(),
        },
        recordings={"tanh-2-4-1": runs[usual]},
    )  # fmt: skip


def _claims(order: float, bent_order: float, off: float, middle: float, needed: int) -> tuple[Claim, ...]:
    return (
        Claim(
            Text(
                zh="误差按 k 的 {value} 次方反比下降：直线加一倍，误差约剩四分之一",
                en="the error falls like 1 / k to the power {value}: twice the lines, about a quarter of the error",
            ),
            Text(zh="双对数图上的斜率（取正）", en="slope on the log-log chart, its sign turned"),
            order, "between", (1.95, 2.15),
        ),
        Claim(
            Text(
                zh="逐点询问阈值网络，数出的误差与公式最多相差 {value}",
                en="ask the threshold networks point by point: the error counted is off the formula by {value} at most",
            ),
            Text(zh="最大相对误差", en="largest relative difference"),
            off, "<=", 0.01, form=percent_of,
        ),
        Claim(
            Text(
                zh=f"{UNITS} 个 tanh 单元，训练之后的误差（中位数）是 {{value}}",
                en=f"{UNITS} trained tanh units have an error of {{value}} (median)",
            ),
            Text(zh="误差的中位数（占圆面积）", en="median error, as a share of the disc"),
            middle, "between", (0.018, 0.036), form=share,
        ),
        Claim(
            Text(
                zh=f"要赶上这 {UNITS} 个 tanh 单元，需要 {{value}} 个阈值单元",
                en=f"to equal those {UNITS} tanh units takes {{value}} threshold units",
            ),
            Text(zh="需要的阈值单元", en="threshold units needed"),
            float(needed), "between", (9, 12), form=count,
        ),
        Claim(
            Text(
                zh=f"手工设定的 {UNITS} 个 tanh 单元：权重缩小一半，误差也约剩四分之一（斜率 {{value}}），单元一个不加",
                en=f"{UNITS} tanh units set by hand: half the weights, about a quarter of the error (slope {{value}}), "
                "and no unit more",
            ),
            Text(zh="双对数图上的斜率", en="slope on the log-log chart"),
            bent_order, "between", (1.9, 2.1),
        ),
    )  # fmt: skip


def square(side: int, reach: float) -> Array:
    """Points (side², 2), evenly over the square from -reach to reach."""
    steps = (np.arange(side) + 0.5) / side * 2.0 * reach - reach
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def inside(points: Array) -> Array:
    """1 for the points (n, 2) inside the unit circle, 0 for the others."""
    return (np.hypot(*points.T) < 1.0).astype(np.float64)


def disc(side: int, reach: float) -> Dataset:
    """The unit disc (class 1) and what is around it, sampled evenly."""
    points = square(side, reach)
    return Dataset(name="disc", x=points, y=inside(points), task="binary", feature_names=("x1", "x2"),
                   class_names=("0", "1"), origin="the unit disc in a square")  # fmt: skip


def counted_error(sides: int) -> float:
    """The error of the threshold network of the best polygon, counted point by point.

    The points lie evenly by area in the ring between the circles that touch the polygon from within and from without;
    elsewhere polygon and disc agree.
    """
    polygon = best_polygon(sides)
    low, high = polygon.apothem**2, float((polygon.vertices[0] ** 2).sum())
    squared = low + (np.arange(RINGS) + 0.5) / RINGS * (high - low)
    angles = 2.0 * np.pi * (np.arange(ANGLES) + 0.5) / ANGLES
    points = (np.sqrt(squared)[:, None, None] * np.column_stack([np.cos(angles), np.sin(angles)])).reshape(-1, 2)
    network = convex_network(polygon.normals, np.full(sides, polygon.apothem))
    answers = run_threshold_network(network, points)[-1].output[:, 0]
    return float(np.mean(answers != inside(points)) * (high - low))


def trained_errors(runs: Population) -> Array:
    """The error (n,) of each trained network, counted on a grid."""
    points = square(GRID, WIDE)
    wrong = [(run.forward(points)[-1].pre_activation[:, 0] > 0.0) != inside(points) for run in runs]
    return np.mean(wrong, axis=1) * (2.0 * WIDE) ** 2 / np.pi


def sides_for(error: float) -> int:
    """How many threshold units the best polygon needs for an error as small as that."""
    sides = 3
    while best_polygon(sides).error > error:
        sides += 1
    return sides


def slope(x: Any, y: Any) -> float:
    """The slope of the straight line of least squares through log y over log x."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def bent_by_hand(scale: float) -> Recording:
    """Four tanh units that look left, right, down and up with weights ``scale``; together they see x1² + x2².

    Around its point of strongest bend tanh(b + t) = tanh b + m t - c t² + ... (m, c > 0). In opposite directions t and
    -t the odd powers cancel, and the sum is 4 tanh b - 2 c scale² (x1² + x2²) up to powers of four: a circle the rounder,
    the smaller the scale. The last bias puts that circle at radius 1.
    """
    first = scale * np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]]), np.full(UNITS, BIAS)
    angles = 2.0 * np.pi * np.arange(ANGLES) / ANGLES
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    level = float(np.tanh(circle @ first[0] + first[1]).sum(axis=1).mean())
    weights = [first, (np.ones((UNITS, 1)), np.array([-level]))]
    return Recording.from_weights(disc(8, REACH), [weights], activation="tanh")


def radii(run: Recording) -> Array:
    """How far (n,) the boundary of ``run`` is from the origin at even angles, by halving between 0 and 2."""
    angles = 2.0 * np.pi * np.arange(ANGLES) / ANGLES
    rays = np.column_stack([np.cos(angles), np.sin(angles)])
    low, high = np.zeros(ANGLES), np.full(ANGLES, 2.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        within = run.forward(middle[:, None] * rays)[-1].pre_activation[:, 0] > 0.0
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return low


def percent_of(value: float) -> str:
    """A small share as a percentage of two digits.

    >>> percent_of(0.000312)
    '0.031%'
    """
    return f"{100.0 * value:.2g}%"


def _polygons(usual: Recording, error: float) -> Picture:
    def draw(lang: str) -> Any:
        from unbend.drawing.polygons import Region, beside_the_disc

        title = Text(zh="{units} 个阈值单元：误差 {error}", en="{units} threshold units: error {error}")
        bent = Text(zh=f"{UNITS} 个 tanh 单元：误差 {{error}}", en=f"{UNITS} tanh units: error {{error}}")
        regions = [
            Region(title.fill({"units": str(best.sides), "error": share(best.error)})(lang), best.vertices)
            for best in map(best_polygon, SHOWN)
        ]
        regions.append(Region(bent.fill({"error": share(error)})(lang), _outline(usual)))
        return beside_the_disc(
            regions,
            Text(zh="圆", en="disc")(lang),
            Text(zh="网络的边界", en="boundary of the network")(lang),
            Text(zh="判错的面积", en="wrong area")(lang),
        )

    return Picture(
        draw,
        alt=Text(
            zh="四列图，每列上图是同一个圆，下图是圆周一段的放大。前三幅的黑色边界是正三角形、正六边形、正十二边形，判错的灰色面积一幅比一幅小。第四幅是四个 tanh 单元，边界是一条光滑的闭曲线，紧贴着圆。",
            en="Four columns with the same disc, whole above and a piece of its rim enlarged below. In three of them the black boundary is a triangle, a hexagon and a polygon of "
            "twelve sides, with less grey area each time. In the fourth, four tanh units draw one smooth closed curve near "
            "the circle.",
        ),
        caption=Text(
            zh="黑线是网络的边界，灰色是判错的地方，下排放大了小方框。阈值单元的边界永远由直线段组成；右边的网络在全部种子里不好不坏，正好居中。",
            en="Black is the boundary of the network, grey what it gets wrong; below, the small square is enlarged. Threshold units always draw straight pieces; the "
            "network on the right is the middle one of all seeds.",
        ),
    )


def _outline(run: Recording) -> Array:
    """The longest boundary curve, counter-clockwise, at about `CORNERS` of its vertices (m, 2)."""
    curve = max(warp(run).boundary, key=len)
    curve = curve[:: max(1, len(curve) // CORNERS)]
    ahead = np.roll(curve, -1, axis=0)
    turning = float((curve[:, 0] * ahead[:, 1] - curve[:, 1] * ahead[:, 0]).sum())
    return curve if turning > 0 else curve[::-1]


def _errors(errors: Array, middle: float, bent: Array) -> Picture:
    def draw(lang: str) -> Any:
        from unbend.drawing.charts import Chart, Curve, Mark, charts

        measure = Text(zh="误差（占圆面积）", en="error, as a share of the disc")(lang)
        best = Text(zh="最好的正 k 边形", en="best polygon of k sides")(lang)
        ideal = Text(zh="π² / (4k²)", en="π² / (4k²)")(lang)
        smooth = Text(zh=f"{UNITS} 个 tanh 单元，训练所得", en=f"{UNITS} tanh units, trained")(lang)
        hand = Text(zh=f"{UNITS} 个 tanh 单元，手工设定", en=f"{UNITS} tanh units, set by hand")(lang)
        first = Chart(
            Text(zh="阈值单元：误差靠加直线下降", en="Threshold units: more lines, less error")(lang),
            Text(zh="阈值单元的个数 k", en="threshold units k")(lang),
            measure,
            [Curve(best, SIDES, errors), Curve(ideal, SIDES, np.pi**2 / 4.0 / np.array(SIDES) ** 2.0, look="dashed")],
            x_log=True, y_log=True, notes=[Mark(middle, smooth)],
        )  # fmt: skip
        second = Chart(
            Text(zh="tanh 单元：不加单元，只调权重", en="Tanh units: no more units, other weights")(lang),
            Text(zh="权重的大小", en="size of the weights")(lang),
            measure,
            [Curve(hand, SCALES, bent)],
            x_log=True, y_log=True,
        )  # fmt: skip
        return charts([first, second])

    return Picture(
        draw,
        alt=Text(
            zh="两幅双对数图。左：误差随阈值单元个数沿一条直线下降，斜率约为负二，横线标出训练所得的 tanh 网络。右：四个 tanh 单元的误差随权重变小沿直线下降，斜率约为二。",
            en="Two log-log charts. Left: the error falls along a straight line of slope about minus two with the number of "
            "threshold units; a level line marks the trained tanh network. Right: the error of four tanh units falls along "
            "a line of slope about two as their weights shrink.",
        ),
        caption=Text(
            zh="两边的坐标轴都取对数，直线的斜率就是次数。",
            en="Both axes are logarithmic, so the slope of a line is the order.",
        ),
    )


def _goals() -> Table:
    return Table(
        Text(zh="想要的误差，要几条直线", en="The error you want, and the straight lines it takes"),
        (Text(zh="误差（占圆面积）", en="error, as a share of the disc"), Text(zh="阈值单元", en="threshold units")),
        tuple((percent_of(goal), count(sides_for(goal))) for goal in GOALS),
    )


LESSON = Lesson(
    name="pieces",
    title=Text(zh="阶跃激活：用直线段拼一个圆", en="Step activations: a circle out of straight pieces"),
    summary=Text(
        zh="k 个阈值单元拼出正 k 边形，误差按 k 的平方下降；弯的激活函数不用加单元也能变圆。",
        en="k threshold units draw a polygon, and its error falls with k squared; a bent activation gets round without more units.",
    ),
    body=(
        Text(
            zh="阈值单元只会说“在线的这一边”或“在那一边”。取 k 个这样的单元，让它们的直线围成正 k 边形，后面再放一个“全部为 1 才是 1”的单元，"
            "网络就在多边形里面答 1，外面答 0。这样能画出圆吗？严格说不能：边界永远是直线段。但可以越来越像。",
            en="A threshold unit can only say “this side of the line” or “that side”. Take k of them, let their lines enclose a "
            "regular polygon, and put behind them a unit that says 1 when all of them do: the network answers 1 inside the "
            "polygon and 0 outside. Can it draw a circle? Strictly no, its boundary is always made of straight pieces. But it "
            "can come as close as you like.",
        ),
        Show("polygons"),
        Text(
            zh="误差就是判错的面积：圆里面没盖住的，加上圆外面多盖的。这里的多边形既不是内接也不是外切，而是让这块面积最小的那一个，"
            "它的每条边恰好有一半在圆内。三条直线错 {three}，{most} 条只错 {last}。"
            "在双对数图上，这些点几乎落在一条直线上，量出来的次数是 {order}：直线加一倍，误差约剩四分之一。",
            en="The error is the area the network gets wrong: what it misses inside the circle and what it adds outside. The "
            "polygon here is neither inscribed nor circumscribed; it is the one that makes this area smallest, and half of "
            "each of its sides lies inside the circle. Three lines get {three} of the disc wrong, {most} only {last}. On a "
            "log-log chart the points lie almost on a straight line, and the measured order is {order}: twice the lines, about "
            "a quarter of the error.",
        ),
        Show("errors"),
        Text(
            zh="有人说，用无限条直线去逼近一条曲线当然可以，只是太傻。前半句对：只要舍得加单元，误差想多小就多小。后半句可以算一算价钱。"
            "在 {seeds} 个种子上训练只有 {units} 个 tanh 单元的网络，误差的中位数是 {trained}；阈值单元要 {needed} 个才赶得上。"
            "省了一半多，但还不至于说谁傻。（有 {failed} 的种子没有学会，比三角形还差。）",
            en="It has been said that one may of course approach a curve with endlessly many lines, but that it is silly. The first "
            "half is right: whoever pays for the units gets any error they like. For the second half, look at the price. "
            "Networks of only {units} tanh units, trained from {seeds} seeds, have a median error of {trained}; threshold units "
            "need {needed} to equal that. Less than half the units, then, which is thrift more than wisdom. ({failed} of the "
            "seeds did not learn it and are worse than a triangle.)",
        ),
        Show("goals"),
        Text(
            zh="真正的差别在别处。阈值单元想更准，只能再加直线；弯的单元改改权重就行。让四个 tanh 单元分别朝左、右、下、上看，都停在 tanh 弯得最厉害的地方，"
            "一次项两两抵消，剩下的就是 x1² + x2²，也就是圆。权重从 {largest_scale} 减到 {smallest_scale}，"
            "误差从 {bent_first} 降到 {bent_last}；同样的误差，阈值单元要 {bent_needed} 个。"
            "代价也有：权重越小，各点的分数越接近，最后一层就得放大得越厉害。训练自己没有走到那里，最好的一个也有 {best} 的误差。"
            "还有一点，阈值的斜率处处为 0，梯度下降帮不上忙，多边形是我们算好放进去的。",
            en="The real difference lies elsewhere. To be more exact, threshold units need more lines; bent units need other weights. "
            "Let four tanh units look left, right, down and up, each where tanh is bent most: what is straight in them cancels, "
            "and what remains is x1² + x2², a circle. As the weights go from {largest_scale} to {smallest_scale}, the error "
            "goes from {bent_first} to {bent_last}; threshold units need {bent_needed} for that. It has a price: the "
            "smaller the weights, the closer the scores of all points, and the more the last layer must enlarge them. Training "
            "did not go there by itself: its best network has an error of {best}. And one thing more: a threshold has slope 0 everywhere, so gradient descent is no help, and we had to work out the "
            "polygons and put them in.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
