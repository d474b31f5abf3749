"""Who runs shards: threads of this process, processes of this computer, or a dask cluster; each behind three methods.

``width()`` says how many shards it can take at a time, ``submit(arm, split)`` gives a future, ``died(error)`` tells
whether an error of that future means the death of its process. Workers return results and never write: no shared disk
is needed, and a run has one writer. The plan, with its table, travels to each process once.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from unbend.choosing.plan import Plan
from unbend.errors import UnbendError
from unbend.training.interrupts import Stop

Work = Callable[[Plan, int, int], dict[str, list[Any]]]
Result = dict[str, list[Any]]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
CONNECT_SECONDS = 10
FIRST_WORKER_SECONDS = 60
GONE_SECONDS = 600  # that a cluster may be without workers, such as between two jobs of a queue
LOST = "the connection to the dask scheduler was lost; what is finished is kept, and unbend resume goes on"
DASK_WANTED = "a dask scheduler needs the package distributed; install it with: python -m pip install 'unbend[cluster]'"


class Workers(Protocol):
    """What `unbend.choosing.engine` asks of those who run shards."""

    def width(self) -> int:
        """How many shards run at a time."""
        ...

    def submit(self, arm: int, split: int) -> Future[Result]:
        """Begin a shard."""
        ...

    def died(self, error: BaseException | None) -> bool:
        """Whether an error says that the process of a shard died."""
        ...


@contextmanager
def workers_for(
    plan: Plan, work: Work, stop: Stop, workers: int | None = None, scheduler: str | None = None
) -> Generator[Workers]:
    """The workers that a user asked for, by arguments or within ``joblib.parallel_config(...)``.

    When the block is left, whatever still runs is ended. Raises `UnbendError` for a backend that is not known, a
    number of workers below 1 and a scheduler that does not answer.
    """
    if workers is not None and workers < 1:
        raise UnbendError(f"{workers} workers cannot do anything; ask for 1 or more")
    if scheduler is not None:
        with _connected(scheduler) as client, _cluster(client, plan, work) as found:
            yield found
    elif workers is not None:
        with _processes(plan, work, workers) as found:
            yield found
    else:
        with _configured(plan, work, stop) as found:
            yield found


@contextmanager
def _configured(plan: Plan, work: Work, stop: Stop) -> Generator[Workers]:
    """What the context of joblib says: threads, as many as there are processors, where it says nothing."""
    from joblib.parallel import get_active_backend

    found: tuple[Any, Any] = get_active_backend(prefer="threads")
    backend, jobs = found
    kind = type(backend).__name__
    if kind == "DaskDistributedBackend":
        chosen = _cluster(backend.client, plan, work)
    elif kind in ("LokyBackend", "MultiprocessingBackend"):
        chosen = _processes(plan, work, _count(jobs))
    elif kind == "ThreadingBackend":
        chosen = threads(plan, work, stop, _count(None if jobs == 1 else jobs))
    elif kind == "SequentialBackend":
        chosen = threads(plan, work, stop, 1)
    else:
        raise UnbendError(f"joblib's backend {kind} cannot run shards; use threading, loky or dask")
    with chosen as ready:
        yield ready


def _count(jobs: int | None) -> int:
    """joblib's ``n_jobs`` as a number of workers; None: one for each processor."""
    from joblib import cpu_count

    processors: int = cpu_count()
    return processors if jobs is None else jobs if jobs > 0 else max(1, processors + 1 + jobs)


# ---------------------------------------------------------------------- threads
@dataclass(frozen=True, eq=False)
class Threads:
    """Threads of this process; kernels run without Python's lock. A crash in one takes the whole process down."""

    plan: Plan
    work: Work
    stop: Stop
    executor: Executor
    count: int

    def width(self) -> int:
        """How many shards run at a time."""
        return self.count

    def submit(self, arm: int, split: int) -> Future[Result]:
        """Begin a shard."""
        return self.executor.submit(self._obedient, arm, split)

    def died(self, error: BaseException | None) -> bool:
        """Never: whoever could tell would have died as well."""
        return False

    def _obedient(self, arm: int, split: int) -> Result:
        with self.stop.heard():
            return self.work(self.plan, arm, split)


@contextmanager
def threads(plan: Plan, work: Work, stop: Stop, count: int) -> Generator[Threads]:
    """So many threads, with a linear algebra that uses no more; what runs is stopped if the block is left early."""
    from threadpoolctl import threadpool_limits

    executor = ThreadPoolExecutor(count, thread_name_prefix="unbend")
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            yield Threads(plan, work, stop, executor, count)
        except BaseException:
            stop.ask()
            raise
        finally:
            executor.shutdown(cancel_futures=True)


# ---------------------------------------------------------------------- processes
@dataclass(eq=False)
class Processes:
    """Processes of this computer (loky); when one dies its companions go down with it, and new ones begin."""

    plan: Plan
    work: Work
    count: int
    executor: Any = None

    def width(self) -> int:
        """How many shards run at a time."""
        return self.count

    def submit(self, arm: int, split: int) -> Future[Result]:
        """Begin a shard, in new processes if the old ones have died."""
        self.executor = self.executor or self._begin()
        try:
            return self.executor.submit(_run_held, arm, split)
        except BrokenExecutor:
            self.close()
            self.executor = self._begin()
            return self.executor.submit(_run_held, arm, split)

    def died(self, error: BaseException | None) -> bool:
        """Whether loky says so."""
        return isinstance(error, BrokenExecutor)

    def close(self) -> None:
        """End all processes at once."""
        if self.executor is not None:
            self.executor.shutdown(wait=True, kill_workers=True)

    def _begin(self) -> Any:
        from joblib.externals.loky.process_executor import ProcessPoolExecutor

        held = (self.plan, self.work, os.getpid())
        return ProcessPoolExecutor(self.count, initializer=_hold, initargs=held, env=ONE_THREAD)


@contextmanager
def _processes(plan: Plan, work: Work, count: int) -> Generator[Processes]:
    found = Processes(plan, work, count)
    try:
        yield found
    finally:
        found.close()


_held: list[tuple[Plan, Work]] = []  # of a worker process


def _hold(plan: Plan, work: Work, parent: int) -> None:
    """Make a process ready: it keeps the plan, leaves the keyboard to its parent and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    _held[:] = [(plan, work)]


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _run_held(arm: int, split: int) -> Result:
    plan, work = _held[0]
    return work(plan, arm, split)


# ---------------------------------------------------------------------- cluster
@dataclass(eq=False)
class Cluster:
    """The workers of a dask cluster, as many as there are at the time; dask runs the shards of a dead one elsewhere."""

    client: Any
    executor: Executor
    plan: Any  # a future, on the cluster
    work: Work
    seen: float = field(default_factory=time.monotonic)  # when there was a worker

    def width(self) -> int:
        """How many shards run at a time; workers may come and go, but not all of them for long."""
        try:
            found = sum(self.client.nthreads().values())
        except OSError as error:
            raise UnbendError(LOST) from error
        self.seen = time.monotonic() if found else self.seen
        if time.monotonic() - self.seen > GONE_SECONDS:
            raise UnbendError(
                f"the scheduler at '{self.client.scheduler.address}' has had no workers for {GONE_SECONDS} seconds; "
                "what is finished is kept, and unbend resume goes on"
            )
        return max(1, found)

    def submit(self, arm: int, split: int) -> Future[Result]:
        """Begin a shard."""
        return self.executor.submit(self.work, self.plan, arm, split)

    def died(self, error: BaseException | None) -> bool:
        """Whether dask has given a shard up, after more deaths than its ``allowed-failures``."""
        from distributed import KilledWorker

        return isinstance(error, KilledWorker)


@contextmanager
def _connected(scheduler: str) -> Generator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise UnbendError(DASK_WANTED) from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise UnbendError(
            f"no dask scheduler answers at '{scheduler}'; start one with: dask scheduler --host 127.0.0.1"
        ) from error
    log = logging.getLogger("distributed.client")  # tells a lost scheduler by tracebacks; we say it in a sentence
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with client:
            yield client
    finally:
        log.setLevel(level)


@contextmanager
def _cluster(client: Any, plan: Plan, work: Work) -> Generator[Cluster]:
    held = client.submit(_itself, plan, pure=False)  # unlike scattered data it survives the death of who holds it
    executor = client.get_executor(pure=False)
    try:
        _await_first_worker(client, held)
        yield Cluster(client, executor, held, work)
    finally:
        with suppress(OSError):  # the scheduler may be gone
            executor.shutdown(wait=False)


def _await_first_worker(client: Any, held: Any) -> None:
    address = client.scheduler.address
    try:
        error = held.exception(timeout=FIRST_WORKER_SECONDS)
    except TimeoutError as late:
        raise UnbendError(
            f"no worker has come to the scheduler at '{address}' within {FIRST_WORKER_SECONDS} seconds; start some "
            f"with: dask worker {address}"
        ) from late
    if error is not None:
        raise UnbendError(
            f"the workers of '{address}' cannot read the plan ({type(error).__name__}: {error}); they need the same "
            "Python, the same packages and the same version of unbend as this process"
        ) from error


def _itself(plan: Plan) -> Plan:
    return plan
