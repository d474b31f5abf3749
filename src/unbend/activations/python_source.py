"""What the Python sources for PyTorch, JAX and Keras share: one line for each operation, and the words of a library.

A library is a table from operations to templates; the empty name stands for every function that is called as ours.
"""

from collections.abc import Callable, Mapping
from typing import Any

from unbend.activations.activation import Activation
from unbend.activations.expression import distinct_nodes
from unbend.activations.powers import whole_exponent, whole_power

Template = Callable[..., str]

# operations whose gradient by a library is split at a tie, missing, or NaN where a branch is not used
_PIECEWISE = ("minimum", "maximum", "where", "step", "sign")
_OPERATORS = {
    "add": "+", "subtract": "-", "divide": "/", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip


def is_piecewise(activation: Activation) -> bool:
    """Whether a library would differentiate the formula otherwise than we do, somewhere."""
    guarded = any(node.op == "not_equal" for node in distinct_nodes(activation.derivative))
    return guarded or any(node.op in _PIECEWISE for node in distinct_nodes(activation.expression))


def is_number(text: str) -> bool:
    """Whether a source is a written number, not the name of an array."""
    return text[0].isdigit() or text[0] == "("


def like_x(value: str, library: str) -> str:
    """A number as an array like ``x``; an array as it is."""
    return f"{library}.full_like(x, {value})" if is_number(value) else value


class PythonAlgebra:
    """Values are names of temporaries or Python numbers; ``lines`` holds the assignments."""

    def __init__(self, library: Mapping[str, str | Template]):
        """``library``: a template with places ``{0}``, ``{1}``, or a function of the arguments, for each operation."""
        self.library = library
        self.lines: list[str] = []

    def _temporary(self, source: str) -> str:
        name = f"t{len(self.lines) + 1}"
        self.lines.append(f"{name} = {source}")
        return name

    def constant(self, value: float) -> str:
        """A number, in brackets if it is negative."""
        return f"({value!r})" if value < 0 else repr(value)

    def multiply(self, a: str, b: str) -> str:
        """a * b."""
        return self._temporary(f"{a} * {b}")

    def negative(self, a: str) -> str:
        """-a."""
        return self._temporary(f"-{a}")

    def power(self, a: str, b: str) -> str:
        """a ** b, as products where b is a whole number."""
        exponent = whole_exponent(b)
        if not exponent:
            return self._temporary(f"{a} ** {b}")
        value = whole_power(a, abs(exponent), self.multiply)
        return value if exponent > 0 else self._temporary(f"1 / {value}")

    def __getattr__(self, operation: str) -> Any:
        """Everything that is an operator or stands in the table of the library."""
        if operation in _OPERATORS:
            return lambda a, b: self._temporary(f"{a} {_OPERATORS[operation]} {b}")
        template = self.library.get(operation, self.library[""])
        if isinstance(template, str):
            return lambda *args: self._temporary(template.format(*args, name=operation))
        return lambda *args: self._temporary(template(*args))
