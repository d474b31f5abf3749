"""``unbend resume``: go on with a run that was interrupted."""

from pathlib import Path

import click

from unbend.cli.choose import follow
from unbend.cli.language import language_option


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(1), help="Processes [default: threads of this one].")
@click.option("--scheduler", help="Address of a Dask scheduler, tcp://…")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@language_option
def resume(run: Path, workers: int | None, scheduler: str | None, as_json: bool, lang: str) -> int:
    """Finish the run in the folder RUN: the result is what it would have been without the interruption."""
    from unbend.choosing.choose import resume as go_on

    return follow(run, lambda: go_on(run, workers, scheduler), as_json, lang)
