"""One pass of a probe through a PyTorch model, in which every activation is seen however it is called.

A function mode sees module, function and method alike; it is on during this pass alone.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from unbend.activations import Activation
from unbend.watching.probing import ELEMENTS, FEWEST_ROWS, is_kept
from unbend.watching.torch.functions import GATES, is_activation, known, plain_name
from unbend.watching.torch.recurrent import is_unrolled, unrolled
from unbend.watching.torch.sites import (
    Call,
    Function,
    Made,
    Site,
    again,
    bends_each_element,
    composed,
    has_nothing,
    is_signal,
    may_be_activation,
    on_gradient,
    peak,
    times_itself,
)

DROPOUTS = ("dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d", "dropout2d", "dropout3d")
EMBEDDINGS = ("embedding", "embedding_bag")
PRODUCTS = ("mul", "multiply", "__mul__", "__rmul__")
WEIGHTED = ("linear", "matmul", "mm", "addmm", "bmm", "baddbmm", "einsum", "bilinear", "__matmul__", "__rmatmul__")


class Trace(TorchFunctionMode):
    """The sites of one forward pass, in the order of their first calls; run the model inside `watching`."""

    def __init__(self, model: nn.Module) -> None:
        """Look at ``model``; nothing happens before the mode is entered."""
        super().__init__()
        self.sites: dict[tuple[str, str, str | None], Site] = {}
        self.leaves: list[Tensor] = []
        self._paths = {id(module): name for name, module in model.named_modules()}
        self._weights = {id(one): name for name, one in model.named_parameters()}
        self._stack: list[tuple[nn.Module, int]] = []
        self._order: list[Made] = []
        self._made: dict[int, Made] = {}
        self._axis = -1
        self._weight: str | None = None
        self._linear: tuple[Any, Any, Tensor, Tensor | None] | None = None  # input, output, weight, bias
        self._resting = False

    @contextmanager
    def watching(self) -> Generator[None]:
        """See every call inside, and know in which module it happens."""
        before = register_module_forward_pre_hook(self._enter_module)
        after = register_module_forward_hook(self._leave_module, always_call=True)
        try:
            with self:
                yield
        finally:
            before.remove()
            after.remove()

    def finish(self, output: list[Tensor]) -> None:
        """Mark the activations that are the model's own output: their shape is the task's affair."""
        ends = {(one.data_ptr(), one.numel()) for one in output}
        for made in self._order:
            if made.site.role == "hidden" and (made.h.data_ptr(), made.h.numel()) in ends:
                made.site.role = "output"
            made.site.last = made.h if made.state is None else made.state, made.axis
        self._order.clear()
        self._made.clear()
        self._linear = None

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """See a call, and let it happen."""
        kwargs = kwargs or {}
        if self._resting or not args:
            return func(*args, **kwargs)
        name = plain_name(func)
        if name in DROPOUTS and not kwargs.get("training", args[2] if len(args) > 2 else True):
            return args[0]
        if is_unrolled(name, args):
            return unrolled(name, self._rooted(args), self._activate, self._ended)
        if name in EMBEDDINGS:
            return self._embedded(func, args, kwargs)
        if name == "glu":
            signal, gate = args[0].chunk(2, kwargs.get("dim", args[1] if len(args) > 1 else -1))
            return signal * self._activate("gate", torch.sigmoid, gate, None, gate=True)
        if is_activation(name, args, kwargs) and is_signal(args[0]) and "out" not in kwargs:
            return self._called(name, func, args, kwargs)
        if name in WEIGHTED or name.startswith("conv"):
            return self._weighted(name, func, self._rooted(args), kwargs)
        result = func(*args, **kwargs)
        if name in PRODUCTS and len(args) > 1:
            self._multiplied(args[0], args[1], result)
        return result

    def _called(self, name: str, func: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
        z, function = args[0], again(func, args[1:], kwargs)
        chain, plain = self._still(z), self._is_plain(z)
        rows = self._rows(z)  # before the call, which may be in place
        result = func(*args, **kwargs)
        if chain is None:
            site = self._site(Site("", name, function, known=known(name, args, kwargs), plain=plain))
            self._keep(site, None if result is z else z, rows, result)
            return result
        self._rename(chain, f"{name}({chain.site.name})", composed(function, chain.site.function))
        self._moved(chain, result)
        return result

    def _activate(self, name: str, function: Function, z: Tensor, weight: Tensor | None, gate: bool = False) -> Tensor:
        """An activation of a layer that was taken apart."""
        if weight is not None:
            self._weight, self._axis = self._weights.get(id(weight)), -1
        rows, result = self._rows(z), function(z)
        kind = known(plain_name(function), (z,), {})
        site = self._site(Site("", name, function, role="gate" if gate else "hidden", known=kind))
        self._keep(site, z, rows, result)
        return result

    def _ended(self, state: Tensor) -> None:
        """A recurrent layer has come to its last time step: what it tells of the input is its state."""
        made = next(made for made in reversed(self._order) if made.site.role == "hidden")
        made.state = state

    def _site(self, new: Site) -> Site:
        """The site of this place, function and weights: the one there is, or the new one."""
        module = self._stack[-1][0] if self._stack else None
        new.path, new.weight = self._paths.get(id(module), ""), self._weight
        new.is_module = bool(new.path) and module is not None and has_nothing(module)
        new.layer = None if self._linear is None else self._linear[2:]
        return self.sites.setdefault((new.path, new.name, new.weight), new)

    def _keep(self, site: Site, z: Tensor | None, rows: Tensor, result: Tensor) -> None:
        count = len(site.calls)
        call = Call(rows if is_kept(count) else None, peak(result, self._unit_axis(result)))
        site.calls.append(call)
        on_gradient(call, result)
        made = Made(site, call, z, result, result._version, self._unit_axis(result))
        self._order.append(made)
        self._made[id(result)] = made
        self._linear = None

    def _moved(self, made: Made, result: Tensor) -> None:
        """The output of an activation is a later tensor than was thought."""
        made.call.peak = peak(result, self._unit_axis(result))
        made.call.stage += 1
        on_gradient(made.call, result)
        self._made.pop(id(made.h), None)
        made.h, made.version = result, result._version
        self._made[id(result)] = made

    def _rename(self, made: Made, name: str, function: Function, kind: Activation | None = None) -> None:
        """An activation is a larger one than was thought."""
        old = made.site
        self._forget(made)
        new = Site(old.path, name, function, old.weight, old.role, kind, old.plain, old.layer, old.is_module)
        made.site = self.sites.setdefault((old.path, name, old.weight), new)
        made.site.calls.append(made.call)

    def _forget(self, made: Made) -> None:
        made.site.calls.remove(made.call)
        self.sites = {key: site for key, site in self.sites.items() if site.calls}

    def _multiplied(self, a: Any, b: Any, result: Any) -> None:
        """z · f(z) is an activation of its own; a sigmoid times anything else is a gate."""
        for one, other in ((a, b), (b, a)):
            made = self._still(one)
            if made is None or not isinstance(other, Tensor):
                continue
            if made.z is other:
                silu = made.site.known is not None and made.site.known.name == "sigmoid"
                kind, name = (known("silu", (), {}), "silu") if silu else (None, f"x*{made.site.name}")
                self._rename(made, name, times_itself(made.site.function), kind)
                self._moved(made, result)
            elif made.site.name in GATES and other.requires_grad:
                made.site.role = "gate"
            return

    def _still(self, tensor: Any) -> Made | None:
        """The activation that made a tensor, if nothing has been written into it since."""
        made = self._made.get(id(tensor))
        return made if made is not None and made.h is tensor and made.version == tensor._version else None

    def _weighted(self, name: str, func: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
        """A layer with weights: they are those of the next activation, and say which axis its units are."""
        result = func(*args, **kwargs)
        given = [one for one in (*args, *kwargs.values()) if isinstance(one, Tensor)]
        own = [self._weights[id(one)] for one in given if id(one) in self._weights and one.ndim > 1]
        if own or name == "linear" or name.startswith("conv"):
            path = self._paths.get(id(self._stack[-1][0]), "") if self._stack else ""
            self._weight = own[0] if own else f"{path}.weight".lstrip(".")
            digits = [int(letter) for letter in name if letter.isdigit()]
            self._axis = -1 - digits[0] if name.startswith("conv") and digits else -1
        bias = kwargs.get("bias", args[2] if len(args) > 2 else None)
        mixes = name == "linear" or (name.startswith("conv") and "transpose" not in name)
        alone = mixes and self._linear is None and len(args) > 1
        self._linear = (args[0], result, args[1], bias) if alone else None
        return result

    def _is_plain(self, z: Any) -> bool:
        if self._linear is None or self._linear[1] is not z:
            return False
        return not self._order or self._order[-1].h is self._linear[0]

    def _embedded(self, func: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
        if kwargs.get("max_norm") is not None:  # it would shrink the user's weights in place
            args = (args[0], args[1].clone(), *args[2:])
        return self._root(func(*args, **kwargs))

    def _rooted(self, args: Any) -> Any:
        """The arguments of a layer, whose input starts the way back if nothing before it has."""
        first = args[0]
        if not isinstance(first, Tensor) or not first.is_floating_point() or first.requires_grad:
            return args
        if id(first) in self._weights or not torch.is_grad_enabled():
            return args
        return (self._root(first), *args[1:])

    def _root(self, tensor: Tensor) -> Tensor:
        """The same numbers, from which the way back is followed to here: indices have no gradient themselves."""
        leaf = tensor.detach().requires_grad_()
        self.leaves.append(leaf)
        return leaf.clone()

    def _unit_axis(self, tensor: Tensor) -> int:
        return self._axis if tensor.ndim >= -self._axis else -1

    def _rows(self, z: Tensor) -> Tensor:
        """A copy (m, H) of evenly spread rows of z."""
        rows = z.detach().movedim(self._unit_axis(z), -1)
        rows = rows.reshape(-1, rows.shape[-1]) if rows.ndim > 1 else rows.reshape(1, -1)
        most = max(FEWEST_ROWS, ELEMENTS // max(1, rows.shape[1]))
        return rows[:: max(1, -(-len(rows) // most))].float().clone()

    def _enter_module(self, module: nn.Module, args: Any) -> None:
        self._stack.append((module, len(self._order)))

    def _leave_module(self, module: nn.Module, args: Any, output: Any) -> None:
        if not self._stack or self._stack[-1][0] is not module:
            return
        inside = self._order[self._stack[-1][1] :]
        self._resting = True
        try:
            if isinstance(output, Tensor) and may_be_activation(module, args, output, inside[-1].h if inside else None):
                self._merge(module, args[0], output, inside)
        finally:
            self._resting = False
            self._stack.pop()

    def _merge(self, module: nn.Module, z: Tensor, output: Tensor, inside: list[Made]) -> None:
        """A small module of the user's is one activation as a whole, if it bends each element by itself."""
        rows = self._rows(z)
        if not bends_each_element(module.forward, rows[:4]):
            return
        for made in inside:
            self._forget(made)
        del self._order[len(self._order) - len(inside) :]
        self._keep(self._site(Site("", type(module).__name__, module.forward)), z, rows, output)
