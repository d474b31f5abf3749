"""The grammar of formulas: an expression in ``x``, then parameters with their values after a semicolon.

This is the rim: it looks at characters and parameters, leaves the expression to `unbend.activations.reader`, and turns
every refusal into one message with the text and a caret under the character.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from unbend.activations.expression import Node
from unbend.activations.leaves import is_constant
from unbend.activations.reader import Reader, as_written, python_tree
from unbend.activations.text import short_number
from unbend.activations.vocabulary import (
    CHARACTERS,
    CONSTANTS,
    DEEPEST,
    FUNCTIONS,
    LONGEST,
    Fault,
    instead_of_character,
)
from unbend.errors import UnbendError, did_you_mean

_NO_PARAMETERS = "after ';' come parameters, written as alpha=0.01, beta=2"


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula that has been read: its full text, its tree, and the values of its parameters."""

    text: str
    expression: Node
    parameters: Mapping[str, float]


def read_formula(text: str, overrides: Mapping[str, float] | None = None) -> Formula:
    """The tree of a formula in ``x``, with parameters after a semicolon; ``overrides`` replace their values.

    Raises `UnbendError` for anything that is not on the whitelist, for a text of more than 200 characters, for an
    expression more than 20 operations deep, and for a constant exponent above 64.

    >>> read_formula("max(x, alpha*x); alpha=0.01").parameters
    {'alpha': 0.01}
    >>> read_formula("x^2")
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: '^' is not allowed in a formula: write ** instead
      x^2
       ^
    """
    _check_length(text)
    try:
        return _read(text, overrides or {})
    except Fault as fault:
        raise fault.said(text) from None


def read_as_written(formula: Formula) -> Node:
    """The tree of a formula as it was typed, without any simplification; numbers stand for parameters.

    >>> read_as_written(read_formula("log(1 + exp(x))"))
    Node(log(add))
    """
    return Reader(formula.text.partition(";")[0], 0, formula.parameters, as_written).read()


def read_parameters(text: str) -> Mapping[str, float]:
    """The numbers of ``alpha=0.01, beta=2``; anything else is an `UnbendError`.

    >>> read_parameters("alpha=0.01, beta=sqrt(4)")
    {'alpha': 0.01, 'beta': 2.0}
    """
    _check_length(text)
    try:
        _check_characters(text)
        return _parameters(text, 0)
    except Fault as fault:
        raise fault.said(text) from None


def _read(text: str, overrides: Mapping[str, float]) -> Formula:
    _check_characters(text)
    body, semicolon, tail = text.partition(";")
    if not body.strip():
        raise Fault("the formula is empty: write for example max(x, 0)")
    written = _parameters(tail, len(body) + 1) if semicolon else {}
    _check_overrides(overrides, written)
    values = {name: overrides.get(name, value) for name, value in written.items()}
    reader = Reader(body, 0, values)
    expression = reader.read()
    for name in values:
        if name not in reader.used:
            raise Fault(f"the formula has a parameter {name!r} but does not use it", text.index(name, len(body)))
    if "x" not in reader.used:
        raise Fault("a formula needs x: this one is the same number everywhere")
    ending = ", ".join(f"{name}={short_number(value)}" for name, value in values.items())
    full = f"{body.strip()}; {ending}" if values else body.strip()
    _check_length(full)  # whatever was read can be read again
    return Formula(full, expression, values)


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise UnbendError(f"the formula has {len(text)} characters; at most {LONGEST} are allowed")


def _check_characters(text: str) -> None:
    depth = 0
    for position, character in enumerate(text):
        if character not in CHARACTERS:
            mend = instead_of_character(character)
            raise Fault(f"{character!r} is not allowed in a formula: {mend}", position)
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth > DEEPEST:
            raise Fault(f"brackets stand more than {DEEPEST} deep; at most {DEEPEST} are allowed", position)


def _check_overrides(overrides: Mapping[str, float], written: Mapping[str, float]) -> None:
    for name in overrides:
        if name not in written:
            known = did_you_mean(name, tuple(written)) if written else "it has none"
            raise Fault(f"there is no parameter {name!r} in this formula; {known}")


def _parameters(tail: str, start: int) -> dict[str, float]:
    """Read as the keyword arguments of a call, so that commas are Python's; ``start``: the place of ``tail``."""
    text, offset = f"f({tail})", start - 2
    if not tail.strip():
        raise Fault(_NO_PARAMETERS, start - 1)
    call = python_tree(text, offset)
    if not isinstance(call, ast.Call) or call.args or not isinstance(call.func, ast.Name):
        raise Fault(_NO_PARAMETERS, start)
    parameters: dict[str, float] = {}
    for keyword in call.keywords:
        name, position = keyword.arg, keyword.col_offset + offset
        if name is None:
            raise Fault(_NO_PARAMETERS, position)
        if name in ("x", *CONSTANTS, *FUNCTIONS, *parameters):
            raise Fault(f"a parameter cannot be called {name!r}: that name has a meaning already", position)
        value = Reader(text, offset, {}).lower(keyword.value)
        if not is_constant(value):
            raise Fault(f"the value of the parameter {name!r} must be a number", position)
        parameters[name] = value.value
    return parameters
