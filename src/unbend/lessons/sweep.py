"""Lesson: trial and error on a large scale, activation × learning rate × start, and what explains who wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unbend.data import curves
from unbend.diagnosis import gradient_norms, largest_curvature, saturated_shares
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.statistics import rank_correlation
from unbend.lessons.text import Text, count, number, share
from unbend.network import initialise
from unbend.randomness import uniform
from unbend.recording import train, train_many
from unbend.recording.population import Group

NAMES = ("sigmoid", "tanh", "relu", "gelu", "sine")
STARTS: Mapping[str, tuple[str, Any]] = {  # initializer and gain
    "small": ("normal", None),
    "glorot": ("glorot_normal", None),
    "exact": ("lecun_normal", "exact"),
    "large": ("lecun_normal", 20.0),
}
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
BATCH, EPOCHS = 8, 80
LATE = EPOCHS * 3 // 4
DATA = curves(n=32)
STEPS = EPOCHS * len(DATA) // BATCH
RECIPE: dict[str, Any] = {"hidden": (8, 8), "batch_size": BATCH, "epochs": EPOCHS}
LOOKED_AT = 64  # networks of a cell whose start, and whose end, are taken apart
FLAT = 0.9  # share of a layer without slope from which on the layer counts as dead or saturated
CAUSES = ("flat", "thrown", "still", "unfinished")
COMPARED = (1, 3, 5, 9, 21, 51)  # runs of each combination in a comparison
DRAWS = 400


@dataclass(frozen=True, eq=False)
class Cells:
    """All combinations, in the order starts × activations × rates.

    ``solved`` and ``loss`` (starts, activations, rates, seeds). ``reach`` and ``overshoot`` (starts, activations,
    rates), before training: how often its own length the first layer travels if every step is like the first one, and
    the learning rate times the largest curvature of the loss. ``cause`` (starts, activations, rates, looked at): the
    place in `CAUSES` of what a network failed of, -1 for one that did not.
    """

    solved: np.ndarray
    loss: np.ndarray
    reach: np.ndarray
    overshoot: np.ndarray
    cause: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """(starts, activations, rates) the share of seeds that solve the task."""
        return self.solved.mean(axis=-1)

    @property
    def margin(self) -> np.ndarray:
        """(starts, activations, rates) how far inside the window, in powers of e; below 0 outside of it."""
        return np.minimum(np.log(self.reach), np.log(2.0 / self.overshoot))

    @property
    def zones(self) -> dict[str, np.ndarray]:
        """Which cells take too small steps, fitting ones, too large ones."""
        low, high = self.reach < 1.0, self.overshoot > 2.0
        return {"low": low, "inside": ~low & ~high, "high": high & ~low}


def experiment(settings: Settings) -> Findings:
    """Train every combination from every seed; look at the starts, at the ends, and at what fewer runs would say."""
    cells = _cells(settings)
    wrong, picked = _contests(cells, settings)
    return Findings(
        claims=_claims(cells, wrong),
        numbers=_numbers(cells, wrong, picked, settings),
        exhibits={
            "shares": _heat(cells, settings),
            "window": _window(cells, wrong, picked),
            "causes": _table(cells),
        },
        recordings={
            "gelu-exact-1": _run("gelu", "exact", 1.0, settings),
            "relu-exact-10": _run("relu", "exact", 10.0, settings),
            "sigmoid-small-0.1": _run("sigmoid", "small", 0.1, settings),
        },
    )


# ---------------------------------------------------------------------- measuring
def _cells(settings: Settings) -> Cells:
    seeds = range(settings.seed, settings.seed + settings.seeds)
    parts = [
        _of_group(group, settings)
        for initializer, gain in STARTS.values()
        for group in train_many(
            DATA, activation=list(NAMES), init=initializer, gain=gain, learning_rate=list(RATES), seed=seeds,
            keep=[0, LATE, EPOCHS], measure="kept", **RECIPE,
        ).groups
    ]  # fmt: skip
    joined = [np.stack(part) for part in zip(*parts, strict=True)]
    return Cells(*(part.reshape(len(STARTS), len(NAMES), *part.shape[1:]) for part in joined))


def _of_group(group: Group, settings: Settings) -> tuple[np.ndarray, ...]:
    """The fields of `Cells` for one start and activation."""
    shape = (len(RATES), settings.seeds)
    loss = np.nan_to_num(group.final("loss"), nan=np.inf).reshape(shape)
    reach, curvature = _before(group, settings)
    rates = np.array(RATES)
    solved = group.final("metric").reshape(shape) == 1.0
    return solved, loss, STEPS * rates * reach, rates * curvature, _causes(group, settings)


def _before(group: Group, settings: Settings) -> tuple[float, float]:
    """The first layer's gradient by its length, and the largest curvature, before training: medians over the seeds."""
    seeds = group.seeds[: min(LOOKED_AT, settings.seeds)]
    weights = group.network.unflatten(initialise(group.network, seeds))
    gradient = gradient_norms(group.network, weights, DATA.x, DATA.y, group.recipe)[:, 0]
    length = np.linalg.norm(weights[0][0], axis=(-2, -1))
    curvature = largest_curvature(group.network, weights, DATA.x)
    return float(np.median(gradient / length)), float(np.median(curvature))


def _causes(group: Group, settings: Settings) -> np.ndarray:
    """(rates, looked at) what each network failed of; the first rule that fits decides."""
    looked = np.arange(min(LOOKED_AT, settings.seeds))
    places = (np.arange(len(RATES))[:, None] * settings.seeds + looked).ravel()
    at = group.trained.epochs
    start, late, end = (np.nan_to_num(group.trained.loss[epoch, places], nan=np.inf) for epoch in at)
    failed = group.trained.metric[at[-1], places] != 1.0
    flat = np.zeros(len(places), bool)
    weights = group.network.unflatten(group.trained.weights[-1][places[failed]].astype(np.float64))
    flat[failed] = (saturated_shares(group.network, weights, DATA.x) >= FLAT).any(axis=-1)
    rules = (~failed, flat, (end > 1.01 * late) | (end > 1.01 * start), end > 0.9 * start)
    return np.select(rules, (-1, 0, 1, 2), 3).reshape(len(RATES), len(looked))


def _contests(cells: Cells, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """(compared,) each: how often so many runs of each combination crown another one than all runs do, and how many
    seeds the crowned one really solves it for (the mean share). The smallest median loss wins; runs are drawn anew."""
    loss = cells.loss.reshape(-1, settings.seeds)
    numbers = np.arange(DRAWS * len(loss) * max(COMPARED)).reshape(DRAWS, len(loss), -1)
    drawn = (uniform(settings.seed, "sweep", numbers) * settings.seeds).astype(np.int64)
    drawn = loss[np.arange(len(loss))[:, None], drawn]
    winners = [np.median(drawn[..., :runs], axis=-1).argmin(axis=-1) for runs in COMPARED]
    best = np.median(loss, axis=-1).argmin()
    shares = cells.shares.ravel()
    return np.array([(crowned != best).mean() for crowned in winners]), np.array([shares[crowned].mean() for crowned in winners])  # fmt: skip


def _run(name: str, start: str, rate: float, settings: Settings) -> Any:
    initializer, gain = STARTS[start]
    return train(DATA, activation=name, init=initializer, gain=gain, learning_rate=rate, seed=settings.seed, **RECIPE)


def _place(start: str, name: str, rate: float) -> tuple[int, int, int]:
    return list(STARTS).index(start), NAMES.index(name), RATES.index(rate)


def _failed(cells: Cells, zone: str) -> np.ndarray:
    """(4,) what the networks in a zone failed of, as shares of those that failed."""
    causes = cells.cause[cells.zones[zone]]
    return np.array([(causes == place).sum() for place in range(len(CAUSES))]) / max(1, (causes >= 0).sum())


def _mean(cells: Cells, zone: str) -> float:
    return float(cells.shares[cells.zones[zone]].mean())


# ---------------------------------------------------------------------- claims and numbers
def _claims(cells: Cells, wrong: np.ndarray) -> tuple[Claim, ...]:
    shares, inside = cells.shares, cells.zones["inside"]
    return (
        Claim(
            Text(
                zh="ReLU，学习率 0.3：自己的增益比过大的初始权重多成功 {value}（百分点）",
                en="ReLU at the rate 0.3: starting with its own gain rather than far too large raises success by {value} (points)",
            ),
            Text(zh="成功率之差", en="difference between the shares"),
            value=float(shares[_place("exact", "relu", 0.3)] - shares[_place("large", "relu", 0.3)]),
            relation=">=",
            limit=0.8,
            form=share,
        ),
        Claim(
            Text(
                zh="sigmoid，自己的增益：学习率从 0.3 升到 3，成功率提高 {value}（百分点）",
                en="sigmoid with its own gain: from the rate 0.3 to 3, success rises by {value} (points)",
            ),
            Text(zh="成功率之差", en="difference between the shares"),
            value=float(shares[_place("exact", "sigmoid", 3.0)] - shares[_place("exact", "sigmoid", 0.3)]),
            relation=">=",
            limit=0.7,
            form=share,
        ),
        Claim(
            Text(
                zh="训练之前就看得出来：窗口内的组合比窗口外的平均多成功 {value}（百分点）",
                en="it shows before training: inside the window, combinations succeed {value} (points) more often than outside",
            ),
            Text(zh="平均成功率之差", en="difference between the mean shares"),
            value=float(shares[inside].mean() - shares[~inside].mean()),
            relation=">=",
            limit=0.35,
            form=share,
        ),
        Claim(
            Text(
                zh="在窗口里有多深，与成功率的秩相关系数是 {value}",
                en="how far inside the window a combination lies has the rank correlation {value} with its success",
            ),
            Text(zh="斯皮尔曼秩相关系数", en="Spearman's rank correlation"),
            value=rank_correlation(cells.margin.ravel(), shares.ravel()),
            relation=">=",
            limit=0.45,
        ),
        Claim(
            Text(
                zh="步子太大的失败者，{value} 不是死亡、饱和，就是被甩来甩去",
                en="of those that failed with too large steps, {value} are dead, saturated, or thrown about",
            ),
            Text(zh="这两种原因的占比", en="share of these two causes"),
            value=float(_failed(cells, "high")[:2].sum()),
            relation=">=",
            limit=0.65,
            form=share,
        ),
        Claim(
            Text(
                zh="每种组合只跑一次，{value} 的时候选不中真正的第一名",
                en="with one run of each combination, the true winner is missed {value} of the time",
            ),
            Text(zh="选错的比例", en="share of wrong winners"),
            value=float(wrong[0]),
            relation=">=",
            limit=0.7,
            form=share,
        ),
    )


def _numbers(cells: Cells, wrong: np.ndarray, picked: np.ndarray, settings: Settings) -> dict[str, str | Text]:
    shares = cells.shares
    best_rates = np.array(RATES)[shares.argmax(axis=-1)][shares.max(axis=-1) >= 0.5]
    winner = np.unravel_index(np.median(cells.loss, axis=-1).argmin(), shares.shape)
    start, name = list(STARTS)[winner[0]], NAMES[winner[1]]
    return {
        "activations": count(len(NAMES)),
        "rates": count(len(RATES)),
        "starts": count(len(STARTS)),
        "combinations": count(shares.size),
        "seeds": count(settings.seeds),
        "networks": count(cells.solved.size),
        "points": count(len(DATA)),
        "steps": count(STEPS),
        "relu_good": share(float(shares[_place("exact", "relu", 0.3)])),
        "relu_bad": share(float(shares[_place("large", "relu", 0.3)])),
        "sigmoid_low": share(float(shares[_place("exact", "sigmoid", 0.3)])),
        "sigmoid_high": share(float(shares[_place("exact", "sigmoid", 3.0)])),
        "slowest": f"{best_rates.min():g}",
        "fastest": f"{best_rates.max():g}",
        "never": share(float((shares == 0.0).mean())),
        "inside": share(_mean(cells, "inside")),
        "low": share(_mean(cells, "low")),
        "high": share(_mean(cells, "high")),
        "correlation": number(rank_correlation(cells.margin.ravel(), shares.ravel())),
        "rate_alone": number(rank_correlation(np.broadcast_to(RATES, shares.shape).ravel(), shares.ravel())),
        "short_of": share(float(_failed(cells, "low")[2:].sum())),
        "flat": share(float(_failed(cells, "high")[0])),
        "thrown": share(float(_failed(cells, "high")[1])),
        "inside_failed": share(float((cells.cause[cells.zones["inside"]] >= 0).mean())),
        "on_the_way": share(float(_failed(cells, "inside")[3])),
        "winner": Text(
            zh=f"{name}、{START_WORDS[start].zh}、学习率 {RATES[winner[2]]:g}",
            en=f"{name}, {START_WORDS[start].en}, rate {RATES[winner[2]]:g}",
        ),
        "winner_share": share(float(shares[winner])),
        "wrong_one": share(float(wrong[0])),
        "picked_one": share(float(picked[0])),
        "most": count(COMPARED[-1]),
        "wrong_most": share(float(wrong[-1])),
        "picked_most": share(float(picked[-1])),
    }


# ---------------------------------------------------------------------- table and pictures
START_WORDS = {
    "small": Text(zh="太小（标准差 0.05）", en="too small (deviation 0.05)"),
    "glorot": Text(zh="Glorot", en="Glorot"),
    "exact": Text(zh="自己的增益", en="its own gain"),
    "large": Text(zh="太大（增益 20）", en="too large (gain 20)"),
}
ZONE_WORDS = {
    "low": Text(zh="步子太小", en="steps too small"),
    "inside": Text(zh="窗口之内", en="inside the window"),
    "high": Text(zh="步子太大", en="steps too large"),
}


def _table(cells: Cells) -> Table:
    rows = [
        (ZONE_WORDS[zone], count(cells.zones[zone].sum()), share(_mean(cells, zone)), *map(share, _failed(cells, zone)))
        for zone in ZONE_WORDS
    ]
    return Table(
        Text(
            zh="败者输在哪里（每种组合解剖 64 个网络，先符合哪条规则就归哪条）",
            en="What the losers failed of (64 networks of each combination; the first rule that fits decides)",
        ),
        (
            Text(zh="训练之前的判断", en="judged before training"),
            Text(zh="组合数", en="combinations"),
            Text(zh="成功率", en="success"),
            Text(zh="死亡或饱和：某一层九成以上的斜率小于 0.01", en="dead or saturated: in some layer nine slopes in ten are below 0.01"),
            Text(zh="被甩来甩去：最后四分之一里损失上升，或高于开始", en="thrown about: the loss rose in the last quarter, or above its start"),
            Text(zh="几乎没动：损失下降不到一成", en="hardly moved: the loss fell by less than a tenth"),
            Text(zh="没走完：损失还在下降", en="unfinished: the loss is on its way down"),
        ),
        tuple(rows),
    )  # fmt: skip


def _heat(cells: Cells, settings: Settings) -> Picture:
    return Picture(
        lambda lang: _draw_heat(cells, lang),
        alt=Text(
            zh="四张热图，各是一种初始化，行是激活函数，列是学习率。深色窗口的位置各不相同：初始权重太小时只剩右边几格，Glorot 和自己的增益在 0.1 到 1 之间最深，太大时 ReLU、GELU 和正弦的窗口移到最左边；sigmoid 的窗口总在右边。",
            en="Four heat maps, one for each start, with activations as rows and learning rates as columns. The dark window lies in "
            "different places: for a start too small a few cells on the right, for Glorot and the own gain from 0.1 to 1, for a "
            "start too large on the far left for ReLU, GELU and sine; sigmoid's window is always on the right.",
        ),
        caption=Text(
            zh=f"每一格：{settings.seeds} 个种子里把所有点分对的百分比。同一个激活函数的窗口会随初始化移动。",
            en=f"In each cell the percentage of {settings.seeds} seeds that get every point right. The window of an activation moves "
            "with the start.",
        ),
    )


def _draw_heat(cells: Cells, lang: str) -> Any:
    from unbend.drawing.charts import HeatMap, heat_maps

    title = Text(zh="初始化：{start}，成功率（%）", en="start: {start}; success in %")
    maps = [
        HeatMap(
            title.fill({"start": START_WORDS[start]})(lang),
            Text(zh="学习率", en="learning rate")(lang) if index >= 2 else "",
            "",
            [f"{rate:g}" for rate in RATES],
            NAMES,
            cells.shares[index],
            form=_whole_percent,
        )
        for index, start in enumerate(STARTS)
    ]
    return heat_maps(maps, rows=2)


def _whole_percent(value: float) -> str:
    """Percent without decimals, 0 and 100 only where they are true."""
    return f"{100 * value:.0f}" if value in (0.0, 1.0) else f"{min(max(100 * value, 1), 99):.0f}"


def _window(cells: Cells, wrong: np.ndarray, picked: np.ndarray) -> Picture:
    return Picture(
        lambda lang: _draw_window(cells, wrong, picked, lang),
        alt=Text(
            zh="左图：每个点是一种组合，横轴是学习率乘最大曲率，纵轴是第一层能走的路程，都是对数刻度。成功的蓝点集中在路程大于 1、乘积小于 2 的区域，失败的橙点多在外面。右图：每种组合跑得越多，选中第一名的比例越高，选中者的成功率也越高。",
            en="Left: each dot is a combination, placed by learning rate times largest curvature and by how far the first layer can "
            "travel, both logarithmic. Blue dots, the successful, gather where the path is above 1 and the product below 2; most "
            "orange dots lie outside. Right: with more runs of each combination, the winner is found more often, and what is chosen succeeds more often.",
        ),
        caption=Text(
            zh="左：训练之前量出的两个数，圈出能成功的窗口。右：每种组合跑几次，才选得对。",
            en="Left: two numbers measured before training frame the window of success. Right: how many runs it takes to pick well.",
        ),
    )


def _draw_window(cells: Cells, wrong: np.ndarray, picked: np.ndarray, lang: str) -> Any:
    from unbend.drawing import style
    from unbend.drawing.charts import Chart, Curve, Mark, charts

    shares = cells.shares
    groups = (
        (Text(zh="成功率低于 10%", en="success below 10%"), shares < 0.1, style.NEGATIVE),
        (Text(zh="10% 至 90%", en="10% to 90%"), (shares >= 0.1) & (shares < 0.9), style.GRID),
        (Text(zh="90% 以上", en="90% and above"), shares >= 0.9, style.POSITIVE),
    )
    window = Chart(
        Text(zh="能成功的窗口", en="The window of success")(lang),
        Text(zh="学习率 × 最大曲率", en="learning rate × largest curvature")(lang),
        Text(zh="第一层的路程（自身长度的倍数）", en="path of the first layer (in its own lengths)")(lang),
        [Curve(words(lang), cells.overshoot[of], cells.reach[of], look="points", color=color) for words, of, color in groups],
        x_log=True,
        y_log=True,
        notes=(
            Mark(2.0, Text(zh="冲过头", en="overshoots")(lang), across=False),
            Mark(1.0, Text(zh="走不到", en="does not arrive")(lang)),
        ),
    )  # fmt: skip
    luck = Chart(
        Text(zh="跑几次才选得对", en="How many runs it takes")(lang),
        Text(zh="每种组合的运行次数", en="runs of each combination")(lang),
        Text(zh="占比", en="share")(lang),
        [
            Curve(Text(zh="选中第一名", en="the winner is found")(lang), COMPARED, 1.0 - wrong, color=style.NEGATIVE),
            Curve(
                Text(zh="选中者的成功率", en="success of what is chosen")(lang), COMPARED, picked, color=style.POSITIVE
            ),
        ],
        x_log=True,
    )
    return charts([window, luck])


LESSON = Lesson(
    name="sweep",
    title=Text(zh="试错，但要试够", en="Trial and error, enough of it"),
    summary=Text(
        zh="激活函数、学习率、初始化全部搭配一遍；谁赢谁输，训练之前量两个数就能看出端倪。",
        en="Activation, learning rate and start in every combination; two numbers measured before training foretell much of it.",
    ),
    body=(
        Text(
            zh="调参常被说成玄学：激活函数、学习率、初始化，换来换去，试到好为止。试没有错，但要试够，还要看懂。"
            "这里把 {activations} 个激活函数、{rates} 个学习率、{starts} 种初始化全部搭配起来，共 {combinations} 种组合，"
            "每种 {seeds} 个种子，一共训练 {networks} 个网络。任务是两条曲线上的 {points} 个点，每个网络走 {steps} 步，所有点都分对才算成功。",
            en="Tuning is often called magic: change the activation, the learning rate, the start, and try until it works. Trying is "
            "fine, if there is enough of it and one understands the outcome. Here {activations} activations, {rates} learning rates "
            "and {starts} starts make {combinations} combinations, each with {seeds} seeds: {networks} networks. The task is "
            "{points} points on two curves; each network takes {steps} steps, and only all points right count as success.",
        ),
        Show("shares"),
        Text(
            zh="没有哪个激活函数处处都赢。同样是 ReLU、学习率 0.3：用自己的增益初始化，成功率 {relu_good}；初始权重太大，只有 {relu_bad}。"
            "sigmoid 用 0.3 的学习率，成功率 {sigmoid_low}；换成 3，就是 {sigmoid_high}。每一行都有自己的窗口，最好的学习率从 {slowest} 到 {fastest} 都有；"
            "另有 {never} 的组合一次也没成功。只问“哪个激活函数好”，问题还没问完。",
            en="No activation wins everywhere. The same ReLU at the same rate 0.3 succeeds for {relu_good} with its own gain, and for "
            "{relu_bad} from weights far too large. Sigmoid has {sigmoid_low} at the rate 0.3 and {sigmoid_high} at 3. Each row has a "
            "window of its own; the best rates range from {slowest} to {fastest}, and {never} of the combinations never succeed. "
            "“Which activation is best?” is only part of a question.",
        ),
        Text(
            zh="窗口从哪里来？训练之前量两个数，就能看出端倪。第一个：如果每一步都像第一步那样走，走完全程，第一层的权重能走出多远？"
            "不到自身长度的 1 倍，就是步子太小：梯度传回第一层时所剩无几，或者学习率太低。第二个：学习率乘以损失的最大曲率，超过 2，一步就会冲过谷底，落到对面更高的地方。"
            "两个数都合适，平均成功率是 {inside}；步子太小，{low}；步子太大，{high}。一种组合在窗口里有多深，与成功率的秩相关系数是 {correlation}；单看学习率，只有 {rate_alone}。",
            en="Where does the window come from? Two numbers, measured before training, tell much of it. First: if every step is like the "
            "first one, how far do the weights of the first layer travel? Less than their own length is too small a step: little of the "
            "gradient arrives there, or the rate is low. Second: the learning rate times the largest curvature of the loss; "
            "above 2, a step crosses the valley and lands higher up on the other side. Where both fit, the mean success is {inside}; with too small steps {low}, with "
            "too large ones {high}. How far inside the window a combination lies has the rank correlation {correlation} with its "
            "success; the learning rate alone has {rate_alone}.",
        ),
        Show("window"),
        Text(
            zh="败者输在哪里，也数得出来。步子太小的失败者，{short_of} 几乎没动或没走完。步子太大的，{flat} 死亡或饱和，{thrown} 被甩来甩去。"
            "窗口不是保证：窗口里仍有 {inside_failed} 失败，其中 {on_the_way} 只是没走完。",
            en="What the losers failed of can be counted too. Of those with too small steps, {short_of} hardly moved or did not finish. Of "
            "those with too large ones, {flat} are dead or saturated, and {thrown} are thrown about. The window is no guarantee: "
            "inside it {inside_failed} still fail, and of these {on_the_way} merely did not finish.",
        ),
        Show("causes"),
        Text(
            zh="最后说运气。按损失的中位数，第一名是“{winner}”，成功率 {winner_share}。假如每种组合只跑一次，谁的损失最小就选谁，"
            "{wrong_one} 的时候选不中它，选中的组合平均成功率只有 {picked_one}。每种跑 {most} 次，选错的比例降到 {wrong_most}，选中的成功率升到 {picked_most}。"
            "看上去像玄学的，往往只是跑得太少。",
            en="Finally, luck. By median loss the winner is “{winner}”, with a success of {winner_share}. Run each combination once and "
            "take the one with the smallest loss: {wrong_one} of the time it is another one, and what is chosen has a mean success of "
            "only {picked_one}. With {most} runs of each, the winner is missed {wrong_most} of the time, and the success of what is "
            "chosen rises to {picked_most}. What looks like magic is often just too few runs.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
