"""What an activation has to beat: the constant answer, a linear model, boosted trees, scikit-learn's own network.

All on the same splits and the same prepared inputs as the networks, on the first repeat of the folds: more repeats
would narrow the comparison by a quarter at most, since the splits share their training rows.
"""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing import preparation
from unbend.choosing.metrics import class_scores
from unbend.choosing.plan import Plan
from unbend.errors import UnbendError
from unbend.files import replacing

Floats = NDArray[np.float64]
FILE = "baselines.json"


@dataclass(frozen=True, eq=False)
class Baseline:
    """Held-out ``scores`` (folds,) of a model that has no choice of activation; ``name`` as the reports say it."""

    name: str
    scores: Floats


def baselines(plan: Plan, workers: int | None = None) -> tuple[Baseline, ...]:
    """The four baselines on the first repeat; ``dummy``, ``linear``, ``trees``, ``sklearn_mlp``."""
    from joblib import Parallel, delayed
    from sklearn.exceptions import ConvergenceWarning

    models = _models(plan)
    folds = range(plan.splits.folds)
    work = [(name, fold) for name in models for fold in folds]
    one: Callable[..., float] = _score
    with warnings.catch_warnings():  # here and not in the threads, which share one list of filters
        warnings.simplefilter("ignore", ConvergenceWarning)
        scores = Parallel(n_jobs=workers or -1, prefer="threads")(
            delayed(one)(plan, models[name], fold) for name, fold in work
        )
    by_name = np.array(scores, np.float64).reshape(len(models), len(folds))
    return tuple(Baseline(name, own) for name, own in zip(models, by_name, strict=True))


def write_baselines(folder: Path, found: Sequence[Baseline]) -> None:
    """Keep the baselines of a run in its folder."""
    with replacing(folder / FILE) as temporary:
        temporary.write_text(json.dumps({one.name: one.scores.tolist() for one in found}), encoding="utf-8")


def read_baselines(folder: Path) -> tuple[Baseline, ...]:
    """The baselines that a run has kept; none if it has not come so far."""
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Baseline(name, np.array(scores, np.float64)) for name, scores in found.items())
    except (ValueError, AttributeError):
        raise UnbendError(f"'{path}' is damaged; delete it and resume the run") from None


def _models(plan: Plan) -> dict[str, Any]:
    """scikit-learn's estimators with its defaults; the network has the widths of the first arm."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    seed, hidden = plan.protocol.seed % 2**32, plan.arms[0].hidden or (32,)
    if plan.table.task == "regression":
        return {
            "dummy": DummyRegressor(),
            "linear": RidgeCV(np.logspace(-3, 3, 13)),
            "trees": HistGradientBoostingRegressor(random_state=seed),
            "sklearn_mlp": MLPRegressor(hidden_layer_sizes=hidden, random_state=seed),
        }
    return {
        "dummy": DummyClassifier(),
        "linear": LogisticRegression(max_iter=1000),
        "trees": HistGradientBoostingClassifier(random_state=seed),
        "sklearn_mlp": MLPClassifier(hidden_layer_sizes=hidden, random_state=seed),
    }


def _score(plan: Plan, model: Any, fold: int) -> float:
    """The plan's metric on the test rows; fitted to all training rows, as a user would."""
    from sklearn.base import clone
    from sklearn.dummy import DummyClassifier

    rows, table = plan.split(fold), plan.table
    fitted = preparation.fit(table, rows.train)
    train_x, train_y = preparation.prepared(fitted, table, rows.train)
    test_x, test_y = preparation.prepared(fitted, table, rows.test)
    one_class = (
        plan.link != "identity" and len(np.unique(train_y)) == 1
    )  # early in time, other classes may not be there
    own: Any = DummyClassifier() if one_class else clone(model)
    own.fit(train_x, train_y)
    return plan.score(_scores(own, test_x, plan), test_y, fitted.y_scale).item()


def _scores(model: Any, x: Floats, plan: Plan) -> Floats:
    """(1, n, k) what a fitted model says, as the scores of a network would; classes that it never saw have chance 0."""
    if plan.link == "identity":
        return np.asarray(model.predict(x), np.float64).reshape(1, -1, 1)
    chances = np.zeros((len(x), len(plan.table.class_names)))
    chances[:, model.classes_.astype(np.int64)] = model.predict_proba(x)
    return class_scores(plan.link, chances)[None]
