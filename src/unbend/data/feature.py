"""A column as it is learnt from: numbers, or levels of a category; dropped, or refused, with the sentences that say so."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.column import (
    Floats,
    Rows,
    as_floats,
    decode,
    infinite_fault,
    is_missing,
    kind,
    meant_numeric,
    missing_fault,
    not_numbers,
    parse,
    unreadable_fault,
)
from unbend.data.faults import Fault, at_rows, counted, listed, shortened
from unbend.data.notes import Note
from unbend.data.spelling import are_dates, commas, without_commas

MOST_LEVELS = 20
EXACT = 2.0**53  # beyond it, neighbouring whole numbers are one number in float64


@dataclass(frozen=True, eq=False)
class Feature:
    """One column of n rows: ``numbers`` (n,), NaN where missing, or ``levels`` (n,), -1 where missing, or neither."""

    name: str
    numbers: Floats | None = None
    levels: NDArray[np.int64] | None = None
    categories: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, eq=False)
class Place:
    """What a column is read with: its name, the numbers (n,) of its rows, and how its table treats what it finds."""

    name: str
    rows: Rows
    impute: bool
    separator: str = ""


def read_feature(place: Place, column: Any) -> Feature:
    """The column as a feature; text of few different values and categorical types are levels."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        values = decode(column).to_pylist()
        return _category(place, [None if value is None else str(value) for value in values])
    found = kind(column)
    if found == "text":
        return _text(place, column.to_pylist())
    if found == "numeric":
        return _numbers(place, as_floats(column), *_large_integers(place, column))
    if found == "bool":
        return _numbers(place, as_floats(column))
    if found == "empty" and place.impute:
        return _empty(place)
    return Feature(place.name, faults=(not_numbers(place.name, found, str(column.type)),))


def _numbers(place: Place, values: Floats, *notes: Note) -> Feature:
    missing, infinite = np.isnan(values), np.isinf(values)
    faults: list[Fault] = []
    if missing.any() and not place.impute:
        faults.append(missing_fault(place.name, missing, place.rows, mend="pass --missing impute (missing='impute')"))
    if infinite.any():
        faults.append(infinite_fault(place.name, infinite, place.rows))
    present = values[~missing & ~infinite]
    if present.size and not np.isfinite(present.max() / 2 - present.min() / 2):
        faults.append(_too_wide(place, present))
    if faults:
        return Feature(place.name, faults=tuple(faults), notes=notes)
    if not present.size:
        return _empty(place)
    if present.min() == present.max():
        return _constant(place, f"{present[0]:g}")
    return Feature(place.name, numbers=values, notes=(*notes, *_missing(place, missing)))


def _text(place: Place, words: list[str | None]) -> Feature:
    values = parse(words)
    blank = np.array([is_missing(word) for word in words], dtype=bool)
    said = [word for word, none in zip(words, blank, strict=True) if not none and word is not None]
    if said and not np.isnan(values[~blank]).any():
        return _numbers(place, values, _converted(place, said[0]))
    meaning = commas(said, place.separator)
    if meaning == "either":
        return Feature(place.name, faults=(_unclear_comma(place, words),))
    if meaning:
        plain = [None if none else without_commas(word or "", meaning) for word, none in zip(words, blank, strict=True)]
        return _numbers(place, parse(plain), _commas_read(place, meaning, said))
    if are_dates(said):
        return Feature(place.name, faults=(_dates(place, said[0]),))
    if said and meant_numeric(words, values):
        return Feature(place.name, faults=tuple(_among_numbers(place, words, values, blank)))
    return _category(place, [word if word and word.strip() else None for word in words])


def _category(place: Place, words: list[str | None]) -> Feature:
    """Levels in sorted order; the words "NA" and "None" are values like any other."""
    missing = np.array([word is None for word in words], dtype=bool)
    present = [word for word in words if word is not None]
    categories = tuple(sorted(set(present)))
    faults: list[Fault] = []
    if missing.any() and not place.impute:
        faults.append(missing_fault(place.name, missing, place.rows, mend="pass --missing impute (missing='impute')"))
    if len(categories) > MOST_LEVELS:
        faults.append(_too_many(place, present, categories))
    if faults:
        return Feature(place.name, faults=tuple(faults))
    if not categories:
        return _empty(place)
    if len(categories) == 1:
        return _constant(place, repr(categories[0]))
    index = {level: number for number, level in enumerate(categories)}
    levels = np.array([-1 if word is None else index[word] for word in words], dtype=np.int64)
    notes = (*_like_missing(place, categories), *_missing(place, missing, number=False))
    return Feature(place.name, levels=levels, categories=categories, notes=notes)


# ---------------------------------------------------------------------- what is said
def _large_integers(place: Place, column: Any) -> tuple[Note, ...]:
    """A note on whole numbers that float64 cannot tell apart."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_integer(column.type):
        return ()
    values: Any = pc.drop_null(column).to_numpy()
    beyond = (values > EXACT) | (values < -EXACT)
    if not beyond.any():
        return ()
    first = int(values[beyond][0])
    return (
        Note(
            f"column {place.name!r} holds whole numbers beyond 2^53 such as {first}, which float64 rounds: if it is an "
            "identifier, leave it out",
            f"列 {place.name!r} 含有超过 2^53 的整数（如 {first}），float64 会将其舍入：若它是编号，请去掉该列",
        ),
    )


def _empty(place: Place) -> Feature:
    note = Note(f"column {place.name!r} is empty and is left out", f"列 {place.name!r} 全空，已去掉")
    return Feature(place.name, notes=(note,))


def _constant(place: Place, value: str) -> Feature:
    note = Note(
        f"column {place.name!r} is constant ({value} in every row) and is left out",
        f"列 {place.name!r} 是常数（每行都是 {value}），已去掉",
    )
    return Feature(place.name, notes=(note,))


def _missing(place: Place, missing: NDArray[np.bool_], number: bool = True) -> tuple[Note, ...]:
    count = int(missing.sum())
    if not count:
        return ()
    what, verb = counted(count, "missing value"), "counts" if count == 1 else "count"
    english, chinese = (
        ("the median of the training rows", "训练行的中位数") if number else ("no level", "不属于任何类别值")
    )
    return (
        Note(
            f"column {place.name!r} has {what}, which {verb} as {english}",
            f"列 {place.name!r} 有 {count} 个缺失值，按{chinese}处理",
        ),
    )


def _converted(place: Place, word: str) -> Note:
    return Note(
        f"column {place.name!r} holds numbers written as text ({shortened(word)}), and is read as numbers",
        f"列 {place.name!r} 中的数字以文本写成（{shortened(word)}），已按数字读取",
    )


def _commas_read(place: Place, meaning: str, words: list[str]) -> Note:
    word = next(word for word in words if "," in word)
    number = f"{float(without_commas(word, 'thousands' if meaning == 'thousands' else 'decimal')):.12g}"
    english = "decimal commas" if meaning == "decimal" else "commas between thousands"
    chinese = "逗号作小数点" if meaning == "decimal" else "逗号作千位分隔符"
    return Note(
        f"column {place.name!r} has {english}: {shortened(word)} is read as {number}",
        f"列 {place.name!r} 以{chinese}：{shortened(word)} 读作 {number}",
    )


def _like_missing(place: Place, categories: tuple[str, ...]) -> tuple[Note, ...]:
    found = [level for level in categories if is_missing(level)]
    if not found:
        return ()
    shown = listed([repr(level) for level in found])
    return (
        Note(
            f"column {place.name!r}: {shown} counts as a value of its own, not as missing",
            f"列 {place.name!r}：{shown} 按普通取值处理，不算缺失",
        ),
    )


def _too_wide(place: Place, present: Floats) -> Fault:
    reach = f"from {present.min():g} to {present.max():g}"
    return Fault(f"column {place.name!r} reaches {reach}, too wide for float64; change its unit or take its logarithm")


def _dates(place: Place, word: str) -> Fault:
    mend = "turn them into numbers, such as days since a start, or name the column with --time if it orders the rows"
    return Fault(f"column {place.name!r} holds dates or times ({shortened(word)}); {mend}")


def _unclear_comma(place: Place, words: list[str | None]) -> Fault:
    row, word = next((row, word) for row, word in zip(place.rows, words, strict=True) if word and "," in word)
    text = (
        f"column {place.name!r} holds {shortened(word)} in row {row}, which may mean {float(word.replace(',', '')):g}"
    )
    return Fault(
        f"{text} or {float(word.replace(',', '.', 1).replace(',', '')):g}; write it without a comma", rows=True
    )


def _among_numbers(place: Place, words: list[str | None], values: Floats, blank: NDArray[np.bool_]) -> list[Fault]:
    faults: list[Fault] = []
    if blank.any() and not place.impute:
        faults.append(missing_fault(place.name, blank, place.rows, mend="pass --missing impute (missing='impute')"))
    wrong = np.isnan(values) & ~blank
    return [*faults, unreadable_fault(place.name, words, wrong, place.rows, "column")]


def _too_many(place: Place, words: list[str], categories: tuple[str, ...]) -> Fault:
    shown = listed([shortened(word) for word in dict.fromkeys(words)])
    where = at_rows([int(place.rows[0])])
    text = f"column {place.name!r} holds text with {len(categories)} different values ({shown}, from {where} on)"
    mend = f"at most {MOST_LEVELS} become a category: group the rare ones, turn it into numbers, or leave it out"
    return Fault(f"{text}; {mend}", rows=True)
