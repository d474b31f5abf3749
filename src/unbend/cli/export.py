"""``unbend export``: a run's results for other tools, and its best network as code or as an ONNX graph."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unbend.errors import UnbendError
from unbend.files import extension, replacing

if TYPE_CHECKING:
    from unbend.choosing.choice import Choice
    from unbend.choosing.model import Model

RESULTS = ("csv", "mlflow", "tensorboard")
NETWORKS = {"onnx": "onnx", "numpy": "py", "torch": "py", "keras": "py"}
USUAL = "-"  # stands for the place of an option that was given without one
PLACES = {
    "csv": "csv", "mlflow": "mlflow", "tensorboard": "tensorboard", "onnx": "network.onnx", "numpy": "network_numpy.py",
    "torch": "network_torch.py", "keras": "network_keras.py",
}  # fmt: skip
HELP = {
    "csv": "Tables: a folder, or one file that ends in .csv with a row per network.",
    "mlflow": "A folder with an MLflow store: a run per activation.",
    "tensorboard": "A folder of event files: a run per activation.",
    "onnx": "The best network with its preparation, as an ONNX graph.",
    "numpy": "The best network as Python that needs NumPy alone.",
    "torch": "The best network as PyTorch code.",
    "keras": "The best network as Keras 3 code.",
}


def _places(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each kind of export; its place may be left out."""
    for name, text in reversed(HELP.items()):
        kind = click.Path(dir_okay=name in RESULTS, path_type=Path)
        shown = f"{text} [without a place: RUN/export/{PLACES[name]}]"
        command = click.option(f"--{name}", type=kind, is_flag=False, flag_value=USUAL, help=shown)(command)
    return command


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@_places
def export(run: Path, **places: Path | None) -> None:
    """Write what the run in the folder RUN has come to, for other tools.

    The last four train the activation with the best mean score once more, on all rows, as the comparison did.
    """
    usual = run / "export"
    wanted = {
        name: usual / PLACES[name] if str(place) == USUAL else place
        for name, place in places.items()
        if place is not None
    }
    if not wanted:
        options = ", ".join(f"--{name}" for name in places)
        raise UnbendError(f"nothing to export was named; give at least one of {options}")
    for name in wanted.keys() & NETWORKS.keys():
        extension(wanted[name], (NETWORKS[name],), f"the {name} export")
    _refuse_taken(wanted)
    from unbend.choosing.choose import open_choice

    choice = open_choice(run)
    if any(usual in place.parents for place in wanted.values()):
        usual.mkdir(exist_ok=True)
    for name in [name for name in RESULTS if name in wanted]:
        _results(name)(choice, wanted[name])
        click.echo(wanted[name])
    ours = [name for name in NETWORKS if name in wanted]
    if ours:
        with ExitStack() as files:  # a place that cannot be written is noticed before anything is trained
            open_files = {name: files.enter_context(replacing(wanted[name])) for name in ours}
            model = _best(choice)
            for name, temporary in open_files.items():
                temporary.write_bytes(_network(name, model))
        click.echo("\n".join(str(wanted[name]) for name in ours))


def _refuse_taken(wanted: dict[str, Path]) -> None:
    """Refuse files that are there, all at once: one of them may be the user's own table."""
    taken = [f"'{place}'" for place in wanted.values() if place.is_file()]
    if taken:
        verb = "is" if len(taken) == 1 else "are"
        raise UnbendError(f"{', '.join(taken)} {verb} there already; choose another place, or remove it first")


def _results(name: str) -> "Callable[[Choice, Path], None]":
    if name == "csv":
        from unbend.choosing.exports.csv import write_csv as write
    elif name == "mlflow":
        from unbend.choosing.exports.mlflow import write_mlflow as write
    else:
        from unbend.choosing.exports.tensorboard import write_tensorboard as write
    return write


def _best(choice: "Choice") -> "Model":
    from unbend.choosing.refit import refit

    names = [arm.name for arm in choice.study.plan.arms]
    return refit(choice.study.plan, names.index(choice.verdict.best))


def _network(name: str, model: "Model") -> bytes:
    from unbend.choosing import exports

    if name == "onnx":
        return exports.to_onnx(model).SerializeToString()
    write = {"numpy": exports.numpy_code, "torch": exports.torch_code, "keras": exports.keras_code}
    return write[name](model).encode()
