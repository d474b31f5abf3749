"""Whole powers as products, the same sequence of multiplications in every back end.

It knows only how to multiply, so NumPy, JavaScript and PyTorch round alike.
"""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def whole_power(base: T, exponent: int, multiply: Callable[[T, T], T]) -> T:
    """``base`` to a whole ``exponent`` of at least 1, by squaring.

    >>> whole_power(3, 5, lambda a, b: a * b)
    243
    """
    result: T | None = None
    while True:
        if exponent & 1:
            result = base if result is None else multiply(result, base)
        exponent >>= 1
        if not exponent:
            break
        base = multiply(base, base)
    assert result is not None
    return result


def whole_exponent(text: str) -> int:
    """The whole number from -64 to 64 that a written constant such as ``(-2.0)`` says; 0 if it says anything else.

    >>> whole_exponent("3.0"), whole_exponent("t1"), whole_exponent("2.05")
    (3, 0, 0)
    """
    try:
        value = float(text.strip("()"))
    except ValueError:
        return 0
    return int(value) if value.is_integer() and abs(value) <= 64 else 0
