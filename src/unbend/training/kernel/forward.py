"""The forward pass of one block of samples: affine map, then activation with its derivative, layer by layer."""

from typing import Any

from unbend.activations.activation import Activation
from unbend.activations.expression import evaluate
from unbend.training.kernel.plan import Piece, Plan
from unbend.training.vector import FLOAT, INT64, VectorAlgebra


def emit_activations(v: VectorAlgebra, activations: tuple[Activation, ...]) -> tuple[Any, ...]:
    """One function ``(values, derivatives, pairs)`` for each different activation; values are replaced in place."""
    known: dict[tuple[Any, Any], Any] = {}
    functions: list[Any] = []
    for activation in activations:
        key = (activation.expression, activation.derivative)
        if key not in known:
            known[key] = _emit_activation(v, activation, f"activate{len(known)}")
        functions.append(known[key])
    return tuple(functions)


def _emit_activation(v: VectorAlgebra, activation: Activation, name: str) -> Any:
    pointer = v.vector.as_pointer()
    function = v.function(name, [pointer, pointer, INT64])
    values, derivatives, count = function.args

    def pair(i: Any) -> None:
        roots = (activation.expression, activation.derivative)
        results = [evaluate(roots, v.load(values, (i, 2), k), v) for k in range(2)]
        for k, (value, derivative) in enumerate(results):
            v.store(value, values, (i, 2), k)
            v.store(derivative, derivatives, (i, 2), k)

    v.loop(count, pair)
    v.builder.ret_void()
    return function


def emit_forward(v: VectorAlgebra, plan: Plan, activations: tuple[Activation, ...]) -> Any:
    """``forward(weights, x, scratch)``: leaves activations and derivatives of every layer, the scores last."""
    functions = emit_activations(v, activations)
    pointer = v.vector.as_pointer()
    function = v.function("forward", [pointer, FLOAT.as_pointer(), pointer])
    weights, x, scratch = function.args
    for layer in range(1, plan.depth + 1):
        for piece in plan.pieces[layer - 1]:
            _affine(v, plan, layer, piece, weights, x, scratch)
        if layer < plan.depth:
            values, derivatives = plan.scratch[layer - 1]
            count = plan.sample_tiles * plan.tile_stride(layer) // 2
            arguments = (v.at(scratch, values), v.at(scratch, derivatives), v.index(count))
            v.builder.call(functions[layer - 1], arguments)
    v.builder.ret_void()
    return function


def layer_inputs(v: VectorAlgebra, plan: Plan, layer: int, x: Any, scratch: Any, tile: Any) -> Any:
    """``load(i, s)``: input i of a layer for sample s of a sample tile."""
    size = plan.sample_tile
    if layer == 1:
        width = plan.widths[0]
        first = v.at(x, (tile, size * width))
        return lambda i, s: v.load_scalar(first, i, s * width)
    first = v.at(scratch, plan.scratch[layer - 2][0], (tile, plan.tile_stride(layer - 1)))
    return lambda i, s: v.load(first, (i, size), s)


def _affine(v: VectorAlgebra, plan: Plan, layer: int, piece: Piece, weights: Any, x: Any, scratch: Any) -> None:
    (start, count, size), offset, stride = piece
    inputs, samples = plan.widths[layer - 1], range(plan.sample_tile)

    def output_tile(tile: Any) -> None:
        weight = v.at(weights, offset, (tile, stride))
        bias = v.at(weights, plan.bias_offsets[layer - 1] + start, (tile, size))

        def sample_tile(s: Any) -> None:
            load = layer_inputs(v, plan, layer, x, scratch, s)

            def one_input(i: Any, *sums: Any) -> list[Any]:
                h = [load(i, q) for q in samples]
                w = [v.load(weight, (i, size), p) for p in range(size)]
                terms = [(w[p], h[q]) for p in range(size) for q in samples]
                return [v.multiply_add(a, b, c) for (a, b), c in zip(terms, sums, strict=True)]

            biases = [v.load(bias, p) for p in range(size) for _ in samples]
            sums = v.loop(inputs, one_input, biases, unroll=4)
            place = v.at(
                scratch, plan.scratch[layer - 1][0] + start * plan.sample_tile,
                (s, plan.tile_stride(layer)), (tile, size * plan.sample_tile),
            )  # fmt: skip
            for k, total in enumerate(sums):
                v.store(total, place, k)

        v.loop(plan.sample_tiles, sample_tile)

    v.loop(count, output_tile)
