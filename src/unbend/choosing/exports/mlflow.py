"""A run as an MLflow experiment in a folder: one parent run for the study, one child run for each arm."""

import os
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from unbend.choosing.choice import Choice
from unbend.choosing.exports.curves import curves, finals, ranked, settings
from unbend.choosing.exports.schema import needed
from unbend.files import replacing_folder

DATABASE = "mlflow.db"
_LONGEST = 6000  # characters in a value of MLflow


def write_mlflow(choice: Choice, path: Path) -> None:
    """Write a folder with a SQLite store, to be opened by ``mlflow ui --backend-store-uri sqlite:///PATH/mlflow.db``.

    Nothing is sent anywhere. Raises `UnbendError` where MLflow is not installed or the folder is there already.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for module in ("mlflow", "sqlalchemy", "alembic"):
        needed(module, "'unbend[mlflow]'", "an export to MLflow")
    with replacing_folder(path) as folder, _store(folder / DATABASE, path.absolute() / "artifacts") as store:
        experiment = store.create_experiment(f"unbend: {choice.study.plan.table.target_name}")
        parent = _run(store, experiment, "the study", None, _plan(choice), _verdict(choice), [])
        for number, arm in enumerate(choice.study.plan.arms):
            scores = finals(ranked(choice.verdict, arm.name))
            _run(store, experiment, arm.name, parent, settings(choice.study, number), scores, _steps(choice, number))


@contextmanager
def _store(database: Path, artifacts: Path) -> Generator[Any]:
    """A tracking store that is closed at the end; what MLflow warns of within itself is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import logging

        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        store = SqlAlchemyStore(f"sqlite:///{database}", artifacts.as_uri())
        try:
            yield store
        finally:
            store.engine.dispose()


def _run(
    store: Any, experiment: str, name: str, parent: str | None, parameters: dict[str, Any], scores: dict[str, float],
    steps: list[tuple[str, float, int]],
) -> str:  # fmt: skip
    """Make a finished run; its id."""
    from mlflow.entities import Metric, Param, RunStatus, RunTag

    now = int(time.time() * 1000)
    tags = [] if parent is None else [RunTag("mlflow.parentRunId", parent)]
    made = store.create_run(experiment, "unbend", now, tags, name).info
    metrics = [Metric(key, value, now, 0) for key, value in scores.items()]
    metrics += [Metric(key, value, now, step) for key, value, step in steps]
    said = [Param(key, str(value)[:_LONGEST]) for key, value in parameters.items()]
    store.log_batch(made.run_id, metrics, said, [])
    store.update_run_info(made.run_id, RunStatus.FINISHED, now, name)
    return made.run_id


def _plan(choice: Choice) -> dict[str, Any]:
    """The study's parameters: the protocol and what tells its data from other data."""
    said, verdict = choice.study.plan.to_dict(), choice.verdict
    own = {"data": said["data"], "origin": said["origin"], "target": said["target"], "metric": verdict.metric}
    return own | said["protocol"] | {"metric": verdict.metric, "verdict": verdict.word, "best": verdict.best}


def _verdict(choice: Choice) -> dict[str, float]:
    means = {f"baseline_{one.name}": float(one.scores.mean()) for one in choice.baselines}
    return means | {"detectable_difference": choice.verdict.detectable_difference, "nested": choice.nested}


def _steps(choice: Choice, arm: int) -> list[tuple[str, float, int]]:
    """(name, value, epoch) of an arm's curves."""
    steps = choice.study.plan.protocol.checkpoints()
    return [
        (name, float(value), step)
        for name, values in curves(choice.study, arm).items()
        for step, value in zip(steps, values, strict=True)
        if np.isfinite(value)
    ]
