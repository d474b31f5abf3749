"""``unbend report``: the page of a run, finished or not."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="[default: RUN/report.html]")
def report(run: Path, out: Path | None) -> None:
    """Write the page of the run in the folder RUN from the results it has so far; nothing is trained."""
    from unbend.choosing.choose import open_choice
    from unbend.report.choice_page import write_report

    page = out or run / "report.html"
    write_report(open_choice(run), page)
    click.echo(page)
