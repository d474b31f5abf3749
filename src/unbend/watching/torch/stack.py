"""A PyTorch model as a plain stack: what it calls on some inputs, one linear layer and activation after the other.

Modules, functions and methods are seen alike, so that it does not matter how the model is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from unbend.activations import activation
from unbend.errors import UnbendError
from unbend.watching.stack import ELSEWHERE, Bend, Linear, Scale, Stack, Step, no_stack, stacked
from unbend.watching.torch.functions import known, plain_name
from unbend.watching.torch.probe import checked_probe, model_behind, refused
from unbend.watching.torch.sites import bends_each_element, has_nothing
from unbend.watching.torch.state import undisturbed
from unbend.watching.torch.trace import EMBEDDINGS

ROWS = 64  # that are sent through the model
PASSED = (
    "flatten", "reshape", "view", "squeeze", "unsqueeze", "contiguous", "clone", "detach", "requires_grad", "float",
    "double", "type", "type_as", "to", "cpu", "__getitem__", "identity", "dropout", "alpha_dropout",
    "feature_alpha_dropout",
)  # fmt: skip
TIMES = ("mul", "multiply", "__mul__", "__rmul__", "__imul__")
PRODUCTS = ("matmul", "mm", "__matmul__")
# An operation with a number, or with one number for each unit, as a factor and a shift.
SCALES: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    **dict.fromkeys(("add", "__add__", "__radd__", "__iadd__"), lambda b: (1.0, b)),
    **dict.fromkeys(("sub", "__sub__", "__isub__", "subtract"), lambda b: (1.0, -b)),
    **dict.fromkeys(TIMES, lambda a: (a, 0.0)),
    **dict.fromkeys(("div", "__truediv__", "true_divide", "divide", "__itruediv__"), lambda a: (1 / a, 0.0)),
}


@dataclass(frozen=True, eq=False)
class Plan:
    """The ``steps`` of a stack that changes by its linear layers alone, a model's own ``parameters`` (weight, bias)."""

    steps: tuple[Linear | Bend, ...]
    parameters: tuple[tuple[Tensor, Tensor | None], ...]

    def read(self, model: nn.Module) -> Stack | None:
        """The stack with the weights that there are now; None if the model has other parameters by now."""
        own = {id(one) for one in model.parameters()}
        if not all(one is None or id(one) in own for pair in self.parameters for one in pair):
            return None
        pairs = iter(self.parameters)
        steps = [_linear(one.name, *next(pairs)) if isinstance(one, Linear) else one for one in self.steps]
        return stacked(steps, type(model).__name__)


def stack_of(model: nn.Module, x: Any) -> Stack:
    """The stack that a model is, as it calls its layers on the first rows of x (n, …); `UnbendError` if it is none."""
    return planned(model, x)[0]


def planned(model: nn.Module, x: Any) -> tuple[Stack, Plan | None]:
    """The same, and how to read it again without calling the model; None where that is not enough."""
    model, _ = model_behind(model)
    given, *more = x if isinstance(x, tuple) else (x,)
    if more:
        raise UnbendError(f"{type(model).__name__} takes several inputs, and a recording has one table; {ELSEWHERE}")
    inputs = checked_probe(model, np.asarray(given)[:ROWS] if not isinstance(given, Tensor) else given[:ROWS])
    given = inputs[0][0]
    rows = _array(given).reshape(len(given), -1)
    with undisturbed(model), torch.no_grad():
        for module in model.modules():
            module.training = False
        trace = StackTrace(model, given)
        try:
            with trace:
                output = trace.run()
        except UnbendError:
            raise
        except Exception as error:
            raise refused(model, inputs, error) from None
    found = stacked(trace.steps, type(model).__name__)
    answers = trace.scores(output)
    if trace.steps and isinstance(trace.steps[-1], Bend) and trace.steps[-1].kind == "log_softmax":
        answers = np.exp(answers)
    return replace(found, answers=(rows, answers)), trace.plan()


class StackTrace(TorchFunctionMode):
    """The steps that a model takes from its inputs to its scores.

    Every tensor on the way has the number of steps that were taken when it was made; a step may only be taken from the
    newest one, or the model is no stack.
    """

    def __init__(self, model: nn.Module, given: Tensor) -> None:
        """Nothing has been called yet."""
        super().__init__()
        self.steps: list[Step] = []
        self._model, self._given = model, given
        self._made: dict[int, tuple[Tensor, int]] = {id(given): (given, 0)}
        self._parameters: list[tuple[Tensor, Tensor | None]] = []
        self._names = {id(module): name for name, module in model.named_modules()}
        self._stack: list[nn.Module] = []
        self._whole: nn.Module | None = None

    def run(self) -> Any:
        """The model's output, its steps seen."""
        before = register_module_forward_pre_hook(self._enter)
        after = register_module_forward_hook(self._leave, always_call=True)
        try:
            return self._model(self._given)
        finally:
            before.remove()
            after.remove()

    def scores(self, output: Any) -> np.ndarray[Any, Any]:
        """(m, out) what the model answers; it must be the last of the steps."""
        if self._at(output) != len(self.steps):
            kind = type(output).__name__
            said = "an earlier layer as well" if isinstance(output, Tensor) else f"a {kind}"
            raise UnbendError(f"{type(self._model).__name__} returns {said} instead of its last scores; {ELSEWHERE}")
        if not output.ndim or len(output) != len(self._given):
            raise UnbendError("the output does not hold one row for each input, as that of a stack does")
        return _array(output).reshape(len(self._given), -1)

    def plan(self) -> Plan | None:
        """How to read the steps again, if training changes nothing in them but the weights of linear layers."""
        steps = [
            one for one in self.steps if isinstance(one, Linear) or (isinstance(one, Bend) and one.kind != "prelu")
        ]
        return Plan(tuple(steps), tuple(self._parameters)) if len(steps) == len(self.steps) else None

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """See a call, and let it happen."""
        kwargs = kwargs or {}
        if plain_name(func) in EMBEDDINGS:  # one with a largest norm would shrink its weights when it is called
            no_stack(self._where(), plain_name(func))
        rows = args[0] if args and isinstance(args[0], Tensor) else None
        before = None if rows is None or self._at(rows) is None else rows.shape
        result = func(*args, **kwargs)
        ways = [one for one in _flat((*args, *kwargs.values())) if self._at(one) is not None]
        if ways and self._whole is None and any(isinstance(one, Tensor) for one in _flat((result,))):
            self._take(plain_name(func), args, kwargs, ways, before, result)
        return result

    def _take(self, name: str, args: Any, kwargs: Mapping[str, Any], ways: list[Any], before: Any, result: Any) -> None:
        where = self._where()
        since = min(self._at(one) or 0 for one in ways)
        if any(isinstance(step, Linear) for step in self.steps[since:]):
            no_stack(where, name, "takes the values of an earlier layer too")
        if not isinstance(result, Tensor) or before is None:
            no_stack(where, name)
        if name in PASSED and result.numel() == before.numel():
            self._made[id(result)] = result, since
            return
        newest = since == len(self.steps)
        step = self._step(where, name, args, kwargs, ways) if newest else None
        if step is None and result.shape != before:
            no_stack(where, name)
        if not newest:  # several values of the same layer come together: a function of it as a whole
            inside = [getattr(one, "kind", name) for one in self.steps[since:]]
            is_silu = inside == ["sigmoid"] and name in TIMES and len(ways) == 2
            self.steps[since:] = [] if is_silu else [Bend(where, kind) for kind in inside]
            step = Bend(where, "silu", activation("silu")) if is_silu else None
        self.steps.append(step or Bend(where, name))
        self._made[id(result)] = result, len(self.steps)

    def _step(self, where: str, name: str, args: Any, kwargs: Mapping[str, Any], ways: list[Any]) -> Step | None:
        if name == "linear":
            return self._linear(where, *args, **kwargs)
        if name in PRODUCTS and len(ways) == 1 and ways[0] is args[0] and args[1].ndim == 2:
            return self._linear(where, args[0], args[1].T)
        if name == "batch_norm":
            return _batch_norm(where, *args, **kwargs)
        if name in SCALES and len(args) == 2 and len(ways) == 1 and not kwargs:
            other = args[1] if ways[0] is args[0] else args[0]
            if not isinstance(other, Tensor) or other.numel() in (1, ways[0].shape[-1]):
                numbers = _array(other).reshape(-1) if isinstance(other, Tensor) else float(other)
                return Scale(where, name, *SCALES[name](numbers))
        if name == "prelu" and args[1].numel() == 1:
            return Bend(where, name, activation("prelu", alpha=float(args[1])))
        return Bend(where, name, kind) if (kind := known(name, args, kwargs)) else None

    def _linear(self, where: str, given: Tensor, weight: Tensor, bias: Tensor | None = None) -> Linear:
        self._parameters.append((weight, bias))
        return _linear(where, weight, bias)

    def _at(self, value: Any) -> int | None:
        found = self._made.get(id(value))
        return found[1] if found and found[0] is value else None

    def _where(self) -> str:
        return self._names.get(id(self._stack[-1]), "") if self._stack else ""

    def _enter(self, module: nn.Module, args: Any) -> None:
        self._stack.append(module)
        foreign = not type(module).__module__.startswith("torch.nn")
        if self._whole is None and module is not self._model and foreign and has_nothing(module) and len(args) == 1:
            self._whole = module

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        if not self._stack or self._stack[-1] is not module:
            return
        where = self._where()
        self._stack.pop()
        if self._whole is not module:
            return
        if self._at(args[0]) is not None and self._at(output) is None:
            self._take_whole(where, module, args[0], output)
        self._whole = None

    def _take_whole(self, where: str, module: nn.Module, z: Tensor, output: Any) -> None:
        """A small module of the user's: nothing, an activation, or no layer of a stack."""
        kind, since = type(module).__name__, self._at(z)
        if since != len(self.steps) or not isinstance(output, Tensor) or output.numel() != z.numel():
            no_stack(where, kind)
        if not torch.equal(output.reshape(-1), z.reshape(-1)):
            if not bends_each_element(module.forward, z[:4]):
                no_stack(where, kind)
            self.steps.append(Bend(where, kind))
        self._made[id(output)] = output, len(self.steps)


def _linear(where: str, weight: Tensor, bias: Tensor | None) -> Linear:
    return Linear(where, _array(weight).T, np.zeros(len(weight), np.float32) if bias is None else _array(bias))


def _batch_norm(
    where: str, given: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
    bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Scale:  # fmt: skip
    """Normalisation by running statistics; that by the batch's own is no function of a row."""
    if training and (running_mean is None or running_var is None):
        no_stack(where, "batch_norm", "normalises by each batch's own statistics")
    if running_mean is None or running_var is None:
        no_stack(where, "batch_norm", "has no running statistics")
    factor = 1 / np.sqrt(_array(running_var).astype(np.float64) + eps)
    factor = factor if weight is None else factor * _array(weight)
    shift = -_array(running_mean) * factor
    return Scale(where, "batch_norm", factor, shift if bias is None else shift + _array(bias))


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    tensor = tensor.detach().cpu()
    return (tensor if tensor.dtype == torch.float64 else tensor.float()).numpy().copy()


def _flat(values: Any) -> list[Any]:
    return [one for value in values for one in (_flat(value) if isinstance(value, tuple | list) else [value])]
