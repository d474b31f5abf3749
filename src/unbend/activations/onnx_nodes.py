"""The algebra that writes a formula as nodes of an ONNX graph, in float32 and in forms that do not overflow.

Nodes are plain tuples, so that a graph can be built and read without the package ``onnx``.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.activations.expression import evaluate
from unbend.activations.powers import whole_power

OPSET = 17  # of 2022; every runtime in use today has it
_OF_ONNX = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "negative": "Neg", "minimum": "Min",
    "maximum": "Max", "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
    "greater_equal": "GreaterOrEqual", "equal": "Equal",
}  # fmt: skip


class OnnxNode(NamedTuple):
    """One operation: its name in ONNX, the names of the values that go in, the name of the value that comes out."""

    operation: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]


@dataclass(eq=False)
class OnnxNodes:
    """Nodes in the order of computing, and the ``constants`` they use, by name; ``taken`` are names of other values."""

    taken: set[str] = field(default_factory=set[str])
    nodes: list[OnnxNode] = field(default_factory=list[OnnxNode])
    constants: dict[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])

    def add(self, operation: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Append a node; the name of its value."""
        name = output or self.free(f"{operation.lower()}_{len(self.nodes) + 1}")
        self.nodes.append(OnnxNode(operation, inputs, name, attributes))
        return name

    def constant(self, value: Any, name: str = "constant") -> str:
        """The name of a constant array; an equal one that is there already is used again."""
        array = np.asarray(value)
        for known, other in self.constants.items():
            if other.dtype == array.dtype and other.shape == array.shape and other.tolist() == array.tolist():
                return known
        found = self.free(name)
        self.constants[found] = array
        return found

    def free(self, name: str) -> str:
        """The name, with a number behind it where something else is called so."""
        found, number = name, 2
        while not found or found in self.taken:
            found, number = f"{name}_{number}", number + 1
        self.taken.add(found)
        return found


def emit_onnx(activation: Activation, nodes: OnnxNodes, x: str) -> str:
    """Append the operations that an activation makes of the float32 value ``x`` (any shape); the result's name.

    >>> from unbend.activations import activation
    >>> nodes = OnnxNodes()
    >>> emit_onnx(activation("x*sigmoid(2*x)"), nodes, "x")
    'mul_3'
    >>> [(node.operation, node.inputs) for node in nodes.nodes]
    [('Mul', ('constant', 'x')), ('Sigmoid', ('mul_1',)), ('Mul', ('x', 'sigmoid_2'))]
    """
    (value,) = evaluate([activation.expression], x, _OnnxAlgebra(nodes))
    return nodes.add("Expand", value, nodes.add("Shape", x)) if value in nodes.constants else value


class _OnnxAlgebra:
    """Values are names."""

    def __init__(self, nodes: OnnxNodes):
        self.nodes = nodes

    def constant(self, value: float) -> str:
        with np.errstate(over="ignore"):
            return self.nodes.constant(np.float32(value))

    def power(self, a: str, b: str) -> str:
        exponent = self.nodes.constants.get(b, np.float32(0)).item()
        if not (exponent and exponent.is_integer() and abs(exponent) <= 64):
            return self.nodes.add("Pow", a, b)
        value = whole_power(a, abs(int(exponent)), self.multiply)
        return value if exponent > 0 else self.divide(self.constant(1), value)

    def gaussian(self, a: str) -> str:
        return self.exp(self.negative(self.multiply(a, a)))

    def step(self, a: str) -> str:
        return self.nodes.add("Cast", self.greater(a, self.constant(0)), to=np.dtype(np.float32))

    def not_equal(self, a: str, b: str) -> str:
        return self.nodes.add("Not", self.equal(a, b))

    def expm1(self, a: str) -> str:
        """Of small values too: (e**a + 1) * tanh(a / 2)."""
        return self.multiply(self.add(self.exp(a), self.constant(1)), self.tanh(self.multiply(a, self.constant(0.5))))

    def log1p(self, a: str) -> str:
        """Of small values too: a * log(w) / (w - 1) with w = 1 + a as it was rounded (HP-15C handbook, appendix)."""
        one = self.constant(1)
        w = self.add(a, one)
        small = self.where(self.equal(w, one), a, self.divide(self.multiply(a, self.log(w)), self.subtract(w, one)))
        return self.where(self.greater(a, one), self.log(w), small)

    def __getattr__(self, operation: str) -> Any:
        """Every other operation has a node of its own."""
        name = _OF_ONNX.get(operation, operation.capitalize())
        return lambda *args: self.nodes.add(name, *args)
