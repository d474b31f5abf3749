"""A run as an MLflow experiment in a folder: one parent run for the study, one child run for each arm."""

from pathlib import Path
from typing import Any

import numpy as np

from unbend.choosing.choice import Choice
from unbend.choosing.exports.curves import curves, finals, ranked, settings
from unbend.tracking import mlflow_run, mlflow_store


def write_mlflow(choice: Choice, path: Path) -> None:
    """Write a folder with a SQLite store, to be opened by ``mlflow ui --backend-store-uri sqlite:///PATH/mlflow.db``.

    Nothing is sent anywhere. Raises `UnbendError` where MLflow is not installed or the folder is there already.
    """
    with mlflow_store(path, "an export to MLflow") as (store, _):
        experiment = store.create_experiment(f"unbend: {choice.study.plan.table.target_name}")
        parent = mlflow_run(store, experiment, "the study", None, _plan(choice), _verdict(choice))
        for number, arm in enumerate(choice.study.plan.arms):
            said = [(name, value, 0) for name, value in finals(ranked(choice.verdict, arm.name)).items()]
            metrics = [*said, *_steps(choice, number)]
            mlflow_run(store, experiment, arm.name, parent, settings(choice.study, number), metrics)


def _plan(choice: Choice) -> dict[str, Any]:
    """The study's parameters: the protocol and what tells its data from other data."""
    said, verdict = choice.study.plan.to_dict(), choice.verdict
    own = {"data": said["data"], "origin": said["origin"], "target": said["target"], "metric": verdict.metric}
    return own | said["protocol"] | {"metric": verdict.metric, "verdict": verdict.word, "best": verdict.best}


def _verdict(choice: Choice) -> list[tuple[str, float, int]]:
    means = {f"baseline_{one.name}": float(one.scores.mean()) for one in choice.baselines}
    said = means | {"detectable_difference": choice.verdict.detectable_difference, "nested": choice.nested}
    return [(name, value, 0) for name, value in said.items()]


def _steps(choice: Choice, arm: int) -> list[tuple[str, float, int]]:
    """(name, value, epoch) of an arm's curves."""
    steps = choice.study.plan.protocol.checkpoints()
    return [
        (name, float(value), step)
        for name, values in curves(choice.study, arm).items()
        for step, value in zip(steps, values, strict=True)
        if np.isfinite(value)
    ]
