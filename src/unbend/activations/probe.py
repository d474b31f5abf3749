"""What a network would meet: values and slopes of an activation near 0 and far out, in the precision of training."""

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation

FAR = 1e4
NEAR = np.linspace(-6.0, 6.0, 241)

WORDS = {
    "en": {
        "value": "{name} is {found} at x = {x:g}; networks that come there diverge and count as failed",
        "slope": "{name} has the slope {found} at x = {x:g}; networks that come there diverge and count as failed",
        "flat": "the slope of {name} is 0 everywhere from -6 to 6, so the layers below it learn nothing",
        "constant": "{name} is {found:g} everywhere from -6 to 6, so a network with it is a constant",
    },
    "zh": {
        "value": "{name} 在 x = {x:g} 处为 {found}；到达那里的网络会发散，计为失败",
        "slope": "{name} 在 x = {x:g} 处的斜率为 {found}；到达那里的网络会发散，计为失败",
        "flat": "{name} 在 -6 到 6 之间斜率处处为 0，它之前的层什么也学不到",
        "constant": "{name} 在 -6 到 6 之间处处为 {found:g}，用它的网络是常数",
    },
}


def probe_activation(activation: Activation, lang: str = "en") -> tuple[str, ...]:
    """Warnings, a sentence each, about NaN, infinite values and slopes that are 0; none for a sound activation.

    Looked at in float32: x from -6 to 6 in steps of 0.05, and ±10,000.

    >>> from unbend.activations import activation
    >>> probe_activation(activation("relu"))
    ()
    >>> probe_activation(activation("exp(x)"))[0]
    'exp(x) is inf at x = 10000; networks that come there diverge and count as failed'
    """
    points = np.concatenate([NEAR, [-FAR, FAR]]).astype(np.float32)
    with np.errstate(all="ignore"):
        values, slopes = activation(points), activation.gradient(points)
    words, name = WORDS[lang], activation.name
    found: list[str] = []
    for what, numbers in (("value", values), ("slope", slopes)):
        if (place := _first_unsound(numbers)) is not None:
            found.append(words[what].format(name=name, found=f"{numbers[place]:g}", x=points[place]))
    near, steep = values[: len(NEAR)], slopes[: len(NEAR)]
    if near.min() == near.max():
        found.append(words["constant"].format(name=name, found=near[0]))
    elif not steep.any():
        found.append(words["flat"].format(name=name))
    return tuple(found)


def _first_unsound(numbers: NDArray[np.floating]) -> int | None:
    """The place of the first number that is NaN or infinite."""
    places = np.flatnonzero(~np.isfinite(numbers))
    return int(places[0]) if places.size else None
