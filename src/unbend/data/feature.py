"""A column as it is learnt from: numbers, or levels of a category; or dropped, or refused with a reason."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data import feature_words as say
from unbend.data.column import (
    Floats,
    as_floats,
    decode,
    infinite_fault,
    is_missing,
    kind,
    meant_numeric,
    not_numbers,
    parse,
)
from unbend.data.faults import Fault, shortened
from unbend.data.feature_words import MOST_LEVELS, Place
from unbend.data.notes import Note
from unbend.data.spelling import are_dates, commas, without_commas


@dataclass(frozen=True, eq=False)
class Feature:
    """One column of n rows: ``numbers`` (n,), NaN where missing, or ``levels`` (n,), -1 where missing, or neither."""

    name: str
    numbers: Floats | None = None
    levels: NDArray[np.int64] | None = None
    categories: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()


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
        return _numbers(place, as_floats(column), *say.large_integers(place, column))
    if found == "bool":
        return _numbers(place, as_floats(column))
    if found == "empty" and place.impute:
        return _empty(place)
    if found == "time":
        return Feature(place.name, faults=(say.dates(place, str(column.type)),))
    return Feature(place.name, faults=(not_numbers(place.name, found, str(column.type)),))


def _numbers(place: Place, values: Floats, *notes: Note) -> Feature:
    missing, infinite = np.isnan(values), np.isinf(values)
    faults: list[Fault] = []
    if missing.any() and not place.impute:
        faults.append(say.gaps(place, missing))
    if infinite.any():
        faults.append(infinite_fault(place.name, infinite, place.rows))
    present = values[~missing & ~infinite]
    with np.errstate(over="ignore"):
        too_wide = bool(present.size) and bool(np.isinf(present.max() - present.min()))
    if too_wide:
        faults.append(say.too_wide(place, present))
    if faults:
        return Feature(place.name, faults=tuple(faults), notes=notes)
    if not present.size:
        return _empty(place)
    if present.min() == present.max():
        return _constant(place, f"{present[0]:g}")
    return Feature(place.name, numbers=values, notes=(*notes, *say.filled(place, missing)))


def _text(place: Place, words: list[str | None]) -> Feature:
    values = parse(words)
    blank = np.array([is_missing(word) for word in words], dtype=bool)
    said = [word for word, none in zip(words, blank, strict=True) if not none and word is not None]
    if said and not np.isnan(values[~blank]).any():
        return _numbers(place, values, say.converted(place, said[0]))
    meaning = commas(said, place.separator)
    if meaning == "either":
        return Feature(place.name, faults=(say.unclear_comma(place, words),))
    if meaning:
        plain = [None if none else without_commas(word or "", meaning) for word, none in zip(words, blank, strict=True)]
        return _numbers(place, parse(plain), say.commas_read(place, meaning, said))
    if are_dates(said):
        return Feature(place.name, faults=(say.dates(place, shortened(said[0])),))
    if said and meant_numeric(words, values):
        return Feature(place.name, faults=tuple(say.among_numbers(place, words, values, blank)))
    return _category(place, [word if word and word.strip() else None for word in words])


def _category(place: Place, words: list[str | None]) -> Feature:
    """Levels in sorted order; the words "NA" and "None" are values like any other."""
    missing = np.array([word is None for word in words], dtype=bool)
    present = [word for word in words if word is not None]
    categories = tuple(sorted(set(present)))
    faults: list[Fault] = []
    if missing.any() and not place.impute:
        faults.append(say.gaps(place, missing))
    if len(categories) > MOST_LEVELS:
        faults.append(say.too_many(place, present, categories))
    if faults:
        return Feature(place.name, faults=tuple(faults))
    if not categories:
        return _empty(place)
    if len(categories) == 1:
        return _constant(place, repr(categories[0]))
    index = {level: number for number, level in enumerate(categories)}
    levels = np.array([-1 if word is None else index[word] for word in words], dtype=np.int64)
    notes = (*say.like_missing(place, categories), *say.filled(place, missing, number=False))
    return Feature(place.name, levels=levels, categories=categories, notes=notes)


def _empty(place: Place) -> Feature:
    return Feature(place.name, notes=(say.empty(place),))


def _constant(place: Place, value: str) -> Feature:
    return Feature(place.name, notes=(say.constant(place, value),))
