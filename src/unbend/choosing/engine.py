"""Runs the shards of a plan that are not done yet, through joblib: threads, processes, or the user's own backend."""

from collections.abc import Callable
from pathlib import Path

from unbend.choosing.plan import Plan
from unbend.choosing.shard import run_shard
from unbend.choosing.store import open_run, shard_path, write_shard
from unbend.progress import track

Shard = tuple[int, int]


def run(plan: Plan, folder: Path, workers: int | None = None) -> None:
    """Do every shard of a plan that has no results in ``folder`` yet.

    ``workers=None``: threads of this process, one for each processor; a number: so many processes. Inside
    ``joblib.parallel_config(backend=...)`` that backend does the work. What a shard gives depends on the plan alone.
    Raises `UnbendError` where the folder holds another plan or cannot be written.
    """
    from joblib import Parallel, delayed

    open_run(folder, plan)
    todo = [(arm, split, plan.key(arm, split)) for arm, split in plan.shards]
    todo = [(arm, split, path) for arm, split, key in todo if not (path := shard_path(folder, key)).exists()]
    work: Callable[..., float] = do_shard
    chosen = {"n_jobs": workers} if workers else {"n_jobs": -1, "prefer": "threads"}
    with track(len(todo), "choosing") as advance:
        results = Parallel(**chosen, return_as="generator_unordered", batch_size=1)(  # pyright: ignore[reportArgumentType, reportCallIssue]
            delayed(work)(plan, arm, split, path) for arm, split, path in todo
        )
        for done in results:
            advance(float(done or 0))


def do_shard(plan: Plan, arm: int, split: int, path: Path) -> float:
    """Train one shard and write its results; 1.0, for the progress."""
    if not path.exists():
        write_shard(path, run_shard(plan, arm, split))
    return 1.0
