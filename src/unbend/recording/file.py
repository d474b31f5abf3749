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
from unbend.network import Network
from unbend.recording.recording import Recording
from unbend.training import Recipe, validate

FORMAT, VERSION = "unbend-recording", 1
Tensors = dict[str, NDArray[Any]]


def save(run: Recording, path: "str | os.PathLike[str]") -> None:
    """Write a recording to ``path``; the file is replaced completely or left as it was."""
    from safetensors.numpy import save as to_bytes

    data, network = run.dataset, run.network
    tensors: Tensors = {
        "x": _smallest(data.x), "y": _smallest(data.y), "epochs": run.epochs, "weights": run.weights_at,
        **{f"history/{name}": values for name, values in run.history.items()},
    }  # fmt: skip
    if data.x_mean is not None and data.x_scale is not None:
        tensors |= {"x_mean": data.x_mean, "x_scale": data.x_scale}
    plain = ("name", "task", "feature_names", "target_name", "class_names", "origin", "y_mean", "y_scale")
    header = {
        "format": FORMAT,
        "version": VERSION,
        "dataset": {name: getattr(data, name) for name in plain},
        "network": {
            "widths": network.widths, "output": network.output, "initializer": network.initializer,
            "gain": network.gain,
            "activations": [{"name": a.name, "formula": a.formula, "source": a.source} for a in network.activations],
        },
        "recipe": asdict(run.recipe),
        "diverged_at": run.diverged_at,
        "versions": dict(run.versions),
    }  # fmt: skip
    metadata = {"unbend": json.dumps(header, ensure_ascii=False)}
    content = to_bytes({name: np.ascontiguousarray(array) for name, array in tensors.items()}, metadata)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _smallest(values: NDArray[np.float64]) -> NDArray[Any]:
    """The same numbers in the smallest type that holds them exactly."""
    with np.errstate(invalid="ignore", over="ignore"):
        for kind in (np.uint8, np.float32):
            smaller = values.astype(kind)
            if np.array_equal(smaller.astype(np.float64), values):
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
    if header.get("version") != VERSION:
        raise DataError(
            f"{where}: written in version {header.get('version')} of the format, this unbend reads version {VERSION}; "
            "upgrade unbend"
        )
    try:
        run = _assemble(header, tensors)
        _check(run)
    except UnbendError as error:
        raise DataError(f"{where}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise DataError(f"{where}: the recording is damaged ({type(error).__name__}: {error})") from None
    return run


def _read(where: Path) -> tuple[dict[str, Any], Tensors]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(where, framework="numpy") as file:
            header = json.loads((file.metadata() or {}).get("unbend", "null"))
            if not isinstance(header, dict) or header.get("format") != FORMAT:
                raise DataError(f"{where}: not a recording of unbend; load takes what run.save wrote")
            return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
        reason = str(error).splitlines()[0][:120]
        raise DataError(f"{where}: cut off, damaged or not a recording of unbend ({reason})") from None


def _assemble(header: dict[str, Any], tensors: Tensors) -> Recording:
    stored, network, recipe = dict(header["dataset"]), dict(header["network"]), dict(header["recipe"])
    wide: Tensors = {name: np.asarray(tensors[name], np.float64) for name in ("x", "y")}
    for name in ("feature_names", "class_names"):
        stored[name] = tuple(str(one) for one in stored[name])
    data = Dataset(**stored, **wide, x_mean=tensors.get("x_mean"), x_scale=tensors.get("x_scale"))
    keep = recipe["keep"]
    return Recording(
        dataset=data,
        network=Network(
            widths=tuple(int(width) for width in network["widths"]),
            activations=tuple(_activation(one) for one in network["activations"]),
            output=network["output"],
            initializer=str(network["initializer"]),
            gain=network["gain"],
        ),
        recipe=Recipe(**{**recipe, "keep": tuple(keep) if isinstance(keep, list) else keep}),
        epochs=tensors["epochs"],
        weights_at=tensors["weights"],
        history={name.removeprefix("history/"): tensors[name] for name in tensors if name.startswith("history/")},
        diverged_at=header["diverged_at"],
        versions={str(name): str(version) for name, version in header["versions"].items()},
    )


def _activation(stored: dict[str, Any]) -> Activation:
    return replace(
        activation(str(stored["formula"])), name=str(stored["name"])[:80], source=str(stored["source"])[:300]
    )


def _check(run: Recording) -> None:
    """Refuse arrays that do not belong together."""
    data, network = run.dataset, run.network
    validate(run.recipe, network.output)
    n, columns = data.x.shape
    kept = len(run.epochs)
    metric = run.metric_name
    sound = {
        "the data": data.y.shape == (n,) and n > 0 and len(data.feature_names) == columns,
        "the classes": network.output == "identity" or bool((data.y >= 0).all() and (data.y == np.floor(data.y)).all()),
        "the scale": all(a is None or (a.shape == (columns,)) for a in (data.x_mean, data.x_scale)),
        "the widths": len(network.widths) == len(network.activations) + 2
        and min(network.widths) > 0
        and (network.widths[0], network.widths[-1]) == (columns, data.output_width),
        "the epochs": run.epochs.shape == (kept,)
        and run.epochs.dtype == np.int64
        and kept > 0
        and bool((np.diff(run.epochs) > 0).all() and run.epochs[0] >= 0),
        "the weights": run.weights_at.shape == (kept, network.parameter_count)
        and run.weights_at.dtype in (np.float32, np.float64),
        "the history": set(run.history) == {"loss", metric} and len({v.shape for v in run.history.values()}) == 1,
    }
    faults = [what for what, holds in sound.items() if not holds]
    if faults:
        raise UnbendError(f"the recording is damaged: {', '.join(faults)} do not fit together")
    arrays = {"x": data.x, "y": data.y, "weights": run.weights_at}
    broken = [name for name, values in arrays.items() if not np.isfinite(values).all()]
    if broken:
        raise UnbendError(f"the recording is damaged: {', '.join(broken)} hold numbers that are not finite")
