"""What the activations of a model do on a probe, in numbers: plain arrays in, frozen records out, no framework."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.diagnosis.units import FLAT
from unbend.watching.histogram import Histogram, histogram

Floats = NDArray[np.floating[Any]]
Role = Literal["hidden", "gate", "output"]
ZERO = 1e-6  # an output and a slope below this are nothing: exactly 0 for ReLU, the far left tail of GELU
DORMANT = 0.025  # tau of Sokar et al. 2023
CONSTANT = 1e-3  # a unit whose spread is below this share of its layer's says the same of every input
RANK_ROWS = 64  # the singular values of more rows would take longer than all else
NAN = float("nan")
SHARES = ("dead", "saturated", "saturated_units", "dormant", "constant")
OF_LAYER = (*SHARES, "mean", "spread", "output_spread", "gradient", "time_ratio", "rank")  # what changes in training
OF_WEIGHT = ("norm", "gradient", "update")


@dataclass(frozen=True, eq=False)
class Response:
    """How one activation answered the probe, as a framework hands it over; H units, m rows (inputs × positions).

    ``pre_activation``, ``output``, ``slope`` (m, H): z, f(z) and f′(z) at the rows kept; ``silent`` (H,): |f(z)| below
    `ZERO` at every row, kept or not; ``gradients`` (calls,): the norm of the score's gradient by the output of each
    call, in forward order (time steps of a recurrent layer), NaN where it was not measured.
    """

    name: str
    activation: str
    pre_activation: Floats
    output: Floats
    slope: Floats
    silent: NDArray[np.bool_]
    gradients: Floats
    finite: bool = True
    role: Role = "hidden"
    weight: str | None = None
    known: Activation | None = None
    usual_saturated: float = 0.0
    """The share of slopes below 0.01 when pre-activations are standard normal: what is healthy for this function."""


@dataclass(frozen=True)
class LayerMeasure:
    """One activation at one step. NaN is what was not measured.

    Shares are of its units, ``saturated`` of pairs of a unit and a row.

    ``gradient``: norm of the score's gradient by the outputs; ``time_ratio``: that of the first call over the last one;
    ``rank``: effective rank of the outputs, at most ``rank_limit``; ``dead_units``, ``dormant_units``: which, of the
    newest sample only; ``pre_activations``, ``outputs``: of finite ones, how they are spread.
    """

    name: str
    activation: str
    role: Role
    weight: str | None
    units: int
    dead: float
    saturated: float
    usual_saturated: float
    saturated_units: float
    dormant: float
    constant: float
    mean: float
    spread: float
    output_spread: float
    gradient: float
    time_ratio: float
    rank: float
    rank_limit: int
    finite: bool
    dead_units: tuple[int, ...] = ()
    dormant_units: tuple[int, ...] = ()
    pre_activations: Histogram | None = None
    outputs: Histogram | None = None


@dataclass(frozen=True)
class WeightMeasure:
    """One weight array at one step: its norm, that of the loss's gradient, and ‖Δw‖ / ‖w‖ of the update.

    NaN: not measured; ``finite`` says whether weights and gradient are free of NaN and Inf.
    """

    name: str
    norm: float
    gradient: float = NAN
    update: float = NAN
    finite: bool = True


def measure(response: Response) -> LayerMeasure:
    """The numbers of one activation.

    Dead: output and slope 0 on the whole probe. Saturated: |f′| < 0.01. Dormant: E|h_i| at most 0.025 of the layer's
    mean (Sokar et al. 2023, definition 3.1). Rank: exp of the entropy of the singular values of the centred outputs
    (Roy & Vetterli 2007).

    >>> z = np.array([[1.0, -1.0], [2.0, -2.0]])
    >>> relu = Response("act", "relu", z, z.clip(0), (z > 0) * 1.0, np.array([False, True]), np.ones(1))
    >>> found = measure(relu)
    >>> found.dead, found.dead_units, found.saturated, found.mean
    (0.5, (1,), 0.5, 0.0)
    """
    shared = (response.name, response.activation, response.role, response.weight)
    units, limit = response.output.shape[1], _rank_limit(response.output)
    if not response.finite or not response.output.size:
        return LayerMeasure(
            *shared, units, NAN, NAN, response.usual_saturated, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, limit,
            response.finite,
        )  # fmt: skip
    z, h = response.pre_activation, response.output
    flat = np.abs(response.slope) < FLAT
    dormant = _dormant(h)
    dead = response.silent & (np.abs(response.slope) <= ZERO).all(axis=0)
    spreads = h.std(axis=0, dtype=np.float64)
    return LayerMeasure(
        *shared, units, float(dead.mean()), float(flat.mean()), response.usual_saturated,
        float((flat.mean(axis=0) > 0.95).mean()), float(dormant.mean()),
        float((spreads <= CONSTANT * h.std(dtype=np.float64)).mean()),
        float(z.mean(dtype=np.float64)), float(z.std(dtype=np.float64)), float(spreads.mean()),
        float(np.linalg.norm(response.gradients)), _time_ratio(response.gradients), effective_rank(h), limit, True,
        tuple(np.flatnonzero(dead).tolist()), tuple(np.flatnonzero(dormant).tolist()), histogram(z), histogram(h),
    )  # fmt: skip


def update_ratio(size: float, moved: float) -> float:
    """‖Δw‖ / ‖w‖ of an update; NaN, not measured, where the weights did not move or are 0.

    >>> update_ratio(2.0, 0.01), update_ratio(2.0, 0.0)
    (0.005, nan)
    """
    return moved / size if size > 0 and moved > 0 else NAN


def effective_rank(outputs: Floats) -> float:
    """exp(−Σ p log p), p being the singular values of the centred outputs (m, H) over their sum; 0 if all rows agree.

    Of at most 64 rows, evenly chosen (Roy & Vetterli 2007, "The effective rank").

    >>> round(effective_rank(np.vstack([np.eye(3), -np.eye(3)])), 12)
    3.0
    """
    rows = outputs[:: -(-len(outputs) // RANK_ROWS)].astype(np.float64)
    rows = rows / (np.abs(rows).max(initial=0.0) or 1.0)  # squares of large numbers would overflow
    rows = rows - rows.mean(axis=0)
    gram = rows @ rows.T if rows.shape[0] < rows.shape[1] else rows.T @ rows
    squares = np.linalg.eigvalsh(gram)
    values = np.sqrt(squares[squares > max(squares[-1], 0.0) * 1e-12])
    if not len(values):
        return 0.0
    p = values / values.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def _rank_limit(outputs: Floats) -> int:
    kept = len(outputs[:: max(1, -(-len(outputs) // RANK_ROWS))])
    return max(0, min(kept - 1, outputs.shape[1]))


def _dormant(outputs: Floats) -> NDArray[np.bool_]:
    """(H,) which units' mean size is at most tau times the layer's mean; all of them where that is 0."""
    sizes = np.abs(outputs).mean(axis=0, dtype=np.float64)
    return sizes <= DORMANT * sizes.mean()


def _time_ratio(gradients: Floats) -> float:
    """Of the first call's gradient to the last one's; NaN for a single call."""
    if len(gradients) < 2 or not gradients[-1] > 0:
        return NAN
    return float(gradients[0] / gradients[-1])
