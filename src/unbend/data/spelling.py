"""Numbers and dates that are written as text: which of them are meant, and how commas in them are to be read."""

import re
from collections.abc import Sequence
from typing import Literal

Commas = Literal["decimal", "thousands", "either"]

_DECIMAL = re.compile(r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?([eE][+-]?\d+)?\s*")
_THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*")
_PLAIN = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*")
_DATE = re.compile(r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}:\d{2})([T\s:].*)?")


def commas(words: Sequence[str], separator: str) -> Commas | None:
    """What the commas in numbers mean; None where not all of the words are such numbers.

    Where a comma could end the whole part or group its digits, a file that parts its cells by commas says ``either``.

    >>> commas(["1,5", "2"], ";"), commas(["1,234", "1,234,567"], ","), commas(["1,234", "7"], ",")
    ('decimal', 'thousands', 'either')
    """
    if not any("," in word for word in words):
        return None
    decimal = all(_DECIMAL.fullmatch(word) for word in words)
    thousands = all(_THOUSANDS.fullmatch(word) or _PLAIN.fullmatch(word) for word in words)
    if decimal and thousands and separator in ("", ","):
        return "either"
    if decimal:
        return "decimal"
    return "thousands" if thousands else None


def without_commas(word: str, meaning: Commas) -> str:
    """The number as Python writes it.

    >>> without_commas("1.234,5", "decimal"), without_commas("1,234.5", "thousands")
    ('1234.5', '1234.5')
    """
    return word.replace(",", "") if meaning == "thousands" else word.replace(".", "").replace(",", ".")


def are_dates(words: Sequence[str]) -> bool:
    """Whether all of the words are dates or times of the day.

    >>> are_dates(["2024-01-31", "2024-02-01 12:30"]), are_dates(["31.1.2024"]), are_dates(["1.5"])
    (True, True, False)
    """
    return bool(words) and all(_DATE.fullmatch(word) for word in words)
