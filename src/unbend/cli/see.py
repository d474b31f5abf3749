"""``unbend see``: one seed shows how, many seeds show how often."""

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from math import ceil
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from click.core import ParameterSource

from unbend.cli.arguments import slug, split_activations, widths_of, writable
from unbend.cli.language import language_option
from unbend.cli.see_recording import RECORDINGS, recording_of, say_recording
from unbend.cli.see_table import Outcome, outcome, say_linear, show_table
from unbend.errors import UnbendError
from unbend.progress import track

if TYPE_CHECKING:
    from unbend.data.dataset import Dataset
    from unbend.drawing.often import Reached
    from unbend.recording.recording import Recording

LARGEST_SEED = 2**32 - 1
EPOCHS, STEPS = 150, 4000


@click.command()
@click.argument("data")
@click.option("--target", help="Column to predict, where DATA is a file.")
@click.option("--encoding", help="Encoding of a text file, such as gb18030 or cp1252.  [default: utf-8]")
@click.option("--group", help="Which run to show, where DATA is a file of deepreplay with several.")
@click.option("--activation", default="sigmoid,tanh,relu", show_default=True, help="Names or formulas, with commas.")
@click.option("--hidden", default="2", show_default=True, help="Width of each hidden layer; 0 for none.")
@click.option("--epochs", type=click.IntRange(1), help="[default: 150, more where an epoch has few steps]")
@click.option("--learning-rate", type=float, default=0.05, show_default=True)
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True)
@click.option("--optimizer", default="sgd", show_default=True, help="sgd, adam, adamw or rmsprop.")
@click.option("--init", default="glorot_normal", show_default=True, help="How weights start.")
@click.option(
    "--seed", type=click.IntRange(0, LARGEST_SEED), default=42, show_default=True, help="The network that is shown."
)
@click.option("--seeds", type=click.IntRange(1, 100_000), default=256, show_default=True, help="How many are counted.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="[default: unbend-out/NAME]")
@click.option("--film", "film_format", type=click.Choice(["mp4", "gif", "none"]), default="mp4", show_default=True)
@language_option
@click.pass_context
def see(
    context: click.Context,
    data: str,
    target: str | None,
    encoding: str | None,
    group: str | None,
    activation: str,
    hidden: str,
    epochs: int | None,
    learning_rate: float,
    batch_size: int,
    optimizer: str,
    init: str,
    seed: int,
    seeds: int,
    out: Path | None,
    film_format: str,
    lang: str,
) -> None:
    """Train one network for each activation on DATA and show what it does to space.

    DATA is a toy (curves, xor, moons, …), a packaged table (iris, breast_cancer, …), or a file with --target. A
    recording (.unbend), or one of deepreplay (.h5), is shown as it is.
    """
    if Path(data).suffix in RECORDINGS:
        given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        run = recording_of(Path(data), given, group, activation)
        for path in show_recording(run, out or Path("unbend-out") / slug(run.dataset.name), film_format, lang):
            click.echo(path)
        return
    if group is not None:
        raise UnbendError(f"--group goes with a recording of deepreplay (.h5), and {data!r} is none; leave it out")
    from unbend.drawing.figures import MOST_RUNS
    from unbend.recording import train, train_many

    dataset = dataset_of(data, target, encoding)
    widths = widths_of(hidden)
    names = split_activations(activation, MOST_RUNS) if widths else [say_linear(lang)]
    counted = seeds_of(seed, seeds)
    folder = writable(out or Path("unbend-out") / slug(dataset.name))
    settings: dict[str, Any] = {
        "hidden": widths, "epochs": epochs or usual_epochs(len(dataset), batch_size), "learning_rate": learning_rate,
        "batch_size": batch_size, "optimizer": optimizer, "init": init,
    }  # fmt: skip
    _import_drawing_meanwhile()
    runs = [train(dataset, activation=name, seed=seed, **settings) for name in names]
    many = train_many(dataset, activation=names, seed=counted, keep="last", measure="kept", **settings)
    table = many.table()
    metric = np.asarray(table[runs[0].metric_name]).reshape(len(names), seeds)
    diverged = np.asarray(table["diverged_at"]).reshape(len(names), seeds) >= 0
    found = [outcome(run, *columns) for run, *columns in zip(runs, metric, diverged, strict=True)]
    show_table(dataset, names, found, lang)
    for path in write(folder, dataset, names, runs, found, film_format, lang):
        click.echo(path)


def show_recording(run: "Recording", folder: Path, film_format: str, lang: str) -> Iterator[Path]:
    """Print how a recording ended, and write it as the runs that are trained here; gives each path."""
    from unbend.recording.names import activations_name

    say_recording(run, lang)
    yield from write(writable(folder), run.dataset, [activations_name(run.network)], [run], [], film_format, lang)


def _import_drawing_meanwhile() -> None:
    """Load the drawing library while the kernels train; alone it would take half a second.

    Not a daemon: a process that ends in the middle of an import can hang.
    """
    Thread(target=import_module, args=("matplotlib.figure",)).start()


def write(
    folder: Path,
    dataset: "Dataset",
    names: list[str],
    runs: "list[Recording]",
    found: list[Outcome],
    film_format: str,
    lang: str,
) -> Iterator[Path]:
    """Recordings, figure (svg, png) and film of the runs; gives each path when its file is there."""
    from unbend.drawing import compare, figure, film

    folder.mkdir(parents=True, exist_ok=True)
    name = slug(dataset.name)
    for activation, run in zip(file_names(names), runs, strict=True):
        run.save(folder / f"{name}-{activation}.unbend")
        yield folder / f"{name}-{activation}.unbend"
    reached = _reached(found)
    draw = partial(figure, runs[0]) if len(runs) == 1 else partial(compare, runs)
    picture = draw(lang=lang, reached=reached)
    for path in (folder / f"{name}.svg", folder / f"{name}.png"):
        picture.save(path)
        yield path
    if film_format != "none":
        path = folder / f"{name}.{film_format}"
        with track(1, path.name) as advance:
            film(runs, path, lang=lang, reached=reached, progress=lambda done, total: advance(1 / total))
        yield path


def _reached(found: list[Outcome]) -> "list[Reached]":
    from unbend.drawing import Reached

    return [Reached(one.reached, one.seeds, one.target) for one in found]


def dataset_of(data: str, target: str | None, encoding: str | None = None) -> "Dataset":
    """A toy or packaged table by name, or the user's file."""
    from unbend import data as room

    if data in room.names():
        if target is not None:
            raise UnbendError(f"--target goes with a file; {data!r} knows its own target")
        return room.load(data)
    if target is not None:
        return room.table(data, target=target, encoding=encoding)
    if data and (Path(data).suffix or Path(data).exists()):
        raise UnbendError(f"{data}: name the column to predict with --target")
    return room.load(data)  # refuses with the nearest name


def usual_epochs(rows: int, batch_size: int) -> int:
    """150, or as many as make 4,000 steps.

    >>> usual_epochs(2000, 16), usual_epochs(4, 16)
    (150, 4000)
    """
    return max(EPOCHS, ceil(STEPS / ceil(rows / batch_size)))


def seeds_of(first: int, count: int) -> range:
    """The seeds that are counted.

    >>> seeds_of(42, 256)
    range(42, 298)
    """
    if first + count - 1 > LARGEST_SEED:
        raise UnbendError(f"--seed {first} with --seeds {count} runs past the last seed, {LARGEST_SEED}; start lower")
    return range(first, first + count)


def file_names(names: list[str]) -> list[str]:
    """A file name for each activation, no two alike, on disks that do not know capital letters either.

    >>> file_names(["x+0.1", "x-0.1", "tanh"])
    ['x-0.1', 'x-0.1-2', 'tanh']
    """
    chosen: list[str] = []
    for name in names:
        own, taken = slug(name), {other.lower() for other in chosen}
        choices = [own, *(f"{own}-{number}" for number in range(2, len(names) + 1))]
        chosen.append(next(choice for choice in choices if choice.lower() not in taken))
    return chosen
