"""A run's folder: ``plan.json`` first, then one immutable Parquet file for each shard; a file that is there is done."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unbend.choosing.plan import Plan
from unbend.errors import UnbendError
from unbend.files import replacing

PLAN = "plan.json"


def open_run(folder: Path, plan: Plan) -> None:
    """Make the folder and write its plan, or check that the plan there is the same one.

    Raises `UnbendError` if the folder holds another plan or data that has changed.
    """
    said = plan.to_dict()
    path = folder / PLAN
    if not path.exists():
        (folder / "shards").mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")
        return
    check_plan(folder, plan)


def check_plan(folder: Path, plan: Plan) -> None:
    """Refuse, with an `UnbendError`, a folder whose plan or data is not this one."""
    there, said = read_plan(folder), plan.to_dict()
    changed = [name for name in said if there.get(name) != json.loads(json.dumps(said[name]))]
    if "data" in changed:
        raise UnbendError(f"'{folder}' was begun with other data than {plan.table.origin}; choose another folder")
    if changed:
        raise UnbendError(f"'{folder}' holds a run with another plan ({', '.join(changed)}); choose another folder")


def read_plan(folder: Path) -> dict[str, Any]:
    """What ``plan.json`` says; `UnbendError` where there is none or it cannot be read."""
    path = folder / PLAN
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnbendError(f"'{folder}' holds no run: there is no {PLAN} in it") from None
    except (ValueError, UnicodeDecodeError):
        raise UnbendError(f"'{path}' cannot be read; the run has to be made anew") from None


def shard_path(folder: Path, key: str) -> Path:
    """Where the results of a shard lie."""
    return folder / "shards" / f"{key}.parquet"


def write_shard(path: Path, columns: Mapping[str, list[Any]]) -> None:
    """Write a shard, completely or not at all; every page has a checksum."""
    import pyarrow as pa
    from pyarrow import parquet

    with replacing(path) as temporary:
        parquet.write_table(pa.table(dict(columns), schema=_schema()), temporary, write_page_checksum=True)
    _sync_folder(path.parent)


def read_shard(path: Path) -> dict[str, list[Any]]:
    """The columns of a shard; `UnbendError` names a damaged file and says what to do."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read(use_threads=False).to_pydict()
    except (pa.ArrowException, OSError) as error:
        raise UnbendError(f"'{path}' is damaged ({_first_line(error)}); delete it and resume the run") from error


def _schema() -> Any:
    import pyarrow as pa

    real, whole, curve = pa.float64(), pa.int64(), pa.list_(pa.float64())
    return pa.schema(
        [
            ("learning_rate", real), ("seed", whole), ("epoch", whole), ("validation_loss", real),
            ("test_score", real), ("diverged_at", whole), ("chosen", pa.bool_()), ("train_loss", curve),
            ("validation_losses", curve), ("dead", curve), ("saturated", curve), ("gradient_first", curve),
            ("gradient_last", curve),
        ]
    )  # fmt: skip


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file durable where the system allows it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
