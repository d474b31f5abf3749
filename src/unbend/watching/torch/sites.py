"""Places in a PyTorch model where an activation stands, their calls, and what can be asked of a function of tensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from unbend.activations import Activation
from unbend.watching.measure import Floats, Role

Function = Callable[[Tensor], Tensor]


@dataclass(eq=False)
class Call:
    """One call: the rows kept of z (m, H), the largest size of each unit's output, the gradient's norm once known.

    ``stage`` counts how often the output turned out to be a later tensor; the gradient is that by the last one.
    """

    z: Tensor | None
    peak: Tensor
    gradient: Tensor | None = None
    stage: int = 0


@dataclass(eq=False)
class Site:
    """An activation at one place: all its calls there with the same weights before it.

    ``plain``: one linear ``layer`` (weight, bias), and nothing else, lies between the activation before and this one.
    ``kept``: z, f(z) and f′(z) (m, H) at the rows of all calls, once they are evaluated. ``last``: the whole output of
    the last call and the axis of its units, until ``place`` (n, features) holds what the way of the probe needs of it.
    """

    path: str
    name: str
    function: Function
    weight: str | None = None
    role: Role = "hidden"
    known: Activation | None = None
    plain: bool = False
    layer: tuple[Tensor, Tensor | None] | None = None
    is_module: bool = False
    calls: list[Call] = field(default_factory=list[Call])
    kept: tuple[Tensor, Tensor, Tensor] = (torch.empty(0), torch.empty(0), torch.empty(0))
    last: tuple[Tensor, int] | None = None
    place: Floats | None = None

    @property
    def title(self) -> str:
        """The module, if it is there for the activation alone, else the module and the function."""
        return self.path if self.is_module else f"{self.path}/{self.name}".lstrip("/")


@dataclass(eq=False)
class Made:
    """The input and output tensors of a call, to recognise them when they are used again.

    ``axis``: that of the units; ``state``: what a recurrent layer made of the output.
    """

    site: Site
    call: Call
    z: Any
    h: Tensor
    version: int
    axis: int = -1
    state: Tensor | None = None


def again(function: Callable[..., Any], rest: Any, kwargs: Mapping[str, Any]) -> Function:
    """The same call on another tensor."""
    return lambda z: function(z, *rest, **kwargs)


def composed(outer: Function, inner: Function) -> Function:
    """One after the other."""
    return lambda z: outer(inner(z))


def times_itself(function: Function) -> Function:
    """z · f(z)."""
    return lambda z: z * function(z)


def peak(tensor: Tensor, axis: int) -> Tensor:
    """(H,) the largest size of each unit; NaN where one value is."""
    size = tensor.detach().abs().movedim(axis, -1)
    return size.reshape(-1, size.shape[-1]).amax(0).float() if tensor.ndim > 1 else size.float()


def on_gradient(call: Call, tensor: Tensor) -> None:
    """Note the gradient's norm when it comes back to this tensor."""
    stage = call.stage

    def note(gradient: Tensor) -> None:
        if call.stage == stage:
            call.gradient = torch.linalg.vector_norm(gradient.detach().float())

    if tensor.requires_grad:
        tensor.register_hook(note)


def is_signal(tensor: Any) -> bool:
    """Whether a tensor comes from the input; without gradients (reentrant checkpoints) that cannot be told."""
    if not isinstance(tensor, Tensor) or not tensor.is_floating_point() or not tensor.numel():
        return False
    return tensor.requires_grad or not torch.is_grad_enabled()


def has_nothing(module: nn.Module) -> bool:
    """Whether a module has neither children nor weight arrays."""
    return not any(True for _ in module.children()) and all(one.ndim < 2 for one in module.parameters())


def may_be_activation(module: nn.Module, args: Any, output: Tensor, last: Tensor | None) -> bool:
    """Whether a module of the user's takes one tensor to one like it, with more than a single known call."""
    if type(module).__module__.startswith("torch.nn") or len(args) != 1 or not is_signal(args[0]):
        return False
    return args[0].shape == output.shape and output is not last and output is not args[0] and has_nothing(module)


def bends_each_element(function: Function, rows: Tensor) -> bool:
    """Whether a function of a tensor is one of each of its numbers alone, and not an affine one.

    >>> bends_each_element(torch.square, torch.eye(3)), bends_each_element(lambda z: 2 * z, torch.eye(3))
    (True, False)
    >>> bends_each_element(lambda z: z.softmax(-1), torch.eye(3))
    False
    """
    column = rows.reshape(-1, 1)
    with torch.no_grad():
        try:
            alone, whole = function(column.clone()), function(rows.clone())
            twice, zero = function(2 * column), function(0 * column)
        except (RuntimeError, ValueError, IndexError):  # it wants the shape that it is built for
            return False
        if alone.shape != column.shape or not torch.allclose(alone, whole.reshape(-1, 1), equal_nan=True):
            return False
        return not torch.allclose(twice + zero, 2 * alone, rtol=1e-4, atol=1e-6)
