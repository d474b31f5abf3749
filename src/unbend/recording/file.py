"""One file for a recording: safetensors (no pickle), written atomically, read with suspicion.

Arrays are tensors; everything else is one JSON text in the header. Activations are stored as formulas and go through
the grammar again when a file is read.
"""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation, activation
from unbend.data.dataset import Dataset
from unbend.errors import DataError, UnbendError
from unbend.files import replacing
from unbend.network import Network, initializer
from unbend.recording.arguments import gain_of, hidden_widths
from unbend.recording.check import check, whole
from unbend.recording.recording import Recording
from unbend.training import Recipe

FORMAT, VERSION = "unbend-recording", 1
LONGEST_NAME, LONGEST_SOURCE = 250, 1000
Tensors = dict[str, NDArray[Any]]


def save(run: Recording, path: "str | os.PathLike[str]") -> None:
    """Write a recording to ``path``; the file is replaced completely or left as it was."""
    from safetensors.numpy import save as to_bytes

    tensors = {name: np.ascontiguousarray(array) for name, array in _tensors(run).items()}
    content = to_bytes(tensors, {"unbend": json.dumps(_header(run))})
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _tensors(run: Recording) -> Tensors:
    data = run.dataset
    tensors: Tensors = {"x": _smallest(data.x), "y": _smallest(data.y), "epochs": run.epochs, "weights": run.weights_at}
    if data.x_mean is not None and data.x_scale is not None:
        tensors |= {"x_mean": data.x_mean, "x_scale": data.x_scale}
    return tensors | {f"history/{name}": values for name, values in run.history.items()}


def _header(run: Recording) -> dict[str, Any]:
    """Everything but the arrays, as JSON takes it."""
    data, network = run.dataset, run.network
    plain = ("name", "task", "feature_names", "target_name", "class_names", "origin", "y_mean", "y_scale")
    return {
        "format": FORMAT,
        "version": VERSION,
        "dataset": {name: getattr(data, name) for name in plain},
        "network": {
            **{name: getattr(network, name) for name in ("widths", "output", "initializer", "gain")},
            "activations": [{"name": a.name, "formula": a.formula, "source": a.source} for a in network.activations],
        },
        "recipe": asdict(run.recipe),
        "diverged_at": run.diverged_at,
        "versions": dict(run.versions),
        "unit": run.unit,
    }


def _smallest(values: NDArray[np.float64]) -> NDArray[Any]:
    """The same numbers, to the sign of zero, in the smallest type that holds them exactly."""
    with np.errstate(invalid="ignore", over="ignore"):
        for kind in (np.uint8, np.float32):
            smaller = values.astype(kind)
            if smaller.astype(np.float64).tobytes() == values.tobytes():
                return smaller
    return values


def load(path: "str | os.PathLike[str]") -> Recording:
    """Read a recording. Raises `DataError` in one sentence for a file that is missing, cut off, foreign or newer.

    >>> load("nowhere.unbend")
    Traceback (most recent call last):
    ...
    unbend.errors.DataError: nowhere.unbend: there is no such file
    """
    where = Path(path)
    if not where.is_file():
        raise DataError(f"{where}: {'is a directory' if where.is_dir() else 'there is no such file'}")
    header, tensors = _read(where)
    version = header.get("version")
    if isinstance(version, int) and version > VERSION:
        raise DataError(
            f"{where}: written in version {version} of the format, this unbend reads version {VERSION}; upgrade unbend"
        )
    try:
        run = _assemble(header, tensors)
        check(run)
    except UnbendError as error:
        raise DataError(f"{where}: the recording is damaged: {str(error).splitlines()[0]}") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else ""
        raise DataError(f"{where}: the recording is damaged ({type(error).__name__}: {reason})") from None
    return run


def _read(where: Path) -> tuple[dict[str, Any], Tensors]:
    """Header and arrays of a file that says of itself that it is a recording."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(where, framework="numpy") as file:
            text = (file.metadata() or {}).get("unbend", "null")
            header: Any = json.loads(text, parse_constant=_refuse_constant)
            if not isinstance(header, dict) or header.get("format") != FORMAT:
                raise DataError(f"{where}: not a recording of unbend; load takes what run.save wrote")
            return header, {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{where}: cannot be read ({error.strerror or error})") from None
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise DataError(f"{where}: cut off, damaged or not a recording of unbend ({reason})") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} in the header")


def _assemble(header: dict[str, Any], tensors: Tensors) -> Recording:
    if header["version"] != VERSION:
        raise UnbendError(f"there is no version {header['version']!r:.60} of the format")
    return Recording(
        dataset=_dataset(header["dataset"], tensors),
        network=_network(header["network"]),
        recipe=_recipe(header["recipe"]),
        epochs=tensors["epochs"],
        weights_at=tensors["weights"],
        history={name.removeprefix("history/"): tensors[name] for name in tensors if name.startswith("history/")},
        diverged_at=header["diverged_at"],
        versions={str(name): str(version) for name, version in header["versions"].items()},
        unit=header.get("unit", "epoch"),
    )


def _dataset(stored: dict[str, Any], tensors: Tensors) -> Dataset:
    settings: dict[str, Any] = dict(stored)
    for name in ("x", "y"):
        settings[name] = np.asarray(tensors[name], np.float64)
    for name in ("x_mean", "x_scale"):
        settings[name] = np.asarray(tensors[name], np.float64) if name in tensors else None
    for name in ("feature_names", "class_names"):
        settings[name] = tuple(str(one) for one in stored[name])
    for name in ("name", "target_name", "origin"):
        settings[name] = str(stored[name])
    for name in ("y_mean", "y_scale"):
        settings[name] = float(stored[name])
    return Dataset(**settings)


def _network(stored: dict[str, Any]) -> Network:
    initializer(str(stored["initializer"]))
    return Network(
        widths=(whole(stored["widths"][0]), *hidden_widths(stored["widths"][1:-1]), whole(stored["widths"][-1])),
        activations=tuple(_activation(one) for one in stored["activations"]),
        output=stored["output"],
        initializer=str(stored["initializer"]),
        gain=gain_of(stored["gain"]),
    )


def _recipe(stored: dict[str, Any]) -> Recipe:
    keep = stored["keep"]
    settings: dict[str, Any] = dict(stored) | {"keep": tuple(keep) if isinstance(keep, list) else keep}
    return Recipe(**settings)


def _activation(stored: dict[str, Any]) -> Activation:
    found = activation(str(stored["formula"]))
    return replace(found, name=str(stored["name"])[:LONGEST_NAME], source=str(stored["source"])[:LONGEST_SOURCE])
