"""What to try against a fault, for people and for programs: the same list gives both, the first one first."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Literal

import numpy as np

from unbend.activations import activation
from unbend.errors import UnbendError
from unbend.network import exact_gain
from unbend.properties.normal import moments
from unbend.text import Text
from unbend.watching.measure import LayerMeasure, WeightMeasure

Action = Literal[
    "initialise", "orthogonal", "learning_rate", "batch_norm", "standardise", "activation", "bias", "clip",
    "narrow", "inspect",
]  # fmt: skip
LARGE = 4.0  # a gain, or a spread: the exact gains of functions that are used in deep networks lie below 2
KEPT = 100.0  # a gradient that changes less over the whole depth is kept


@dataclass(frozen=True)
class Remedy:
    """One change to a model or its training; ``place`` names the activation it is about, None the whole model.

    What ``value`` is depends on ``action``:

    - "initialise": draw the weights in front of the activations with standard deviation value/√fan_in, biases 0;
    - "orthogonal": start the recurrent weights as an orthogonal matrix times value;
    - "learning_rate": multiply the learning rate by value;
    - "clip": scale a gradient of a norm above value down to it;
    - "bias": set the biases in front of the activation to value;
    - "activation": put the activation of that name in its place.

    These have no value: "batch_norm", normalise in front of every activation; "standardise", every column of the
    inputs; "narrow", fewer units; "inspect", look at the data.
    """

    action: Action
    what: Text
    place: str | None = None
    value: float | str | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """A fault to be mended.

    Its kind, where, in which activation, with which weights in front, since which step, in
    a model of how many hidden activations.
    """

    kind: str
    place: str | None
    layer: LayerMeasure | None
    weight: WeightMeasure | None = None
    since: int = 0
    depth: int = 1

    @property
    def gain(self) -> float:
        """Of the weights in front: the root of fan_in times their mean square, ‖W‖ / √units; NaN if not known.

        >>> layer = LayerMeasure("act", "relu", "hidden", "w", 4, *[0.0] * 13, 4, True)
        >>> Case("large", "act", layer, WeightMeasure("w", 6.0)).gain
        3.0
        """
        return self.weight.norm / self.layer.units**0.5 if self.weight and self.layer else float("nan")

    @property
    def weights_are_large(self) -> bool:
        """Whether they amplify the signal several times, so that they are to blame, and not what comes in."""
        return self.gain > LARGE

    @property
    def is_shifted(self) -> bool:
        """Whether all pre-activations lie on one side, as only biases can do."""
        return self.layer is not None and abs(self.layer.mean) > 2 * self.layer.spread

    @property
    def is_spread(self) -> bool:
        """Whether pre-activations reach much further than the 1 that they should."""
        return self.layer is None or self.layer.spread > LARGE

    @property
    def is_recurrent(self) -> bool:
        """Whether the activation is called again and again with the same weights."""
        return self.layer is not None and not isnan(self.layer.time_ratio)


def remedies(case: Case) -> tuple[Remedy, ...]:
    """What to try against a fault, in this order.

    >>> remedies(Case("update", None, None))[0].what.en
    'make the learning rate ten times smaller'
    """
    return tuple(RECIPES[case.kind](case))


def advice(found: tuple[Remedy, ...]) -> Text:
    """The remedies as one sentence.

    >>> advice(remedies(Case("dormant", None, None))).zh
    '先把学习率降到十分之一；再减少这一层的单元。'
    """
    return Text(
        en="First " + "; then ".join(one.what.en for one in found) + ".",
        zh="先" + "；再".join(one.what.zh for one in found) + "。",
    )


def _slower(case: Case) -> Remedy:
    return Remedy(
        "learning_rate", Text(en="make the learning rate ten times smaller", zh="把学习率降到十分之一"), value=0.1
    )


def _clip(case: Case) -> Remedy:
    return Remedy("clip", Text(en="clip the gradient's norm at 1", zh="把梯度范数裁剪到 1"), value=1.0)


def _standardise(case: Case) -> Remedy:
    return Remedy(
        "standardise",
        Text(
            en="standardise the inputs (every column to mean 0 and standard deviation 1)",
            zh="标准化输入（每一列变成均值 0、标准差 1）",
        ),
    )


def _normalise(case: Case) -> Remedy:
    return Remedy(
        "batch_norm",
        Text(en="put BatchNorm in front of every activation", zh="在每个激活函数之前加 BatchNorm"),
    )


def _initialise(case: Case) -> Remedy:
    return _started(case.layer.activation if case.layer else "", case.place)


def _started(name: str, place: str | None) -> Remedy:
    """The exact gain of an activation: the one that keeps the second moment of the signal."""
    gain = gain_of(name)
    if gain is None:
        words = Text(
            en="draw the starting weights with standard deviation 1/√(fan_in · E f(z)²), biases 0",
            zh="把初始权重的标准差设为 1/√(fan_in · E f(z)²)，偏置设为 0",
        )
        return Remedy("initialise", words, place)
    words = Text(
        en="draw the starting weights with standard deviation {gain}/√fan_in ({gain} is the exact gain of "
        "{activation}), biases 0",
        zh="把初始权重的标准差设为 {gain}/√fan_in（{gain} 是 {activation} 的精确增益），偏置设为 0",
    ).fill({"gain": f"{gain:.4g}", "activation": name})
    return Remedy("initialise", words, place, gain)


def _bias(case: Case) -> Remedy:
    words = Text(en="set the biases in front of {place} to 0", zh="把 {place} 之前的偏置设为 0")
    return Remedy("bias", words.fill({"place": case.place or ""}), case.place, 0.0)


def _replace(name: str) -> Callable[[Case], Remedy]:
    def remedy(case: Case) -> Remedy:
        words = Text(en="replace {old} by {new}", zh="用 {new} 代替 {old}")
        old = case.layer.activation if case.layer else "f"
        return Remedy("activation", words.fill({"old": old, "new": name}), case.place, name)

    return remedy


def _orthogonal(case: Case) -> Remedy:
    words = Text(
        en="start the recurrent weights of {place} as an orthogonal matrix",
        zh="把 {place} 的循环权重初始化为正交矩阵",
    )
    return Remedy("orthogonal", words.fill({"place": case.place or ""}), case.place, 1.0)


def _narrow(case: Case) -> Remedy:
    return Remedy("narrow", Text(en="take fewer units in this layer", zh="减少这一层的单元"), case.place)


def _inspect(case: Case) -> Remedy:
    words = Text(
        en="look at the inputs and the loss of that batch (NaN in the data, log of 0, division by 0)",
        zh="检查那一批的输入和损失（数据中的 NaN、对 0 取对数、除以 0）",
    )
    return Remedy("inspect", words)


def _list(*makers: Callable[[Case], Remedy]) -> Callable[[Case], list[Remedy]]:
    return lambda case: [make(case) for make in makers]


def _dead(case: Case) -> list[Remedy]:
    if case.since:
        return _list(_slower, _replace("leaky_relu"))(case)
    return _at_the_start(case)


def _far_out(case: Case) -> list[Remedy]:
    if case.since:
        return _list(_slower, _normalise)(case)
    return _at_the_start(case)


def _at_the_start(case: Case) -> list[Remedy]:
    """Before training pre-activations are out of place because of biases, of weights or of inputs."""
    if case.is_shifted:
        return _list(_bias, _standardise, _initialise)(case)
    if case.weights_are_large and case.is_recurrent:
        return _list(_orthogonal, _standardise)(case)
    if case.weights_are_large or not case.is_spread:
        return _list(_initialise, _standardise)(case)
    return _list(_standardise, _initialise)(case)


def _in_time(case: Case) -> list[Remedy]:
    return _list(*((_clip, _slower) if case.since else (_orthogonal, _clip)))(case)


def _carried(case: Case) -> list[Remedy]:
    """The signal or its gradient is lost on its way through the layers."""
    if case.since:
        return _list(_slower, _normalise)(case)
    if _gain_suffices(case):
        return _list(_initialise, _normalise)(case)
    return [*_list(_normalise, _replace("relu"))(case), _started("relu", case.place)]


def _gain_suffices(case: Case) -> bool:
    """Whether the exact gain keeps the gradient as well as the signal, through all layers: χ₁ is then near 1.

    For functions off centre, such as sigmoid, it does not: most of their second moment is a constant that carries
    nothing, and 20 layers shrink the gradient 10⁸ times. Normalised over the batch that constant is gone, and χ₁ 1.03.
    """
    name = case.layer.activation if case.layer else ""
    if gain_of(name) is None:
        return False
    function = activation(name)
    found = moments(function, np.array(function.kinks), np.ones(1), checked=False)
    ratio = float(found.slope_square[0] / found.square[0]) ** (max(0, case.depth - 1) / 2)
    return 1 / KEPT < ratio < KEPT


def gain_of(name: str) -> float | None:
    """The exact gain of an activation of the catalogue; None if it is not known there, or has none."""
    try:
        return exact_gain(activation(name))
    except UnbendError:
        return None


RECIPES: dict[str, Callable[[Case], list[Remedy]]] = {
    "dead": _dead,
    "saturated": _far_out,
    "vanishing": _carried,
    "exploding": _carried,
    "gain": _list(_initialise),
    "exploding_in_time": _in_time,
    "large": _far_out,
    "update": _list(_slower),
    "dormant": _list(_slower, _narrow),
    "constant": _list(_narrow),
    "alike": _carried,
    "rank": _list(_narrow, _normalise),
    "broken": _list(_slower, _clip, _inspect),
    "broken_gradient": _list(_inspect, _clip),
}
