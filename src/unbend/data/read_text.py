"""A CSV or TSV file to a `RawTable`, strictly: nothing is shifted, padded or guessed in silence."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from unbend.data.encodings import BLOCK, check_utf8, decoded
from unbend.data.faults import Fault, at_rows, counted, listed, refuse, shortened
from unbend.data.notes import Note
from unbend.data.raw_table import BELOW_HEADER, RawTable
from unbend.data.separators import LOOK, NAMES, sniff

BLANK = "the file holds only blank lines; it needs a header with the column names, and rows"
Content = Path | io.BytesIO


def read_text(path: Path, usual: str, encoding: str | None, sniffing: bool) -> RawTable:
    """The table in a text file; ``sniffing`` finds out the separator, else it is the ``usual`` one of the ending."""
    import pyarrow as pa

    if encoding is None:
        check_utf8(path)
    content: Content = path if encoding is None else decoded(path, encoding)
    separator = sniff(_beginning(content), usual) if sniffing else usual
    ragged: list[tuple[int, int]] = []
    try:
        table = _parse(content, separator, ragged)
    except pa.ArrowInvalid as error:
        refuse(path.name, [Fault(_parse_error(str(error)))])
    names = tuple(name.strip() for name in table.column_names)
    if names == ("",):
        refuse(path.name, [Fault(BLANK)])
    _check_separator(path, separator, names)
    wrong = [number for number, _ in ragged]
    rows = np.setdiff1d(np.arange(1, table.num_rows + len(wrong) + 1), wrong)
    faults = (*_ragged(ragged, len(names)), *_open_quote(table, rows))
    notes = (*_read_as(encoding), *_separated_by(separator, usual))
    return RawTable(path.stem, path.name, names, tuple(table.columns), rows, BELOW_HEADER, faults, notes, separator)


def _beginning(content: Content) -> str:
    """The first characters of UTF-8 text."""
    if isinstance(content, io.BytesIO):
        return content.getvalue()[: 4 * LOOK].decode("utf-8", errors="ignore")
    with content.open(encoding="utf-8-sig", newline="") as file:
        return file.read(LOOK)


def _read_as(encoding: str | None) -> tuple[Note, ...]:
    if encoding is None or encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return ()
    return (Note(f"the file is read as {encoding}", f"文件按 {encoding} 编码读取"),)


def _separated_by(separator: str, usual: str) -> tuple[Note, ...]:
    if separator == usual:
        return ()
    english, chinese = NAMES[separator]
    return (Note(f"the cells of the file are separated by {english}", f"文件以{chinese}分隔各列"),)


def _parse(content: Content, separator: str, ragged: list[tuple[int, int]]) -> Any:
    """The file as a pyarrow table; rows of the wrong length are left out and noted in ``ragged`` (row, values)."""
    from pyarrow import csv

    def note(row: Any) -> str:
        ragged.append((row.number - 1, row.actual_columns))
        return "skip"

    return csv.read_csv(
        content,
        read_options=csv.ReadOptions(use_threads=False, block_size=BLOCK),
        parse_options=csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
    )


def _parse_error(message: str) -> str:
    if "straddl" in message:
        return "a row is longer than a million characters; look for a quotation mark that is opened and never closed"
    if "Empty CSV" in message:
        return BLANK
    return f"the file cannot be parsed: {message.splitlines()[0]}"


def _check_separator(path: Path, separator: str, names: tuple[str, ...]) -> None:
    found = [other for other in ",;\t|" if other != separator and other in names[0]]
    if len(names) == 1 and found:
        text = (
            f"the header {shortened(names[0])} is one column, and seems to be separated by {found[0]!r}; "
            "separate columns by ',' in a .csv file, by a tab in a .tsv file"
        )
        refuse(path.name, [Fault(text)])


def _ragged(ragged: list[tuple[int, int]], width: int) -> list[Fault]:
    if not ragged:
        return []
    rows = at_rows([number for number, _ in ragged])
    found = listed(sorted({values for _, values in ragged}))
    counts = f"{rows} should have {counted(width, 'value')} like the header but {'has' if len(ragged) == 1 else 'have'}"
    return [Fault(f"{counts} {found}; look for a separator too many or too few", rows=True)]


def _open_quote(table: Any, rows: Any) -> list[Fault]:
    """A quotation mark that is never closed swallows the rest of the file into the last cell."""
    if not table.num_rows or str(table.schema.types[-1]) != "string":
        return []
    last = table.columns[-1][-1].as_py()
    if last is None or not last.endswith("\n"):
        return []
    text = f"a quotation mark in row {rows[-1]} is opened and never closed; close it, or double it inside a value"
    return [Fault(text, rows=True)]
