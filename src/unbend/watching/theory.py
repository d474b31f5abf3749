"""What mean-field theory says of a plain stack of layers with random weights, beside what was measured in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.properties.mean_field import Field, self_normalising
from unbend.properties.normal import moments

Floats = NDArray[np.float64]
SMALLEST = 1e-10  # variance that a density can have; it stands for 0


@dataclass(frozen=True, eq=False)
class StackLayer:
    """A layer of a plain stack at its start: σ_w² = fan_in · mean w², σ_b² = mean b², and what was measured in it.

    ``variance``: mean square of the pre-activations; ``gradient``: norm of the score's gradient by the outputs.
    """

    activation: Activation
    weight_variance: float
    bias_variance: float
    variance: float
    gradient: float


@dataclass(frozen=True, eq=False)
class Theory:
    """Signals of a plain stack of L layers at its start, predicted and measured.

    ``variance`` (L,): mean square of the pre-activations; ``chi`` (L − 1,): by how much the gradient's square grows
    from the outputs of one layer back to those of the layer before, χ₁ (Schoenholz et al. 2017). A depth scale is the
    number of layers 1 / |mean ln χ₁| in which the gradient's square changes by a factor of e. ``gain`` (L,): σ_w.
    """

    variance: Floats
    chi: Floats
    measured_variance: Floats
    measured_chi: Floats
    activations: tuple[Activation, ...]
    gain: Floats

    @property
    def depth_scale(self) -> float:
        """As predicted; inf at the edge of chaos."""
        return _depth_scale(self.chi)

    @property
    def measured_depth_scale(self) -> float:
        """As measured; inf at the edge of chaos."""
        return _depth_scale(self.measured_chi)

    @property
    def drift(self) -> float | None:
        """How many times the last spread is above or below 1, where all functions are built to keep it at 1.

        That is what a self-normalising function does if its weights start with variance 1 / fan_in (Klambauer et al.
        2017); None for stacks of other functions.
        """
        if not all(_keeps_one(activation) for activation in self.activations):
            return None
        return float(np.exp(abs(np.log(max(self.variance[-1], SMALLEST))) / 2))

    @property
    def gradient_ratio(self) -> float:
        """The gradient's norm in the first layer over that in the last one, as predicted."""
        return float(np.sqrt(np.prod(self.chi)))


def theory(layers: Sequence[StackLayer]) -> Theory | None:
    """The theory of a stack, from the variance measured in its first layer on; None for fewer than two layers.

    V(q) = σ_b² + σ_w² E f(√q Z)² forward and χ₁ = σ_w² E f′(√q Z)² back (Poole et al. 2016, Schoenholz et al. 2017),
    with the weights and biases that the stack has.
    """
    if len(layers) < 2:
        return None
    variance, growth = [layers[0].variance], []
    for before, layer in pairwise(layers):
        square = _moments(before.activation, variance[-1])[0]
        variance.append(layer.bias_variance + layer.weight_variance * square)
        growth.append(layer.weight_variance * _moments(layer.activation, variance[-1])[1])
    gradient = np.array([layer.gradient for layer in layers])
    with np.errstate(all="ignore"):
        measured = (gradient[:-1] / gradient[1:]) ** 2
    return Theory(
        np.array(variance), np.array(growth), np.array([one.variance for one in layers]), measured,
        tuple(one.activation for one in layers), np.sqrt([one.weight_variance for one in layers]),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _keeps_one(activation: Activation) -> bool:
    return self_normalising(Field(activation, np.array(activation.kinks)))


def _moments(activation: Activation, variance: float) -> tuple[float, float]:
    """E f² and E f′² at a variance."""
    found = moments(activation, np.array(activation.kinks), np.array([max(variance, SMALLEST)]), checked=False)
    return float(found.square[0]), float(found.slope_square[0])


def _depth_scale(chi: Floats) -> float:
    with np.errstate(all="ignore"):
        rate = abs(float(np.log(chi).mean()))
        return float(np.divide(1.0, rate))
