"""Bytes of a text file to UTF-8: strictly, by the encoding that was named; a guess is only ever offered."""

import codecs
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from unbend.data.faults import Fault, refuse
from unbend.errors import UnbendError

BLOCK = 1 << 20
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
MULTIBYTE = {"gb2312": "gb18030", "shift_jis": "shift_jis", "big5": "big5", "euc_kr": "euc_kr"}  # strict: as offered
SINGLE_BYTE = ("cp1252", "latin-1")


def check_utf8(path: Path) -> None:
    """Refuse a file that is not UTF-8 text, with the line (1 is the header) and a guess of what it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, size = 1, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            last = file.tell() == size
            if file.tell() == len(block) and (found := with_mark(block)):
                refuse(path.name, [Fault(f"the file is {found.upper()}, not UTF-8; {_mend(found)}")])
            if (zero := block.find(0)) >= 0:
                _refuse_zero(path, block, line + block.count(b"\n", 0, zero))
            try:
                decoder.decode(block, last)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                refuse(path.name, [Fault(_not_utf8(line, error.object, error.start))])
            line += block.count(b"\n")


def decoded(path: Path, encoding: str) -> io.BytesIO:
    """The file as UTF-8, read by ``encoding``; `DataError` where a byte of it is not of that encoding."""
    content = path.read_bytes()
    try:
        text = content.decode(_known(encoding))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = f"line {line} of the file (the header is line 1) holds the byte 0x{content[error.start]:02x}, which is"
        refuse(path.name, [Fault(f"{text} not {encoding}; {_mend(guess(content))}")])
    except UnicodeError as error:
        refuse(path.name, [Fault(f"the file is not {encoding} ({error}); {_mend(guess(content))}")])
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        refuse(path.name, [Fault(f"line {line} of the file holds a zero byte, read as {encoding}; remove it")])
    return io.BytesIO(text.removeprefix("\ufeff").encode())


def guess(content: bytes) -> str:
    """The encoding that the bytes most likely have: by their mark, their zeros, or the first that reads them strictly.

    >>> guess("价格,y".encode("gbk")), guess("café,y".encode("latin-1")), guess("a,b\\n".encode("utf-16-le"))
    ('gb18030', 'cp1252', 'utf-16-le')
    """
    if found := with_mark(content):
        return found
    even, odd = content[0:BLOCK:2].count(0), content[1:BLOCK:2].count(0)
    if even + odd > len(content[:BLOCK]) / 10:
        return "utf-16-le" if odd > even else "utf-16-be"
    for strict, offered in MULTIBYTE.items():
        if _reads(content, strict):
            return offered
    return next((name for name in SINGLE_BYTE if _reads(content, name)), "latin-1")


def with_mark(content: bytes) -> str:
    """The encoding that a byte order mark says, UTF-8 aside; empty without one."""
    return next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), "")


def _known(encoding: str) -> str:
    try:
        info: Any = codecs.lookup(encoding)
    except (LookupError, ValueError):
        info = None
    if info is None or not info._is_text_encoding:
        raise UnbendError(f"there is no encoding {encoding!r}; usual ones are utf-8, utf-16, gb18030, cp1252, latin-1")
    return "utf-8-sig" if info.name == "utf-8" else encoding


def _reads(content: bytes, encoding: str) -> bool:
    """Whether the bytes are text in an encoding; the last character may be cut."""
    decoder: Callable[..., Any] = codecs.getincrementaldecoder(encoding)().decode
    try:
        decoder(content[:BLOCK])
    except UnicodeDecodeError:
        return False
    return True


def _refuse_zero(path: Path, block: bytes, line: int) -> NoReturn:
    found = guess(block)
    if found.startswith("utf-16"):
        refuse(path.name, [Fault(f"the file is {found.upper()}, not UTF-8; {_mend(found)}")])
    text = f"line {line} of the file holds a zero byte, so it is not UTF-8 text; save it again as UTF-8"
    refuse(path.name, [Fault(text)])


def _not_utf8(line: int, content: bytes, start: int) -> str:
    found = guess(content)
    begin = max(content.rfind(mark, 0, start) for mark in b",;\t|\n") + 1
    end = min((place for mark in b",;\t|\r\n" if (place := content.find(mark, start)) >= 0), default=len(content))
    read = content[begin : min(end, start + 40)].decode(found, errors="ignore").strip(" \"'")
    return (
        f"line {line} of the file (the header is line 1) holds the byte 0x{content[start]:02x}, which is not UTF-8; "
        f"the file may be {found}, in which it reads {read!r}: {_mend(found)}"
    )


def _mend(encoding: str) -> str:
    return f"save it again as UTF-8, or pass --encoding {encoding}"
