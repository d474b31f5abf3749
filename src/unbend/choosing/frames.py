"""What scikit-learn's conventions call X and y, as the `Table` that is learnt from and as the rows of a prediction.

Numbers are checked by scikit-learn, with its sentences; a dataframe that holds text or categories is read as a table.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, validate_data

from unbend.choosing.model import Codes, Floats, Model
from unbend.data.column import (
    LARGEST,
    as_floats,
    decode,
    infinite_fault,
    is_missing,
    kind,
    missing_fault,
    parse,
    unreadable_fault,
)
from unbend.data.dataset import Task
from unbend.data.faults import Fault, listed, refuse
from unbend.data.raw_table import FROM_ONE
from unbend.data.read_memory import is_frame, read_frame
from unbend.data.tabular import Table, tabular
from unbend.errors import DataError

SMALLEST_N = 2
GAP, UNKNOWN = -1, -2  # levels of a missing value and of one that the fit never saw
IMPUTE = "fill it in, for instance by a SimpleImputer in a Pipeline"


def learnable(estimator: Any, X: Any, y: Any, groups: Any, classes: bool) -> Table:
    """The table of a fit; the estimator learns ``n_features_in_``, ``feature_names_in_`` and ``classes_``.

    Raises `ValueError` in scikit-learn's words, or `DataError` with every fault of a dataframe with text.
    """
    table = _with_words(estimator, X, y, classes) if _has_words(X) else _of_numbers(estimator, X, y, classes)
    if groups is None:
        return table
    check_consistent_length(table.y, groups)
    return replace(table, groups=np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.int64))


def predictable(estimator: Any, X: Any, model: Model) -> tuple[Floats, Codes]:
    """Rows to predict: numbers (n, numeric columns) and levels (n, categorical columns), unknown levels as -1."""
    if not model.level_names and model.number_names == _names(estimator):
        x: Any = validate_data(estimator, X, reset=False, dtype=np.float64)
        return x, np.zeros((len(x), 0), np.int64)
    if not is_frame(X):
        raise DataError("this network learnt from a dataframe with text; give a dataframe with the same columns")
    validate_data(estimator, X, reset=False, skip_check_array=True)
    return _encoded(X, model)


def _has_words(X: Any) -> bool:
    """Whether X is a dataframe with a column that is neither numbers nor true / false."""
    if not is_frame(X):
        return False
    raw = read_frame(X)
    return any(column is None or kind(decode(column)) not in ("numeric", "bool") for column in raw.columns)


def _of_numbers(estimator: Any, X: Any, y: Any, classes: bool) -> Table:
    checks: Any = {"dtype": np.float64, "ensure_min_samples": SMALLEST_N, "y_numeric": not classes}
    x, target = validate_data(estimator, X, y, **checks)
    codes, task, names = _target(estimator, target, classes)
    return Table(
        numbers=np.array(x),
        number_names=_names(estimator),
        levels=np.zeros((len(x), 0), np.int64),
        level_names=(),
        categories=(),
        y=codes,
        task=task,
        class_names=names,
        target_name=str(getattr(y, "name", None) or "y"),
        origin="the arrays (X, y)",
    )


def _with_words(estimator: Any, X: Any, y: Any, classes: bool) -> Table:
    target: Any = validate_data(estimator, y=y, y_numeric=not classes)
    validate_data(estimator, X, skip_check_array=True)
    check_consistent_length(X, target)
    codes, task, names = _target(estimator, target, classes)
    table = tabular((X, target.astype(str) if classes else codes), task=task, missing="impute")
    _refuse_gaps(table.numbers, table.number_names, table.levels, table.level_names)
    return replace(table, y=codes, class_names=names, target_name=str(getattr(y, "name", None) or "y"))


def _names(estimator: Any) -> tuple[str, ...]:
    """The names of the columns, x1, x2, … where they have none."""
    given = getattr(estimator, "feature_names_in_", None)
    return tuple(f"x{j + 1}" for j in range(estimator.n_features_in_)) if given is None else tuple(given.tolist())


def _target(estimator: Any, y: Any, classes: bool) -> tuple[Floats, Task, tuple[str, ...]]:
    """(n,) class numbers or the target itself, the task, and the classes as text."""
    if not classes:
        return _quantity(y), "regression", ()
    _check_labels(y)
    check_classification_targets(y)
    estimator.classes_, codes = np.unique(y, return_inverse=True)
    names = tuple(str(label) for label in estimator.classes_.tolist())
    if len(names) == 1:
        raise DataError(f"y holds only one class, {names[0]!r}; add rows of another class")
    return codes.astype(np.float64), "binary" if len(names) == 2 else "multiclass", names


def _check_labels(y: Any) -> None:
    """Refuse labels that are missing or cannot be sorted among each other."""
    kinds = {type(label).__name__: (row, label) for row, label in reversed(list(enumerate(y.tolist(), start=1)))}
    if "NoneType" in kinds:
        raise DataError(f"y has no label in row {kinds['NoneType'][0]}; leave out the rows without a label")
    if "str" in kinds and len(kinds) > 1:
        found = ", ".join(f"{label!r} in row {row}" for row, label in sorted(kinds.values(), key=lambda one: one[0]))
        raise DataError(f"y mixes text and numbers ({found}); give it text only, or numbers only")


def _quantity(y: NDArray[Any]) -> Floats:
    values = np.array(y, np.float64)
    if np.abs(values).max() > LARGEST:
        raise DataError(f"y holds {values[np.abs(values).argmax()]:g}; divide it by its unit or take its logarithm")
    if values.min() == values.max():
        raise DataError(f"y is constant ({values[0]:g} in every row); there is nothing to predict")
    return values


def _encoded(X: Any, model: Model) -> tuple[Floats, Codes]:
    """The columns that a model knows out of a dataframe; a level that it does not know is -1."""
    raw = read_frame(X)
    if raw.faults:
        refuse("X", list(raw.faults), raw.counting)
    columns = dict(zip(raw.names, map(decode, raw.columns), strict=True))
    lost = [name for name in (*model.number_names, *model.level_names) if name not in columns]
    if lost:
        refuse("X", [Fault(f"there is no column {name!r}; the columns are {listed(raw.names, 20)}") for name in lost])
    numbers = np.empty((len(raw.rows), len(model.number_names)))
    for place, name in enumerate(model.number_names):
        numbers[:, place] = _numbers(name, columns[name], raw.rows)
    levels = np.empty((len(raw.rows), len(model.level_names)), np.int64)
    for place, (name, known) in enumerate(zip(model.level_names, model.categories, strict=True)):
        index = {level: number for number, level in enumerate(known)}
        words = columns[name].to_pylist()
        levels[:, place] = [GAP if _is_gap(word) else index.get(str(word), UNKNOWN) for word in words]
    _refuse_gaps(numbers, model.number_names, levels, model.level_names)
    return numbers, np.maximum(levels, GAP)


def _numbers(name: str, column: Any, rows: NDArray[np.int64]) -> Floats:
    if kind(column) in ("numeric", "bool"):
        return as_floats(column)
    words = [None if word is None else str(word) for word in column.to_pylist()]
    values = parse(words)
    wrong = np.isnan(values) & np.array([not is_missing(word) for word in words])
    if wrong.any():
        refuse("X", [unreadable_fault(name, words, wrong, rows, "column")], FROM_ONE)
    return values


def _is_gap(word: Any) -> bool:
    return word is None or not str(word).strip()


def _refuse_gaps(numbers: Floats, number_names: tuple[str, ...], levels: Codes, level_names: tuple[str, ...]) -> None:
    """As scikit-learn's own networks do; which values to put there is for the user to say."""
    missing = {name: np.isnan(column) for name, column in zip(number_names, numbers.T, strict=True)}
    missing |= {name: column == GAP for name, column in zip(level_names, levels.T, strict=True)}
    rows = np.arange(1, len(numbers) + 1)
    faults = [missing_fault(name, gaps, rows, mend=IMPUTE) for name, gaps in missing.items() if gaps.any()]
    faults += [
        infinite_fault(name, np.isinf(column), rows)
        for name, column in zip(number_names, numbers.T, strict=True)
        if np.isinf(column).any()
    ]
    if faults:
        refuse("X", faults, FROM_ONE)
