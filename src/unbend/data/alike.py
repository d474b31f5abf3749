"""What is noticed across columns and rows: columns that say the same, and rows that are sorted by the target."""

import numpy as np

from unbend.data.feature import Feature
from unbend.data.notes import Note
from unbend.data.target import Target


def identical_columns(features: list[Feature]) -> list[Note]:
    """A note on each column that has the values of an earlier one."""
    first: dict[bytes, str] = {}
    notes: list[Note] = []
    for feature in features:
        if feature.numbers is None and feature.levels is None:
            continue
        earlier = first.setdefault(_content(feature), feature.name)
        if earlier != feature.name:
            english = f"column {feature.name!r} is identical to column {earlier!r}; one of them is enough"
            notes.append(Note(english, f"列 {feature.name!r} 与列 {earlier!r} 完全相同，留一个即可"))
    return notes


def sorted_rows(answer: Target) -> list[Note]:
    """A note where rows are sorted by class: folds cut without mixing would train without some classes."""
    if answer.task == "regression" or np.count_nonzero(np.diff(answer.y)) != len(answer.class_names) - 1:
        return []
    english = "the rows are sorted by class; folds are mixed and stratified, so it does no harm"
    return [Note(english, "各行按类别排序；划分时会打乱并分层，因此没有影响")]


def _content(feature: Feature) -> bytes:
    if feature.numbers is not None:
        return b"numbers" + (feature.numbers + 0.0).tobytes()  # -0 counts as 0
    return "\0".join(("levels", *feature.categories)).encode("utf-8", "surrogatepass") + (
        b"" if feature.levels is None else feature.levels.tobytes()
    )
