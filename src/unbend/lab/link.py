"""Many ES modules made one script, so that the page opens from a file and a notebook needs one module.

Each module becomes a function that is called once and returns what the module exports; ``import { a } from './b.js'``
becomes a ``const``. The whole is one function, ``unbendLab``, whose own text also is the text of the worker.
"""

import re
from collections.abc import Mapping

IMPORT = re.compile(r"^import \{([^}]*)\} from '\./([\w-]+)\.js';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function|const|class)", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|const|class) (\w+)", re.MULTILINE)
FOREIGN = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)
COMMENT = re.compile(r"/\*\*(?:(?!\*/).)*\*/[ \n]?|^ *//[^\n]*\n", re.MULTILINE | re.DOTALL)
BLANK = re.compile(r"^\s+", re.MULTILINE)
# a line with a template, or with a regular expression, stays as it is: in these a space may mean itself
DELICATE = re.compile(r"`|(?:^|[(,=:!&|?{};\[]|return) */[^/*]")
PARTS = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|//.*)""")
SIGN = r"[=<>?:,;{}()&|!%*\[\]]"
SPACE = re.compile(rf"(?<={SIGN}) | (?={SIGN})|(?<=[\w)\]]) (?=[-+] [\w(])|(?<=[\w)\]] [-+]) (?=[\w(])")


def link(modules: Mapping[str, str], entry: str) -> str:
    """The script ``function unbendLab() {…}`` that runs the modules (text by name) and returns what ``entry`` exports.

    Comments, indentation and spaces around signs are left out, so a template must stand on one line.
    Raises `ValueError` for a module that is missing, imports in a circle, or says more than
    ``import { a } from './b.js';`` and ``export`` before a function, constant or class.

    >>> half = "export const one = 1;\\n"
    >>> print(link({"a": half, "b": "import { one } from './a.js';\\nexport const two = 2 * one;\\n"}, "b"))
    function unbendLab() {
    'use strict';
    const $a = (() => {
    const one=1;
    return { one };
    })();
    const $b = (() => {
    const{one}=$a;
    const two=2*one;
    return { two };
    })();
    return $b;
    }
    """
    parts = [_module(name, modules[name]) for name in _in_order(modules, entry)]
    return "\n".join(["function unbendLab() {", "'use strict';", *parts, f"return {_variable(entry)};", "}"])


def _module(name: str, text: str) -> str:
    lean = BLANK.sub("", COMMENT.sub("", text))
    exported = ", ".join(EXPORTED.findall(lean))
    body = EXPORT.sub("", IMPORT.sub(_import, lean)).strip()
    if found := FOREIGN.search(body):
        raise ValueError(f"{name}.js cannot be linked: {found[0]!r}")
    body = "\n".join(_squeezed(line) for line in body.split("\n"))
    return f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _squeezed(line: str) -> str:
    """A line without the spaces that say nothing, and without the comment at its end."""
    if DELICATE.search(line):
        return line
    parts = PARTS.split(line)  # code, text, code, text, …
    parts[::2] = [SPACE.sub("", part) for part in parts[::2]]
    return "".join(part for part in parts if not part.startswith("//")).rstrip()


def _import(match: re.Match[str]) -> str:
    names = " ".join(match[1].split()).rstrip(",").replace(" as ", ": ")
    return f"const {{ {names} }} = {_variable(match[2])};\n"


def _variable(name: str) -> str:
    return "$" + name.replace("-", "_")


def _in_order(modules: Mapping[str, str], entry: str) -> list[str]:
    """The entry and all that it imports, what is imported first."""
    order: list[str] = []

    def visit(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            raise ValueError(f"modules import each other: {' -> '.join((*importers, name))}")
        if name not in modules:
            raise ValueError(f"there is no module {' -> '.join((*importers, name))}")
        if name not in order:
            for _, imported in IMPORT.findall(modules[name]):
                visit(imported, (*importers, name))
            order.append(name)

    visit(entry, ())
    return order
