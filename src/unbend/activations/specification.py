"""``activation``: the one door through which a name, a formula or a Python function becomes an `Activation`.

It decides only what kind of thing it was given; reading, tracing and differentiating happen elsewhere.
"""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from numbers import Real
from typing import Any

from unbend.activations.activation import Activation
from unbend.activations.catalogue import entries, entry
from unbend.activations.derivative import differentiate
from unbend.activations.grammar import read_formula, read_parameters
from unbend.activations.kinks import find_kinks
from unbend.activations.trace import trace
from unbend.activations.vocabulary import CONSTANTS, FUNCTIONS, LONGEST
from unbend.errors import UnbendError

_NAMED = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\(\s*((?:[A-Za-z_]\w*\s*=[^=].*)?)\)\s*)?", re.ASCII | re.DOTALL)


def activation(spec: "str | Activation | Callable[..., Any]", **parameters: float) -> Activation:
    """The activation that ``spec`` says: a catalogue name, a formula in ``x``, a Python function, or an `Activation`.

    ``parameters`` replace values of the formula; a name takes them in brackets as well. Raises `UnbendError` for an
    unknown name or parameter, a formula outside the grammar, and a function that cannot be traced.

    >>> activation("leaky_relu(alpha=0.2)")([-1.0, 2.0])
    array([-0.2,  2. ])
    >>> activation("max(x, slope*x); slope=0.1", slope=0.5).gradient([-1.0, 2.0])
    array([0.5, 1. ])
    >>> activation(lambda x: x / (1 + abs(x))).formula
    'x/(abs(x)+1)'
    """
    settings = {name: _finite(name, value) for name, value in parameters.items()}
    if isinstance(spec, Activation):
        return _replaced(spec, settings) if settings else spec
    if isinstance(spec, str):
        return _from_text(spec, tuple(sorted(settings.items())))
    if callable(spec):
        return _from_callable(spec, settings)
    kind = type(spec).__name__
    raise UnbendError(f"an activation is a name, a formula or a Python function, not {spec!r:.60} of type {kind}")


def _finite(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise UnbendError(f"the parameter {name!r} must be a finite number, not {value!r:.60}")
    return float(value)


def _replaced(old: Activation, settings: Mapping[str, float]) -> Activation:
    return _build(old.name, old.formula, settings, old.source)


@lru_cache(maxsize=512)
def _from_text(text: str, settings: tuple[tuple[str, float], ...]) -> Activation:
    named = _NAMED.fullmatch(text) if len(text) <= LONGEST else None
    name = named[1] if named else ""
    if named is None or (name not in entries() and (len(name) == 1 or name in CONSTANTS or name in FUNCTIONS)):
        return _build("", text, dict(settings), "")
    row = entry(name)
    return _build(name, row.formula, {**_in_brackets(name, named[2] or ""), **dict(settings)}, row.source)


def _in_brackets(name: str, text: str) -> Mapping[str, float]:
    """The parameters of ``name(alpha=0.2)``."""
    try:
        return read_parameters(text) if text.strip() else {}
    except UnbendError as error:
        raise UnbendError(f"{name}: {error}") from None


def _build(name: str, text: str, settings: Mapping[str, float], source: str) -> Activation:
    try:
        formula = read_formula(text, settings)
    except UnbendError as error:
        raise UnbendError(f"{name}: {error}" if name else str(error)) from None
    derivative = differentiate(formula.expression)
    return Activation(
        name=name or formula.text,
        formula=formula.text,
        expression=formula.expression,
        derivative=derivative,
        parameters=formula.parameters,
        kinks=find_kinks(formula.expression, derivative),
        source=source,
    )


def _from_callable(function: Callable[..., Any], settings: Mapping[str, float]) -> Activation:
    name = getattr(function, "__name__", type(function).__name__)
    formula = trace(function, name, settings)
    named = "" if name == "<lambda>" else name
    return _build(named, formula, {}, "")
