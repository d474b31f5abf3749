"""What mean-field theory says of a plain stack of layers with random weights, beside what was measured in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.properties.normal import moments

Floats = NDArray[np.float64]


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
    number of layers 1 / |mean ln χ₁| in which the gradient's square changes by a factor of e.
    """

    variance: Floats
    chi: Floats
    measured_variance: Floats
    measured_chi: Floats

    @property
    def depth_scale(self) -> float:
        """As predicted; inf at the edge of chaos."""
        return _depth_scale(self.chi)

    @property
    def measured_depth_scale(self) -> float:
        """As measured; inf at the edge of chaos."""
        return _depth_scale(self.measured_chi)

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
    return Theory(np.array(variance), np.array(growth), np.array([one.variance for one in layers]), measured)


def _moments(activation: Activation, variance: float) -> tuple[float, float]:
    """E f² and E f′² at a variance; the smallest one that a density can have stands for 0."""
    found = moments(activation, np.array(activation.kinks), np.array([max(variance, 1e-10)]), checked=False)
    return float(found.square[0]), float(found.slope_square[0])


def _depth_scale(chi: Floats) -> float:
    with np.errstate(all="ignore"):
        rate = abs(float(np.log(chi).mean()))
        return float(np.divide(1.0, rate))
