"""A run as tables for a spreadsheet: one row for each network, one row for each arm."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from unbend.choosing.choice import Choice
from unbend.choosing.exports.curves import finals, ranked, settings
from unbend.choosing.plan import UNTOUCHED
from unbend.choosing.study import Study
from unbend.files import replacing, replacing_folder

NETWORKS = (
    "arm", "split", "seed", "learning_rate", "epoch", "validation_loss", "test_score", "diverged_at", "chosen",
)  # fmt: skip
ARMS = (
    "arm", "activation", "formula", "hidden", "initializer", "gain", "metric", "score", "score_low", "score_high",
    "failure_rate", "best", "not_excluded",
)  # fmt: skip
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula (OWASP, CSV injection)


def write_csv(choice: Choice, path: Path) -> None:
    """Write ``path``: a file that ends in .csv gets a row for each network, a folder also a summary of the arms.

    Text that a spreadsheet would compute begins with an apostrophe; numbers stay numbers. Raises `UnbendError` where
    the place cannot be written or a folder is there already.
    """
    if path.suffix.lower() == ".csv":
        with replacing(path) as temporary:
            _write(temporary, NETWORKS, networks(choice.study))
        return
    with replacing_folder(path) as folder:
        _write(folder / "networks.csv", NETWORKS, networks(choice.study))
        _write(folder / "summary.csv", ARMS, summary(choice))


def networks(study: Study) -> Iterator[list[Any]]:
    """A row for each network of the complete splits: the columns of `NETWORKS`."""
    for number, arm in enumerate(study.plan.arms):
        shards = list(zip(study.splits, study.shards[number], strict=True))
        if study.untouched is not None:
            shards.append((UNTOUCHED, study.untouched[number]))
        for split, shard in shards:
            where = "untouched" if split == UNTOUCHED else split
            for row in zip(*(shard[name] for name in NETWORKS[2:]), strict=True):
                yield [arm.name, where, *row]


def summary(choice: Choice) -> Iterator[list[Any]]:
    """A row for each arm of the ranking, best first: the columns of `ARMS`."""
    verdict, study = choice.verdict, choice.study
    numbers = {arm.name: number for number, arm in enumerate(study.plan.arms)}
    for row in verdict.ranking:
        said = settings(study, numbers[row.activation])
        scores = finals(ranked(verdict, row.activation))
        standing = row.activation == verdict.best, row.activation in verdict.not_excluded
        yield [row.activation, *said.values(), verdict.metric, *scores.values(), *standing]


def harmless(cell: Any) -> Any:
    """Text that no spreadsheet computes; everything else as it is.

    >>> harmless("=cmd()"), harmless("-x"), harmless("relu"), harmless(-1.5)
    ("'=cmd()", "'-x", 'relu', -1.5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTIVE) else cell


def _write(path: Path, head: Sequence[str], rows: Iterable[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([harmless(cell) for cell in row] for row in rows)
