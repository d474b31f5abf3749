"""Losses on the scores of one block: the gradient for training, the sums for the record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unbend.training.kernel.plan import Plan
from unbend.training.vector import FLOAT, VectorAlgebra

Scores = list[Any]


@dataclass(frozen=True)
class LossKernel:
    """A loss in vectors: its gradient by the scores; its value with 1 for correct, or with the squared error."""

    gradient: Callable[[VectorAlgebra, Scores, Any, Any], Scores]
    value: Callable[[VectorAlgebra, Scores, Any, Any], tuple[Any, Any]]


def _binary_gradient(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> Scores:
    return [v.subtract(v.sigmoid(z[0]), y)]


def _binary_value(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> tuple[Any, Any]:
    loss = v.subtract(v.softplus(z[0]), v.multiply(y, z[0]))
    return loss, _indicator(v, v.equal(v.step(z[0]), y))


def _exponentials(v: VectorAlgebra, z: Scores) -> tuple[Scores, Any, Any]:
    highest = z[0]
    for score in z[1:]:
        highest = v.maximum(highest, score)
    exponentials = [v.exp(v.subtract(score, highest)) for score in z]
    total = exponentials[0]
    for term in exponentials[1:]:
        total = v.add(total, term)
    return exponentials, total, highest


def _softmax_gradient(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> Scores:
    exponentials, total, _ = _exponentials(v, z)
    inverse = v.divide(v.constant(1), total)
    chosen = [_indicator(v, v.equal(y, v.constant(k))) for k in range(len(z))]
    return [v.subtract(v.multiply(e, inverse), c) for e, c in zip(exponentials, chosen, strict=True)]


def _softmax_value(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> tuple[Any, Any]:
    _, total, highest = _exponentials(v, z)
    own, best, index = v.constant(0), z[0], v.constant(0)
    for k, score in enumerate(z):
        own = v.where(v.equal(y, v.constant(k)), score, own)
        better = v.greater(score, best)
        best, index = v.where(better, score, best), v.where(better, v.constant(k), index)
    loss = v.subtract(v.add(v.log(total), highest), own)
    return loss, _indicator(v, v.equal(index, y))


def _squared_gradient(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> Scores:
    return [v.multiply(v.constant(2), v.subtract(z[0], y))]


def _squared_value(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> tuple[Any, Any]:
    error = v.subtract(z[0], y)
    squared = v.multiply(error, error)
    return squared, squared


def _huber_gradient(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> Scores:
    error = v.subtract(z[0], y)
    return [v.maximum(v.minimum(error, delta), v.negative(delta))]


def _huber_value(v: VectorAlgebra, z: Scores, y: Any, delta: Any) -> tuple[Any, Any]:
    error = v.subtract(z[0], y)
    size, squared = v.abs(error), v.multiply(error, error)
    linear = v.multiply(delta, v.subtract(size, v.multiply(v.constant(0.5), delta)))
    return v.where(v.less_equal(size, delta), v.multiply(v.constant(0.5), squared), linear), squared


def _indicator(v: VectorAlgebra, mask: Any) -> Any:
    return v.where(mask, v.constant(1), v.constant(0))


LOSSES = {
    "binary_cross_entropy": LossKernel(_binary_gradient, _binary_value),
    "cross_entropy": LossKernel(_softmax_gradient, _softmax_value),
    "squared": LossKernel(_squared_gradient, _squared_value),
    "huber": LossKernel(_huber_gradient, _huber_value),
}


def emit_loss_gradient(v: VectorAlgebra, plan: Plan, loss: str, delta_index: int) -> Any:
    """``loss_gradient(scratch, y, share, hyper)``: scores become the loss gradient, weighted by each sample's share."""
    pointer, floats = v.vector.as_pointer(), FLOAT.as_pointer()
    function = v.function("loss_gradient", [pointer, floats, floats, pointer])
    scratch, y, share, hyper = function.args
    delta = v.load(hyper, delta_index)

    def sample(tile: Any, s: int, place: Any) -> None:
        classes, size = plan.widths[-1], plan.sample_tile
        z = [v.load(place, k * size + s) for k in range(classes)]
        row = (tile, size)
        weight = v.load_scalar(share, row, s)
        for k, g in enumerate(LOSSES[loss].gradient(v, z, v.load_scalar(y, row, s), delta)):
            v.store(v.multiply(g, weight), place, k * size + s)

    _each_sample(v, plan, scratch, sample)
    v.builder.ret_void()
    return function


def emit_loss_value(v: VectorAlgebra, plan: Plan, loss: str, delta_index: int) -> Any:
    """``loss_value(scratch, y, share, hyper, sums)``: adds the block's two weighted sums to ``sums``."""
    pointer, floats = v.vector.as_pointer(), FLOAT.as_pointer()
    function = v.function("loss_value", [pointer, floats, floats, pointer, pointer])
    scratch, y, share, hyper, sums = function.args
    delta = v.load(hyper, delta_index)

    def sample(tile: Any, s: int, place: Any) -> None:
        classes, size = plan.widths[-1], plan.sample_tile
        z = [v.load(place, k * size + s) for k in range(classes)]
        row = (tile, size)
        weight = v.load_scalar(share, row, s)
        for k, term in enumerate(LOSSES[loss].value(v, z, v.load_scalar(y, row, s), delta)):
            v.store(v.multiply_add(term, weight, v.load(sums, k)), sums, k)

    _each_sample(v, plan, scratch, sample)
    v.builder.ret_void()
    return function


def _each_sample(v: VectorAlgebra, plan: Plan, scratch: Any, body: Callable[[Any, int, Any], None]) -> None:
    def tile(t: Any) -> None:
        place = v.at(scratch, plan.scratch[-1][0], (t, plan.tile_stride(plan.depth)))
        for s in range(plan.sample_tile):
            body(t, s, place)

    v.loop(plan.sample_tiles, tile)
