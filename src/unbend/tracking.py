"""An MLflow store in a folder, which is written without a server and closed when it is complete."""

import os
import time
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unbend.files import replacing_folder
from unbend.packages import needed

DATABASE = "mlflow.db"
LONGEST = 6000  # characters in a value of MLflow
MOST = 1000  # metrics that MLflow takes at once
Metrics = Sequence[tuple[str, float, int]]


@contextmanager
def mlflow_store(path: Path, what: str) -> Generator[tuple[Any, Path]]:
    """The store of a new folder, and the place where the folder is filled before it is complete.

    To be opened by ``mlflow ui --backend-store-uri sqlite:///PATH/mlflow.db``; nothing is sent anywhere. Raises
    `UnbendError`, which says ``what`` was wanted, where MLflow is not installed or the folder is there already.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for module in ("mlflow", "sqlalchemy", "alembic"):
        needed(module, "'unbend[mlflow]'", what)
    with replacing_folder(path) as folder, _store(folder / DATABASE, path.absolute() / "artifacts") as store:
        yield store, folder


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


def mlflow_run(
    store: Any, experiment: str, name: str, parent: str | None, parameters: Mapping[str, Any], metrics: Metrics
) -> str:
    """Make a finished run in a store, of metrics (name, value, step); its id."""
    from mlflow.entities import RunStatus, RunTag

    now = int(time.time() * 1000)
    tags = [] if parent is None else [RunTag("mlflow.parentRunId", parent)]
    made = store.create_run(experiment, "unbend", now, tags, name).info
    log(store, made.run_id, parameters, metrics)
    store.update_run_info(made.run_id, RunStatus.FINISHED, now, name)
    return made.run_id


def log(store: Any, run: str, parameters: Mapping[str, Any], metrics: Metrics) -> None:
    """Add parameters and metrics (name, value, step) to a run of a store, or of an ``MlflowClient``."""
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    said = [Param(key, str(value)[:LONGEST]) for key, value in parameters.items()]
    given = [Metric(key, value, now, step) for key, value, step in metrics]
    for place in range(0, max(1, len(given)), MOST):
        store.log_batch(run, given[place : place + MOST], said if place == 0 else [], [])
