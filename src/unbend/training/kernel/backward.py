"""The backward pass of one block: gradients of the inputs of each layer, then of its weights.

With one block a batch, a weight's gradient never leaves the registers: the optimiser takes it from there. With several,
gradients are added up in the scratch and the optimiser passes over them at the end of the batch.
"""

from collections.abc import Callable
from typing import Any

from unbend.training.kernel.forward import layer_inputs
from unbend.training.kernel.plan import Piece, Plan, tiles_of
from unbend.training.vector import FLOAT, VectorAlgebra

Sink = Callable[[Any, Any], None]  # takes a gradient and the place of its parameter


def emit_backward(v: VectorAlgebra, plan: Plan, make_update: Callable[[Any, Any, Any, Any], Sink]) -> Any:
    """``backward(weights, state, x, scratch, hyper)``; the scratch holds the loss gradient in place of the scores."""
    pointer = v.vector.as_pointer()
    function = v.function("backward", [pointer, pointer, FLOAT.as_pointer(), pointer, pointer])
    weights, state, x, scratch, hyper = function.args
    sink = make_update(weights, state, scratch, hyper) if plan.one_block else _add_up(v, plan, scratch)
    for layer in range(plan.depth, 0, -1):
        if layer > 1:
            _input_gradient(v, plan, layer, weights, scratch)
        for piece in plan.pieces[layer - 1]:
            _weight_gradient(v, plan, layer, piece, x, scratch, sink)
            _bias_gradient(v, plan, layer, piece, scratch, sink)
    v.builder.ret_void()
    return function


def emit_update(v: VectorAlgebra, plan: Plan, make_update: Callable[[Any, Any, Any, Any], Sink]) -> Any:
    """``update(weights, state, scratch, hyper)``: the optimiser's pass over an accumulated gradient."""
    pointer = v.vector.as_pointer()
    function = v.function("update", [pointer] * 4)
    weights, state, scratch, hyper = function.args
    sink = make_update(weights, state, scratch, hyper)
    v.loop(plan.parameters, lambda place: sink(v.load(scratch, plan.gradient_offset, place), place))
    v.builder.ret_void()
    return function


def _add_up(v: VectorAlgebra, plan: Plan, scratch: Any) -> Sink:
    def add(gradient: Any, place: Any) -> None:
        address = v.at(scratch, plan.gradient_offset, place)
        v.store(v.add(v.load(address), gradient), address)

    return add


def _deltas(v: VectorAlgebra, plan: Plan, layer: int, scratch: Any, tile: Any) -> Callable[[Any, int], Any]:
    """``load(o, s)``: loss gradient with respect to pre-activation o of a layer, sample s of a sample tile."""
    values, derivatives = plan.scratch[layer - 1]
    offset = values if layer == plan.depth else derivatives
    first = v.at(scratch, offset, (tile, plan.tile_stride(layer)))
    return lambda o, s: v.load(first, (o, plan.sample_tile), s)


def _input_gradient(v: VectorAlgebra, plan: Plan, layer: int, weights: Any, scratch: Any) -> None:
    samples = range(plan.sample_tile)
    for start, count, size in tiles_of(plan.widths[layer - 1], plan.output_tile):

        def input_tile(tile: Any, start: int = start, size: int = size) -> None:
            first = v.builder.add(v.index(start), v.builder.mul(tile, v.index(size)))

            def sample_tile(s: Any) -> None:
                sums = [v.constant(0)] * (size * len(samples))
                load = _deltas(v, plan, layer, scratch, s)
                for piece in plan.pieces[layer - 1]:
                    sums = _through_weights(v, piece, weights, first, size, samples, load, sums)
                place = v.at(
                    scratch, plan.scratch[layer - 2][1], (s, plan.tile_stride(layer - 1)), (first, plan.sample_tile)
                )
                for k, total in enumerate(sums):
                    v.store(v.multiply(total, v.load(place, k)), place, k)

            v.loop(plan.sample_tiles, sample_tile)

        v.loop(count, input_tile)


def _through_weights(
    v: VectorAlgebra, piece: Piece, weights: Any, first: Any, size: int, samples: range, load: Any, sums: list[Any]
) -> list[Any]:
    (start, count, width), offset, stride = piece

    def output_tile(tile: Any, *sums: Any) -> list[Any]:
        weight = v.at(weights, offset, (tile, stride), (first, width))
        unit = v.builder.add(v.index(start), v.builder.mul(tile, v.index(width)))
        for p in range(width):
            d = [load(v.builder.add(unit, v.index(p)), s) for s in samples]
            w = [v.load(weight, q * width + p) for q in range(size)]
            terms = [(a, b) for a in w for b in d]
            sums = tuple(v.multiply_add(a, b, c) for (a, b), c in zip(terms, sums, strict=True))
        return list(sums)

    return v.loop(count, output_tile, sums)


def _weight_gradient(v: VectorAlgebra, plan: Plan, layer: int, piece: Piece, x: Any, scratch: Any, sink: Sink) -> None:
    (start, count, width), offset, stride = piece
    b = v.builder

    def output_tile(tile: Any) -> None:
        unit = b.add(v.index(start), b.mul(tile, v.index(width)))
        place = b.add(v.index(offset), b.mul(tile, v.index(stride)))
        for first, number, size in tiles_of(plan.widths[layer - 1], plan.input_tile):

            def input_tile(t: Any, first: int = first, size: int = size) -> None:
                i = b.add(v.index(first), b.mul(t, v.index(size)))

                def sample_tile(s: Any, *sums: Any) -> list[Any]:
                    inputs, deltas = layer_inputs(v, plan, layer, x, scratch, s), _deltas(v, plan, layer, scratch, s)
                    for q in range(plan.sample_tile):
                        h = [inputs(b.add(i, v.index(p)), q) for p in range(size)]
                        d = [deltas(b.add(unit, v.index(p)), q) for p in range(width)]
                        terms = [(one, other) for one in h for other in d]
                        sums = tuple(v.multiply_add(*term, total) for term, total in zip(terms, sums, strict=True))
                    return list(sums)

                sums = v.loop(plan.sample_tiles, sample_tile, [v.constant(0)] * (size * width))
                here = b.add(place, b.mul(i, v.index(width)))
                for k, gradient in enumerate(sums):
                    sink(gradient, b.add(here, v.index(k)))

            v.loop(number, input_tile)

    v.loop(count, output_tile)


def _bias_gradient(v: VectorAlgebra, plan: Plan, layer: int, piece: Piece, scratch: Any, sink: Sink) -> None:
    (start, count, width), _, _ = piece

    def output_tile(tile: Any) -> None:
        unit = v.builder.add(v.index(start), v.builder.mul(tile, v.index(width)))

        def sample_tile(s: Any, *sums: Any) -> list[Any]:
            load = _deltas(v, plan, layer, scratch, s)
            for q in range(plan.sample_tile):
                sums = tuple(v.add(load(v.builder.add(unit, v.index(p)), q), c) for p, c in enumerate(sums))
            return list(sums)

        sums = v.loop(plan.sample_tiles, sample_tile, [v.constant(0)] * width)
        place = v.builder.add(v.index(plan.bias_offsets[layer - 1]), unit)
        for p, gradient in enumerate(sums):
            sink(gradient, v.builder.add(place, v.index(p)))

    v.loop(count, output_tile)
