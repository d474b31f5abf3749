"""Writes lab_formulas.json: formulas with what Python answers, for the JavaScript twin; run when a sentence changes."""

import json
from pathlib import Path

from test_activations_grammar import REFUSED
from test_activations_safety import AS_WRITTEN, UNSAFE
from unbend.activations import activation, catalogue_names
from unbend.errors import UnbendError

SHARED = Path(__file__).with_name("lab_formulas.json")
MORE = (
    "x", " x ", "-x**2", "+x - -x", "2**-1*x", "pi*x/e", "x - 1 - 2", "x/2/2", "min(max(x, 0), 6)", "clip(x, -1, 1)",
    "where(x <= 0, x, 2*x)", "where(x != 0, 7, 2*x)", "1_000*x", "x**0.5", "x**0", "(-8)**x", "0x1F*x", "0b101*x",
    "1.e3*x", ".5*x", "max(x, 0,)", "max(x, alpha*x); alpha=0.1", "a*x + b; a=2, b=-sqrt(4)", "a*x; a=1,",
    "x*sigmoid(1.7*x)", "x*1e308*1e308", "x**x", "relu(1/x)", "0**x", "0*x", "sqrt(x-5)", "0*x + where(1 < 2, x, 3)",
    "max(0, x) - max(0, -x)", "sign(x)*x", "step(x)*x", "x/(1 + abs(x))", "abs(abs(x) - 1)", "abs(sin(3*x))",
    "max(sin(x), 0.3*x)", "where(x**2 < 2, x, 1)", "x -", "x + * 2", "x ** ", "* x", "x (2)", "tanh x", "tanh(x) 2",
    "tanh(x 2)", "max(x 0)", "3(x + 1)", "x.", "x..y", "x[", "x]", "((x)", "max(x, (0)", "x + (", "[x", "(x]",
    "x + 012", "x + 1__0", "1_*x", "0x*x", "0xg*x", "1e*x", "12x + 1", "x + 1.5y", "x!", "x ! 2", "x = 2", "(x = 2)",
    "max(x = 2, 1)", "y = x", "x == 2", "x >= 2", "x < 2", "not x", "~x", "x or 1", "x if x else", "x is 2", "x in x",
    "x and", "lambda: x", "lambda x: x**2", "None*x", "...", "x + ...", "b'1'*x", '"a" "b"', "'it' + x", "'x",
    "x + 'a", "(x, 1)", "()", "(yield x)", "await x", "{x}", "{}", "[]", "[x]", "{x, 1}", "{x: 1 for x in x}",
    "max(x for x in x)", "f(x)", "X", "foo", "y*x", "z*x", "t + 1", "ln(x)", "LOG(x)", "Sin(x)", "arctan(x)",
    "sigmod(x)", "sofplus(x)", "maxx(x, 0)", "pow(x, 2)", "square(x)", "heaviside(x)", "gelu(x)", "pi(x)", "e(x)",
    "sin", "sin()", "sin(x)(x)", "x.sin", "x.sin()", "math.sin(x)", "torch.relu(x)", "np.foo(x)", "max()",
    "where(x > 0)", "where(x > 0, x, 0, 1)", "where(x in x, 1, 2)", "where(x > 0 and x < 1, x, 0)",
    "where((x > 0), x, 0)", "max(x, y=0)", "max(a=1, x)", "max(**x)", "max(x, *x)", "max(x := 1, 2)", "x**(1/0)",
    "1/(2-2) + x", "-1**0.5*x/0", "(-1)**0.5 + x", "log(-1 + 0)*x", "x + 5 % 3", "x & 1", "x | 1", "x << 2", "x >> 2",
    "x @ x", "x // 2 ^ 3", "(x + 1)//2", "x**100", "x**-100.5", "x**1e10", "x**(x**2)", "2**x**2", "x**(2*x)",
    "x; a=2", "a*x; b=2", "a*x; a", "a*x; a=", "a*x; a=y", "a*x; a=1 b=2", "a*x; x=1", "a*x; sin=1", "a*x; a=1; b=2",
    "alpha*x + beta; alpha=1", "a; a=1", "a*x; a=1/0", "a*x; a=2x", "a*x; a=(1", "x + 1e400", "9e999*x", "x√2", "x·2",
    "2πx", "x²", "αx", "x ≤ 1", "x＋1", "ｘ", "x — 1", "x?", "$x", "`x`", "x\\2", "x\t+ 1", "x\u200b", "x; α=1",
    "max(x; 0)", "1", "pi", "2 + 3", "x" * 201, "+".join("x" * 100), "((((((((((((((((((((x))))))))))))))))))))",
    "-" * 25 + "x", "sin(" * 20 + "x" + ")" * 20, "abs(sin(30*x))" + "+abs(cos(31*x))" * 11, "sin(x)**2 + cos(x)**2",
    "x*(x > 0)", "x1 + x", "x + x2", "_x", "x_", "True", "False*x",
)  # fmt: skip
NAMED = (
    "leaky_relu(alpha=0.2)", " leaky_relu ( alpha = 1/4 ) ", "swish(beta=2)", "selu(scale=1)", "relu()", "ReLU",
    "GELU", "linear", "rulu", "qqqq", "rulu(alpha=1)", "leaky_relu(alhpa=0.2)", "leaky_relu(alpha=x)",
    "leaky_relu(alpha=)", "relu(alpha=1)", "leaky_relu(alpha=1/0)", "leaky_relu(beta=1)", "LeakyReLU", "Hardtanh",
    "exp", "e", "tanh", "tanh(x)", "hard silu", "leaky_relu(0.2)", "sin", "hard_silu",
)  # fmt: skip


def answer(text):
    """What Python says: the formula with its kinks, or the refusal."""
    try:
        known = activation(text)
    except UnbendError as error:
        return {"text": text, "refused": str(error)}
    return {"text": text, "formula": known.formula, "kinks": known.kinks}


def cases():
    """Every shared case, in order."""
    texts = [row[0] for row in REFUSED] + [*UNSAFE, *AS_WRITTEN, *MORE, *NAMED]
    return [answer(text) for text in dict.fromkeys([*texts, *(activation(name).formula for name in catalogue_names())])]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases())
    SHARED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
