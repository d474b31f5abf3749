"""Lesson: two curves that no line parts, and the three classic activations that bend space until one does."""

from typing import Any

from unbend.data import curves
from unbend.geometry import best_line_accuracy
from unbend.lessons.claim import Claim
from unbend.lessons.counting import shares
from unbend.lessons.lesson import Film, Findings, Lesson, Settings, Show, Table
from unbend.lessons.text import Text, count, share
from unbend.recording import Recording, train, train_many

NAMES = ("sigmoid", "tanh", "relu")
TARGET = 0.99
BOUNDS = {"sigmoid": (0.8, 1.0), "tanh": (0.93, 1.0), "relu": (0.42, 0.75)}


def experiment(settings: Settings) -> Findings:
    """Train 2-2-1 networks with each activation, and linear ones, from many seeds."""
    data = curves()
    seeds = range(settings.seed, settings.seed + settings.seeds)
    many = train_many(data, activation=["identity", *NAMES], seed=seeds, keep="last", measure="kept")
    table = many.table()
    found = shares(many, "activation", TARGET)
    linear = max(table["accuracy"][: settings.seeds])
    line = best_line_accuracy(data.x, data.y)
    shown = {name: _solver(name, table["accuracy"], settings) for name in NAMES}
    return Findings(
        claims=(
            Claim(
                Text(
                    zh="没有激活函数时，{value} 就是上限，因为没有更好的直线",
                    en="without an activation {value} is the ceiling, for there is no better line",
                ),
                Text(zh="最好的直线的准确率", en="accuracy of the best line"),
                value=line,
                relation="<=",
                limit=0.86,
                form=share,
            ),
            Claim(
                Text(
                    zh="训练出来的线性网络最好的准确率是 {value}，在上限之下",
                    en="the best trained linear network has {value}, below that ceiling",
                ),
                Text(zh="线性网络的最高准确率", en="best accuracy of a linear network"),
                value=linear,
                relation="<=",
                limit=line,
                form=share,
            ),
            *(_solved(name, found[name]) for name in NAMES),
        ),
        numbers={
            "line": share(line),
            "linear": share(linear),
            "seeds": count(settings.seeds),
            **{name: share(found[name]) for name in NAMES},
        },
        exhibits={"film": _film(shown), "shares": _table(found, settings)},
        recordings=shown,
    )


def _solved(name: str, value: float) -> Claim:
    return Claim(
        Text(
            zh=f"两个 {name} 单元：{{value}} 的种子至少分对 99%",
            en=f"two {name} units: {{value}} of the seeds get at least 99% right",
        ),
        Text(zh="达到 99% 的种子", en="seeds that reach 99%"),
        value=value,
        relation="between",
        limit=BOUNDS[name],
        form=share,
    )


def _solver(name: str, accuracy: list[float], settings: Settings) -> Recording:
    """The first seed that solves the task, trained again with its epochs kept; the population says how rare it is."""
    place = (1 + NAMES.index(name)) * settings.seeds
    own = accuracy[place : place + settings.seeds]
    return train(curves(), activation=name, seed=settings.seed + own.index(max(own)))


def _film(shown: dict[str, Recording]) -> Film:
    from unbend.drawing import compare, film

    return Film(
        write=lambda path, lang: film(shown.values(), path, lang=lang),
        poster=lambda lang: compare(list(shown.values()), lang=lang),
        alt=Text(
            zh="sigmoid、tanh、ReLU 并排。上排：变换后的空间，网格弯曲，直线分开两条曲线。下排：同一条线拉回输入空间，变成曲线。",
            en="Sigmoid, tanh and ReLU side by side. Above: the transformed space, where the grid is bent and a straight line "
            "parts the curves. Below: the same line pulled back to the input, where it is a curve.",
        ),
        caption=Text(
            zh="上：变换后的空间，分界线是直的。下：把它还原到输入空间，就成了弯的。放映的是全部 150 轮训练。",
            en="Above: the transformed space, where the line is straight. Below: brought back to the input, it is bent. "
            "The film runs through all 150 epochs.",
        ),
    )


def _table(found: dict[Any, float], settings: Settings) -> Table:
    none = Text(zh="无（线性）", en="none (linear)")
    return Table(
        Text(zh=f"{settings.seeds} 个种子里有多少学会", en=f"How many of {settings.seeds} seeds solve it"),
        (Text(zh="激活函数", en="activation"), Text(zh="达到 99% 的种子", en="seeds that reach 99%")),
        tuple((none if name == "identity" else name, share(value)) for name, value in found.items()),
    )


LESSON = Lesson(
    name="curves",
    title=Text(zh="两条曲线：把空间弯到一条直线够用", en="Two curves: bend space until one line will do"),
    summary=Text(
        zh="sigmoid、tanh、ReLU 各有各的弯法；一条直线在弯过的空间里分开两类，拉回来就是曲线。",
        en="Sigmoid, tanh and ReLU each bend in their own way; the line is straight where space is bent, and curved back home.",
    ),
    body=(
        Text(
            zh="两条抛物线，一条比另一条低 0.5。不用激活函数，网络只会画直线；最好的直线对 {line}，"
            "训练 {seeds} 个线性网络，最好的一个是 {linear}。",
            en="Two parabolas, one 0.5 below the other. Without an activation a network only draws lines; the best line is right "
            "for {line} of the points, and the best of {seeds} trained linear networks for {linear}.",
        ),
        Text(
            zh="现在给它一个隐藏层，只有两个单元，后面跟一个激活函数。每个单元先选一个方向，再把平面沿这个方向弯一次。"
            "看上排：网格弯了，两条曲线各居一侧，中间可以画一条直线。再看下排：把这条直线沿原路送回输入空间，它就成了隔开两条曲线的曲线。",
            en="Now give it one hidden layer of only two units with an activation behind it. Each unit picks a direction and bends "
            "the plane along it. Look above: the grid is bent, the curves lie on two sides, and a straight line fits between. "
            "Look below: send that line back the way it came, and it is the curve that parts the two.",
        ),
        Show("film"),
        Text(
            zh="三种弯法看得出来。sigmoid 把整个平面压进 (0, 1) 的方框；tanh 同样挤压，但方框是 (−1, 1)，以零为中心；"
            "ReLU 不挤压，它沿一条折痕把半个平面折平，所以边界由直线段拼成。",
            en="The three ways of bending can be told apart. Sigmoid presses the whole plane into the box (0, 1); tanh presses too, "
            "but into (−1, 1), centred on zero; ReLU does not press: it folds half the plane flat along a crease, so its "
            "boundary is made of straight pieces.",
        ),
        Show("shares"),
        Text(
            zh="影片放的是成功的网络，表格说的是多常成功：sigmoid {sigmoid}，tanh {tanh}，ReLU {relu}。只有两个单元时，"
            "ReLU 折平的一半常常正是要用的一半，梯度为零，再也救不回来。这不是说 ReLU 不好，而是说：看一次运行，什么也证明不了。",
            en="The film shows networks that succeed; the table says how often they do: sigmoid {sigmoid}, tanh {tanh}, ReLU {relu}. "
            "With only two units, the half that ReLU folds flat is often the half that was needed; its gradient is zero there, "
            "and nothing brings it back. This does not mean that ReLU is bad. It means that one run proves nothing.",
        ),
        Show("claims"),
    ),
    experiment=experiment,
)
