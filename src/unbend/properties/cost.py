"""What an activation costs on this machine, relative to ReLU: measured with the machine code that trains networks."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from unbend.activations.activation import Activation
from unbend.activations.expression import Node, evaluate
from unbend.activations.specification import activation
from unbend.activations.text import to_text
from unbend.randomness import normal

VECTORS = 256  # a buffer that stays in the first cache
PASSES, ROUNDS = 64, 21  # passes over the buffer in one measurement; measurements, alternating with those of ReLU

Pass = Callable[[], None]


@lru_cache(maxsize=256)
def relative_cost(subject: Activation) -> dict[str, Any] | None:
    """Time for the value, and for value and gradient, as multiples of those of ReLU, with the processor's name.

    The least of 21 measurements that alternate with ReLU's. The one number of a card that is measured and differs a
    little from call to call; None where nothing can be compiled.
    """
    try:
        from unbend.training.kernel.compile import host_name

        value = _ratio([subject.expression], [_relu().expression])
        both = _ratio([subject.expression, subject.derivative], [_relu().expression, _relu().derivative])
    except (ImportError, OSError, RuntimeError):
        return None
    return {"value": round(value, 2), "gradient": round(both, 2), "measured_on": host_name()}


def _relu() -> Activation:
    return activation("relu")


def _ratio(roots: list[Node], reference: list[Node]) -> float:
    if roots == reference:
        return 1.0
    mine, other = _compiled(tuple(roots)), _compiled(tuple(reference))
    times = [(_seconds(mine), _seconds(other)) for _ in range(ROUNDS)]
    return min(first for first, _ in times) / min(second for _, second in times)


def _seconds(once: Pass) -> float:
    start = time.perf_counter()
    once()
    return time.perf_counter() - start


@lru_cache(maxsize=256)
def _compiled(roots: tuple[Node, ...]) -> Pass:
    """A call that computes some trees over a buffer of normal numbers, again and again."""
    from unbend.training.kernel.compile import compile_kernel, host_lanes
    from unbend.training.kernel.numbers import aligned
    from unbend.training.kernel.program import compiler_digest

    lanes = host_lanes()
    name = repr(("cost 1", VECTORS, PASSES, lanes, [to_text(root) for root in roots], compiler_digest()))
    kernel = compile_kernel(name, lambda: _module(roots, lanes))
    x, result = aligned((VECTORS * lanes,)), aligned((len(roots), VECTORS * lanes))
    x[:] = normal(0, "cost", np.arange(len(x)))
    record = np.array([x.ctypes.data, result.ctypes.data], np.int64)

    def once() -> None:
        kernel(record.ctypes.data)
        _ = x, result  # the buffers live as long as the call

    once()
    return once


def _module(roots: tuple[Node, ...], lanes: int) -> str:
    """``train(record)``: reads x, writes every tree's values, over and over."""
    from unbend.training.vector import INT64, VectorAlgebra

    v = VectorAlgebra(lanes)
    function = v.function("train", [INT64.as_pointer()], internal=False)
    addresses = [v.builder.load(v.at(function.args[0], place)) for place in range(2)]
    x, result = (v.builder.inttoptr(address, v.vector.as_pointer()) for address in addresses)

    def vector(i: Any) -> None:
        for row, value in enumerate(evaluate(roots, v.load(x, i), v)):
            v.store(value, result, i, row * VECTORS)

    v.loop(PASSES, lambda _: v.loop(VECTORS, vector))
    v.builder.ret_void()
    return str(v.module)
