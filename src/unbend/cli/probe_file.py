"""The inputs of a probe from a file: arrays as they are, tables as one row of numbers for each input."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.faults import Fault, counted, refuse
from unbend.errors import reason

ARRAYS, TABLES = (".npy", ".npz"), (".csv", ".tsv", ".parquet")


def read_probe(path: Path) -> Any:
    """At most 256 evenly spread rows of a file .npy, .npz, .csv, .tsv or .parquet; `DataError` says what is wrong.

    An .npz of several arrays gives a tuple of them if they have no names of their own (``arr_0``, …), else a dict by
    name. A table gives (n, columns) float64.
    """
    from unbend.watching.places import kept_rows

    ending = path.suffix.lower()
    if ending not in (*ARRAYS, *TABLES):
        endings = ", ".join((*ARRAYS, *TABLES))
        refuse(path.name, [Fault(f"no probe is read from a file of this kind; save it as one of {endings}")])
    arrays = {"table": _table(path)} if ending in TABLES else _arrays(path)
    faults = [fault for name, array in arrays.items() for fault in _faults(name, array)]
    rows = {array.shape[:1] for array in arrays.values()}
    if len(rows) > 1 and not faults:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        faults = [Fault(f"its arrays have different numbers of rows ({shapes}); give the same inputs in each")]
    if faults:
        refuse(path.name, faults)
    kept = {name: array[kept_rows(len(array))] for name, array in arrays.items()}
    if len(kept) == 1:
        return next(iter(kept.values()))
    return tuple(kept.values()) if all(name.startswith("arr_") for name in kept) else kept


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        refuse(str(path), [Fault("there is no such file; save the probe there with numpy.save")])
    try:
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
            arrays = {"array": found} if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        said = reason(error)
        refuse(path.name, [Fault(f"the file cannot be read ({said}); save numbers with numpy.save or numpy.savez")])
    if not arrays:
        refuse(path.name, [Fault("there is no array in the file; give some rows of training inputs")])
    return arrays


def _faults(name: str, array: NDArray[Any]) -> list[Fault]:
    if array.dtype.kind not in "biuf":
        return [Fault(f"{name} holds {array.dtype} and no numbers; give the inputs as the model takes them")]
    if array.ndim == 0 or array.size == 0:
        return [Fault(f"{name} of shape {array.shape} has no rows; give some rows of training inputs")]
    wrong = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        rows = counted(int(wrong.sum()), "row")
        return [Fault(f"{name} has NaN or Inf in {rows}, first at [{first}]; give finite inputs")]
    return []


def _table(path: Path) -> NDArray[np.float64]:
    """(n, columns) the numbers of a table, whose columns must all be numeric and whole."""
    from unbend.data.column import numbers_of
    from unbend.data.read_file import read_file

    raw = read_file(path)
    read = [numbers_of(name, column, raw.rows) for name, column in zip(raw.names, raw.columns, strict=True)]
    faults = [*raw.faults, *(fault for _, found in read for fault in found)]
    if faults:
        refuse(path.name, faults, raw.counting)
    return np.stack([values for values, _ in read if values is not None], axis=1)
