"""Many networks of one shape trained at once: packed into lanes and groups, shared out to threads.

What a network becomes depends on its own start and learning rate and on the recipe, never on its companions, on the
number of threads or on how the work was cut.
"""

import os
import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.network.initializers import initialise
from unbend.network.network import Network
from unbend.training.batches import epoch_orders
from unbend.training.interrupts import noted_interrupts
from unbend.training.kernel.numbers import aligned, hyper_parameters, job_record, step_table
from unbend.training.kernel.plan import Plan
from unbend.training.recipe import Recipe, validate
from unbend.training.reference import reference_train
from unbend.training.schedule import schedule_factors
from unbend.training.trained import Trained

if TYPE_CHECKING:
    from unbend.training.kernel.program import Program

BATCH_BYTES = 16 * 1024 * 1024  # rows in batch order that are laid out at a time
TASKS_PER_THREAD = 8
Progress = Callable[[int], None]


def train_population(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    network: Network,
    recipe: Recipe,
    seeds: NDArray[np.int64],
    learning_rates: NDArray[np.float64],
    threads: int | None = None,
    weights: NDArray[np.float64] | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train P networks that differ in their starting weights and learning rates.

    ``x`` (n, d), ``y`` (n,), ``seeds`` (P,), ``learning_rates`` (P,), ``weights`` (P, parameter_count) if the start is
    not to be drawn from the seeds. ``progress(k)`` is told of every k network-epochs done. Where LLVM cannot run, the
    NumPy reference does the work, and a warning says so once.

    >>> import numpy as np
    >>> from unbend.activations import activation
    >>> network = Network((2, 4, 1), (activation("tanh"),), "sigmoid")
    >>> recipe = Recipe(loss="binary_cross_entropy", learning_rate=1.0, batch_size=None, epochs=200)
    >>> x, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])
    >>> trained = train_population(x, y, network, recipe, np.arange(3), np.ones(3))
    >>> trained.loss.shape, trained.weights.shape[1:]
    ((201, 3), (3, 17))
    """
    validate(recipe, network.output)
    start = initialise(network, seeds) if weights is None else np.asarray(weights)
    rates = np.asarray(learning_rates, np.float64)
    engine = _engine(network, recipe, len(x), len(start))
    if engine is None:
        return reference_train(x, y, network, recipe, start, rates, _per_epoch(progress, len(start)))
    return _train_in_lanes(engine, x, y, network, recipe, start, rates, threads or _processors(), progress)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _per_epoch(progress: Progress | None, networks: int) -> Progress | None:
    return None if progress is None else lambda epochs: progress(epochs * networks)


@dataclass(frozen=True, eq=False)
class Engine:
    """A compiled kernel and the plan of its memory."""

    plan: Plan
    train: Callable[[int], None]


def _engine(network: Network, recipe: Recipe, rows: int, networks: int) -> Engine | None:
    """The compiled kernel, or None (with a warning) where there is no LLVM for this machine."""
    try:
        from unbend.training.kernel.compile import compile_kernel, host_registers, lanes_for
        from unbend.training.kernel.program import program_of

        program = program_of(network, recipe, _batch(recipe, rows), lanes_for(networks), host_registers())
        return Engine(program.plan, compile_kernel(program.name, lambda: _module_text(program)))
    except (ImportError, OSError, RuntimeError) as reason:
        warnings.warn(
            f"LLVM cannot run here ({reason}); networks are trained by the slower NumPy reference instead. "
            "Reinstall llvmlite to get the fast engine.",
            RuntimeWarning,
            stacklevel=3,
        )
        return None


def _module_text(program: "Program") -> str:
    from unbend.training.kernel.module import emit_module

    return str(emit_module(program))


def _batch(recipe: Recipe, rows: int) -> int:
    return min(recipe.batch_size or rows, rows)


# ---------------------------------------------------------------------- rows in the order of the batches
@dataclass(frozen=True, eq=False)
class Rows:
    """How the rows of an epoch are laid out: ``place`` (r,) position in the epoch's order, ``share`` (r,) of its batch.

    Rows that only fill the last block of a batch have the share 0.
    """

    place: NDArray[np.int64]
    share: NDArray[np.float32]
    first_block: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return len(self.first_block) - 1

    @property
    def blocks(self) -> int:
        """Blocks in an epoch."""
        return int(self.first_block[-1])


def lay_out(rows: int, batch: int, samples: int) -> Rows:
    """Cut an epoch of ``rows`` into batches, and every batch into blocks of ``samples``.

    >>> lay_out(5, 3, 2).place.tolist(), lay_out(5, 3, 2).first_block.tolist()
    ([0, 1, 2, 0, 3, 4], [0, 2, 3])
    """
    place: list[NDArray[np.int64]] = []
    share: list[NDArray[np.float32]] = []
    first_block = [0]
    for start in range(0, rows, batch):
        size = min(batch, rows - start)
        blocks = ceil(size / samples)
        place.append(np.zeros(blocks * samples, np.int64))
        share.append(np.zeros(blocks * samples, np.float32))
        place[-1][:size] = start + np.arange(size)
        share[-1][:size] = 1 / size
        first_block.append(first_block[-1] + blocks)
    return Rows(np.concatenate(place), np.concatenate(share), np.array(first_block, np.int64))


def _batches_of(
    recipe: Recipe, rows: Rows, x: NDArray[np.float32], y: NDArray[np.float32], epochs: range
) -> dict[str, Any]:
    """Fields of a job: the rows of some epochs in the order of their batches (one copy for the full batch)."""
    full = _batch(recipe, len(x)) == len(x)
    orders = epoch_orders(recipe, range(1) if full else epochs, len(x))
    chosen = orders[:, rows.place].ravel()
    return {
        "x": x[chosen],
        "y": y[chosen],
        "share": np.tile(rows.share, len(orders)),
        "first_block": rows.first_block,
        "blocks": 0 if full else rows.blocks,  # from one epoch to the next
        "steps": rows.steps if epochs.start else 0,
        "epochs": len(epochs),
        "first_epoch": epochs.start,
    }


# ---------------------------------------------------------------------- networks in lanes
def pack(weights: NDArray[Any], order: NDArray[np.int64], lanes: int) -> NDArray[np.float32]:
    """(P, parameter_count) networks as (groups, places, lanes); empty lanes repeat the first network."""
    networks, groups = len(weights), ceil(len(weights) / lanes)
    packed = aligned((groups, len(order), lanes))
    used = np.flatnonzero(order >= 0)
    for lane in range(lanes):
        own = np.arange(lane, groups * lanes, lanes)
        packed[:, used, lane] = weights[np.where(own < networks, own, 0)][:, order[used]]
    return packed


def unpack(packed: NDArray[np.float32], order: NDArray[np.int64], networks: int) -> NDArray[np.float32]:
    """The inverse of `pack` for (kept, groups, places, lanes), in the same memory."""
    kept = len(packed)
    place = np.empty(int((order >= 0).sum()), np.int64)
    used = np.flatnonzero(order >= 0)
    place[order[used]] = used
    size = networks * len(place)
    flat = packed.reshape(kept, -1)
    for own, row in zip(packed, flat, strict=True):
        row[:size] = own[:, place].transpose(0, 2, 1).reshape(-1)[:size]
    return flat[:, :size].reshape(kept, networks, len(place))


def _train_in_lanes(
    engine: Engine,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    network: Network,
    recipe: Recipe,
    start: NDArray[np.float64],
    rates: NDArray[np.float64],
    threads: int,
    progress: Progress | None,
) -> Trained:
    population = _Population.make(engine, x, y, recipe, start, rates)
    with noted_interrupts(population.stop):
        for epochs in (range(1), *population.chunks()):
            population.run(epochs, threads, progress)
    return population.result(y, network)


@dataclass(frozen=True, eq=False)
class _Population:
    """The arrays of a population while it trains; fields named as in a job hold what the kernel reads and writes."""

    engine: Engine
    recipe: Recipe
    rows: Rows
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    kept_epochs: tuple[int, ...]
    of_groups: dict[str, NDArray[Any]]  # first axis: groups
    shared: dict[str, Any]
    metrics: NDArray[np.float64]  # (epochs + 1, groups, 2, lanes)
    kept: NDArray[np.float32]  # (kept epochs, groups, places, lanes)
    networks: int

    @classmethod
    def make(
        cls, engine: Engine, x: Any, y: Any, recipe: Recipe, start: NDArray[Any], rates: NDArray[np.float64]
    ) -> "_Population":
        plan = engine.plan
        weights = pack(start, plan.order, plan.lanes)
        groups, places, lanes = weights.shape
        finite = aligned(weights.shape)
        finite[:] = weights
        of_groups = {
            "weights": weights,
            "state": aligned((groups, plan.slots, places, lanes)),
            "finite_weights": finite,
            "rates": pack(rates[:, None], np.zeros(1, np.int64), lanes),
            "diverged_at": aligned((groups, lanes), np.int32),
        }
        of_groups["diverged_at"][:] = -1
        all_rows = lay_out(len(x), len(x), plan.samples)
        x32, y32 = np.ascontiguousarray(x, np.float32), np.ascontiguousarray(y, np.float32)
        numbers = hyper_parameters(recipe)
        hyper = aligned((len(numbers), lanes))
        hyper[:] = numbers[:, None]
        shared = {
            "hyper": hyper,
            "all_x": x32[all_rows.place],
            "all_y": y32[all_rows.place],
            "all_share": (all_rows.share > 0).astype(np.float32),
            "all_blocks": all_rows.blocks,
            "stop": np.zeros(1, np.int64),
        }
        kept_epochs = recipe.kept_epochs()
        rows = lay_out(len(x), _batch(recipe, len(x)), plan.samples)
        metrics = aligned((recipe.epochs + 1, groups, 2, lanes), np.float64)
        metrics[:] = np.nan
        kept = aligned((len(kept_epochs), groups, places, lanes))
        return cls(engine, recipe, rows, x32, y32, kept_epochs, of_groups, shared, metrics, kept, len(start))

    def chunks(self) -> list[range]:
        """Consecutive epochs, so many at a time as fit into memory in batch order."""
        row_bytes = 4 * (self.x.shape[1] + 2)
        size = max(1, BATCH_BYTES // (len(self.rows.place) * row_bytes))
        last = self.recipe.epochs
        return [range(first, min(first + size, last + 1)) for first in range(1, last + 1, size)]

    def run(self, epochs: range, threads: int, progress: Progress | None) -> None:
        """Train every group through some epochs; epoch 0 is the start, which is only measured and kept."""
        fields = self.shared | self._fields_of(epochs)
        groups = len(self.of_groups["weights"])
        size = ceil(groups / (threads * TASKS_PER_THREAD))
        cuts = [slice(first, min(first + size, groups)) for first in range(0, groups, size)]
        with ThreadPoolExecutor(threads) as pool:
            tasks = {pool.submit(self._job, fields, epochs, cut): self._work(epochs, cut) for cut in cuts}
            self._follow(tasks, progress)
        if self.shared["stop"][0]:
            raise KeyboardInterrupt

    def stop(self) -> None:
        """End the kernels within a batch; `run` then raises KeyboardInterrupt."""
        self.shared["stop"][0] = 1

    def _work(self, epochs: range, cut: slice) -> int:
        """Network-epochs in the groups of a cut."""
        first, last = (min(end * self.engine.plan.lanes, self.networks) for end in (cut.start, cut.stop))
        return (last - first) * len(epochs) if epochs.start else 0

    def _fields_of(self, epochs: range) -> dict[str, Any]:
        factors = schedule_factors(self.recipe)[max(epochs.start - 1, 0) : epochs.stop - 1]
        slots = {epoch: slot for slot, epoch in enumerate(self.kept_epochs)}
        every = self.recipe.measure == "every"
        return _batches_of(self.recipe, self.rows, self.x, self.y, epochs) | {
            "table": step_table(self.recipe, factors, (epochs.start - 1) * self.rows.steps, self.rows.steps),
            "keep_slot": np.array([slots.get(epoch, -1) for epoch in epochs], np.int64),
            "measured": np.array([every or epoch in slots for epoch in epochs], np.int64),
        }

    def _follow(self, tasks: dict[Future[None], int], progress: Progress | None) -> None:
        """Wait for the tasks; at any exception stop the kernels within a batch and let it through."""
        waiting = set(tasks)
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for task in done:
                    task.result()
                    if progress is not None:
                        progress(tasks[task])
        except BaseException:
            self.stop()
            for task in waiting:
                task.cancel()
            raise

    def _job(self, fields: dict[str, Any], epochs: range, cut: slice) -> None:
        plan = self.engine.plan
        own = {name: array[cut] for name, array in self.of_groups.items()}
        groups = cut.stop - cut.start
        record = fields | own | {
            "metrics": self.metrics[epochs.start :, cut.start :],
            "metrics_stride": self.metrics.shape[1],
            "kept": self.kept[:, cut.start :],
            "kept_stride": self.kept.shape[1],
            "groups": groups,
            "scratch": aligned((plan.scratch_size, plan.lanes)),
        }  # fmt: skip
        job = job_record(record)
        self.engine.train(job.ctypes.data)

    def result(self, y: NDArray[np.float64], network: Network) -> Trained:
        """What `reference_train` returns, from the arrays of the kernel."""
        sums = self.metrics.transpose(2, 0, 1, 3).reshape(2, len(self.metrics), -1)[:, :, : self.networks] / len(y)
        diverged_at = self.of_groups["diverged_at"].reshape(-1)[: self.networks].astype(np.int64)
        loss, metric = sums
        if network.output == "identity":
            metric = 1 - metric / np.var(y)
        lost = (diverged_at >= 0) & (np.arange(len(loss))[:, None] >= diverged_at)
        weights = unpack(self.kept, self.engine.plan.order, self.networks)
        nan = np.float64(np.nan)
        return Trained(
            epochs=np.array(self.kept_epochs, np.int64),
            weights=weights,
            loss=np.where(lost, nan, loss),
            metric=np.where(lost, nan, metric),
            diverged_at=diverged_at,
        )
