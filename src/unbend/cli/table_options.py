"""The options that say how a user's table is read: shared by ``doctor`` and ``choose``."""

from collections.abc import Callable
from typing import Any

import click

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
