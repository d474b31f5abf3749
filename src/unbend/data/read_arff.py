"""A dense ARFF file, as Weka and OpenML write it, to a `RawTable`.

SciPy's reader refuses text, and liac-arff has no wheel and no release since 2020; the format is a header and rows of
cells (https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from unbend.data.column import parse
from unbend.data.encodings import check_utf8, decoded
from unbend.data.faults import Fault, at_rows, counted, listed, refuse, shortened
from unbend.data.raw_table import RawTable

COUNTING = "rows are counted from 1 below @data"
NUMERIC = ("numeric", "real", "integer")
TEXT = ("string", "date")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATTRIBUTE = re.compile(rf"@attribute\s+({_QUOTED}|[^\s'\"]+)\s+(\{{.*\}}|\w+).*", re.IGNORECASE)
_CELL = re.compile(rf"\s*({_QUOTED}|[^,'\"]*?)\s*(,|$)")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class Attribute:
    """A column: its name, its type in lower case, and its values if it is nominal."""

    name: str
    type: str
    values: tuple[str, ...] = ()


def read_arff(path: Path, encoding: str | None) -> RawTable:
    """The table in an ARFF file; `DataError` where its header cannot be understood."""
    if encoding is None:
        check_utf8(path)
    content = path.read_bytes() if encoding is None else decoded(path, encoding).getvalue()
    lines = [line.strip() for line in content.decode("utf-8-sig").split("\n")]
    start = next((number for number, line in enumerate(lines) if line.lower().startswith("@data")), None)
    if start is None:
        refuse(path.name, [Fault("the file has no line @data; it needs @attribute lines, @data, and rows")])
    attributes = _attributes(path, lines[:start])
    written = [line for line in lines[start + 1 :] if line and not line.startswith("%")]
    if any(line.startswith("{") for line in written):
        refuse(path.name, [Fault("the rows are in the sparse form {place value, …}; save it in the dense form")])
    cells = [cells_of(line) for line in written]
    numbers = np.arange(1, len(cells) + 1)
    fitting = np.array([row is not None and len(row) == len(attributes) for row in cells], dtype=bool)
    faults = _row_faults(cells, numbers[~fitting].tolist(), len(attributes))
    whole = [row for row, fits in zip(cells, fitting, strict=True) if row is not None and fits]
    columns: list[Any] = []
    for place, attribute in enumerate(attributes):
        column, fault = _column(attribute, [row[place] for row in whole], numbers[fitting])
        columns.append(column)
        faults += [fault] if fault else []
    names = tuple(attribute.name for attribute in attributes)
    return RawTable(path.stem, path.name, names, tuple(columns), numbers[fitting], COUNTING, tuple(faults))


def cells_of(line: str) -> list[str | None] | None:
    """The cells of a row, None for a missing one; None where a quotation mark does not fit.

    >>> cells_of("1, 'it\\\\'s, so',?, red")
    ['1', "it's, so", None, 'red']
    >>> cells_of("'open, 1") is None
    True
    """
    found: list[str | None] = []
    place, mark = 0, ","
    while mark:
        cell = _CELL.match(line, place)
        if cell is None:
            return None
        text, mark = cell.groups()
        found.append(None if text in ("?", "") else _plain(text))
        place = cell.end()
    return found


def _attributes(path: Path, lines: list[str]) -> list[Attribute]:
    found: list[Attribute] = []
    for number, line in enumerate(lines, start=1):
        if not line.lower().startswith("@attribute"):
            continue
        parts = _ATTRIBUTE.fullmatch(line)
        if parts is None:
            refuse(path.name, [Fault(f"line {number} is no attribute: {shortened(line)}; write @attribute NAME TYPE")])
        found.append(_attribute(path, number, _plain(parts[1]), parts[2]))
    return found


def _attribute(path: Path, number: int, name: str, kind: str) -> Attribute:
    if kind.startswith("{"):
        values = cells_of(kind[1:-1])
        if values is None or None in values:
            refuse(path.name, [Fault(f"line {number} has values that cannot be read: {shortened(kind)}; quote them")])
        return Attribute(name, "nominal", tuple(value for value in values if value is not None))
    if kind.lower() not in (*NUMERIC, *TEXT):
        known = "numeric, real, integer, string, date or {values}"
        refuse(path.name, [Fault(f"line {number}: attribute {name!r} has the type {kind!r}; use {known}")])
    return Attribute(name, kind.lower())


def _row_faults(cells: list[list[str | None] | None], wrong: list[int], width: int) -> list[Fault]:
    open_quotes = [row for row in wrong if cells[row - 1] is None]
    ragged = [row for row in wrong if row not in open_quotes]
    faults: list[Fault] = []
    if open_quotes:
        faults.append(Fault(f"a quotation mark in {at_rows(open_quotes)} does not fit; close or escape it", rows=True))
    if ragged:
        counts = listed(sorted({len(cells[row - 1] or ()) for row in ragged}))
        verb = "has" if len(ragged) == 1 else "have"
        text = f"{at_rows(ragged)} should have {counted(width, 'value')} like the header but {verb} {counts}"
        faults.append(Fault(f"{text}; look for a comma too many or too few", rows=True))
    return faults


def _column(attribute: Attribute, words: list[str | None], rows: Any) -> tuple[Any, Fault | None]:
    """A pyarrow chunked array: float64, text, or a dictionary for a nominal attribute."""
    import pyarrow as pa

    name = attribute.name
    if attribute.type in NUMERIC:
        values = parse(words)
        wrong = np.array([word is not None for word in words], dtype=bool) & np.isnan(values)
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            text = f"column {name!r} is {attribute.type}, but holds {shortened(words[first])} in row {rows[first]}"
            return None, Fault(f"{text}; write a number there, or ? where it is missing", rows=True)
        return pa.chunked_array([pa.array(values, from_pandas=True)]), None
    text = pa.array(words, pa.string())
    if attribute.type in TEXT:
        return pa.chunked_array([text]), None
    unknown = [row for row, word in enumerate(words) if word is not None and word not in attribute.values]
    if unknown:
        said = f"column {name!r} holds {shortened(words[unknown[0]])} in row {rows[unknown[0]]}"
        return None, Fault(f"{said}, which its @attribute line does not list; add it there, or write ?", rows=True)
    return pa.chunked_array([text.dictionary_encode()]), None


def _plain(text: str) -> str:
    """Without quotation marks and escapes."""
    if text[:1] not in ("'", '"'):
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text[1:-1])
