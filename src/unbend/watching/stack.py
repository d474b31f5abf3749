"""A plain stack of affine maps and activations, whatever framework it comes from: its steps, folded into layers.

It knows no framework; each framework has a module that says which steps a model takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.errors import UnbendError
from unbend.network import Link, Weights

Array = NDArray[Any]
ELSEWHERE = "a recording is made of linear layers with activations between them; w.film shows what any model does"


@dataclass(frozen=True, eq=False)
class Linear:
    """An affine map of all values, x @ weight + bias: ``weight`` (in, out), ``bias`` (out,)."""

    name: str
    weight: Array
    bias: Array


@dataclass(frozen=True, eq=False)
class Scale:
    """An affine map of each value by itself, x · factor + shift, both (d,) or numbers; ``kind`` says what it is there.

    ``fixed``: it prepares the data, and training does not change it.
    """

    name: str
    kind: str
    factor: Any
    shift: Any
    fixed: bool = False


@dataclass(frozen=True, eq=False)
class Bend:
    """A function of each value by itself: ``kind`` as the framework calls it, None where the catalogue lacks it."""

    name: str
    kind: str
    activation: Activation | None = None


Step = Linear | Scale | Bend


@dataclass(frozen=True, eq=False)
class Stack:
    """A multilayer perceptron at one moment.

    ``weights``: ((weight (in, out), bias (out,)), …); ``bends`` one per hidden layer; ``link`` what the model applies
    to its last scores by itself; ``mean`` and ``scale`` (d,) of the standardisation in front of it; ``folded`` names
    the normalisations that are part of the weights now; ``is_classifier`` where the framework says so. ``answers``:
    some inputs (m, d) and what the model itself makes of them (m, out), to compare with, where it was called.
    """

    weights: Weights
    bends: tuple[Bend, ...]
    link: Link
    mean: Array | None = None
    scale: Array | None = None
    folded: tuple[str, ...] = ()
    is_classifier: bool | None = None
    answers: tuple[Array, Array] | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        """(d, h1, …, out)."""
        return (self.weights[0][0].shape[0], *(len(bias) for _, bias in self.weights))

    @property
    def is_finite(self) -> bool:
        """Whether no weight is NaN or Inf."""
        return all(bool(np.isfinite(weight).all() and np.isfinite(bias).all()) for weight, bias in self.weights)

    @property
    def nbytes(self) -> int:
        """What the weights take."""
        return sum(weight.nbytes + bias.nbytes for weight, bias in self.weights)


def no_stack(name: str, kind: str, why: str = "") -> NoReturn:
    """Refuse a layer that is none of a plain stack."""
    said = repr(kind) if not name or name == kind else f"layer {name!r} ({kind})"
    raise UnbendError(f"{said} {why or 'makes the model more than a stack of linear layers'}: {ELSEWHERE}")


def too_large(name: str, nbytes: int) -> UnbendError:
    """What is said of weights that a watch has no room for."""
    return UnbendError(
        f"the weights of {name} take {nbytes / 2**20:.0f} MB, of which a watch has no room for a training's worth; "
        "ub.Recording.from_model(model, x, y) records them as they are now"
    )


def stacked(steps: Sequence[Step], model: str) -> Stack:
    """The stack that does what ``steps`` do one after the other; ``model`` is its name in what is refused.

    An affine map of each value is folded into the linear layer that stands beside it, and one that only prepares the
    data is kept as its standardisation. Raises `UnbendError` where the steps are no stack of linear layers.

    >>> import numpy as np
    >>> two = Linear("a", np.ones((2, 1)), np.zeros(1)), Scale("n", "norm", 3.0, 1.0)
    >>> stacked(two, "model").weights[0][0].tolist(), stacked(two, "model").weights[0][1].tolist()
    ([[3.0], [3.0]], [1.0])
    """
    places = [place for place, step in enumerate(steps) if isinstance(step, Linear)]
    if not places:
        raise UnbendError(f"{model} has no linear layer, so there are no weights to record")
    groups = [steps[start + 1 : end] for start, end in zip((-1, *places), (*places, len(steps)), strict=True)]
    layers = [steps[place] for place in places]
    weights: list[tuple[Array, Array]] = []
    before, prepared = _front(groups[0])
    for layer, after in zip(layers, groups[1:], strict=True):
        assert isinstance(layer, Linear)
        own, before_next = _parted(after)
        weights.append(_folded(layer, before, own))
        before = before_next
    if before:
        no_stack(before[0].name, before[0].kind, "comes after the last activation")
    bends = [_bend(group) for group in groups[1:]]
    mean, scale = prepared or (None, None)
    folded = tuple(step.name for group in groups for step in group if isinstance(step, Scale) and not step.fixed)
    _check_chain(weights, layers)
    return Stack(tuple(weights), tuple(bends[:-1]), _link(bends[-1], model), mean, scale, folded)


def _front(group: Sequence[Step]) -> tuple[list[Scale], tuple[Array, Array] | None]:
    """What stands before the first layer: scales to fold into it, or the standardisation of the data."""
    scales = [step for step in group if isinstance(step, Scale)]
    bent = next((step for step in group if isinstance(step, Bend)), None)
    if bent is not None:
        no_stack(bent.name, bent.kind, "bends the inputs before the first linear layer")
    if not scales or not all(step.fixed for step in scales):
        return scales, None
    factor, shift = _composed(scales)
    if not (factor > 0).all():
        return scales, None
    return [], (-shift / factor, 1 / factor)


def _parted(group: Sequence[Step]) -> tuple[list[Scale], list[Scale]]:
    """The scales after a layer: those before its activation, and those after it."""
    bent = [place for place, step in enumerate(group) if isinstance(step, Bend)]
    inside = group[bent[0] : bent[-1]] if bent else []
    between = next((step for step in inside if isinstance(step, Scale)), None)
    if between is not None:
        no_stack(between.name, between.kind, "stands between two activations")
    first, last = (bent[0], bent[-1]) if bent else (len(group), len(group))
    own, following = group[:first], group[last:]
    return [one for one in own if isinstance(one, Scale)], [one for one in following if isinstance(one, Scale)]


def _composed(scales: Sequence[Scale]) -> tuple[Array, Array]:
    """Several as one: factor and shift."""
    factor, shift = np.ones(1), np.zeros(1)
    for step in scales:
        factor, shift = factor * step.factor, shift * step.factor + step.shift
    return factor, shift


def _folded(layer: Linear, before: Sequence[Scale], after: Sequence[Scale]) -> tuple[Array, Array]:
    if not before and not after:
        return layer.weight, layer.bias
    weight, bias = layer.weight.astype(np.float64), layer.bias.astype(np.float64)
    factor, shift = _composed(before)
    bias = bias + np.broadcast_to(shift, len(weight)) @ weight
    weight = np.broadcast_to(factor, len(weight))[:, None] * weight
    factor, shift = _composed(after)
    return weight * factor, bias * factor + shift


def _bend(group: Sequence[Step]) -> Bend:
    """The activation after a layer; the identity where there is none, and an unknown one where there are several."""
    from unbend.activations import activation

    bends = [step for step in group if isinstance(step, Bend)]
    bends = [one for one in bends if not (one.activation and one.activation.name == "identity")]
    if not bends:
        return Bend("", "identity", activation("identity"))
    if len(bends) == 1:
        return bends[0]
    return Bend(bends[0].name, ", ".join(one.kind for one in bends))


def _link(end: Bend, model: str) -> Link:
    name = end.activation.name if end.activation else end.kind
    links: dict[str, Literal["identity", "sigmoid", "softmax"]] = {
        "identity": "identity", "sigmoid": "sigmoid", "softmax": "softmax", "log_softmax": "softmax",
    }  # fmt: skip
    if name not in links:
        raise UnbendError(
            f"{model} ends in {end.kind}, and a recording in scores, a sigmoid or a softmax; leave the last activation "
            "out of the model"
        )
    return links[name]


def _check_chain(weights: Sequence[tuple[Array, Array]], layers: Sequence[Any]) -> None:
    for place in range(1, len(weights)):
        before, after = weights[place - 1][0].shape[1], weights[place][0].shape[0]
        if before != after:
            raise UnbendError(
                f"layer {layers[place - 1].name!r} gives {before} values and {layers[place].name!r} takes {after}: "
                f"they do not follow one another; {ELSEWHERE}"
            )
