"""State dicts, in memory or in a file, as plain stacks: weight after weight, in the order of the layers."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unbend.errors import DataError, UnbendError, reason
from unbend.watching.stack import ELSEWHERE, Bend, Linear, Stack, Step, no_stack, stacked

ENDINGS = (".pt", ".pth", ".safetensors")
INSIDE = ("state_dict", "model_state_dict", "model")  # where checkpoints keep it


def stack_of(state: Mapping[Any, Any], name: str) -> Stack:
    """The stack in a state dict: ``….weight`` (out, in) as PyTorch has them, with or without ``….bias`` (out,).

    Its activations are unknown. Raises `UnbendError` for weights of anything else.
    """
    arrays = {str(key): _array(str(key), value) for key, value in state.items()}
    steps: list[Step] = []
    for key, array in arrays.items():
        prefix, _, last = key.rpartition(".")
        if last == "weight" and array.ndim == 2:
            bias = arrays.get(f"{prefix}.bias" if prefix else "bias", np.zeros(len(array), array.dtype))
            steps += [Linear(prefix, array.T, bias), Bend(prefix, "not in a state dict")]
        elif last != "bias" or f"{prefix}.weight".lstrip(".") not in arrays:
            kind = "batch normalisation" if last.startswith(("running_", "num_batches")) else f"{key} {array.shape}"
            no_stack(prefix, kind, "is no linear layer, or needs the model itself")
    return stacked(steps[:-1], name)


def read(path: Path) -> Mapping[str, Any]:
    """The state dict in a file, by its ending; no code in the file is run. Raises `DataError`."""
    if path.suffix not in ENDINGS:
        raise DataError(f"{path}: a model's weights are read from {', '.join(ENDINGS)}; load it, and give the model")
    if not path.is_file():
        raise DataError(f"{path}: {'is a directory' if path.is_dir() else 'there is no such file'}")
    found = _safetensors(path) if path.suffix == ".safetensors" else _torch(path)
    if not isinstance(found, Mapping):
        raise DataError(f"{path}: holds a {type(found).__name__} and no state dict; save model.state_dict()")
    inside = [found[key] for key in INSIDE if isinstance(found.get(key), Mapping)]
    return inside[0] if inside else found


def _torch(path: Path) -> Any:
    try:
        import torch
    except ImportError as error:
        raise UnbendError(f"reading '{path.name}' needs PyTorch ({error}); pip install torch") from None
    from pickle import UnpicklingError

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError:
        raise DataError(
            f"{path}: damaged, or holds more than tensors (such as a whole model, which could run code); save "
            "model.state_dict()"
        ) from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataError(f"{path}: cut off, damaged or no file of PyTorch ({reason(error)})") from None


def _safetensors(path: Path) -> Mapping[str, Any]:
    """The tensors in the natural order of their names: the file sorts them by its own rules."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        found = load_file(path)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: cut off, damaged or no file of safetensors ({reason(error)})") from None
    return dict(sorted(found.items(), key=lambda item: natural(item[0])))


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers in names as numbers.

    >>> sorted(["10.weight", "2.weight"], key=natural)
    ['2.weight', '10.weight']
    """
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def _array(key: str, value: Any) -> np.ndarray[Any, Any]:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) in ("torch.bfloat16", "torch.float16") else value
    found = np.asarray(value)
    if found.dtype.kind not in "fiu":
        raise UnbendError(
            f"{key!r} holds a {type(value).__name__} and no numbers, so this is no state dict: {ELSEWHERE}"
        )
    return found
