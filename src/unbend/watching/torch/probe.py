"""The model and the probe as they were given, checked; every fault is one sentence."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unbend.errors import UnbendError, reason
from unbend.text import Text
from unbend.watching.probing import MOST_ROWS
from unbend.watching.torch.state import COMPILED

Inputs = tuple[tuple[Any, ...], dict[str, Any]]
WRAPPERS = ("DistributedDataParallel", "DataParallel")
SHARDED = ("FullyShardedDataParallel", "FSDPModule")

MOST_NAMED = 4  # inputs whose shapes are told


def model_behind(model: nn.Module) -> tuple[nn.Module, tuple[Text, ...]]:
    """The user's own modules behind the wrappers of compilation and parallel training, and what to know of them."""
    notices: tuple[Text, ...] = ()
    if not isinstance(model, nn.Module):  # pyright: ignore[reportUnnecessaryIsInstance] - a tensor is PyTorch's too
        raise UnbendError(f"a {type(model).__name__} is no model that can be watched; give a torch.nn.Module")
    while True:
        kind = type(model).__name__
        if hasattr(model, "_orig_mod"):
            model, notices = model._orig_mod, (COMPILED,)  # pyright: ignore[reportAssignmentType]
        elif kind in WRAPPERS:
            model = model.module  # pyright: ignore[reportAssignmentType]
        else:
            break
    if {one.__name__ for one in type(model).__mro__} & set(SHARDED):
        raise UnbendError(
            "the model's weights are sharded (FSDP), so that no process can run the probe alone; watch it before it is "
            "wrapped, or train it with DistributedDataParallel"
        )
    if isinstance(model, torch.jit.ScriptModule):
        raise UnbendError("a TorchScript model cannot be looked into; watch the module that it was made from")
    if any(getattr(one, "_compiled_call_impl", None) is not None for one in model.modules()):
        notices = (COMPILED,)
    return model, notices


def checked_probe(model: nn.Module, probe: Any) -> Inputs:
    """The probe as positional and keyword arguments of the model: a tensor or an array, a tuple of them, or a dict.

    Arrays are moved to where the model is, and take its precision. Raises `UnbendError` where model and probe are on
    different devices, and for what is no probe.
    """
    device, dtype = _place(model)
    given = probe if isinstance(probe, tuple | list) else (probe,)
    args = () if isinstance(probe, dict) else tuple(_tensor(one, device, dtype) for one in given)
    kwargs = {key: _tensor(one, device, dtype) for key, one in probe.items()} if isinstance(probe, dict) else {}
    for one in (*args, *kwargs.values()):
        if isinstance(one, Tensor) and one.device != device:
            raise UnbendError(f"the probe is on {one.device}, the model on {device}; pass probe.to({str(device)!r})")
        if isinstance(one, Tensor) and not one.numel():
            raise UnbendError(f"the probe of shape {tuple(one.shape)} is empty; give some rows of training inputs")
    return args, kwargs


def first_rows(args: tuple[Any, ...], kwargs: dict[str, Any], most: int = MOST_ROWS) -> Inputs:
    """Copies of what a model was called with; of a batch its first rows, at most so many."""
    tensors: list[Tensor] = []
    of_tensors((args, kwargs), lambda one: tensors.append(one) or one)
    rows = next((len(one) for one in tensors if one.ndim), 0)

    def kept(one: Tensor) -> Tensor:
        return (one[:most] if one.ndim and len(one) == rows else one).detach().clone()

    return of_tensors((args, kwargs), kept)


def of_tensors(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same tuples, lists and dicts of inputs with every tensor changed; all else as it is."""
    if isinstance(inputs, Tensor):
        return change(inputs)
    if isinstance(inputs, Mapping):
        return {key: of_tensors(value, change) for key, value in inputs.items()}
    if type(inputs) in (tuple, list):
        return type(inputs)(of_tensors(value, change) for value in inputs)
    return inputs


def _place(model: nn.Module) -> tuple[torch.device, torch.dtype]:
    parameters = list(model.parameters())
    devices = sorted({str(one.device) for one in parameters})
    if "meta" in devices:
        raise UnbendError("the model is on the device 'meta', where it has no numbers; load its weights first")
    if len(devices) > 1:
        raise UnbendError(f"the model is spread over {', '.join(devices)}; only a model on one device can be watched")
    if not parameters:
        return torch.device("cpu"), torch.get_default_dtype()
    dtype = next((one.dtype for one in parameters if one.is_floating_point()), torch.get_default_dtype())
    return parameters[0].device, dtype


def _tensor(value: Any, device: torch.device, dtype: torch.dtype) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone().to(dtype=dtype) if value.is_floating_point() else value.detach().clone()
    if isinstance(value, bool | int | float | str | None):
        return value
    try:
        array = np.asarray(value)
        tensor = torch.tensor(array, device=device)
    except (TypeError, ValueError):
        raise UnbendError(
            f"a probe holds tensors or arrays of inputs, and this one a {type(value).__name__}; give X[:256]"
        ) from None
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def refused(model: nn.Module, inputs: Inputs, error: Exception) -> UnbendError:
    """What to say when a model fails on the probe."""
    given = [str(tuple(one.shape)) for one in (*inputs[0], *inputs[1].values()) if isinstance(one, Tensor)]
    shapes = ", ".join(given[:MOST_NAMED]) + (f", … ({len(given)} inputs)" if len(given) > MOST_NAMED else "")
    return UnbendError(
        f"{type(model).__name__} does not take the probe of shape {shapes}: {reason(error)}; "
        "give inputs as the model takes them in training, such as X[:256], and several as a tuple"
    )
