"""Recurrent layers of PyTorch step by step, so that each of their activations can be seen; the numbers stay the same.

A fused layer does all time steps in one call whose insides no hook reaches. Equations as in the documentation of
torch.nn.RNN, GRU and LSTM.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import linear

FUSED = ("gru", "lstm", "rnn_tanh", "rnn_relu")
CELLS = tuple(f"{name}_cell" for name in FUSED)
State = tuple[Tensor, ...]
Ended = Callable[[Tensor], None]


class Activate(Protocol):
    """Apply an activation and keep what it does, under a name; ``gate`` if it only lets other signals through."""

    def __call__(
        self, name: str, function: Callable[[Tensor], Tensor], z: Tensor, weight: Tensor | None, gate: bool = False
    ) -> Tensor:
        """f(z)."""
        ...


def is_unrolled(name: str, args: Sequence[Any]) -> bool:
    """Whether a call can be taken apart: not one on packed sequences, nor one with a projection."""
    if name in CELLS:
        return True
    if name not in FUSED or not isinstance(args[2], list | tuple) or not isinstance(args[3], bool):
        return False
    directions = args[4] * (2 if args[7] else 1)
    return len(args[2]) == directions * (4 if args[3] else 2)


def unrolled(name: str, args: Sequence[Any], activate: Activate, ended: Ended = lambda state: None) -> Any:
    """What ``torch.gru``, ``lstm``, ``rnn_tanh``, ``rnn_relu`` or one of their cells returns for these arguments.

    ``ended`` is told the state of each layer and direction after its last time step.
    """
    if name in CELLS:
        x, hidden, *weights = args
        state = _step(name.removesuffix("_cell"), x, _states(hidden), weights, activate, "")
        ended(state[0])
        return state if name == "lstm_cell" else state[0]
    x, initial, weights, biases, layers, _, _, bidirectional, batch_first = args
    steps = list((x.transpose(0, 1) if batch_first else x).unbind(0))
    size, directions = (4 if biases else 2), (2 if bidirectional else 1)
    last: list[State] = []
    for layer in range(layers):
        ways: list[list[Tensor]] = []
        for way in range(directions):
            index = layer * directions + way
            own = weights[index * size : (index + 1) * size]
            place = (f".l{layer}" if layers > 1 else "") + (".reverse" if way else "")
            state = tuple(one[index] for one in _states(initial))
            out: list[Tensor] = []
            for step in reversed(steps) if way else steps:
                state = _step(name, step, state, own, activate, place)
                out.append(state[0])
            ended(state[0])
            last.append(state)
            ways.append(out[::-1] if way else out)
        steps = [torch.cat(parts, -1) for parts in zip(*ways, strict=True)] if directions > 1 else ways[0]
    output = torch.stack(steps)
    ends = [torch.stack(parts) for parts in zip(*last, strict=True)]
    return (output.transpose(0, 1) if batch_first else output, *ends)


def _states(hidden: Any) -> State:
    return tuple(hidden) if isinstance(hidden, list | tuple) else (hidden,)


def _step(name: str, x: Tensor, state: State, weights: Sequence[Any], activate: Activate, place: str) -> State:
    """The state after one time step."""
    w_in, w_hidden = weights[:2]
    b_in, b_hidden = weights[2:] or (None, None)
    mine, before = linear(x, w_in, b_in), linear(state[0], w_hidden, b_hidden)
    if name.startswith("rnn"):
        function = torch.tanh if name == "rnn_tanh" else torch.relu
        return (activate(f"{name[4:]}{place}", function, mine + before, w_hidden),)
    if name == "gru":
        own, past = mine.chunk(3, -1), before.chunk(3, -1)
        reset = activate(f"reset{place}", torch.sigmoid, own[0] + past[0], w_hidden, gate=True)
        update = activate(f"update{place}", torch.sigmoid, own[1] + past[1], w_hidden, gate=True)
        new = activate(f"new{place}", torch.tanh, own[2] + reset * past[2], w_hidden)
        return ((1 - update) * new + update * state[0],)
    parts = (mine + before).chunk(4, -1)
    names = ("input", "forget", "cell", "output")
    let_in, forget, cell, let_out = (
        activate(f"{word}{place}", torch.tanh if word == "cell" else torch.sigmoid, z, w_hidden, gate=word != "cell")
        for word, z in zip(names, parts, strict=True)
    )
    memory = forget * state[1] + let_in * cell
    return let_out * activate(f"state{place}", torch.tanh, memory, w_hidden), memory
