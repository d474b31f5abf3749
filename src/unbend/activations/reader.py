"""From Python's syntax tree to ours, by whitelist: whatever has no case here is refused with its place.

Nothing is ever evaluated as Python.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import NoReturn

from unbend.activations.build import make
from unbend.activations.expression import Node
from unbend.activations.leaves import X, constant, is_constant
from unbend.activations.vocabulary import (
    ALLOWED,
    CONSTANTS,
    DEEPEST,
    FUNCTIONS,
    LARGEST_EXPONENT,
    OPERATORS,
    RELATIONS,
    Fault,
    call_of,
    instead_of_name,
    refused_construct,
)

Build = Callable[..., Node | None]
MASKS = tuple(RELATIONS.values())


def python_tree(text: str, offset: int) -> ast.expr:
    """Python's syntax tree of an expression; ``offset`` is where ``text`` begins in the whole formula."""
    leading = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as "invalid decimal literal": the whitelist speaks for itself
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        position = (error.offset or len(text)) - 1 + leading  # no offset: the text ends too early
        raise Fault(_syntax_reason(text, position, str(error.msg)), max(position + offset, 0)) from None
    except (ValueError, MemoryError, RecursionError):
        raise Fault(f"this cannot be read as a formula: {ALLOWED}") from None


def _syntax_reason(text: str, position: int, message: str) -> str:
    if "never closed" in message:
        return "this bracket is never closed: write ) at its end"
    if "unmatched" in message:
        return "this bracket was never opened: write ( before it or leave it out"
    if re.search(r"(?<![<>=!])=(?!=)", text):
        return "'=' is not allowed here: parameters come after a semicolon, such as max(x, alpha*x); alpha=0.01"
    if "literal" in message:
        return "a product needs its sign: write 2*x, not 2x"
    if re.search(r"[\w)]\s*$", text[:position]) and re.match(r"[\w(]", text[position:]):
        return "a sign is missing before this: write 2*x for a product and tanh(x) for a function"
    return f"the formula cannot be read here: {ALLOWED}"


def folded(op: str, *args: Node) -> Node | None:
    """The simplified tree; None where numbers alone give no finite number."""
    result = make(op, *args)
    return None if all(map(is_constant, args)) and op not in MASKS and not is_constant(result) else result


def as_written(op: str, *args: Node) -> Node:
    """The tree without any simplification, for those who want to show what was typed."""
    return Node(op, args)


class Reader:
    """Lowers one Python expression to a tree and remembers which names it used."""

    def __init__(self, text: str, offset: int, parameters: Mapping[str, float], build: Build = folded):
        """``offset``: where ``text`` begins in the whole formula."""
        self.build = build
        leading = len(text) - len(text.lstrip())
        self.text, self.offset = text.strip(), offset + leading
        self.parameters, self.used = parameters, set[str]()

    def read(self) -> Node:
        """The tree of the whole text."""
        python = python_tree(self.text, self.offset)
        self._check_depth(python)
        return self.lower(python)

    def lower(self, node: ast.expr) -> Node:
        """The tree of one Python expression."""
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp(op=ast.USub()):
                return self._make(node, "negative", self.lower(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.lower(node.operand)
            case ast.Call():
                return self._call(node)
            case ast.Compare():
                self._refuse("a comparison is allowed only as the first argument of where(condition, a, b)", node)
            case _:
                self._refuse(refused_construct(node), node)

    def _refuse(self, reason: str, node: "ast.expr | ast.keyword") -> NoReturn:
        raise Fault(reason, node.col_offset + self.offset)

    def _check_depth(self, tree: ast.expr) -> None:
        waiting: list[tuple[ast.expr, int]] = [(tree, 1)]
        while waiting:
            node, depth = waiting.pop()
            if depth > DEEPEST and not isinstance(node, ast.Name | ast.Constant):
                reason = f"the formula is more than {DEEPEST} operations deep; at most {DEEPEST} are allowed"
                self._refuse(reason, node)
            children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
            waiting.extend((child, depth + _deepens(node, child)) for child in children)

    def _make(self, node: ast.expr, op: str, *args: Node) -> Node:
        result = self.build(op, *args)
        if result is None:
            self._refuse(f"{ast.unparse(node)} is not a finite number: write one that is", node)
        return result

    def _number(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(f"{value!r:.40} is not a number that a formula may hold: {ALLOWED}", node)
        if not math.isfinite(float(value)):  # an int of 200 digits is still a finite float
            self._refuse("this number is not finite: the largest is about 1.8e308", node)
        return constant(float(value))

    def _name(self, node: ast.Name) -> Node:
        name = node.id
        self.used.add(name)
        if name in self.parameters:
            return constant(self.parameters[name])
        if name == "x":
            return X
        if name in CONSTANTS:
            return constant(CONSTANTS[name])
        if name in FUNCTIONS:
            self._refuse(f"{name} is a function: write {call_of(name)}", node)
        mend = instead_of_name(name, ("x", *CONSTANTS, *self.parameters, *FUNCTIONS))
        mend = mend or f"give a parameter its value after a semicolon, such as '; {name}=1'"
        self._refuse(f"there is no name {name!r} in a formula; {mend}", node)

    def _binary(self, node: ast.BinOp) -> Node:
        op, sign = OPERATORS.get(type(node.op), ("", "this operator"))
        if not op:
            start = node.left.end_col_offset or 0
            start += max(self.text[start:].find(sign), 0)
            mend = "write ** instead" if sign == "^" else ALLOWED
            raise Fault(f"{sign!r} is not allowed in a formula: {mend}", start + self.offset)
        left, right = self.lower(node.left), self.lower(node.right)
        if op == "power":
            self._check_power(node.right, right)
        return self._make(node, op, left, right)

    def _check_power(self, node: ast.expr, exponent: Node) -> None:
        if any(isinstance(part, ast.Pow) for part in ast.walk(node)):
            self._refuse("a power tower such as x**x**x is not allowed: write (x**a)**b, or a number as exponent", node)
        if is_constant(exponent) and abs(exponent.value) > LARGEST_EXPONENT:
            largest = f"a constant exponent is at most {LARGEST_EXPONENT}"
            self._refuse(f"the exponent {exponent.value:g} is too large: {largest}", node)

    def _call(self, node: ast.Call) -> Node:
        name = self._function_name(node)
        op, blanks = FUNCTIONS[name]
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                self._refuse(f"* before an argument is not allowed in a formula: write {call_of(name)}", argument)
        if node.keywords:
            self._refuse(f"{name} takes its arguments by place: write {call_of(name)}", node.keywords[0])
        if len(node.args) != len(blanks):
            wanted = f"{len(blanks)} argument{'s' if len(blanks) > 1 else ''}"
            self._refuse(f"{name} takes {wanted}, not {len(node.args)}: write {call_of(name)}", node)
        if op == "where":
            return self._make(node, op, self._mask(node.args[0]), *map(self.lower, node.args[1:]))
        args = [self.lower(argument) for argument in node.args]
        if op == "clip":
            return self._make(node, "minimum", self._make(node, "maximum", args[0], args[1]), args[2])
        return self._make(node, op, *args)

    def _function_name(self, node: ast.Call) -> str:
        if not isinstance(node.func, ast.Name):
            product = "a product needs its sign: write a*(b), not (a)(b) or 2(x)"
            self._refuse(refused_construct(node.func) if isinstance(node.func, ast.Attribute) else product, node)
        name = node.func.id
        if name in ("x", *CONSTANTS, *self.parameters):
            self._refuse(f"{name} is not a function: write {name}*(…) for a product", node)
        if name not in FUNCTIONS:
            mend = instead_of_name(name, tuple(FUNCTIONS)) or ALLOWED
            self._refuse(f"there is no function {name!r} in a formula; {mend}", node)
        return name

    def _mask(self, node: ast.expr) -> Node:
        if not isinstance(node, ast.Compare):
            self._refuse("the first argument of where is a comparison, such as where(x > 0, x, 0)", node)
        if len(node.ops) > 1:
            self._refuse("a chain of comparisons is not allowed: write where(a < b, where(b < c, …, …), …)", node)
        op = RELATIONS.get(type(node.ops[0]))
        if op is None:
            self._refuse("this comparison is not allowed in a formula: allowed are < <= > >= == !=", node)
        return self._make(node, op, self.lower(node.left), self.lower(node.comparators[0]))


def _deepens(node: ast.expr, child: ast.expr) -> int:
    """1 if a child lies deeper; a chain such as a + b - c + d, or a * b / c, is one level."""
    if isinstance(node, ast.BinOp) and isinstance(child, ast.BinOp) and child is node.left:
        chains = ((ast.Add, ast.Sub), (ast.Mult, ast.Div))
        return 0 if any(isinstance(node.op, chain) and isinstance(child.op, chain) for chain in chains) else 1
    return 1
