"""The options that say how a user's table is read, and the table they mean: shared by ``doctor`` and ``choose``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unbend.errors import UnbendError

if TYPE_CHECKING:
    from unbend.data.tabular import Table

OPTIONS = (
    click.option("--target", help="Column to predict, where DATA is a file."),
    click.option(
        "--task",
        type=click.Choice(["auto", "classification", "regression"]),
        default="auto",
        show_default=True,
        help="What the target is; auto guesses from its values.",
    ),
    click.option(
        "--missing",
        type=click.Choice(["refuse", "impute"]),
        default="refuse",
        show_default=True,
        help="Missing features: refuse them, or put medians of the training rows in their place.",
    ),
    click.option("--encoding", help="Encoding of a text file, such as gb18030 or cp1252.  [default: utf-8]"),
    click.option("--group", help="Column whose rows belong together and are never parted by a fold."),
    click.option("--time", help="Column that orders the rows: the past trains, the future tests."),
)


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --target, --task, --missing, --encoding, --group and --time."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def reading(task: str, missing: str, encoding: str | None, group: str | None, time: str | None) -> dict[str, Any]:
    """The keywords of `unbend.data.tabular.tabular` that the options mean.

    >>> reading("auto", "impute", None, None, "day")
    {'missing': 'impute', 'time': 'day'}
    """
    given = {"task": task, "missing": missing, "encoding": encoding, "group": group, "time": time}
    usual = {"task": "auto", "missing": "refuse"}
    return {name: value for name, value in given.items() if value is not None and value != usual.get(name)}


def source_of(data: str, target: str | None) -> Any:
    """DATA as `tabular` takes it: a `Dataset` where it is the name of one, else the path of a file."""
    from unbend import data as room

    if data in room.names():
        if target is not None:
            raise UnbendError(f"--target goes with a file; {data!r} knows its own target")
        return room.load(data)
    if target is None and not Path(data).suffix and not Path(data).exists():
        return room.load(data)  # refuses with the nearest name
    return Path(data)


def table_of(
    data: str,
    target: str | None = None,
    task: str = "auto",
    missing: str = "refuse",
    encoding: str | None = None,
    group: str | None = None,
    time: str | None = None,
) -> "Table":
    """The table that DATA and the options mean; `DataError` with all that is wrong with it."""
    from unbend.data.tabular import tabular

    return tabular(source_of(data, target), target, **reading(task, missing, encoding, group, time))
