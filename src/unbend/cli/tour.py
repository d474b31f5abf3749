"""``unbend tour``: every lesson is given, every claim is measured, and a page shows it all."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from unbend.cli.language import usual_language

if TYPE_CHECKING:
    from unbend.lessons import Lecture

SUMMARY = {
    "en": "{held} of {claims} claims hold; open {page}",
    "zh": "{claims} 条结论中有 {held} 条成立；请打开 {page}",
}


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="unbend-tour", show_default=True)
@click.option("--only", help="Names of lessons, with commas.  [default: all]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 4096), default=0, show_default=True, help="The first seed.")
@click.option("--lang", type=click.Choice(["en", "zh", "both"]), default="both", show_default=True)
def tour(out: Path, only: str | None, seed: int, lang: str) -> int:
    """Give the lessons, check every claim, and write a page that works without a network.

    Exit status 1 if a claim does not hold.
    """
    from unbend.lessons import LESSONS, Settings, give, lesson
    from unbend.progress import track
    from unbend.report.tour import parts_of, write_tour

    lessons = LESSONS if only is None else [lesson(name.strip()) for name in only.split(",")]
    first = usual_language() if lang == "both" else lang
    languages = [first] if lang != "both" else [first, "zh" if first == "en" else "en"]
    settings = Settings(seed=seed)
    lectures: list[Lecture] = []
    for one in lessons:
        lectures.append(give(one, settings))
        say(lectures[-1], first)
    with track(parts_of(lectures, languages), "figures and films") as advance:
        page = write_tour(lectures, out, languages, settings, advance)
    claims = [claim for lecture in lectures for claim in lecture.findings.claims]
    held = sum(claim.holds for claim in claims)
    click.echo("\n" + SUMMARY[first].format(held=held, claims=len(claims), page=page))
    return int(held < len(claims))


def say(lecture: "Lecture", lang: str) -> None:
    """Print the claims of a lecture with what was measured."""
    click.echo(f"\n{lecture.lesson.title(lang)}")
    for claim in lecture.findings.claims:
        click.echo(f"  {'✓' if claim.holds else '✗'} {claim.sentence(lang)}")
        click.echo(f"      {claim.evidence(lang)}")
