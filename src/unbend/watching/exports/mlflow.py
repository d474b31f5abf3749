"""A watch in an MLflow run: the one that is active, or a new one in a folder of its own."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from unbend.packages import needed
from unbend.tracking import Metrics, log, mlflow_run, mlflow_store
from unbend.watching.exports.export import Watched, place, scalars
from unbend.watching.exports.json import text

WHAT = "an export to MLflow"
VERDICT = "unbend.verdict"


def write(watched: Watched, path: Path | None) -> None:
    """Log metrics at their steps, and as artifacts figures and all samples in ``unbend/watch.json``.

    Without a path into the active run, else into a new run of a store in that folder. Raises `UnbendError` where MLflow
    is not installed, no run is active, or the folder is there already.
    """
    mlflow = needed("mlflow", "'unbend[mlflow]'", WHAT)
    active = mlflow.active_run() if path is None else None
    if active is not None:
        _into(mlflow.MlflowClient(), active.info.run_id, watched)
    else:
        _new(watched, place("mlflow", path))


def _into(client: Any, run: str, watched: Watched) -> None:
    log(client, run, {}, _metrics(watched))
    client.set_tag(run, VERDICT, watched.verdict)
    with TemporaryDirectory() as folder:
        _artifacts(watched, Path(folder))
        client.log_artifacts(run, folder, "unbend")


def _new(watched: Watched, path: Path) -> None:
    health = watched.health
    said = {"model": health.model, "steps": health.step, "samples": len(watched.history.samples)}
    with mlflow_store(path, WHAT) as (store, folder):
        experiment = store.create_experiment(f"unbend: {health.model}")
        run = mlflow_run(store, experiment, health.model, None, said | {"verdict": watched.verdict}, _metrics(watched))
        uri = store.get_run(run).info.artifact_uri
        artifacts = folder / uri.removeprefix(path.absolute().as_uri()).strip("/") / "unbend"
        artifacts.mkdir(parents=True)
        _artifacts(watched, artifacts)


def _metrics(watched: Watched) -> Metrics:
    samples = watched.history.samples
    return [(name, value, sample.step) for sample in samples for name, value in scalars(sample).items()]


def _artifacts(watched: Watched, folder: Path) -> None:
    (folder / "watch.json").write_text(text(watched), encoding="utf-8")
    (folder / "health.txt").write_text(watched.summary, encoding="utf-8")
    for name, figure in watched.figures().items():
        figure.save(folder / f"{name}.png")
