"""``unbend see`` of a recording: what was trained elsewhere, or before, is shown as it is."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from unbend.cli.arguments import split_activations
from unbend.drawing.words import percent
from unbend.errors import UnbendError

if TYPE_CHECKING:
    from unbend.recording.recording import Recording

FOREIGN = (".h5", ".hdf5")
RECORDINGS = (".unbend", *FOREIGN)
SHOWS = ("data", "out", "film_format", "lang")  # the options that show; all others train
SAID = {
    "en": "{name}: {shape}, {activation}; {unit}s {first} to {last}, {kept} kept; {metric} on its {rows} rows: {value}",
    "zh": "{name}：{shape}，{activation}；第 {first} 至 {last} {unit}，保留 {kept} 组权重；"
    "在其 {rows} 行数据上的{metric}：{value}",
}
WORDS = {
    "en": {"epoch": "epoch", "step": "step", "accuracy": "accuracy", "r2": "R²"},
    "zh": {"epoch": "轮", "step": "步", "accuracy": "准确率", "r2": " R²"},
}


def recording_of(path: Path, given: list[str], group: str | None, activation: str) -> "Recording":
    """The recording in a file; ``given`` are the names of the options that the call has."""
    extra = ("group", "activation") if path.suffix in FOREIGN else ()
    wrong = [name for name in given if name not in (*SHOWS, *extra)]
    if wrong:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in wrong)
        raise UnbendError(f"'{path}' holds a training that is over, and {named} would be for a new one; leave it out")
    if path.suffix not in FOREIGN:
        from unbend.recording import load

        return load(path)
    from unbend.watching import deepreplay

    names = split_activations(activation) if "activation" in given else None
    return deepreplay.read(path, group, names[0] if names and len(names) == 1 else names)


def say_recording(run: "Recording", lang: str) -> None:
    """One line: what it is, and how it ended."""
    from unbend.recording.names import activations_name

    words, value = WORDS[lang], float(run.history[run.metric_name][-1])
    shown = percent(value) if run.metric_name == "accuracy" else f"{value:.3f}"
    click.echo(
        SAID[lang].format(
            name=run.dataset.name, shape="-".join(map(str, run.network.widths)), rows=len(run.dataset), value=shown,
            activation=activations_name(run.network), unit=words[run.unit], first=run.epochs[0], last=run.epochs[-1],
            kept=len(run.epochs), metric=words[run.metric_name],
        )
    )  # fmt: skip
