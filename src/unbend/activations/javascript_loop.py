"""A formula as a JavaScript loop over typed arrays: nothing is made per element, and the slope
is computed only where it is asked for.

It is the algebra of `unbend.activations.javascript`; what is used once is written where it is used.
"""

import re
from collections.abc import Mapping

from unbend.activations.activation import Activation
from unbend.activations.expression import evaluate
from unbend.activations.javascript import JavaScriptAlgebra

_TEMPORARY = re.compile(r"\bt\d+\b")
_CALL = re.compile(r"[\w.]+\([^()]*\)")


def emit_javascript_loop(activation: Activation) -> str:
    """A JavaScript function ``(z, a, slope, start, end)``: f of z[start … end) into a; f' into slope unless it is null.

    The helpers that it calls (``sigmoid``, ``softplus``, ``erf``: `unbend.activations.javascript.HELPERS`) are left to
    whoever writes it out, so that many functions share them.

    >>> from unbend.activations import activation
    >>> print(emit_javascript_loop(activation("square")))
    (z,a,d,i,e)=>{for(;i<e;i++){const x=z[i];a[i]=x * x;if(d){d[i]=2 * x}}}
    """
    algebra = JavaScriptAlgebra()
    value, slope = evaluate([activation.expression, activation.derivative], "x", algebra)
    sources = dict(line.removeprefix("const ").removesuffix(";").split(" = ", 1) for line in algebra.lines)
    uses = _TEMPORARY.findall(" ".join([*sources.values(), value, slope]))
    once = {name: source for name, source in sources.items() if uses.count(name) == 1}
    for name, source in sources.items():
        (once if name in once else sources)[name] = _filled(source, once)
    first = _below(value, sources)
    constants = [f"{name}={source}" for name, source in sources.items() if name not in once and name in first]
    inner = ",".join(f"{name}={source}" for name, source in sources.items() if name not in once and name not in first)
    derivative = f"{f'const {inner};' if inner else ''}d[i]={_filled(slope, once)}"
    outer = ",".join(["x=z[i]", *constants])
    return f"(z,a,d,i,e)=>{{for(;i<e;i++){{const {outer};a[i]={_filled(value, once)};if(d){{{derivative}}}}}}}"


def _below(result: str, sources: dict[str, str]) -> set[str]:
    """The temporaries that a result needs, and those that these need; each source names only earlier ones."""
    found = set(_TEMPORARY.findall(result))
    for name in reversed(sources):
        if name in found:
            found.update(_TEMPORARY.findall(sources[name]))
    return found


def _filled(source: str, once: Mapping[str, str]) -> str:
    """A source with the temporaries that are used once written out, in brackets where they do not stand alone."""

    def written(match: re.Match[str]) -> str:
        inside = once.get(match[0])
        if inside is None:
            return match[0]
        before, after = source[: match.start()], source[match.end() :]
        alone = (not before or before.endswith(("(", ", "))) and (not after or after.startswith((")", ",")))
        return inside if alone or _CALL.fullmatch(inside) else f"({inside})"

    return _TEMPORARY.sub(written, source)
