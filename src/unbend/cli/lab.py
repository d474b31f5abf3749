"""``unbend lab``: the page where one bends space by hand."""

import time
import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from unbend.cli.language import language_option
from unbend.errors import UnbendError

STOPS = {"en": "Ctrl-C stops it", "zh": "按 Ctrl-C 结束"}


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--export", "target", type=click.Path(path_type=Path), help="Write the page as one file and stop.")
@click.option("--data", help="The toy to begin with.  [default: xor]")
@click.option("--lesson", help="The lesson to begin with, by its name or number.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: any that is free]")
@click.option("--browser/--no-browser", default=True, help="Open the browser.  [default: browser]")
@language_option
def lab(
    run: Path | None, target: Path | None, data: str | None, lesson: str | None, port: int, browser: bool, lang: str
) -> None:
    """Bend space by hand, in the browser: of a recording RUN (a .unbend file), or from a toy.

    The page is served to this machine alone, until Ctrl-C. With --export it is written to a file or into a folder, and
    opens without unbend and without a network.
    """
    from unbend.lab.address import address_of
    from unbend.lab.document import export

    if run and (data or lesson):
        raise UnbendError(f"'{run}' has its own data; leave out --data and --lesson")
    state = address_of({name: value for name, value in (("data", data), ("lesson", lesson)) if value is not None})
    recording = bytes_of(run)
    if target:
        click.echo(export(target, state, recording, lang))
    else:
        serve(state, recording, lang, port, browser)


def serve(state: str, recording: bytes | None, lang: str, port: int, browser: bool) -> None:
    """Serve the page until Ctrl-C, which is how a server ends and no failure."""
    from unbend.lab.server import serving

    with suppress(KeyboardInterrupt), serving(state, recording, lang, port) as address:
        click.echo(f"{address}\n{STOPS[lang]}")
        if browser:
            webbrowser.open(address)
        while True:
            time.sleep(3600)


def bytes_of(run: Path | None) -> bytes | None:
    """The bytes of a recording that can be loaded; what is wrong with one that cannot is said here, by Python."""
    if run is None:
        return None
    from unbend.recording import load

    load(run)
    return run.read_bytes()
