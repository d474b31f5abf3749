"""What the exported Python modules share: literals that are safe whatever the names hold, and the reading of rows."""

import base64
import textwrap
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.exports.schema import Exported
from unbend.data.column import MISSING_WORDS

LINE = 88
MOST_LITERALS = 1000  # beyond, weights are written in base64
READ = '''\
def read(rows):
    """Numbers, NaN where missing, and places of levels, -1 where missing or unknown.

    rows: a dataframe, a mapping from names to columns, or (n, columns) values with
    the columns in the order of NUMBERS and then LEVELS.
    """
    names = [*NUMBERS, *LEVELS]
    if hasattr(rows, "keys") or hasattr(rows, "columns"):
        columns = [np.asarray(rows[name]) for name in names]
    else:
        table = rows if isinstance(rows, np.ndarray) else np.asarray(rows, dtype=object)
        if table.ndim != 2 or table.shape[1] != len(names):
            raise ValueError(f"rows must be (n, {len(names)}), not {table.shape}")
        columns = list(table.T)
    numbers = np.empty((len(columns[0]), len(NUMBERS)))
    for place in range(len(NUMBERS)):
        numbers[:, place] = as_numbers(columns[place])
    levels = np.empty((len(columns[0]), len(LEVELS)), dtype=np.int64)
    for place, known in enumerate(LEVELS.values()):
        index = {level: number for number, level in enumerate(known)}
        words = columns[len(NUMBERS) + place].tolist()
        gaps = [not isinstance(word, str) and str(word) in GAPS for word in words]
        pairs = zip(words, gaps, strict=True)
        levels[:, place] = [-1 if gap else index.get(str(word), -1) for word, gap in pairs]
    return numbers, levels


def as_numbers(column):
    """A column as float64, NaN where it holds nothing."""
    if column.dtype.kind in "biuf":
        return column.astype(np.float64)
    words = [str(value).strip().lower() for value in column.tolist()]
    return np.array([np.nan if word in MISSING else float(word) for word in words])'''
PREPARE = '''\
def prepare(rows):
    """Inputs (n, width): numbers scaled and smoothly clipped at 3, levels as 0 or 1."""
    numbers, levels = read(rows)
    filled = np.where(np.isnan(numbers), CENTRE, numbers)
    with np.errstate(over="ignore"):
        scaled = np.clip(filled / SCALE - CENTRE / SCALE, -1e9, 1e9)
    parts = [scaled / np.sqrt(1 + (scaled / 3) ** 2)]
    for column, known in zip(levels.T, LEVELS.values(), strict=True):
        parts.append(column[:, None] == np.arange(len(known)))
    return np.concatenate(parts, axis=1)'''


def tables(parts: Exported) -> str:
    """The constants of an exported module: names, levels, classes, preparation, weights."""
    levels = [f"{name!a}: {_tuple(known)}" for name, known in parts.levels.items()]
    layers = parts.layers
    packed = sum(weight.size + bias.size for weight, bias in layers) > MOST_LITERALS
    lines = [
        f"TARGET = {parts.target!a}",
        *([f"CLASSES = np.array({_filled('[', map(ascii, parts.classes), ']', 'CLASSES = np.array()')})"]
          if parts.task != "regression" else [f"Y_MEAN, Y_SCALE = {parts.y_mean!r}, {parts.y_scale!r}"]),
        f"NUMBERS = {_tuple(parts.numbers, 'NUMBERS = ')}",
        f"LEVELS = {_filled('{', levels, '}', 'LEVELS = ')}",
        f"MISSING = {_tuple(sorted(MISSING_WORDS), 'MISSING = ')}",
        'GAPS = ("None", "nan", "<NA>")',
        f"CENTRE = {array(parts.centre)}",
        f"SCALE = {array(parts.scale)}",
    ]  # fmt: skip
    if packed:
        lines.append(_UNPACK)
    written = [(_weights(weight, packed), _weights(bias, packed)) for weight, bias in layers]
    pairs = [_indented(f"(\n{_indented(weight)},\n{_indented(bias)},\n),") for weight, bias in written]
    return "\n".join([*lines, "# weight (in, out) and bias (out,) of each layer", "LAYERS = [", *pairs, "]"])


_UNPACK = '''

def unpack(text, *shape):
    """An array of float32 from base64."""
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)

'''


def array(values: NDArray[Any]) -> str:
    """A float array as source; every number is read back exactly."""
    kind = ", np.float32" if values.dtype == np.float32 else ""
    if values.ndim == 1:
        return f"np.array({_filled('[', map(_number, values), ']', 'CENTRE = np.array()')}{kind})"
    rows = "\n".join(f"    {_filled('[', map(_number, row), '],', '    ', 4)}" for row in values)
    return f"np.array([\n{rows}\n]{kind})"


def docstring(parts: Exported, usage: str) -> str:
    """The head of an exported module."""
    shape = "-".join(map(str, parts.widths))
    bends = f" with f(x) = {parts.activation.formula}" if parts.activation else ""
    first = textwrap.fill(f"A multilayer perceptron {shape}{bends}, chosen and written by unbend.", LINE - 1)
    return f'"""{first}\n\n{usage.strip()}\n"""'


def module_text(head: str, imports: Iterable[str], sections: Sequence[str]) -> str:
    """A module: docstring, imports in the usual order, constants, and functions two lines apart."""
    packed = any(_UNPACK in section for section in sections)
    lines = {*imports, "import base64"} if packed else {*imports}
    standard = sorted(line for line in lines if line in ("import base64", "import math"))
    others = sorted(lines.difference(standard), key=lambda line: (line.startswith("from"), line))
    blocks = ["\n".join(block) for block in (standard, others) if block]
    return "\n\n".join([head, *blocks]) + "\n\n" + "\n\n\n".join(section for section in sections if section) + "\n"


def parted(source: str) -> tuple[list[str], str]:
    """Import lines and the rest of an emitter's source."""
    lines = source.splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    return imports, "\n".join(line for line in lines if line not in imports).strip("\n")


def loaded(text: str) -> ModuleType:
    """An exported module as a live one."""
    module = ModuleType("unbend_export")
    exec(compile(text, "<unbend export>", "exec"), module.__dict__)
    return module


def _weights(values: NDArray[Any], packed: bool) -> str:
    if not packed:
        return array(values)
    text = base64.b64encode(values.astype("<f4").tobytes()).decode()
    pieces = "\n".join(f'    "{text[start : start + 76]}"' for start in range(0, len(text), 76))
    return f"unpack(\n{pieces},\n    {', '.join(map(str, values.shape))},\n)"


def _number(value: Any) -> str:
    return "np.inf" if np.isposinf(value) else str(value)


def _tuple(words: Iterable[str], before: str = "") -> str:
    quoted = [ascii(word) for word in words]
    return f"({quoted[0]},)" if len(quoted) == 1 else _filled("(", quoted, ")", before)


def _filled(opening: str, items: Iterable[str], closing: str, before: str, indent: int = 0) -> str:
    """Items on the line that ``before`` begins if they fit, else on lines of their own."""
    every = list(items)
    line = f"{opening}{', '.join(every)}{closing}"
    if len(before) + len(line) <= LINE:
        return line
    rows = [""]
    for item in every:
        if rows[-1] and len(rows[-1]) + len(item) + 2 > LINE - indent - 4:
            rows.append("")
        rows[-1] += f"{' ' if rows[-1] else ''}{item},"
    inner = "\n".join(f"{' ' * (indent + 4)}{row}" for row in rows)
    return f"{opening}\n{inner}\n{' ' * indent}{closing}"


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
