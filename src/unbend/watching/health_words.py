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

GAIN = Text(
    en="weights of standard deviation {gain}/√fan_in ({gain} is the exact gain of {activation})",
    zh="标准差为 {gain}/√fan_in 的初始权重（{gain} 是 {activation} 的精确增益）",
)
NO_GAIN = Text(en="weights of standard deviation 1/√(fan_in · E f(z)²)", zh="标准差为 1/√(fan_in · E f(z)²) 的初始权重")

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
        en="One step changes a weight array by {value} of its size ({since}).",
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
        en="NaN or Inf: first in {place}, at step {since}; step {last} was sound.",
        zh="出现 NaN 或 Inf：最先在 {place}，第 {since} 步；第 {last} 步还正常。",
    ),
    "broken_gradient": Text(
        en="NaN or Inf in {place} or its gradient at step {since}, while every activation on the probe is finite; "
        "step {last} was sound.",
        zh="第 {since} 步 {place} 或其梯度出现 NaN 或 Inf，而探针上的激活都是有限的；第 {last} 步还正常。",
    ),
}

HEALTHY = {
    "dead": Text(en="at most 10%", zh="不超过 10%"),
    "saturated": Text(en="{usual} for standard normal pre-activations", zh="激活前服从标准正态时为 {usual}"),
    "vanishing": Text(en="between 0.01 and 100 times", zh="0.01 到 100 倍之间"),
    "exploding": Text(en="between 0.01 and 100 times", zh="0.01 到 100 倍之间"),
    "exploding_in_time": Text(en="below 100 times", zh="低于 100 倍"),
    "large": Text(en="about 1", zh="约为 1"),
    "update": Text(en="about 0.001", zh="约 0.001"),
    "dormant": Text(en="below 30%", zh="低于 30%"),
    "constant": Text(en="below 30%", zh="低于 30%"),
    "alike": Text(en="below 30%", zh="低于 30%"),
    "rank": Text(en="below 90%", zh="低于 90%"),
    "broken": Text(en="finite numbers", zh="有限的数"),
}

ADVICE = {
    "dead": Text(
        en="Try a learning rate ten times smaller first; then an activation with a slope on the left (leaky_relu, "
        "elu).",
        zh="先把学习率降到十分之一；再试左侧有斜率的激活函数（leaky_relu、elu）。",
    ),
    "dead_start": Text(
        en="They were dead before training: pre-activations have mean {mean} and spread {spread}. Set this layer's "
        "biases to 0 and standardise the inputs; then try {gain}.",
        zh="训练前就已死亡：激活前的均值为 {mean}，标准差为 {spread}。把这一层的偏置设为 0，并标准化输入；再试{gain}。",
    ),
    "saturated": Text(
        en="Try a learning rate ten times smaller first; then normalise in front of the activation (LayerNorm, "
        "BatchNorm).",
        zh="先把学习率降到十分之一；再在激活之前加归一化（LayerNorm、BatchNorm）。",
    ),
    "saturated_start": Text(
        en="It was so before training: standardise the inputs (mean 0, deviation 1) first; then try {gain}.",
        zh="训练前就是如此：先标准化输入（均值 0、标准差 1）；再试{gain}。",
    ),
    "vanishing": Text(
        en="Try {gain} first; then normalisation, residual connections, or relu or gelu in place of {activation}.",
        zh="先试{gain}；再试归一化、残差连接，或用 relu、gelu 代替 {activation}。",
    ),
    "exploding": Text(
        en="Try {gain} first; then gradient clipping and normalisation.",
        zh="先试{gain}；再试梯度裁剪和归一化。",
    ),
    "exploding_in_time": Text(
        en="Start the recurrent weights orthogonal with gain 1, and clip the gradient's norm at 1; then try a GRU "
        "or LSTM.",
        zh="循环权重用增益为 1 的正交初始化，并把梯度范数裁剪到 1；再试 GRU 或 LSTM。",
    ),
    "large": Text(
        en="Standardise the inputs first; then try {gain}, or a smaller learning rate.",
        zh="先标准化输入；再试{gain}，或更小的学习率。",
    ),
    "update": Text(en="Try a learning rate ten times smaller.", zh="试把学习率降到十分之一。"),
    "dormant": Text(
        en="Harmless while the loss falls; if learning has stalled, try a narrower layer or a smaller learning rate.",
        zh="损失还在下降就无妨；若学习停滞，试更窄的层或更小的学习率。",
    ),
    "constant": Text(
        en="Harmless: the layer is wider than the task needs; a narrower one will do.",
        zh="无妨：这一层比任务所需的宽，可以窄一些。",
    ),
    "alike": Text(
        en="Try {gain} first; then normalisation or residual connections.", zh="先试{gain}；再试归一化或残差连接。"
    ),
    "rank": Text(
        en="Harmless where the data has few directions itself; otherwise try a narrower layer, or normalisation.",
        zh="数据本身方向就少时无妨；否则试更窄的层，或加归一化。",
    ),
    "broken": Text(
        en="Try a learning rate ten times smaller and clip the gradient's norm at 1; then look for exp, log or "
        "division in front of {place}.",
        zh="先把学习率降到十分之一，并把梯度范数裁剪到 1；再检查 {place} 之前的 exp、log 或除法。",
    ),
    "broken_gradient": Text(
        en="Look at the inputs and the loss of that batch (NaN in the data, log of 0, division by 0); then clip the "
        "gradient's norm at 1.",
        zh="先检查那一批的输入和损失（数据中的 NaN、对 0 取对数、除以 0）；再把梯度范数裁剪到 1。",
    ),
}
