"""``unbend lab``: the page where one bends space by hand."""

import threading
import webbrowser
from pathlib import Path

import click

from unbend.cli.language import language_option
from unbend.errors import UnbendError


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--export", "target", type=click.Path(path_type=Path), help="Write the page as one file and stop.")
@click.option("--data", help="The toy to begin with.  [default: xor]")
@click.option("--lesson", help="The lesson to begin with, by its name.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: any that is free]")
@click.option("--browser/--no-browser", default=True, help="Open the browser.  [default: browser]")
@language_option
def lab(
    run: Path | None, target: Path | None, data: str | None, lesson: str | None, port: int, browser: bool, lang: str
) -> None:
    """Bend space by hand, in the browser: of a recording RUN (a .unbend file), or from a toy."""
    from unbend.lab.address import address_of
    from unbend.lab.document import export
    from unbend.lab.server import serving

    state = address_of({name: value for name, value in (("data", known(data)), ("lesson", named(lesson))) if value})
    recording = bytes_of(run)
    if target:
        click.echo(export(target, state, recording, lang))
        return
    with serving(state, recording, lang, port) as address:
        click.echo(f"{address}\n{'Ctrl-C 结束' if lang == 'zh' else 'Ctrl-C stops it'}")
        if browser:
            webbrowser.open(address)
        threading.Event().wait()


def bytes_of(run: Path | None) -> bytes | None:
    """The bytes of a recording that can be loaded; what is wrong with one that cannot is said here, by Python."""
    if run is None:
        return None
    from unbend.recording import load

    load(run)
    return run.read_bytes()


def known(data: str | None) -> str | None:
    """The name of a data set that the page has."""
    from unbend.data import toy_names
    from unbend.errors import did_you_mean
    from unbend.lab.tables import NAMES

    names = [*toy_names(), *NAMES]
    if data is not None and data not in names:
        raise UnbendError(f"the lab has no data {data!r}; {did_you_mean(data, names)}; own points are made on the page")
    return data


def named(lesson: str | None) -> str | None:
    """The name of a lesson, by its name or number."""
    from unbend.lessons import lesson as find

    return None if lesson is None else find(lesson).name
