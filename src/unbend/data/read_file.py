"""A file to a `RawTable`, by its ending; Parquet is read here, checksums and all."""

from pathlib import Path

import numpy as np

from unbend.data.faults import Fault, refuse
from unbend.data.raw_table import FROM_ONE, RawTable
from unbend.data.read_arff import read_arff
from unbend.data.read_text import read_text
from unbend.errors import UnbendError, did_you_mean

USUAL_SEPARATORS = {".csv": ",", ".tsv": "\t"}
ENDINGS = (*USUAL_SEPARATORS, ".parquet", ".arff")


def read_file(path: Path, encoding: str | None = None, sniff: bool = False) -> RawTable:
    """The table in the file at ``path``; `DataError` when there is none or it cannot be read at all.

    ``encoding`` of a text file that is not UTF-8; ``sniff``: find out what separates its cells.
    """
    path = path.expanduser()
    if path.is_dir():
        refuse(str(path), [Fault("this is a directory; give one CSV, TSV, Parquet or ARFF file in it")])
    if not path.exists():
        refuse(str(path), [Fault(f"there is no such file; {_neighbours(path)}")])
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        refuse(path.name, [Fault(f"files ending in {ending!r} are not read; save it as .csv, .tsv, .parquet or .arff")])
    try:
        if path.stat().st_size == 0:
            refuse(path.name, [Fault("the file is empty; it needs a header with the column names, and rows")])
        if ending == ".parquet":
            return _read_parquet(path, encoding)
        if ending == ".arff":
            return read_arff(path, encoding)
        return read_text(path, USUAL_SEPARATORS[ending], encoding, sniff)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        refuse(path.name, [Fault(f"the file cannot be read: {reason}; check that it is whole and may be opened")])


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"not even the directory {str(path.parent)!r} exists"
    files = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in ENDINGS)
    return did_you_mean(path.name, files[:20]) if files else f"no table is in {str(path.parent.resolve())!r}"


def _read_parquet(path: Path, encoding: str | None) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if encoding is not None:
        raise UnbendError(f"encoding={encoding!r} goes with a text file, and {path.name} is Parquet; leave it out")
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
    except pa.ArrowException as error:
        refuse(path.name, [Fault(f"this is not a whole Parquet file ({str(error).splitlines()[0]}); write it again")])
    rows = np.arange(1, table.num_rows + 1)
    return RawTable(path.stem, path.name, tuple(table.column_names), tuple(table.columns), rows, FROM_ONE)
