"""``unbend tour``: every lesson is given, every claim is measured, and a page shows it all."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unbend.cli.language import usual_language

if TYPE_CHECKING:
    from unbend.report.giving import Told

SUMMARY = {
    "en": "{held} of {claims} claims hold; open {page}",
    "zh": "{claims} 条结论中有 {held} 条成立；请打开 {page}",
}


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="unbend-tour", show_default=True)
@click.option("--only", help="Numbers or names of lessons, with commas, such as 8,9.  [default: all]")
@click.option("--quick", is_flag=True, help="64 seeds instead of 256, and still pictures instead of films.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 4096), default=0, show_default=True, help="The first seed.")
@click.option("--lang", type=click.Choice(["en", "zh", "both"]), help="[default: both; with --quick your own]")
def tour(out: Path, only: str | None, quick: bool, seed: int, lang: str | None) -> int:
    """Give the lessons, check every claim, and write a page that works without a network.

    Exit status 1 if a claim does not hold.
    """
    from unbend.lessons import LESSONS, lesson
    from unbend.progress import track
    from unbend.report.giving import Commission, tell_lessons
    from unbend.report.tour import write_page

    names = [lesson(name.strip()).name for name in only.split(",")] if only else [one.name for one in LESSONS]
    names = [one.name for one in LESSONS if one.name in names]
    commission = Commission(str(out), languages_of(lang or (usual_language() if quick else "both")), quick, seed)
    told: list[Told] = []
    with track(len(names), "lessons") as advance:
        for one in in_order(tell_lessons(names, commission), names):
            click.echo("\n" + one.said)
            told.append(one)
            advance(1)
    page = write_page(told, commission)
    held, claims = sum(one.held for one in told), sum(one.claims for one in told)
    click.echo("\n" + SUMMARY[commission.languages[0]].format(held=held, claims=claims, page=page))
    return int(held < claims)


def languages_of(lang: str) -> tuple[str, ...]:
    """The languages of a page, the first of which it opens in; "both" begins with the user's own.

    >>> languages_of("zh")
    ('zh',)
    """
    if lang != "both":
        return (lang,)
    return ("zh", "en") if usual_language() == "zh" else ("en", "zh")


def in_order(told: "Iterable[Told]", names: Sequence[str]) -> "Iterator[Told]":
    """The same in the order of ``names``, each as soon as all before it are there."""
    early: dict[str, Told] = {}
    waiting = list(names)
    for one in told:
        early[one.name] = one
        while waiting and waiting[0] in early:
            yield early[waiting.pop(0)]
