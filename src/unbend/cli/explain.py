"""``unbend explain LESSON``: one lesson on the terminal, and as a page with its pictures and films."""

from pathlib import Path

import click

from unbend.cli.language import language_option

OPEN = {"en": "With its pictures and films: {page}", "zh": "带图和影片的版本：{page}"}


@click.command()
@click.argument("name", metavar="LESSON")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the page.  [default: unbend-LESSON]"
)
@click.option("--quick", is_flag=True, help="64 seeds instead of 256, and still pictures instead of films.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 4096), default=0, show_default=True, help="The first seed.")
@language_option
def explain(name: str, out: Path | None, quick: bool, seed: int, lang: str) -> int:
    """Give one lesson, by name or number: its text with the numbers measured now, and a page with its pictures.

    Exit status 1 if a claim does not hold.
    """
    from unbend.lessons import give, lesson
    from unbend.report.giving import Commission, told
    from unbend.report.terminal import print_lecture
    from unbend.report.tour import write_page

    one = lesson(name)
    commission = Commission(str(out or f"unbend-{one.name}"), (lang,), quick, seed)
    lecture = give(one, commission.settings)
    print_lecture(lecture, lang)
    page = write_page([told(lecture, commission)], commission)
    click.echo(OPEN[lang].format(page=page))
    return int(not lecture.holds)
