"""The algebra that writes a tree as formula text, so that whatever was traced can be read back, saved and shown.

A value is the text with the strength of its weakest operator, which decides about brackets.
"""

from typing import Any

from unbend.activations.expression import Node, evaluate

Text = tuple[str, int]
SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5


def to_text(node: Node) -> str:
    """The formula of a tree, as the grammar reads it.

    >>> to_text(Node("multiply", (Node("x"), Node("sigmoid", (Node("x"),)))))
    'x*sigmoid(x)'
    """
    (text,) = evaluate([node], ("x", ATOM), _TextAlgebra())
    return text[0]


def _bracketed(text: Text, weakest: int) -> str:
    return text[0] if text[1] >= weakest else f"({text[0]})"


def short_number(value: float) -> str:
    """A number in the fewest characters that give it back."""
    text = repr(value)
    return text.removesuffix(".0").replace("e-0", "e-").replace("e+", "e")


class _TextAlgebra:
    def constant(self, value: float) -> Text:
        return short_number(value), SIGN if value < 0 else ATOM

    def add(self, a: Text, b: Text) -> Text:
        if b[0].startswith("-") and b[1] >= SIGN:
            return f"{_bracketed(a, SUM)}{b[0]}", SUM
        return f"{_bracketed(a, SUM)}+{_bracketed(b, PRODUCT)}", SUM

    def subtract(self, a: Text, b: Text) -> Text:
        return f"{_bracketed(a, SUM)}-{_bracketed(b, PRODUCT if not b[0].startswith('-') else ATOM)}", SUM

    def multiply(self, a: Text, b: Text) -> Text:
        return f"{_bracketed(a, PRODUCT)}*{_bracketed(b, POWER)}", PRODUCT

    def divide(self, a: Text, b: Text) -> Text:
        return f"{_bracketed(a, PRODUCT)}/{_bracketed(b, POWER)}", PRODUCT

    def negative(self, a: Text) -> Text:
        return f"-{_bracketed(a, POWER)}", SIGN

    def power(self, a: Text, b: Text) -> Text:
        return f"{_bracketed(a, ATOM)}**{_bracketed(b, SIGN if b[0][1:].isdigit() else ATOM)}", POWER

    def less(self, a: Text, b: Text) -> Text:
        return f"{a[0]}<{b[0]}", 0

    def less_equal(self, a: Text, b: Text) -> Text:
        return f"{a[0]}<={b[0]}", 0

    def greater(self, a: Text, b: Text) -> Text:
        return f"{a[0]}>{b[0]}", 0

    def greater_equal(self, a: Text, b: Text) -> Text:
        return f"{a[0]}>={b[0]}", 0

    def equal(self, a: Text, b: Text) -> Text:
        return f"{a[0]}=={b[0]}", 0

    def not_equal(self, a: Text, b: Text) -> Text:
        return f"{a[0]}!={b[0]}", 0

    def minimum(self, a: Text, b: Text) -> Text:
        return f"min({a[0]},{b[0]})", ATOM

    def maximum(self, a: Text, b: Text) -> Text:
        return f"max({a[0]},{b[0]})", ATOM

    def __getattr__(self, operation: str) -> Any:
        """Every other operation is a function of the same name."""
        return lambda *args: (f"{operation}({','.join(a[0] for a in args)})", ATOM)
