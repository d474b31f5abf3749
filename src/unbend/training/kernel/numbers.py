"""The numbers that a kernel is given: the recipe's, the step's, and the record that says where everything lies.

Nothing here needs LLVM. The kernel reads each number at the place that the constants below name.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.training.recipe import Recipe

# places of the numbers that every network of a call shares
BETA1, REST1, BETA2, REST2, EPSILON, DECAY, MOMENTUM, SMOOTHING, REST_SMOOTHING, DELTA, L1 = range(11)
# places at the head of the scratch: vectors computed once a step, and two partial sums of the measurement
STEP, ROOT_SCALE, SHRINK, PARTIAL_SUMS = range(4)


def hyper_parameters(recipe: Recipe) -> NDArray[np.float32]:
    """(11,) the recipe's numbers in the order of the constants above."""
    values = [
        recipe.beta1, 1 - recipe.beta1, recipe.beta2, 1 - recipe.beta2, recipe.epsilon, recipe.weight_decay,
        recipe.momentum, recipe.smoothing, 1 - recipe.smoothing, recipe.huber_delta, recipe.l1,
    ]  # fmt: skip
    return np.array(values, np.float32)


def slot_count(recipe: Recipe) -> int:
    """Vectors of state for each parameter."""
    return {"sgd": 0, "rmsprop": 1}.get(recipe.optimizer, 2) + (
        recipe.optimizer in ("sgd", "rmsprop") and recipe.momentum > 0
    )


def step_table(recipe: Recipe, factors: NDArray[np.float64], first_step: int, steps: int) -> NDArray[np.float32]:
    """(epochs * steps, 3): schedule factor, and Adam's two bias corrections, for consecutive steps.

    ``factors`` (epochs,) are the schedule's; ``first_step`` counts the steps done before, from 0.
    """
    t = first_step + 1 + np.arange(len(factors) * steps, dtype=np.float64)
    adaptive = recipe.optimizer in ("adam", "adamw")
    first = 1 / (1 - recipe.beta1**t) if adaptive else np.ones_like(t)
    second = 1 / np.sqrt(1 - recipe.beta2**t) if adaptive else np.ones_like(t)
    return np.ascontiguousarray(np.stack([np.repeat(factors, steps), first, second], axis=1), np.float32)


JOB_FIELDS = (
    # of every group: (G, parameters, lanes), (G, slots, parameters, lanes), (G, parameters, lanes), (G, lanes) twice
    "weights", "state", "finite_weights", "rates", "diverged_at",
    "hyper",  # (11, lanes)
    # batches of all epochs of the job: (epochs * blocks * samples, …), block numbers (steps + 1,), (epochs * steps, 3)
    "x", "y", "share", "first_block", "blocks", "table",
    "all_x", "all_y", "all_share", "all_blocks",  # every row once, for the measurement
    # (epochs, groups of the population, 2, lanes) float64, and (epochs,) whether an epoch is measured at all
    "metrics", "metrics_stride", "measured",
    "kept", "kept_stride", "keep_slot",  # (slots, groups of the population, parameters, lanes), (epochs,) slot or -1
    "groups", "epochs", "steps", "first_epoch",
    "scratch", "stop",
)  # fmt: skip


def job_record(fields: dict[str, Any]) -> NDArray[np.int64]:
    """The record of a job: every number, and for every array its address (the caller keeps the arrays alive)."""
    values = [fields[name] for name in JOB_FIELDS]
    return np.array([v.ctypes.data if isinstance(v, np.ndarray) else int(v) for v in values], np.int64)


def aligned(shape: tuple[int, ...], dtype: Any = np.float32) -> NDArray[Any]:
    """A zeroed array that begins at a multiple of 64 bytes."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)
