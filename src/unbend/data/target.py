"""The target column: which task it means, its classes in sorted order or its numbers, and what is wrong with it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.column import (
    LARGEST,
    Floats,
    Rows,
    as_floats,
    decode,
    is_missing,
    kind,
    meant_numeric,
    missing_fault,
    not_numbers,
    number_faults,
    parse,
    unreadable_fault,
)
from unbend.data.dataset import Task
from unbend.data.faults import Fault, at_rows, listed

MOST_CLASSES = 20
ROWS_PER_CLASS = 4  # whole numbers count as classes only when each of them has this many rows on average


@dataclass(frozen=True, eq=False)
class Target:
    """The targets (n,) of one task; ``class_names`` for the two tasks with classes."""

    task: Task
    y: Floats
    class_names: tuple[str, ...] = ()


def read_target(
    name: str, column: Any, rows: Rows, task: Task | None, largest: float = LARGEST
) -> tuple[Target | None, list[Fault]]:
    """The target column, its task guessed where ``task`` is None, or what is wrong with it.

    Text, true / false and at most two different values are classes; so are up to 20 different whole numbers with four
    rows each or more; anything else is a regression.
    """
    column = decode(column)
    found = kind(column)
    if found == "text":
        return _from_text(name, column.to_pylist(), rows, task, largest)
    if found not in ("numeric", "bool"):
        return None, [not_numbers(name, found, str(column.type), "target")]
    values = as_floats(column)
    faults = number_faults(name, values, rows, "target", largest)
    if found == "bool":
        labels = np.where(values == 1.0, "True", "False").astype(object)
        return _classes(name, labels, np.isfinite(values), rows, task, faults)
    return _from_numbers(name, values, rows, task, faults)


def guess_task(values: Floats) -> Task:
    """The task that numbers without gaps most likely mean.

    >>> guess_task(np.array([0.0, 1.0, 1.0])), guess_task(np.arange(9.0) % 3), guess_task(np.array([0.5, 2.0, 3.5]))
    ('binary', 'regression', 'regression')
    >>> guess_task(np.arange(12.0) % 3)
    'multiclass'
    """
    distinct = np.unique(values)
    if len(distinct) <= 2:
        return "binary"
    whole = bool((distinct == np.rint(distinct)).all())
    return "multiclass" if whole and _are_few(distinct, values) else "regression"


def _are_few(distinct: Floats, values: Floats) -> bool:
    return len(distinct) <= MOST_CLASSES and len(values) >= ROWS_PER_CLASS * len(distinct)


def _from_text(
    name: str, words: list[str | None], rows: Rows, task: Task | None, largest: float
) -> tuple[Target | None, list[Fault]]:
    values = parse(words)
    many = len(set(words)) > MOST_CLASSES and meant_numeric(words, values)
    if task == "regression" or (task is None and many):
        missing = np.array([is_missing(word) for word in words], dtype=bool)
        faults = [missing_fault(name, missing, rows, "target")] if missing.any() else []
        wrong = np.isnan(values) & ~missing
        if wrong.any():
            return None, [*faults, unreadable_fault(name, words, wrong, rows, "target")]
        faults = number_faults(name, values, rows, "target", largest)
        return _from_numbers(name, values, rows, task, faults)
    labels = np.array([word or "" for word in words], dtype=object)
    present = np.array([bool(word and word.strip()) for word in words], dtype=bool)  # the text "NA" may be a class
    faults = [] if present.all() else [missing_fault(name, ~present, rows, "target")]
    return _classes(name, labels, present, rows, task, faults)


def _from_numbers(
    name: str, values: Floats, rows: Rows, task: Task | None, faults: list[Fault]
) -> tuple[Target | None, list[Fault]]:
    finite = np.isfinite(values)
    present = values[finite]
    task = task or guess_task(present)
    if task != "regression":
        if _is_quantity(present):
            return None, [*faults, _quantity_fault(name, present)]
        return _classes(name, values, finite, rows, task, faults)
    if present.size and present.min() == present.max():
        text = f"target {name!r} is constant ({present[0]:g} in every row); there is nothing to predict"
        faults = [*faults, Fault(f"{text}: choose another column")]
    return (None if faults else Target("regression", values)), faults


def _is_quantity(values: Floats) -> bool:
    """Whether numbers with a fraction are too many to be classes."""
    distinct = np.unique(values)
    return len(distinct) > 2 and not _are_few(distinct, values) and bool((values != np.rint(values)).any())


def _quantity_fault(name: str, values: Floats) -> Fault:
    fraction = values[values != np.rint(values)][0]
    text = (
        f"target {name!r} holds {len(np.unique(values))} different numbers such as {fraction:g}, which are no classes"
    )
    return Fault(f"{text}; choose --task regression (task='regression'), or write the classes as text or whole numbers")


def _classes(
    name: str,
    labels: NDArray[Any],
    present: NDArray[np.bool_],
    rows: Rows,
    task: Task | None,
    faults: list[Fault],
) -> tuple[Target | None, list[Fault]]:
    distinct, codes = np.unique(labels[present], return_inverse=True)
    names = tuple(_class_name(label) for label in distinct)
    task = task or ("binary" if len(names) <= 2 else "multiclass")
    faults = [*faults, *_class_faults(name, names, codes, rows[present], task)]
    return (None if faults else Target(task, codes.astype(np.float64), names)), faults


def _class_faults(name: str, names: tuple[str, ...], codes: NDArray[Any], rows: Rows, task: Task) -> list[Fault]:
    shown = listed([repr(label) for label in names])
    if len(names) <= 1:
        text = f"target {name!r} holds only one class, {shown}; add rows of another class or choose another column"
        return [Fault(text)] if names else []
    faults: list[Fault] = []
    if task == "binary" and len(names) > 2:
        text = f"target {name!r} has {len(names)} classes ({shown}) and task='binary' allows two; use task='multiclass'"
        faults.append(Fault(text))
    single = np.flatnonzero(np.bincount(codes) == 1)
    if single.size:
        which = listed([repr(names[k]) for k in single])
        where = at_rows(rows[np.isin(codes, single)].tolist())
        count = f"{len(single)} {'class' if single.size == 1 else 'classes'} with a single row"
        mend = "add rows, leave these out, or choose task='regression' if they are quantities"
        text = f"target {name!r} has {count} ({which}, in {where}); every class needs at least two: {mend}"
        faults.append(Fault(text, rows=True))
    return faults


def _class_name(label: Any) -> str:
    if isinstance(label, str):
        return label
    number = float(label)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
