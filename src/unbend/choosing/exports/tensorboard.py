"""A run as event files for TensorBoard: one TensorBoard run for each arm, with its curves and its place in HPARAMS.

Thousands of networks would be thousands of lines in TensorBoard, which nobody can read and which it loads slowly; so
each curve is the mean over an arm's chosen networks.
"""

import re
from pathlib import Path
from typing import Any

from unbend.choosing.choice import Choice
from unbend.choosing.exports.curves import curves, finals, ranked, settings
from unbend.files import replacing_folder
from unbend.packages import needed


def write_tensorboard(choice: Choice, path: Path) -> None:
    """Write a folder to be opened by ``tensorboard --logdir``.

    Raises `UnbendError` where tensorboardX is not installed or the folder is there already.
    """
    writing = needed("tensorboardX", "'unbend[tensorboard]'", "an export to TensorBoard")
    with replacing_folder(path) as folder:
        for number, arm in enumerate(choice.study.plan.arms):
            name = f"{number + 1:02d}-{re.sub(r'[^A-Za-z0-9.]+', '-', arm.name).strip('-.')[:60]}"
            with writing.SummaryWriter(str(folder / name)) as writer:
                _write(writer, choice, number)


def _write(writer: Any, choice: Choice, arm: int) -> None:
    from tensorboardX.summary import hparams

    study = choice.study
    steps = study.plan.protocol.checkpoints()
    for name, values in curves(study, arm).items():
        for step, value in zip(steps, values, strict=True):
            writer.add_scalar(name, float(value), step)
    scores = finals(ranked(choice.verdict, study.plan.arms[arm].name))
    for name, value in scores.items():
        writer.add_scalar(f"result/{name}", value, steps[-1])
    said = {"arm": study.plan.arms[arm].name} | settings(study, arm)
    for message in hparams(said, {f"result/{name}": value for name, value in scores.items()}):
        writer.file_writer.add_summary(message)
