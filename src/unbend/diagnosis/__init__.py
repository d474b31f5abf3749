"""What goes wrong inside a network, in numbers: gradients layer by layer, units that stand still, signals in depth."""

from unbend.diagnosis.curvature import largest_curvature
from unbend.diagnosis.gradients import gradient_norms
from unbend.diagnosis.propagation import Propagation, gradient_growth, propagation, starting_growth
from unbend.diagnosis.units import dead_units, saturated_shares

__all__ = [
    "Propagation",
    "dead_units",
    "gradient_growth",
    "gradient_norms",
    "largest_curvature",
    "propagation",
    "saturated_shares",
    "starting_growth",
]
