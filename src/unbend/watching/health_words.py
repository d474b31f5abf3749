"""What a diagnosis says, in Chinese and English; each kind of flag has a row in every table."""

import math

from unbend.text import Text


def form(kind: str, value: float) -> str:
    """A measured value for a reader.

    >>> form("share", 0.125), form("number", 12345.6), form("number", 0.00012)
    ('12%', '1.2e+04', '0.00012')
    """
    if not math.isfinite(value):
        return "∞" if value == math.inf else "–"
    if kind == "share":
        return f"{100 * value:.2g}%" if value < 0.01 else f"{100 * value:.0f}%"
    return f"{value:.2g}" if abs(value) < 100 or abs(value) >= 1e4 else f"{value:.0f}"


VERDICTS = {
    "unmeasured": Text(en="Nothing was measured of {model} yet.", zh="{model} 还没有测到任何数据。"),
    "healthy": Text(en="Healthy: {model} shows no fault.", zh="健康：{model} 没有发现问题。"),
    "warning": Text(
        en="Look at {model}; warnings: {warning}, no alarm.", zh="请留意 {model}：{warning} 个警告，没有警报。"
    ),
    "alarm": Text(
        en="{model} needs help; alarms: {alarm}, warnings: {warning}.",
        zh="{model} 需要处理：{alarm} 个警报，{warning} 个警告。",
    ),
}

SINCE_START = Text(en="since the start", zh="自开始起")
SINCE = Text(en="since step {since}; at step {before} it was healthy", zh="自第 {since} 步起；第 {before} 步时还健康")

SOUND = Text(en="step {last} was sound", zh="第 {last} 步还正常")
NEVER_SOUND = Text(en="no sample before it was sound", zh="此前没有正常的取样")

WHAT = {
    "dead": Text(
        en="{place}: {value} of the units are dead: output and slope are 0 on the whole probe ({since}).",
        zh="{place}：{value} 的单元已死亡，对整个探针输出和斜率都是 0（{since}）。",
    ),
    "saturated": Text(
        en="{place}: {value} of the slopes of {activation} are below 0.01 ({since}); pre-activations have "
        "mean {mean} and spread {spread}.",
        zh="{place}：{activation} 的斜率有 {value} 小于 0.01（{since}）；激活前的均值为 {mean}，标准差为 {spread}。",
    ),
    "vanishing": Text(
        en="The gradient vanishes: in the first layer it is {value} times smaller than in the last ({since}).",
        zh="梯度消失：第一层的梯度只有最后一层的 1/{value}（{since}）。",
    ),
    "exploding": Text(
        en="The gradient explodes: in the first layer it is {value} times larger than in the last ({since}).",
        zh="梯度爆炸：第一层的梯度是最后一层的 {value} 倍（{since}）。",
    ),
    "gain": Text(
        en="The weights start with the wrong gain: by theory the pre-activations of the last layer have a spread that "
        "is off by a factor of {value} from 1, which {activation} is built to keep ({since}).",
        zh="初始权重的增益不对：{activation} 本可让激活前的标准差保持为 1，按理论最后一层偏离 {value} 倍（{since}）。",
    ),
    "exploding_in_time": Text(
        en="{place}: through time the gradient explodes: at the first step it is {value} times that at the last "
        "({since}).",
        zh="{place}：梯度沿时间爆炸，首个时刻是末个时刻的 {value} 倍（{since}）。",
    ),
    "large": Text(
        en="{place}: pre-activations are huge, with a spread of {value} ({since}).",
        zh="{place}：激活前的数值过大，标准差为 {value}（{since}）。",
    ),
    "update": Text(
        en="One step changes a weight array by {value} times its size ({since}).",
        zh="一步更新使某个权重数组变化了自身大小的 {value} 倍（{since}）。",
    ),
    "dormant": Text(
        en="{place}: {value} of the units are dormant: next to the others they say nothing ({since}).",
        zh="{place}：{value} 的单元处于休眠，与其他单元相比几乎没有输出（{since}）。",
    ),
    "constant": Text(
        en="{place}: {value} of the units say the same of every input, without being dead ({since}).",
        zh="{place}：{value} 的单元没有死亡，但对每个输入都给出同样的值（{since}）。",
    ),
    "alike": Text(
        en="{place}: {value} of the units say the same of every input ({since}): the signal dies out on its way here.",
        zh="{place}：{value} 的单元对每个输入都给出同样的值（{since}）：信号在传到这里的途中消失了。",
    ),
    "rank": Text(
        en="{place}: {value} of the directions that the outputs could use are unused ({since}).",
        zh="{place}：输出可用的方向中有 {value} 没有用到（{since}）。",
    ),
    "broken": Text(
        en="NaN or Inf: first in {place}, at step {since}; {last}.",
        zh="出现 NaN 或 Inf：最先在 {place}，第 {since} 步；{last}。",
    ),
    "broken_gradient": Text(
        en="NaN or Inf in {place} or its gradient at step {since}, while every activation on the probe is finite; "
        "{last}.",
        zh="第 {since} 步 {place} 或其梯度出现 NaN 或 Inf，而探针上的激活都是有限的；{last}。",
    ),
}

REFERENCE = Text(en="at most {reference}", zh="不超过 {reference}")
HEALTHY = {
    "saturated": Text(
        en="{usual} for standard normal pre-activations, at most {reference} in trained models",
        zh="激活前服从标准正态时为 {usual}，训练好的模型不超过 {reference}",
    ),
    "gain": Text(en="1 for the exact gain", zh="精确增益下为 1"),
    "broken": Text(en="finite numbers", zh="有限的数"),
}
