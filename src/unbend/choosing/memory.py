"""A study in one call, as a program wants it: in memory, or with a cache folder in which a broken run goes on."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from unbend.choosing.plan import UNTOUCHED, Plan, digest_of
from unbend.choosing.shard import run_shard
from unbend.choosing.store import open_run, read_shard, shard_path, write_shard
from unbend.choosing.study import Study
from unbend.progress import track


def study_of(plan: Plan, cache: Path | None = None, n_jobs: int | None = None, show: bool = False) -> Study:
    """Every shard of a plan, trained or found in the cache.

    ``cache`` holds one run's folder for each plan. ``n_jobs`` as in scikit-learn: None is one job, unless
    ``joblib.parallel_config`` says otherwise; threads, unless it names another backend. ``show``: progress on standard
    error. What comes out depends on the plan alone. Raises `UnbendError` where the cache is damaged.
    """
    from joblib import Parallel, delayed

    folder = None if cache is None else cache / digest_of(plan.to_dict())[:16]
    if folder is not None:
        open_run(folder, plan)
    shown = track(len(plan.shards), "choosing") if show else nullcontext(lambda amount: None)
    work: Any = _shard
    with shown as advance:
        found: dict[tuple[int, int], dict[str, list[Any]]] = {}
        jobs = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
        results: Any = jobs(delayed(work)(plan, arm, split, folder) for arm, split in plan.shards)
        for shard, columns in zip(plan.shards, results, strict=True):
            found[shard] = columns
            advance(1.0)
    arms, splits = range(len(plan.arms)), range(len(plan.splits.outer))
    untouched = tuple(found[arm, UNTOUCHED] for arm in arms) if plan.splits.untouched else None
    return Study(plan, tuple(splits), tuple(tuple(found[arm, split] for split in splits) for arm in arms), untouched)


def _shard(plan: Plan, arm: int, split: int, folder: Path | None) -> dict[str, list[Any]]:
    if folder is None:
        return run_shard(plan, arm, split)
    path = shard_path(folder, plan.key(arm, split))
    if not path.exists():
        write_shard(path, run_shard(plan, arm, split))
    return read_shard(path)
