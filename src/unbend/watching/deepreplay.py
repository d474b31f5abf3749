"""Recordings of deepreplay (D. V. Godoy, 2018): HDF5 files that its Keras callback wrote, weights after every epoch.

A group for each run holds ``inputs``, ``targets``, and ``layer{i}/weights{j}`` (E + 1, …) from before training on. A
file may come from anyone: links to other files are not followed, and sizes are checked before anything is read.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation, activation
from unbend.errors import DataError, UnbendError, reason
from unbend.recording import Recording
from unbend.watching.recordings import recorded
from unbend.watching.stack import Bend, Linear, Stack, Step, stacked

ENDINGS = (".h5", ".hdf5")
MOST_VALUES = 2**26  # of one array; 256 MB
MOST_LAYERS = 1000
# Keras 1 and 2's names where the catalogue has another one.
NAMES = {"linear": "identity", "hard_sigmoid": "hard_sigmoid_keras2", "swish": "silu"}
KNOWN = ("relu", "elu", "selu", "tanh", "sigmoid", "softplus", "softsign", "gelu", "exponential")


def read(path: "str | os.PathLike[str]", group: str | None = None, activation: Any = None) -> Recording:
    """The recording in a file of deepreplay; of several runs in it, that of the ``group``.

    ``activation``: that of all hidden layers, or a list with one for each, where the file does not name it. Loss and
    accuracy are measured again with the weights of each epoch. Raises `DataError` for a file that is missing, damaged
    or no file of deepreplay, and `UnbendError` for what is no multilayer perceptron, or where h5py is missing.

    >>> read("nowhere.h5")
    Traceback (most recent call last):
    ...
    unbend.errors.DataError: nowhere.h5: there is no such file
    """
    where = Path(path)
    if not where.is_file():
        raise DataError(f"{where}: {'is a directory' if where.is_dir() else 'there is no such file'}")
    try:
        import h5py
    except ImportError:
        raise UnbendError(
            f"reading '{where.name}' needs h5py, which is not installed; pip install 'unbend[deepreplay]'"
        ) from None
    try:
        with h5py.File(where, "r") as file:
            return _run(where, file, _group(where, file, group), activation)
    except DataError:
        raise
    except UnbendError as error:
        raise type(error)(f"{where}: {error}") from None
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError, OverflowError) as error:
        raise DataError(f"{where}: cut off, damaged or no file of deepreplay ({reason(error)})") from None


def _group(where: Path, file: Any, wanted: str | None) -> str:
    """The name of the group to read; of several the caller must choose."""
    names = [name for name in file if _is_run(file, name)]
    if not names:
        inside = ", ".join(list(file)[:5]) or "nothing"
        raise DataError(f"{where}: not a file of deepreplay: it has no group with inputs and layers, but {inside}")
    chosen = names[0] if wanted is None and len(names) == 1 else wanted
    if chosen is None or chosen not in names:
        shown = ", ".join(names[:20])
        said = f"there is no run {wanted!r}" if wanted else f"it holds {len(names)} runs"
        raise UnbendError(f"{said}; name one with group (--group): {shown}")
    return chosen


def _is_run(file: Any, name: str) -> bool:
    import h5py

    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return False
    found = file[name]
    return isinstance(found, h5py.Group) and "inputs" in found and "layer0" in found


def _run(where: Path, file: Any, name: str, given: Any) -> Recording:
    group = file[name]
    functions = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
                 for one in np.atleast_1d(group.attrs.get("activation_functions", []))]  # fmt: skip
    layers = _layers(group)
    weights = _whole_epochs([[_array(part, key) for key in _numbered(part, "weights")] for part in layers])
    stacks = [_stack(name, weights, functions, epoch) for epoch in range(len(_first(weights)))]
    broken = next((epoch for epoch, stack in enumerate(stacks) if not stack.is_finite), None)
    stacks = stacks[:broken]
    if not stacks:
        raise DataError(f"{where}: the weights of {name!r} are not finite before training already")
    inputs, targets = _array(group, "inputs"), _targets(_array(group, "targets"), stacks[-1])
    origin = f"{name} in {where.name}, recorded by deepreplay"
    run = recorded(stacks, range(len(stacks)), inputs, targets, given, None, name, origin)
    return run if broken is None else replace(run, recipe=replace(run.recipe, epochs=broken), diverged_at=broken)


def _layers(group: Any) -> list[Any]:
    import h5py

    names = _numbered(group, "layer")
    if len(names) > MOST_LAYERS:
        raise UnbendError(f"it holds {len(names)} layers, more than {MOST_LAYERS}")
    if any(not isinstance(group.get(name, getlink=True), h5py.HardLink) for name in names):
        raise UnbendError("a layer is a link to somewhere else, which is not followed")
    return [group[name] for name in names]


def _numbered(group: Any, word: str) -> list[str]:
    """``word0``, ``word1``, … as many as there are without a gap."""
    names: list[str] = []
    while len(names) <= MOST_LAYERS and f"{word}{len(names)}" in group:
        names.append(f"{word}{len(names)}")
    return names


def _array(group: Any, name: str) -> NDArray[Any]:
    """A whole array of finite size that is in this very file."""
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise UnbendError(f"{group.name}/{name} is missing, or a link to somewhere else, which is not followed")
    found = group[name]
    if not isinstance(found, h5py.Dataset) or found.is_virtual or found.external:
        raise UnbendError(f"{group.name}/{name} is no array in this file")
    if found.dtype.kind not in "fiub" or found.size is None or not 0 < found.size <= MOST_VALUES:
        raise UnbendError(
            f"{group.name}/{name} has {found.size} values of type {found.dtype}; at most {MOST_VALUES} numbers are read"
        )
    values = found[()]
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _first(weights: list[list[NDArray[Any]]]) -> NDArray[Any]:
    found = next((parts[0] for parts in weights if parts), None)
    if found is None:
        raise UnbendError("its layers have no weights")
    return found


def _whole_epochs(weights: list[list[NDArray[Any]]]) -> list[list[NDArray[Any]]]:
    """The epochs that were trained: one that was stopped early leaves zeros behind."""
    arrays = [array for parts in weights for array in parts]
    kept = len(_first(weights))
    if any(array.ndim < 2 or len(array) != kept for array in arrays):
        raise UnbendError(f"its layers were recorded at different epochs, shapes {[array.shape for array in arrays]}")
    written = np.flatnonzero(np.any([array.reshape(kept, -1).any(axis=1) for array in arrays], axis=0))
    last = int(written[-1]) + 1 if len(written) else 1
    return [[array[:last] for array in parts] for parts in weights]


def _stack(name: str, weights: list[list[NDArray[Any]]], functions: list[str], epoch: int) -> Stack:
    steps: list[Step] = []
    for place, parts in enumerate(weights):
        function = functions[place] if place < len(functions) else "unnamed"
        steps += _steps(f"layer{place}", [part[epoch] for part in parts], function, steps)
    return stacked(steps, name)


def _steps(name: str, parts: list[NDArray[Any]], function: str, before: list[Step]) -> list[Step]:
    """A dense layer and its activation; a layer without weights is one, or nothing such as Dropout."""
    bend: list[Step] = [Bend(name, function, _known(function))] if function else []
    if not parts:
        bent = before and isinstance(before[-1], Bend) and before[-1].kind != "linear"
        silent = not function and (bent or not before)  # Dropout, Flatten; after a bare dense layer it may bend
        return [] if silent else bend or [Bend(name, "a layer without a name or weights")]
    if parts[0].ndim != 2 or len(parts) > 2 or any(part.shape != parts[0].shape[1:] for part in parts[1:]):
        shapes = ", ".join(str(part.shape) for part in parts)
        raise UnbendError(f"{name} holds weights of the shapes {shapes}, and a recording has dense layers alone")
    bias = parts[1] if len(parts) == 2 else np.zeros(parts[0].shape[1], parts[0].dtype)
    return [Linear(name, parts[0], bias), *bend]


def _known(function: str) -> Activation | None:
    name = NAMES.get(function, function if function in KNOWN else "")
    return activation(name) if name else None


def _targets(targets: NDArray[Any], stack: Stack) -> NDArray[Any]:
    """(n,) targets; of one-hot rows, their classes."""
    flat = targets.reshape(len(targets), -1)
    is_one_hot = flat.shape[1] > 1 and bool(((flat == 0) | (flat == 1)).all() and (flat.sum(axis=1) == 1).all())
    if flat.shape[1] > 1 and (not is_one_hot or stack.widths[-1] != flat.shape[1]):
        raise UnbendError(f"targets has {flat.shape[1]} columns that are no classes, and a recording has one target")
    return flat.argmax(axis=1) if is_one_hot else flat[:, 0]
