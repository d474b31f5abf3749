"""What is said about a column that is read as a feature: notes on what was done, faults with their mend."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.column import Floats, Rows, is_missing, missing_fault, unreadable_fault
from unbend.data.faults import Fault, at_rows, counted, listed, shortened
from unbend.data.notes import Note
from unbend.data.spelling import Commas, without_commas

MOST_LEVELS = 20
EXACT = 2**53  # beyond it, neighbouring whole numbers are one number in float64


@dataclass(frozen=True, eq=False)
class Place:
    """What a column is read with: its name, the numbers (n,) of its rows, and how its table treats what it finds."""

    name: str
    rows: Rows
    impute: bool
    separator: str = ""


def empty(place: Place) -> Note:
    """A column without values."""
    return Note(f"column {place.name!r} is empty and is left out", f"列 {place.name!r} 全空，已去掉")


def constant(place: Place, value: str) -> Note:
    """A column with one value."""
    return Note(
        f"column {place.name!r} is constant ({value} in every row) and is left out",
        f"列 {place.name!r} 是常数（每行都是 {value}），已去掉",
    )


def large_integers(place: Place, column: Any) -> tuple[Note, ...]:
    """A note on whole numbers that float64 cannot tell apart."""
    import pyarrow as pa

    if not pa.types.is_integer(column.type):
        return ()
    values: Any = column.drop_null().to_numpy()
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


def filled(place: Place, missing: NDArray[np.bool_], number: bool = True) -> tuple[Note, ...]:
    """Missing values, and what stands for them."""
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


def converted(place: Place, word: str) -> Note:
    """Numbers that came as text."""
    return Note(
        f"column {place.name!r} holds numbers written as text ({shortened(word)}), and is read as numbers",
        f"列 {place.name!r} 中的数字以文本写成（{shortened(word)}），已按数字读取",
    )


def commas_read(place: Place, meaning: Commas, words: list[str]) -> Note:
    """Commas in numbers, and what they were taken for."""
    word = next(word for word in words if "," in word)
    number = f"{float(without_commas(word, meaning)):.12g}"
    english = "decimal commas" if meaning == "decimal" else "commas between thousands"
    chinese = "逗号作小数点" if meaning == "decimal" else "逗号作千位分隔符"
    return Note(
        f"column {place.name!r} has {english}: {shortened(word)} is read as {number}",
        f"列 {place.name!r} 以{chinese}：{shortened(word)} 读作 {number}",
    )


def like_missing(place: Place, categories: tuple[str, ...]) -> tuple[Note, ...]:
    """Words such as "NA" among the values of a category."""
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


def too_wide(place: Place, present: Floats) -> Fault:
    """Numbers whose difference is no float64."""
    reach = f"from {present.min():g} to {present.max():g}"
    return Fault(f"column {place.name!r} reaches {reach}, too wide for float64; change its unit or take its logarithm")


def dates(place: Place, found: str) -> Fault:
    """Dates or times, of a type or written as text."""
    mend = "turn them into numbers, such as days since a start, or name the column with --time if it orders the rows"
    return Fault(f"column {place.name!r} holds dates or times ({found}); {mend}")


def unclear_comma(place: Place, words: list[str | None]) -> Fault:
    """Numbers whose comma may end the whole part or group its digits."""
    row, word = next((row, word) for row, word in zip(place.rows, words, strict=True) if word and "," in word)
    choices = f"{without_commas(word, 'thousands')} or {without_commas(word, 'decimal')}"
    text = f"column {place.name!r} holds {shortened(word)} in row {row}, which may mean {choices}"
    return Fault(f"{text}; write it without a comma", rows=True)


def among_numbers(place: Place, words: list[str | None], values: Floats, blank: NDArray[np.bool_]) -> list[Fault]:
    """Text among numbers."""
    faults: list[Fault] = []
    if blank.any() and not place.impute:
        faults.append(gaps(place, blank))
    wrong = np.isnan(values) & ~blank
    return [*faults, unreadable_fault(place.name, words, wrong, place.rows, "column")]


def too_many(place: Place, words: list[str], categories: tuple[str, ...]) -> Fault:
    """Text of too many different values."""
    shown = listed([shortened(word) for word in dict.fromkeys(words)])
    where = at_rows([int(place.rows[0])])
    text = f"column {place.name!r} holds text with {len(categories)} different values ({shown}, from {where} on)"
    mend = f"at most {MOST_LEVELS} become a category: group the rare ones, turn it into numbers, or leave it out"
    return Fault(f"{text}; {mend}", rows=True)


def gaps(place: Place, missing: NDArray[np.bool_]) -> Fault:
    """Missing values that nobody asked to fill."""
    return missing_fault(place.name, missing, place.rows, mend="pass --missing impute (missing='impute')")
