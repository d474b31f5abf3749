"""A watch in a run of Weights & Biases: the one that is active, or a new one that stays on this computer."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from unbend.files import cannot_write
from unbend.packages import needed
from unbend.watching.exports.export import Watched, histograms, pixels, place, scalars

STEP = "unbend/step"


def write(watched: Watched, path: Path | None) -> None:
    """Log each sample in one call: numbers and histograms over ``unbend/step``, with the last one figures.

    Without a path into the active run, else into a new offline run below that folder, which ``wandb sync`` can send.
    Raises `UnbendError` where wandb is not installed, no run is active, or the folder cannot be written.
    """
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    wandb = needed("wandb", "'unbend[wandb]'", "an export to Weights & Biases")
    if path is None and wandb.run is not None:
        _log(wandb, wandb.run, watched)
        return
    path = place("wandb", path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    settings = wandb.Settings(silent=True, console="off", disable_git=True, disable_code=True)
    name = watched.health.model
    with wandb.init(
        project="unbend", name=name, dir=str(path), mode="offline", reinit="create_new", settings=settings
    ) as run:
        _log(wandb, run, watched)


def _log(wandb: Any, run: Any, watched: Watched) -> None:
    # The user's run counts its own calls, so that the steps of training need an axis of their own.
    run.define_metric(STEP)
    run.define_metric("unbend/*", step_metric=STEP)
    samples = watched.history.samples
    for sample in samples:
        row: dict[str, Any] = {STEP: sample.step, **scalars(sample)}
        for name, one in histograms(sample).items():
            row[name] = wandb.Histogram(np_histogram=(np.array(one.counts), one.edges))
        if sample is samples[-1]:
            row |= {f"unbend/{name}": wandb.Image(pixels(figure)) for name, figure in watched.figures().items()}
        run.log(row)
    run.summary["unbend/verdict"] = watched.verdict
