"""A run's folder: ``plan.json`` first, then one immutable Parquet file for each shard; a file that is there is done.

A shard that failed leaves a JSON file that says why; it is tried again by the next run, and counts until then.
"""

import json
import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from unbend.choosing.plan import Plan
from unbend.errors import DataError, UnbendError
from unbend.files import cannot_write, clear_parts, replacing

PLAN = "plan.json"
PARTS = ("shards", "failures")
DEATHS = 3  # of its worker process, with nothing else in it, make a shard poisoned


@dataclass(frozen=True)
class Failure:
    """A shard without results: the ``reason`` in a line, with the ``traceback`` if there is one.

    ``deaths``: how often its worker process died while nothing else ran in it; 0 for an error in Python.
    """

    arm: int
    split: int
    reason: str
    deaths: int = 0
    traceback: str = ""

    @property
    def poisoned(self) -> bool:
        """Whether it kills the processes that run it."""
        return self.deaths >= DEATHS


def open_run(folder: Path, plan: Plan) -> None:
    """Make the folder and write its plan, or check that the plan there is the same one.

    What killed writers left behind is removed. Raises `UnbendError` if the folder holds another plan or data that has
    changed, or cannot be written.
    """
    path = folder / PLAN
    if path.exists():
        check_plan(folder, plan)
    try:
        for part in PARTS:
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    if not path.exists():
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(plan.to_dict(), indent=1, ensure_ascii=False), encoding="utf-8")
    for place in (folder, *(folder / part for part in PARTS)):
        clear_parts(place)


def check_plan(folder: Path, plan: Plan) -> None:
    """Refuse, with an `UnbendError`, a folder whose plan or data is not this one."""
    there, said = read_plan(folder), plan.to_dict()
    changed = [name for name in said if there.get(name) != json.loads(json.dumps(said[name]))]
    if "data" in changed:
        raise DataError(
            f"{plan.table.origin} is not what it was when the run in '{folder}' was begun; bring the old data back, or "
            "begin another run in another folder"
        )
    if changed:
        raise UnbendError(f"'{folder}' holds a run with another plan ({', '.join(changed)}); choose another folder")


def read_plan(folder: Path) -> dict[str, Any]:
    """What ``plan.json`` says; `UnbendError` where there is none or it cannot be read."""
    path = folder / PLAN
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UnbendError(f"'{folder}' holds no run: there is no {PLAN} in it") from None
    except (ValueError, UnicodeDecodeError):
        raise UnbendError(f"'{path}' cannot be read; the run has to be made anew") from None


def shard_path(folder: Path, key: str) -> Path:
    """Where the results of a shard lie."""
    return folder / "shards" / f"{key}.parquet"


def write_shard(path: Path, columns: Mapping[str, list[Any]]) -> None:
    """Write a shard, completely or not at all; every page has a checksum.

    Raises `UnbendError` where the disk is full or cannot be written; nothing else in the folder is touched.
    """
    import pyarrow as pa
    from pyarrow import parquet

    with replacing(path, _again(path)) as temporary:
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


def failure_path(folder: Path, key: str) -> Path:
    """Where it is said why a shard failed."""
    return folder / "failures" / f"{key}.json"


def write_failure(path: Path, failure: Failure) -> None:
    """Say why a shard failed."""
    with replacing(path, _again(path)) as temporary:
        temporary.write_text(json.dumps(asdict(failure), indent=1, ensure_ascii=False), encoding="utf-8")


def read_failures(folder: Path, plan: Plan) -> tuple[Failure, ...]:
    """The shards of a plan that failed and have not been run since; `UnbendError` names a damaged file."""
    if not any((folder / "failures").glob("*.json")):
        return ()
    keys = {shard: plan.key(*shard) for shard in plan.shards}
    lost = [key for key in keys.values() if not shard_path(folder, key).exists()]
    return tuple(_read_failure(path) for key in lost if (path := failure_path(folder, key)).exists())


def _read_failure(path: Path) -> Failure:
    try:
        return Failure(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise UnbendError(f"'{path}' is damaged; delete it and resume the run") from error


def _again(path: Path) -> str:
    """How to go on with the run that has a file."""
    return f"run: unbend resume {shlex.quote(str(path.parent.parent))}"


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
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot; the file itself is safe
            os.fsync(handle)
    finally:
        os.close(handle)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
