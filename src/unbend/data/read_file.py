"""A CSV, TSV or Parquet file to a `RawTable`, strictly: nothing is shifted, padded or guessed in silence."""

import codecs
from pathlib import Path
from typing import Any

import numpy as np

from unbend.data.faults import Fault, at_rows, counted, listed, refuse, shortened
from unbend.data.raw_table import BELOW_HEADER, FROM_ONE, RawTable
from unbend.errors import did_you_mean

SEPARATORS = {".csv": ",", ".tsv": "\t"}
BLOCK = 1 << 20
BLANK = "the file holds only blank lines; it needs a header with the column names, and rows"


def read_file(path: Path, encoding: str | None = None, sniff: bool = False) -> RawTable:
    """The table in the file at ``path``; `DataError` when there is none or it cannot be read at all."""
    path = path.expanduser()
    if path.is_dir():
        refuse(str(path), [Fault("this is a directory; give one CSV, TSV or Parquet file in it")])
    if not path.exists():
        refuse(str(path), [Fault(f"there is no such file; {_neighbours(path)}")])
    ending = path.suffix.lower()
    if ending not in (*SEPARATORS, ".parquet"):
        refuse(path.name, [Fault(f"files ending in {ending!r} are not read; save it as .csv, .tsv or .parquet")])
    try:
        if path.stat().st_size == 0:
            refuse(path.name, [Fault("the file is empty; it needs a header with the column names, and rows")])
        return _read_parquet(path) if ending == ".parquet" else _read_text(path, SEPARATORS[ending])
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        refuse(path.name, [Fault(f"the file cannot be read: {reason}; check that it is whole and may be opened")])


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"not even the directory {str(path.parent)!r} exists"
    files = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in (*SEPARATORS, ".parquet"))
    return did_you_mean(path.name, files[:20]) if files else f"no table is in {str(path.parent.resolve())!r}"


def _read_parquet(path: Path) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
    except pa.ArrowException as error:
        refuse(path.name, [Fault(f"this is not a whole Parquet file ({str(error).splitlines()[0]}); write it again")])
    rows = np.arange(1, table.num_rows + 1)
    return RawTable(path.stem, path.name, tuple(table.column_names), tuple(table.columns), rows, FROM_ONE)


def _read_text(path: Path, separator: str) -> RawTable:
    import pyarrow as pa

    _check_encoding(path)
    ragged: list[tuple[int, int]] = []
    try:
        table = _parse(path, separator, ragged)
    except pa.ArrowInvalid as error:
        refuse(path.name, [Fault(_parse_error(str(error)))])
    names = tuple(name.strip() for name in table.column_names)
    if names == ("",):
        refuse(path.name, [Fault(BLANK)])
    _check_separator(path, separator, names)
    wrong = [number for number, _ in ragged]
    rows = np.setdiff1d(np.arange(1, table.num_rows + len(wrong) + 1), wrong)
    faults = (*_ragged(ragged, len(names)), *_open_quote(table, rows))
    return RawTable(path.stem, path.name, names, tuple(table.columns), rows, BELOW_HEADER, faults)


def _parse(path: Path, separator: str, ragged: list[tuple[int, int]]) -> Any:
    """The file as a pyarrow table; rows of the wrong length are left out and noted in ``ragged`` (row, values)."""
    from pyarrow import csv

    def note(row: Any) -> str:
        ragged.append((row.number - 1, row.actual_columns))
        return "skip"

    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False, block_size=BLOCK),
        parse_options=csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
    )


def _parse_error(message: str) -> str:
    if "straddl" in message:
        return "a row is longer than a million characters; look for a quotation mark that is opened and never closed"
    if "Empty CSV" in message:
        return BLANK
    return f"the file cannot be parsed: {message.splitlines()[0]}"


def _check_encoding(path: Path) -> None:
    """Refuse a file that is not UTF-8 text, with the line (1 is the header) and a guess of what it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and file.tell() == len(block):
                refuse(path.name, [Fault("the file is UTF-16, not UTF-8; save it again as UTF-8")])
            if (zero := block.find(0)) >= 0:
                line += block.count(b"\n", 0, zero)
                text = f"line {line} of the file holds a zero byte, so it is not UTF-8 text; save it again as UTF-8"
                refuse(path.name, [Fault(text)])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                refuse(path.name, [Fault(_not_utf8(line, error.object[error.start]))])
            line += block.count(b"\n")


def _not_utf8(line: int, byte: int) -> str:
    return (
        f"line {line} of the file (the header is line 1) holds the byte 0x{byte:02x}, which is not UTF-8; "
        "the file may be GBK, Latin-1 or Windows-1252: save it again as UTF-8"
    )


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
