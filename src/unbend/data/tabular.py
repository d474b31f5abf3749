"""A user's table as it is chosen on: checked, and with nothing fitted to it; that happens inside the folds."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from unbend.data.alike import identical_columns, sorted_rows
from unbend.data.dataset import Dataset, Task
from unbend.data.faults import Fault, refuse
from unbend.data.feature import Feature, Place, read_feature
from unbend.data.leaks import leaks
from unbend.data.notes import Note
from unbend.data.raw_table import RawTable
from unbend.data.read import SMALLEST_N, find_column, find_target, read, shape_faults
from unbend.data.read_memory import one_column, read_dataset
from unbend.data.roles import read_groups, read_order
from unbend.data.target import Target, read_target
from unbend.errors import UnbendError, did_you_mean

Floats = NDArray[np.float64]
Missing = Literal["refuse", "impute"]
LARGEST_TARGET = 1e150  # the squares of larger ones are no float64


@dataclass(frozen=True, eq=False)
class Table:
    """A checked table with n rows.

    ``numbers`` (n, numeric columns) float64, NaN where a value is missing; ``levels`` (n, categorical columns) the
    place of each value in ``categories``, -1 where missing; ``y`` (n,) class numbers or the target itself, not
    standardised; ``groups`` (n,) rows that must not be parted; ``time`` (n,) the order of the rows; ``notes`` what was
    noticed or done, a sentence each (`unbend.data.notes.Note`, which knows its Chinese).
    """

    numbers: Floats
    number_names: tuple[str, ...]
    levels: NDArray[np.int64]
    level_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    y: Floats
    task: Task
    class_names: tuple[str, ...]
    target_name: str
    origin: str
    groups: NDArray[np.int64] | None = None
    time: Floats | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """The number of rows n."""
        return len(self.y)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in (self.numbers, self.levels, self.y, self.groups, self.time):
            if array is not None:
                array.flags.writeable = False

    @property
    def outputs(self) -> int:
        """Units of the output layer: k for multiclass, else 1."""
        return len(self.class_names) if self.task == "multiclass" else 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides results: values, names of levels and classes, task, groups, time."""
        words = [self.task, self.class_names, self.number_names, self.level_names, self.categories]
        found = hashlib.sha256(json.dumps(words, ensure_ascii=True).encode())
        for array in (self.numbers, self.levels, self.y, self.groups, self.time):
            found.update(b"none" if array is None else f"{array.shape}{array.dtype.str}".encode() + array.tobytes())
        return found.hexdigest()


@dataclass(frozen=True, eq=False)
class Examined:
    """All that was found in a table: what it is, what was noticed, what is wrong; ``table`` if nothing is wrong."""

    raw: RawTable
    table: Table | None
    faults: tuple[Fault, ...]
    notes: tuple[Note, ...]


def tabular(
    source: Any,
    target: str | None = None,
    *,
    task: "Task | Literal['classification'] | None" = None,
    missing: Missing = "refuse",
    encoding: str | None = None,
    group: Any = None,
    time: Any = None,
) -> Table:
    """A table to choose on, from whatever holds one.

    ``source``: a path (.csv, .tsv, .parquet, .arff), any dataframe, the arrays (X, y), or a `Dataset` of ours.
    ``target``: the name of the target column, of files and dataframes. ``task`` is guessed from the target unless
    given. ``missing="impute"`` lets features have gaps, which are filled inside the folds. ``encoding`` of a text file
    that is not UTF-8. ``group``: a column, or (n,) values, of rows that must not be parted; ``time``: a column, or (n,)
    numbers or dates, that orders the rows; neither is a feature. Text and categorical columns of up to 20 values are
    categories. Raises `DataError` with every fault of the table, `UnbendError` for arguments that mean nothing.

    >>> import unbend as ub
    >>> found = tabular(ub.data.iris())
    >>> found.numbers.shape, found.task, float(found.numbers[0, 0].round(3))
    ((150, 4), 'multiclass', 5.1)
    """
    found = examine(source, target, task=task, missing=missing, encoding=encoding, group=group, time=time)
    if found.table is None:
        refuse(found.raw.origin, found.faults, found.raw.counting)
    return found.table


def examine(
    source: Any,
    target: str | None = None,
    *,
    task: "Task | Literal['classification'] | None" = None,
    missing: Missing = "refuse",
    encoding: str | None = None,
    group: Any = None,
    time: Any = None,
) -> Examined:
    """As `tabular`, but faults of columns and rows are handed back; only what cannot be read is a `DataError`."""
    _check_words(task, missing, group, time)
    raw, wanted, answer = _read(source, target, encoding, task)
    faults = [*raw.faults, *shape_faults(raw)]
    raw, roles, more = _roles(raw, {"target": wanted, "group": group, "time": time})
    faults += more
    if roles["target"] is None or len(raw.rows) < SMALLEST_N:
        return Examined(raw, None, tuple(faults), raw.notes)
    features = _features(raw, set(roles.values()), missing == "impute")
    if answer is None and wanted in raw.names:
        answer, more = _answer(raw, roles["target"], task)
        faults += more
    groups, more = _extra(raw, roles["group"], read_groups)
    order, others = _extra(raw, roles["time"], read_order)
    faults += [*more, *others, *(fault for one in features for fault in one.faults), *_nothing_left(features)]
    notes = (*raw.notes, *(note for one in features for note in one.notes))
    if faults or answer is None:
        return Examined(raw, None, tuple(faults), notes)
    made = _table(raw, features, answer, raw.names[roles["target"]], groups, order)
    notes = (*notes, *identical_columns(features), *sorted_rows(answer), *leaks(made))
    return Examined(raw, replace(made, notes=notes), (), notes)


def _check_words(task: Any, missing: Any, group: Any, time: Any) -> None:
    tasks = (*get_args(Task), "classification")
    if task is not None and task not in tasks:
        raise UnbendError(f"there is no task {task!r}; {did_you_mean(str(task), tasks)}")
    if missing not in get_args(Missing):
        raise UnbendError(f"missing={missing!r} is not possible; {did_you_mean(str(missing), get_args(Missing))}")
    if group is not None and time is not None:
        raise UnbendError("--group and --time cannot go together, since windows of time part groups; leave one away")


def _read(source: Any, target: Any, encoding: str | None, task: Any) -> tuple[RawTable, str | None, Target | None]:
    """The columns, the name of the target, and the target itself where a `Dataset` knows it already."""
    if not isinstance(source, Dataset):
        raw, wanted = read(source, target, encoding, sniff=True)
        return raw, wanted, None
    fits = (None, source.task, "classification" if source.class_names else "regression")
    if target is not None or encoding is not None or task not in fits:
        raise UnbendError(f"target, task and encoding go with a table; the data set {source.name!r} knows its own")
    raw = read_dataset(source)
    return raw, source.target_name, Target(source.task, np.array(raw.columns[-1]), source.class_names)


def _roles(raw: RawTable, wanted: dict[str, Any]) -> tuple[RawTable, dict[str, int | None], list[Fault]]:
    """The position of each column that is no feature; values that were given beside the table become columns of it."""
    places: dict[str, int | None] = {}
    faults: list[Fault] = []
    for role, given in wanted.items():
        if role == "target":
            places[role], found = find_target(raw, given)
        elif given is None or isinstance(given, str):
            places[role], found = (None, []) if given is None else find_column(raw, given)
        else:
            column, found = one_column(role, given, len(raw.rows))
            raw = replace(raw, names=(*raw.names, role), columns=(*raw.columns, column))
            places[role] = len(raw.names) - 1
        faults += found
        if places[role] is not None and places[role] in [place for other, place in places.items() if other != role]:
            faults.append(Fault(f"column {given!r} cannot be the target and the {role} at once; name another one"))
    return raw, places, faults


def _features(raw: RawTable, taken: set[int | None], impute: bool) -> list[Feature]:
    return [
        read_feature(Place(name, raw.rows, impute, raw.separator), column)
        for position, (name, column) in enumerate(zip(raw.names, raw.columns, strict=True))
        if position not in taken and column is not None
    ]


def _answer(raw: RawTable, position: int, task: Any) -> tuple[Target | None, list[Fault]]:
    """The target of ``classification`` has as many classes as are found."""
    name, column = raw.names[position], raw.columns[position]
    if column is None:
        return None, []
    asked: Task | None = "multiclass" if task == "classification" else task
    answer, faults = read_target(name, column, raw.rows, asked, LARGEST_TARGET)
    if answer is None:
        return None, faults
    if answer.task == "regression" and not answer.y.std() > 0.0:
        return None, [Fault(f"target {name!r} differs too little to be standardised; multiply it by a large number")]
    if task == "classification" and len(answer.class_names) == 2:
        answer = replace(answer, task="binary")
    return answer, faults


def _extra(raw: RawTable, position: int | None, reader: Any) -> tuple[Any, list[Fault]]:
    if position is None or raw.columns[position] is None:
        return None, []
    return reader(raw.names[position], raw.columns[position], raw.rows)


def _nothing_left(features: list[Feature]) -> list[Fault]:
    kept = [one for one in features if one.numbers is not None or one.levels is not None or one.faults]
    if kept or not features:
        return []
    return [Fault("every column is constant or empty, so nothing is left to learn from; add columns that differ")]


def _table(
    raw: RawTable,
    features: list[Feature],
    answer: Target,
    target: str,
    groups: NDArray[np.int64] | None,
    order: Floats | None,
) -> Table:
    numbers = [one for one in features if one.numbers is not None]
    levels = [one for one in features if one.levels is not None]
    n = len(raw.rows)
    return Table(
        numbers=np.array([one.numbers for one in numbers], np.float64).reshape(-1, n).T.copy(),
        number_names=tuple(one.name for one in numbers),
        levels=np.array([one.levels for one in levels], np.int64).reshape(-1, n).T.copy(),
        level_names=tuple(one.name for one in levels),
        categories=tuple(one.categories for one in levels),
        y=answer.y,
        task=answer.task,
        class_names=answer.class_names,
        target_name=target,
        origin=raw.origin,
        groups=groups,
        time=order,
    )
