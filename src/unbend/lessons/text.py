"""Measured numbers written for a reader, and the words in two languages that they stand in."""

from collections.abc import Callable
from math import isfinite

from unbend.drawing.words import number, percent
from unbend.text import Text, in_language

Form = Callable[[float], str]


def share(value: float) -> str:
    """A share as a percentage; only a true 1 is written as 100%.

    >>> share(0.8535)
    '85.4%'
    """
    if not isfinite(value):
        return str(value)
    return percent(value)


def count(value: float) -> str:
    """A whole number, thousands apart.

    >>> count(2000)
    '2,000'
    """
    return f"{round(value):,}" if isfinite(value) else str(value)


__all__ = ["Form", "Text", "count", "in_language", "number", "share"]
