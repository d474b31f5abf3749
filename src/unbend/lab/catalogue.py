"""The catalogue of activations as the JavaScript module ``catalogue.js``: loops over arrays, kinks, and words.

Everything in it comes from Python's own catalogue, so that the page and Python mean the same by a name.
"""

import json
import re

from unbend.activations import Activation, activation, catalogue_names
from unbend.activations.catalogue import entry, library_names
from unbend.activations.javascript import HELPERS
from unbend.activations.javascript_loop import emit_javascript_loop
from unbend.activations.text import short_number

# tanh(k/32 + h) by the addition theorem, tanh(h) by its series (DLMF 4.33.3): relative error below 1e-15, and twice as
# fast as Math.tanh, which takes a third of the time of a network of tanh
_TANH = """\
const THIRTY_SECONDS = Float64Array.from({ length: 641 }, (_, k) => Math.tanh(k / 32));
const tanh = (x) => {
  const size = Math.abs(x);
  if (!(size < 20)) return size > 0 ? Math.sign(x) : x;
  const k = (32 * size + 0.5) | 0, near = THIRTY_SECONDS[k], h = size - k / 32, s = h * h;
  const t = h * (1 - s * (1 / 3 - s * (2 / 15 - s * (17 / 315 - s * (62 / 2835)))));
  const value = near + (1 - near * near) * t / (1 + near * t);
  return x < 0 ? -value : value;
};
"""
_SPACES = re.compile(r"\n *|(?<=\W) | (?=\W)")
_OF_MATH = re.compile(r"\bMath\.(\w+)")


def catalogue_module() -> str:
    """The text of ``catalogue.js``, which exports ``CATALOGUE``: for each name, in the order of the catalogue, the
    formula, the kinks, the loop (see `emit_javascript_loop`), the source, its use in English and Chinese, and its
    names elsewhere.

    >>> "relu:['max(x, 0)',[0],(z,a,d,i,e)=>{for" in catalogue_module()
    True
    """
    rows = ",\n".join(_row(activation(name)) for name in catalogue_names())
    helpers = "\n".join(f"export {_SPACES.sub('', helper)}" for helper in HELPERS.values())
    code = f"{helpers}\nexport const CATALOGUE = {{\n{rows},\n}};\n"
    functions = ", ".join(sorted({*_OF_MATH.findall(code)} - {"tanh"}))
    code = _OF_MATH.sub(r"\1", code)
    return f"const {{ {functions} }} = Math;\n{_TANH}{code}"


def _row(known: Activation) -> str:
    kinks = ",".join(short_number(kink) for kink in known.kinks)
    row = entry(known.name)
    elsewhere = sorted(library_names(row) - {"", known.name})
    words = ",".join(_quoted(text) for text in (row.source, row.use["en"], row.use["zh"], *elsewhere))
    return f"{known.name}:[{_quoted(known.formula)},[{kinks}],{_SPACES.sub('', emit_javascript_loop(known))},{words}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if "'" in text else f"'{text}'"
