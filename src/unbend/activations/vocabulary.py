"""What a formula may say: its names, signs and limits, and the sentences that offer them to who wrote something else.

Tables only, and the refusal that carries a place; how a formula is read stands in `unbend.activations.reader`.
"""

import ast
import math
import unicodedata

from unbend.errors import UnbendError

LONGEST, DEEPEST, LARGEST_EXPONENT = 200, 20, 64
CONSTANTS = {"pi": math.pi, "e": math.e}
_OF_ONE = (
    "exp", "expm1", "log", "log1p", "sqrt", "abs", "sign", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh",
    "sigmoid", "softplus", "erf", "relu", "step", "gaussian",
)  # fmt: skip
# name in a formula -> (operation, how it is called)
FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    **{name: (name, ("x",)) for name in _OF_ONE},
    "min": ("minimum", ("a", "b")),
    "max": ("maximum", ("a", "b")),
    "clip": ("clip", ("x", "low", "high")),
    "where": ("where", ("condition", "a", "b")),
}
RELATIONS: dict[type[ast.AST], str] = {
    ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal",
    ast.Eq: "equal", ast.NotEq: "not_equal",
}  # fmt: skip
# Python's operator -> (operation or "", sign)
OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("add", "+"), ast.Sub: ("subtract", "-"), ast.Mult: ("multiply", "*"), ast.Div: ("divide", "/"),
    ast.Pow: ("power", "**"), ast.FloorDiv: ("", "//"), ast.Mod: ("", "%"), ast.MatMult: ("", "@"),
    ast.LShift: ("", "<<"), ast.RShift: ("", ">>"), ast.BitXor: ("", "^"), ast.BitOr: ("", "|"), ast.BitAnd: ("", "&"),
}  # fmt: skip
ALLOWED = (
    "allowed are x, numbers, pi, e, parameters such as '; alpha=0.01', + - * / **, comparisons inside "
    f"where(condition, a, b), and the functions {', '.join(FUNCTIONS)}"
)
# what Python's parser may see: neither comments nor names in other alphabets
CHARACTERS = frozenset(map(chr, range(32, 127))) - frozenset("#$?`\\")
_WRITE: dict[str, str] = {
    "×": "*", "·": "*", "÷": "/", "²": "**2", "³": "**3", "π": "pi", "−": "-", "–": "-", "≤": "<=",
    "≥": ">=", "≠": "!=", "√": "sqrt(x)", "α": "alpha", "β": "beta", "σ": "sigmoid(x)", "φ": "gaussian(x)",
}  # fmt: skip
_OTHER_NAMES: dict[str, str] = {
    "ln": "log", "arctan": "atan", "maximum": "max", "minimum": "min", "heaviside": "step", "sgn": "sign",
    "expit": "sigmoid", "logistic": "sigmoid", "absolute": "abs", "fabs": "abs", "clamp": "clip", "pow": "**",
    "power": "**", "square": "**2", "z": "x", "t": "x",
}  # fmt: skip
_CONSTRUCTS: dict[type[ast.AST], str] = {
    ast.Attribute: "a dot after a name", ast.Subscript: "an index", ast.Lambda: "lambda", ast.IfExp: "if … else",
    ast.BoolOp: "and / or", ast.Tuple: "a comma outside a function", ast.GeneratorExp: "a comprehension",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension", ast.DictComp: "a comprehension",
    ast.List: "a list", ast.Set: "a set", ast.Dict: "a dictionary", ast.NamedExpr: "an assignment",
    ast.Await: "await", ast.Starred: "* before an argument", ast.Yield: "yield", ast.JoinedStr: "a string",
    ast.UnaryOp: "not or ~",
}  # fmt: skip


class Fault(Exception):
    """The short reason of a refusal and the character it stands at (None: the whole formula)."""

    def __init__(self, reason: str, position: int | None = None):
        """The rim adds the text and the caret."""
        super().__init__(reason)
        self.reason, self.position = reason, position

    def said(self, text: str) -> UnbendError:
        """The whole message: the reason, the text, and a caret under the character."""
        shown = "".join(character if character.isprintable() else " " for character in text)
        if self.position is None:
            return UnbendError(f"{self.reason}\n  {shown}")
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text[: self.position])
        return UnbendError(f"{self.reason}\n  {shown}\n  {' ' * (self.position + wide)}^")


def call_of(name: str) -> str:
    """How a function is called, such as ``max(a, b)``."""
    return f"{name}({', '.join(FUNCTIONS[name][1])})"


def instead_of_character(character: str) -> str:
    """What to write for a character that no formula has."""
    plain = unicodedata.normalize("NFKC", character)
    better = _WRITE.get(character, plain if plain != character and plain in CHARACTERS else "")
    return f"write {better} instead" if better else ALLOWED


def instead_of_name(name: str, known: tuple[str, ...]) -> str:
    """What to write for an unknown name; nothing where nothing is near."""
    import difflib  # only for whoever mistyped

    if name in _OTHER_NAMES:
        return f"did you mean {_OTHER_NAMES[name]!r}?"
    near = [other for other in known if sorted(other) == sorted(name.lower())]
    near += difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.75)
    return f"did you mean {near[0]!r}?" if near else ""


def refused_construct(node: ast.expr) -> str:
    """Why a piece of Python is no formula, with what to write."""
    what = _CONSTRUCTS.get(type(node), "this")
    if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
        return f"{what} is not allowed in a formula: write {call_of(node.attr)} alone"
    if isinstance(node, ast.IfExp | ast.BoolOp):
        return f"{what} is not allowed in a formula: write where(condition, a, b) instead"
    return f"{what} is not allowed in a formula: {ALLOWED}"
