"""The central type of this room: a named formula with its derivative and kinks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations.expression import Node


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation function: text, expression tree, derivative tree, parameters, kinks.

    Call it on an array of any shape (float32 stays float32, everything else becomes float64); ``gradient`` has the same
    shape. At a kink the derivative follows PyTorch (relu'(0) = 0, abs'(0) = 0, step' = 0).
    """

    name: str
    formula: str
    expression: Node
    derivative: Node
    parameters: Mapping[str, float] = field(default_factory=dict)
    kinks: tuple[float, ...] = ()
    source: str = ""

    def __call__(self, z: Any) -> NDArray[Any]:
        """The value at ``z``, same shape."""
        return self._values(self.expression, z)

    def gradient(self, z: Any) -> NDArray[Any]:
        """The derivative at ``z``, same shape."""
        return self._values(self.derivative, z)

    def _values(self, node: Node, z: Any) -> NDArray[Any]:
        from unbend.activations.numpy_algebra import numpy_values

        array = np.asarray(z)
        array = array if array.dtype == np.float32 else array.astype(np.float64)
        return numpy_values(node, array)
