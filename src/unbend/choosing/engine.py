"""Runs the shards of a plan that are not done yet; an error or a death costs one shard, and an interrupt none."""

import traceback
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from pathlib import Path

from unbend.choosing.plan import Plan
from unbend.choosing.shard import run_shard
from unbend.choosing.store import (
    DEATHS,
    Failure,
    failure_path,
    open_run,
    read_failures,
    shard_path,
    write_failure,
    write_shard,
)
from unbend.choosing.workers import LOST, Result, Work, Workers, workers_for
from unbend.errors import UnbendError
from unbend.progress import track
from unbend.training.interrupts import Stop, noted_interrupts

LOOK_SECONDS = 0.2  # how often it is looked whether the user wants to stop
Shard = tuple[int, int]
Outcome = tuple[Shard, Result | Failure]


def run(
    plan: Plan, folder: Path, workers: int | None = None, scheduler: str | None = None, work: Work = run_shard
) -> tuple[Failure, ...]:
    """Do every shard of a plan that has no results in ``folder`` yet; the shards that failed.

    ``workers=None``: threads of this process, one for each processor; a number: so many processes; ``scheduler``: the
    address of a dask scheduler. Within ``joblib.parallel_config("loky" or "dask" or "threading", ...)`` that does it.
    What a shard gives depends on the plan alone. At an interrupt the finished shards are kept and KeyboardInterrupt is
    raised. Raises `UnbendError` where the folder holds another plan or cannot be written, and where all shards fail.
    """
    open_run(folder, plan)
    paths = {shard: shard_path(folder, plan.key(*shard)) for shard in plan.shards}
    todo = [shard for shard, path in paths.items() if not path.exists()]
    stop = Stop()
    with (
        workers_for(plan, work, stop, workers, scheduler) as chosen,
        track(len(todo), "choosing") as advance,
        noted_interrupts(stop.ask),
    ):
        others = (shard for shard in todo if not paths[shard].exists())  # another process may do some meanwhile
        for shard, outcome in _outcomes(chosen, others, stop):
            _keep(folder, paths[shard], outcome)
            advance(1.0)
    if stop.asked:  # while the last result was written
        raise KeyboardInterrupt
    failures = read_failures(folder, plan)
    if len(failures) == len(plan.shards):
        raise UnbendError(f"no network could be trained, the first because of: {failures[0].reason}")
    return failures


def _keep(folder: Path, path: Path, outcome: Result | Failure) -> None:
    said = failure_path(folder, path.stem)
    if isinstance(outcome, Failure):
        write_failure(said, outcome)
    else:
        write_shard(path, outcome)
        said.unlink(missing_ok=True)


def _outcomes(workers: Workers, shards: Iterator[Shard], stop: Stop) -> Generator[Outcome]:
    """What each shard came to, as they end. Shards in whose process something died are run again, each alone."""
    suspects: list[Shard] = []
    yield from _together(workers, shards, stop, suspects)
    for shard in suspects:
        yield shard, _alone(workers, shard, stop)


def _together(workers: Workers, shards: Iterator[Shard], stop: Stop, suspects: list[Shard]) -> Generator[Outcome]:
    running: dict[Future[Result], Shard] = {}
    while _fill(workers, shards, running):
        done = [(running.pop(future), future) for future in _look(running, stop)]
        _fill(workers, shards, running)  # before the results are written, so that nobody waits for the disk
        for shard, future in done:
            error = _error(future)
            if workers.died(error):
                suspects.append(shard)
            else:
                yield shard, future.result() if error is None else _failure(shard, error)


def _fill(workers: Workers, shards: Iterator[Shard], running: dict[Future[Result], Shard]) -> bool:
    """Begin as many shards as the workers can take by now; whether any runs."""
    width = workers.width()
    while len(running) < width and (shard := next(shards, None)) is not None:
        running[workers.submit(*shard)] = shard
    return bool(running)


def _alone(workers: Workers, shard: Shard, stop: Stop) -> Result | Failure:
    """Run a shard while nothing else runs, so that a death is its own."""
    deaths = 0
    while deaths < DEATHS:
        future = workers.submit(*shard)
        while not _look({future: shard}, stop):
            workers.width()  # raises where there are none any more
        error = _error(future)
        if error is None:
            return future.result()
        if not workers.died(error):
            return _failure(shard, error)
        deaths += 1 + getattr(error, "allowed_failures", 0)  # dask has tried that often by itself
    return Failure(*shard, f"its worker process died {deaths} times, of too little memory or of a crash", deaths)


def _look(running: dict[Future[Result], Shard], stop: Stop) -> set[Future[Result]]:
    """The futures that have ended, after a moment at most; KeyboardInterrupt when the user wants to stop."""
    done = wait(running, LOOK_SECONDS, FIRST_COMPLETED).done
    if stop.asked:
        raise KeyboardInterrupt
    return done


def _error(future: Future[Result]) -> BaseException | None:
    """What ended a shard; raises what is not the shard's own."""
    try:
        error = future.exception()
    except CancelledError:
        raise UnbendError(LOST) from None
    if isinstance(error, KeyboardInterrupt):
        raise error
    return error


def _failure(shard: Shard, error: BaseException) -> Failure:
    lines = traceback.format_exception(error)
    return Failure(*shard, "".join(traceback.format_exception_only(error)).strip(), 0, "".join(lines))
