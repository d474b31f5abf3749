"""From stacks of layers, at one moment or along a training, to a `Recording` on the user's data."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.data.column import numbers_of
from unbend.data.dataset import Dataset, Task
from unbend.data.faults import refuse
from unbend.data.read_memory import ARRAYS, is_frame, read_arrays
from unbend.data.target import read_target
from unbend.errors import UnbendError
from unbend.network import Network, Weights, forward
from unbend.recording import Recording
from unbend.recording.arguments import WIDEST, layer_activations
from unbend.watching.history import Sample
from unbend.watching.stack import ELSEWHERE, Bend, Stack

Array = NDArray[Any]
TOLERANCE = 1e-4  # of the model's own answers, which are float32


def recorded(
    stacks: Sequence[Stack],
    epochs: Sequence[int],
    x: Any,
    y: Any,
    given: Any = None,
    task: Task | None = None,
    name: str = "model",
    origin: str = "",
) -> Recording:
    """The recording of a model at some ``epochs``, on x (n, d) in the units that the model takes and y (n,).

    ``given``: an activation for all hidden layers, or a list with one for each, instead of the model's own. The task is
    that of the model, or is told from y. Raises `UnbendError` where model and data do not fit together.
    """
    last = stacks[-1]
    if max(last.widths) > WIDEST:
        raise UnbendError(f"a layer of {max(last.widths)} units is too wide for a recording, which takes {WIDEST}")
    bends = _activations(last, given)
    data = _dataset(last, as_rows(x), as_arrays(y), task, name, origin)
    _compare(next((one for one in reversed(stacks) if one.answers is not None), last), bends, name)
    kept = [_scores(stack, data) for stack in stacks]
    return Recording.from_weights(data, [list(layers) for layers in kept], bends, epochs)


def as_arrays(values: Any) -> Any:
    """Tensors of PyTorch as arrays, wherever they are; all else as it is."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values


def as_rows(x: Any) -> Any:
    """Inputs with one row for each example: images and other blocks are flattened."""
    if is_frame(x):
        return x
    found = np.asarray(as_arrays(x))
    return found.reshape(len(found), -1) if found.ndim > 2 else found


def _activations(stack: Stack, given: Any) -> tuple[Activation, ...]:
    if given is not None:
        return layer_activations(given, len(stack.bends))
    for depth, bend in enumerate(stack.bends, start=1):
        if bend.activation is None:
            where = f"layer {bend.name!r} ({bend.kind})" if bend.name else bend.kind
            raise UnbendError(
                f"{where} after linear layer {depth} is no activation of the catalogue; if it bends each number by "
                f"itself, pass activation='a formula in x' (or a list, one for each hidden layer), else {ELSEWHERE}"
            )
    return tuple(bend.activation for bend in stack.bends if bend.activation)


def _compare(stack: Stack, bends: tuple[Activation, ...], name: str) -> None:
    """Refuse a stack that is not the whole model: its answers must be the model's own."""
    if stack.answers is None:
        return
    x, answers = stack.answers
    network = Network(stack.widths, bends, stack.link)
    ours = forward(network, stack.weights, _prepared(stack, x))[-1].activation
    off = float(np.abs(ours - answers).max() / (1 + np.abs(answers).max()))
    if not off <= TOLERANCE:
        raise UnbendError(
            f"{name} answers differently from its linear layers and activations alone (by {off:.2g} of its largest "
            f"answer): it does something else as well, or an activation is another one; {ELSEWHERE}"
        )


def _prepared(stack: Stack, x: Array) -> Array:
    """Points as the first layer gets them."""
    return x if stack.mean is None or stack.scale is None else (x - stack.mean) / stack.scale


def _dataset(stack: Stack, x: Any, y: Any, task: Task | None, name: str, origin: str) -> Dataset:
    raw, target = read_arrays(x, y)
    read = [numbers_of(*pair, raw.rows) for pair in zip(raw.names[:-1], raw.columns[:-1], strict=True) if pair[1]]
    faults = [*raw.faults, *(fault for _, found in read for fault in found)]
    answer = None
    if raw.columns[-1] is not None:
        answer, more = read_target(target, raw.columns[-1], raw.rows, task or _task(stack, raw.columns[-1]))
        faults += more
    if faults or answer is None:
        refuse(ARRAYS, faults, raw.counting)
    points = np.stack([values for values, _ in read if values is not None], axis=1)
    if points.shape[1] != stack.widths[0]:
        raise UnbendError(f"x has {points.shape[1]} columns and {name} takes {stack.widths[0]}")
    points = _prepared(stack, points)
    mean, scale = (
        None if one is None else np.broadcast_to(one, points.shape[1:]).astype(np.float64)
        for one in (stack.mean, stack.scale)
    )
    return Dataset(
        name, points, answer.y, answer.task, raw.names[:-1], target, answer.class_names, _origin(stack, origin or name),
        mean, scale,
    )  # fmt: skip


def _task(stack: Stack, column: Any) -> Task | None:
    """What the model was made for, where that is certain."""
    if stack.is_classifier is False:
        return "regression"
    distinct = len(column.unique())
    if stack.is_classifier is None and stack.widths[-1] == 1 and stack.link == "identity" and distinct > 2:
        return "regression"
    return ("binary" if distinct <= 2 else "multiclass") if stack.is_classifier else None


def _origin(stack: Stack, origin: str) -> str:
    if not stack.folded:
        return origin
    names = ", ".join(repr(name) for name in stack.folded)
    return f"{origin}; {names} folded into the linear layers, as in evaluation"


def _scores(stack: Stack, data: Dataset) -> Weights:
    """The weights with a last layer as a recording of this task has it."""
    outputs, classes = stack.widths[-1], len(data.class_names)
    *hidden, (weight, bias) = stack.weights
    if data.task == "binary" and outputs == 2 and stack.link != "sigmoid":
        return (*hidden, (weight[:, 1:] - weight[:, :1], bias[1:] - bias[:1]))  # softmax of two is their difference's
    fits = {
        "binary": outputs == 1 and stack.link != "softmax",
        "multiclass": outputs == classes and stack.link != "sigmoid",
        "regression": outputs == 1 and stack.link == "identity",
    }
    if fits[data.task]:
        return stack.weights
    ends = {"identity": "scores", "sigmoid": "a sigmoid", "softmax": "a softmax"}[stack.link]
    found = f"{classes} classes ({', '.join(data.class_names[:5])})" if data.class_names else "numbers to predict"
    raise UnbendError(
        f"the model ends in {outputs} output(s) with {ends}, and y holds {found}; give x and y as in its training, "
        "with rows of every class, or name the task, such as task='regression'"
    )


def from_model(model: Any, x: Any, y: Any, activation: Any = None, task: Task | None = None) -> Recording:
    """See `unbend.Recording.from_model`."""
    from unbend.watching.stacks import stack_of

    stack, name, origin = stack_of(model, x)
    return recorded([stack], [0], x, y, activation, task, name, origin)


def along(
    name: str,
    samples: Sequence[Sample],
    steps: int,
    refusal: UnbendError | None,
    x: Any,
    y: Any,
    given: Any,
    task: Task | None,
) -> Recording:
    """See `unbend.Watch.recording`; ``refusal`` says why there are no stacks in the samples, or no more."""
    if refusal is not None:
        raise refusal
    stacks = [(sample.step, sample.stack) for sample in samples if sample.stack is not None]
    if not stacks:
        raise UnbendError(f"the watch of {name} has no samples yet; train inside `with` first")
    whole = [(step, stack) for step, stack in stacks if stack.is_finite]
    if not whole:
        raise UnbendError(f"the weights of {name} were never finite while it was watched; there is nothing to record")
    last = whole[-1][1]
    for depth, bend in enumerate(last.bends):
        if len({_formula(stack.bends[depth]) for _, stack in whole}) > 1:
            raise UnbendError(
                f"layer {bend.name!r} ({bend.kind}) learns its own shape, and a recording has one activation for all "
                "epochs; ub.Recording.from_model(model, x, y) records the model as it is now"
            )
    origin = f"{name}, watched: its weights after {len(whole)} of {steps:,} steps, denser early"
    run = recorded([stack for _, stack in whole], [step for step, _ in whole], x, y, given, task, name, origin)
    broken = next((step for step, stack in stacks if not stack.is_finite), None)
    recipe = replace(run.recipe, epochs=max(steps, 1), batch_size=None)  # what it counts are single updates
    return replace(run, recipe=recipe, diverged_at=broken, unit="step")


def _formula(bend: Bend) -> str:
    return bend.activation.formula if bend.activation else bend.kind
