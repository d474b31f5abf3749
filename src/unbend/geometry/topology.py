"""Whether a layer only stretches and bends space, or tears, folds or flattens it: is it a homeomorphism?

A homeomorphism of the plane keeps the inside of a ring inside: no straight line parts them behind it, however many such
layers follow one another (Olah 2014, "Neural Networks, Manifolds, and Topology").
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.activations.monotony import monotony
from unbend.errors import UnbendError, did_you_mean
from unbend.network import Network, Weights

if TYPE_CHECKING:
    from unbend.recording import Recording

_SENTENCES = {
    "homeomorphism": (
        "layer {layer} is a homeomorphism: it can stretch and bend, but neither tear nor fold; a ring stays a ring",
        "第 {layer} 层是同胚：能拉伸、能弯曲，但撕不开也折不起来；环还是环",
    ),
    "not": ("layer {layer} is no homeomorphism: {reasons}", "第 {layer} 层不是同胚，因为{reasons}"),
    "wider": ("W has width {width}: it lifts {before} into {width} dimensions",
              " W 的宽度是 {width}，把{before}抬进 {width} 维空间"),
    "narrower": ("W has width {width}: it presses {before} {onto}", " W 的宽度是 {width}，把{before}{onto}"),
    "singular": ("W is singular: it presses {before} {onto}", " W 不可逆，把{before}{onto}"),
    "flat": ("{name} is constant {where}, so it folds {part} flat", "{name} 在 {where}是常数，把{part}折平了"),
    "turn": ("{name} turns round at {place}, so it folds space over", "{name} 在 {place} 处掉头，把空间对折起来"),
    "jump": ("{name} jumps at {place}, so it tears space", "{name} 在 {place} 处跳变，把空间撕开"),
}  # fmt: skip
_SPACES = ({1: "the line", 2: "the plane"}, {1: "直线", 2: "平面"})
_ONTO = (
    {0: "onto one point", 1: "onto a line", 2: "onto a plane"},
    {0: "压成一点", 1: "压到一条直线上", 2: "压到一个平面上"},
)


@dataclass(frozen=True)
class Topology:
    """What ``layer`` (from 0) does to the connections of space.

    ``inputs`` and ``width``: the dimensions before and behind it; ``rank`` of its weights; ``reasons``: keys of what
    keeps it from being a homeomorphism ("wider", "narrower", "singular", "flat", "turn", "jump"), none if it is one.
    ``flat``, ``turn``, ``jump``: where its ``activation`` does that, see `Monotony`.
    """

    layer: int
    inputs: int
    width: int
    rank: int
    activation: str
    reasons: tuple[str, ...]
    flat: tuple[float, float] | None
    turn: float | None
    jump: float | None

    @property
    def homeomorphism(self) -> bool:
        """Whether the layer maps space one to one, continuously both ways, and adds no dimension."""
        return not self.reasons

    def sentence(self, lang: str = "en") -> str:
        """The answer with its reasons, in ``"en"`` or ``"zh"``; `UnbendError` for another language."""
        if lang not in ("en", "zh"):
            raise UnbendError(f"there is no language {lang!r}; {did_you_mean(lang, ('en', 'zh'))}")
        if self.homeomorphism:
            return self._said("homeomorphism", lang)
        separator = "; " if lang == "en" else "；"
        return self._said("not", lang, reasons=separator.join(self._said(reason, lang) for reason in self.reasons))

    def _said(self, key: str, lang: str, **more: str) -> str:
        zh = lang == "zh"
        place, flat = self.turn if key == "turn" else self.jump, self.flat or (0.0, 0.0)
        return _SENTENCES[key][zh].format(
            layer=self.layer + 1,
            width=self.width,
            before=_SPACES[zh].get(self.inputs, f" {self.inputs} 维空间" if zh else f"{self.inputs} dimensions"),
            onto=_ONTO[zh].get(self.rank, f"压成 {self.rank} 维" if zh else f"into {self.rank} dimensions"),
            name=self.activation,
            place="" if place is None else f"z = {_number(place)}",
            where=_interval(*flat, lang),
            part=_part(*flat, self.inputs, lang),
            **more,
        )


def homeomorphism(run: "Recording", layer: int = 0, epoch: int = -1) -> Topology:
    """Whether hidden ``layer`` (0 the first, -1 the last) of ``run`` is a homeomorphism, and why not.

    It is one if its weights are square and of full rank and its activation is continuous and strictly monotone. Raises
    `UnbendError` for a layer or an epoch that is not there.

    >>> import unbend as ub
    >>> print(homeomorphism(ub.train(ub.data.ring(), activation="tanh", epochs=1)).sentence())
    layer 1 is a homeomorphism: it can stretch and bend, but neither tear nor fold; a ring stays a ring
    >>> print(homeomorphism(ub.train(ub.data.ring(), activation="relu", epochs=1)).sentence())
    layer 1 is no homeomorphism: relu is constant for z < 0, so it folds half of the plane flat
    """
    return layer_topology(run.network, run.weights(epoch), layer)


def layer_topology(network: Network, weights: Weights, layer: int = 0) -> Topology:
    """`homeomorphism` for weights that are in no recording."""
    hidden = len(network.activations)
    if not -hidden <= layer < hidden:
        shape = "-".join(map(str, network.widths))
        have = f"choose one from 0 to {hidden - 1}" if hidden else "it has none"
        raise UnbendError(f"layer {layer} is not a hidden layer of the network {shape}; {have}")
    at = layer % hidden
    return _topology(at, np.asarray(weights[at][0], np.float64), network.activations[at])


def _topology(layer: int, weight: NDArray[np.float64], activation: Activation) -> Topology:
    inputs, width = weight.shape
    rank, course = int(np.linalg.matrix_rank(weight)), monotony(activation)
    shape = {"wider": width > inputs, "narrower": width < inputs, "singular": rank < min(inputs, width)}
    bends = {"flat": course.flat is not None, "turn": course.turn is not None, "jump": course.jump is not None}
    reasons = tuple(reason for reason, holds in (shape | bends).items() if holds)
    name = activation.name
    return Topology(layer, inputs, width, rank, name, reasons, course.flat, course.turn, course.jump)


def _part(low: float, high: float, inputs: int, lang: str) -> str:
    """What part of space a flat piece takes: half of it, a strip, or all."""
    ends = int(np.isinf([low, high]).sum())
    if lang == "zh":
        space = _SPACES[1].get(inputs, "空间")
        return ("一条带子", f"半个{space}", f"整个{space}")[ends]
    space = _SPACES[0].get(inputs, "space")
    return ("a strip", f"half of {space}", f"all of {space}")[ends]


def _interval(low: float, high: float, lang: str) -> str:
    ends = int(np.isinf([low, high]).sum())
    if ends == 2:
        return "everywhere" if lang == "en" else "各处"
    limit = f"z < {_number(high)}" if np.isinf(low) else f"z > {_number(low)}"
    words = limit if ends else f"{_number(low)} < z < {_number(high)}"
    return f"for {words}" if lang == "en" else f"{words} 时"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
