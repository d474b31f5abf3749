"""Lesson: a disc inside a ring, which no network of width 2 with tanh can part, however deep, and width 3 can."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data import ring
from unbend.geometry import best_line_accuracy, homeomorphism
from unbend.lessons.claim import Claim
from unbend.lessons.lesson import Exhibit, Film, Findings, Lesson, Picture, Settings, Show, Table
from unbend.lessons.text import Text, count, share
from unbend.recording import Population, Recording, train, train_many

NARROW, DEEP, WIDE = (2,), (2, 2, 2), (3,)
SHAPES = (NARROW, DEEP, WIDE)
RECIPE: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.1, "batch_size": None, "epochs": 600}
LOOP = 0.85  # the radius of a circle in the middle of the ring


def experiment(settings: Settings) -> Findings:
    """Train tanh networks of width 2, shallow and deep, and of width 3; ask every layer whether it is a homeomorphism."""
    data = ring()
    seeds = range(settings.seed, settings.seed + settings.seeds)
    runs = {
        hidden: train_many(data, hidden=hidden, activation="tanh", seed=seeds, keep="last", measure="kept", **RECIPE)
        for hidden in SHAPES
    }
    accuracy = {hidden: np.asarray(some.table()["accuracy"]) for hidden, some in runs.items()}
    parted = {hidden: float((values == 1.0).mean()) for hidden, values in accuracy.items()}
    kept = float(np.mean([_keeps_the_plane(run) for hidden in (NARROW, DEEP) for run in runs[hidden]]))
    deep, wide = (_best(runs[hidden]) for hidden in (DEEP, WIDE))
    return Findings(
        claims=(
            Claim(
                Text(
                    zh="训练好的宽度 2 的 tanh 网络中，{value} 的每一层都是同胚",
                    en="in {value} of the trained tanh networks of width 2, every hidden layer is a homeomorphism",
                ),
                Text(zh="各层都是同胚的网络", en="networks all of whose layers are homeomorphisms"),
                value=kept,
                relation="==",
                limit=1.0,
                form=share,
            ),
            Claim(
                Text(
                    zh="一个宽度 2 的隐藏层：最好的种子也只对 {value}",
                    en="one hidden layer of width 2: the best seed is right for {value}",
                ),
                Text(zh="宽度 2，最高准确率", en="best accuracy at width 2"),
                value=float(np.nanmax(accuracy[NARROW])),
                relation="<=",
                limit=0.9,
                form=share,
            ),
            Claim(
                Text(
                    zh="三个宽度 2 的隐藏层：{value} 的种子全部分对",
                    en="three hidden layers of width 2: {value} of the seeds get every point right",
                ),
                Text(zh="三层宽度 2，全部分对的种子", en="seeds that are all right, three layers of width 2"),
                value=parted[DEEP],
                relation="==",
                limit=0.0,
                form=share,
            ),
            Claim(
                Text(
                    zh="一个宽度 3 的隐藏层：{value} 的种子全部分对",
                    en="one hidden layer of width 3: {value} of the seeds get every point right",
                ),
                Text(zh="宽度 3，全部分对的种子", en="seeds that are all right at width 3"),
                value=parted[WIDE],
                relation=">=",
                limit=0.93,
                form=share,
            ),
        ),
        numbers={
            "seeds": count(settings.seeds),
            "line": share(best_line_accuracy(data.x, data.y)),
            "narrow": share(float(np.nanmax(accuracy[NARROW]))),
            "deep": share(float(np.nanmax(accuracy[DEEP]))),
            "wide": share(parted[WIDE]),
            "flat_sentence": _sentence(deep),
            "wide_sentence": _sentence(wide),
        },
        exhibits=_exhibits(deep, wide, accuracy, settings),
        recordings={"ring-2-2-2-2-1": deep, "ring-2-3-1": wide},
    )


def _keeps_the_plane(run: Recording) -> bool:
    return all(homeomorphism(run, layer).homeomorphism for layer in range(len(run.network.activations)))


def _best(runs: Population) -> Recording:
    """The most accurate network, trained again with its epochs kept."""
    table = runs.table()
    place = int(np.nanargmax(np.asarray(table["accuracy"])))
    return train(ring(), hidden=table["hidden"][place], activation="tanh", seed=table["seed"][place], **RECIPE)


def _sentence(run: Recording) -> Text:
    found = homeomorphism(run)
    return Text(zh=found.sentence("zh"), en=found.sentence("en"))


def _loop() -> NDArray[np.float64]:
    angle = np.linspace(0.0, 2.0 * np.pi, 721)
    return LOOP * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _exhibits(
    deep: Recording, wide: Recording, accuracy: dict[Any, NDArray[np.float64]], settings: Settings
) -> dict[str, Exhibit]:
    from unbend.drawing import bend_film, lift, passage

    return {
        "sheet": Picture(
            lambda lang: lift(deep, wide, lang=lang, loop=_loop()),
            alt=Text(
                zh="左：三层宽度 2 的网络。圆仍是一条闭合曲线，圆盘还在里面，直线穿过了圆。"
                "右：宽度 3 的网络。平面鼓成帽子，圆盘在切面之上，圆在切面之下。",
                en="Left: three layers of width 2. The circle is still a closed curve with the disc inside, and the line crosses "
                "it. Right: width 3. The plane has become a cap, with the disc above the cut and the circle below it.",
            ),
            caption=Text(
                zh="棕色曲线是环中间的一个圆。左边的直线只要碰到圆盘，就必须穿过这个圆两次；右边把圆盘抬起来，一刀从下面切过。",
                en="The brown curve is a circle in the middle of the ring. At the left, a line that meets the disc must cross it "
                "twice; at the right the disc is lifted, and one cut passes below it.",
            ),
        ),
        "passage": Film(
            lambda path, lang: bend_film(wide, path, lang),
            poster=lambda lang: passage(wide, lang=lang),
            alt=Text(
                zh="平面先旋转、拉伸，再平移；tanh 把它弯成帽子，直线切下帽顶；送回输入空间，直线成了圆盘周围的一圈。",
                en="The plane is turned, stretched and shifted; tanh bends it into a cap, and a line cuts off its top; carried "
                "back to the input, the line is a curve around the disc.",
            ),
            caption=Text(
                zh="宽度 3 的网络，从输入走到隐藏层，再走回来。帽子是从侧面看的，所以切面看上去是一条直线。",
                en="The network of width 3, from the input to its hidden layer and back. The cap is seen from the side, so the "
                "cut looks like a line.",
            ),
        ),
        "shares": Table(
            Text(zh=f"{settings.seeds} 个种子的结果", en=f"How {settings.seeds} seeds end"),
            (
                Text(zh="隐藏层", en="hidden layers"),
                Text(zh="中位准确率", en="median accuracy"),
                Text(zh="最高准确率", en="best accuracy"),
                Text(zh="全部分对的种子", en="seeds that get all right"),
            ),
            tuple(
                (
                    "-".join(map(str, hidden)),
                    share(float(np.nanmedian(values))),
                    share(float(np.nanmax(values))),
                    share(float((values == 1.0).mean())),
                )
                for hidden, values in accuracy.items()
            ),
        ),
    }


LESSON = Lesson(
    name="ring",
    title=Text(zh="环：有些事情，深度办不到", en="The ring: what depth alone cannot do"),
    summary=Text(
        zh="圆盘在环里面。宽度 2 的 tanh 网络再深也分不开它们；多一个单元，平面就能抬起来。",
        en="A disc lies inside a ring. No tanh network of width 2 can part them, however deep; one unit more lifts the plane.",
    ),
    body=(
        Text(
            zh="蓝色圆盘外面套着一个橙色的环，两者之间有空隙。最好的直线对 {line}。要分对所有的点，边界必须绕圆盘一圈。",
            en="An orange ring lies around a blue disc, with a gap between them. The best straight line is right for {line} of the "
            "points. To get all of them right, the boundary must run all the way round the disc.",
        ),
        Text(
            zh="先看宽度 2。tanh 一直上升，从不回头，也没有平的一段；只要 W 可逆，这一层做过的事就都能退回去。"
            "数学上叫同胚。算出来的结论：{flat_sentence}。圆还是一条闭合曲线，圆盘还在它里面。直线若从圆盘和环之间经过，就得把里面和外面分开，"
            "可里面被圆围着，直线走到哪里都要穿过圆。再叠几层也一样，因为同胚接着同胚仍是同胚（Olah 2014）。"
            "这话说的是完整的环；数据只有几百个点，直线还可以想办法从点与点的缝里钻过去。",
            en="Take width 2 first. Tanh always rises: it never turns back and is flat nowhere; as long as W can be inverted, all "
            "that the layer does can be undone. Mathematics calls this a homeomorphism. The computed verdict: {flat_sentence}. "
            "The circle is still a closed curve and the disc is still inside it. A line that has the disc on one side and the "
            "ring on the other cannot exist, for a line that meets the inside of a closed curve must cross the curve. More "
            "layers do not help: a homeomorphism after a homeomorphism is one again (Olah 2014). This is true of the whole ring; our "
            "data have a few hundred points of it, and a line may still try to slip through between them.",
        ),
        Show("sheet"),
        Text(
            zh="现在给它第三个单元。算出来的结论：{wide_sentence}。平面有了向上的余地：圆盘鼓起来，环留在下面，水平一刀就够了。",
            en="Now give it a third unit. The computed verdict: {wide_sentence}. The plane has room to rise: the disc bulges up, the "
            "ring stays below, and one level cut is enough.",
        ),
        Show("passage"),
        Text(
            zh="再看许多种子。{seeds} 个宽度 2 的网络，最好的对 {narrow}；叠到三层，最好的对 {deep}，"
            "它把环挤得很薄，从缝里伸出去，可总有几个点落在线的另一边。宽度 3 的网络有 {wide} 全部分对。深度能让弯曲更细致，"
            "多出来的维度才能让里面出来。",
            en="Many seeds say the same. Of {seeds} networks of width 2, the best is right for {narrow}; with three such layers the "
            "best reaches {deep}: it squeezes the ring thin where the line has to cross it, but some points are left on the wrong "
            "side. Of the networks of width 3, {wide} get every point right. Depth makes the bends finer; only a further "
            "dimension lets the inside out.",
        ),
        Show("shares"),
        Show("claims"),
    ),
    experiment=experiment,
)
