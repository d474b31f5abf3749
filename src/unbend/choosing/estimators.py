"""scikit-learn estimators that compare activations on (X, y) as `unbend choose` does, and predict with the best."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.metrics import get_scorer
from sklearn.utils.validation import check_is_fitted

from unbend.choosing.arms import Arm, arms, is_whole
from unbend.choosing.baselines import baselines
from unbend.choosing.choose import ACTIVATIONS
from unbend.choosing.conclude import conclude
from unbend.choosing.frames import learnable
from unbend.choosing.memory import study_of
from unbend.choosing.metrics import metric_of, usual_rope
from unbend.choosing.model import Floats
from unbend.choosing.networks import ActivationClassifier, ActivationRegressor, protocol_of, seed_of
from unbend.choosing.plan import Judgement, Plan, Protocol, make_plan
from unbend.choosing.study import Study
from unbend.data.tabular import Table
from unbend.errors import UnbendError


class _Search:
    """What the two searches have in common; first among their parents, since its `score` is the comparison's."""

    def __init__(
        self,
        activations: Sequence[Any] = ACTIVATIONS,
        hidden_layer_sizes: Sequence[Any] = ((32,),),
        *,
        learning_rate_init: "str | float | Sequence[float]" = "tune",
        init: "str | Sequence[str]" = "auto",
        solver: str = "adam",
        batch_size: int = 32,
        max_iter: int = 100,
        cv: "int | tuple[int, int] | None" = None,
        scoring: str | None = None,
        n_seeds: int = 3,
        rope: float | None = None,
        alpha: float = 0.05,
        n_jobs: int | None = None,
        random_state: Any = None,
        cache_dir: "str | Path | None" = None,
        verbose: int = 0,
    ):
        self.activations = activations
        self.hidden_layer_sizes = hidden_layer_sizes
        self.learning_rate_init = learning_rate_init
        self.init = init
        self.solver = solver
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.cv = cv
        self.scoring = scoring
        self.n_seeds = n_seeds
        self.rope = rope
        self.alpha = alpha
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.cache_dir = cache_dir
        self.verbose = verbose

    def fit(self, X: Any, y: Any, groups: Any = None) -> Any:
        """Compare the activations on X (n, d) and y (n,), then fit the best to all rows.

        Rows of the same group in ``groups`` (n,) are never parted by a split. Raises `ValueError` for bad input.
        """
        folder: Any = self.cache_dir
        if not isinstance(folder, str | Path | None):
            raise UnbendError(f"cache_dir={folder!r:.60} is no folder; give its path, or None")
        seed = seed_of(self.random_state)
        plan = self._plan(learnable(self, X, y, groups, is_classifier(self)), seed)
        cache = None if folder is None else Path(folder)
        study = study_of(plan, cache, self.n_jobs, show=bool(self.verbose))
        self.choice_ = conclude(study)
        self.verdict_ = self.choice_.verdict
        self.comparisons_ = self.verdict_.comparisons
        self.cv_results_ = cv_results(study)
        self.best_index_ = study.scores.names.index(self.verdict_.best)
        self.best_params_ = self.cv_results_["params"][self.best_index_]
        self.best_score_ = float(self.cv_results_["mean_test_score"][self.best_index_])
        self.best_activation_ = self.best_params_["activation"]
        self.best_estimator_ = self._network(seed).fit(X, y, groups=groups)
        self.n_iter_ = self.best_estimator_.n_iter_
        return self

    def predict(self, X: Any) -> Any:
        """(n,) what the best network predicts."""
        check_is_fitted(self)
        return self.best_estimator_.predict(X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The best network's score on X (n, d) and y (n,), by the metric of the comparison."""
        check_is_fitted(self)
        return float(get_scorer(self.verdict_.metric)(self.best_estimator_, X, y, sample_weight=sample_weight))

    def report(self, path: "str | Path") -> None:
        """Write the page about the comparison, in one file; the baselines are computed for it first."""
        from unbend.report.choice_page import write_report

        check_is_fitted(self)
        plan = self.choice_.study.plan
        write_report(conclude(self.choice_.study, baselines(plan, self.n_jobs)), Path(path))

    def _plan(self, table: Table, seed: int) -> Plan:
        folds, repeats = _folds(self.cv)
        protocol = protocol_of(self, seed, folds=folds, repeats=repeats, metric=self.scoring)
        activations: Any = self.activations
        if isinstance(activations, str) or not isinstance(activations, Iterable):
            raise UnbendError(f"activations={activations!r:.60} is no list; name two or more in a list")
        inits: Any = self.init if isinstance(self.init, tuple | list) else [self.init]
        competing = arms(self.activations, _shapes(self.hidden_layer_sizes), inits)
        if len(competing) < 2:
            single = "ActivationClassifier" if is_classifier(self) else "ActivationRegressor"
            raise UnbendError(f"one activation has no rival; name two or more, or use unbend.{single}")
        usual = usual_rope(metric_of(self.scoring, table.task), float(table.y.std()))
        return make_plan(table, competing, protocol, Judgement(usual if self.rope is None else self.rope, self.alpha))

    def _network(self, seed: int) -> Any:
        single = ActivationClassifier if is_classifier(self) else ActivationRegressor
        shared = {name: getattr(self, name) for name in _SHARED}
        return single(**self.best_params_, **shared, random_state=seed)


_SHARED = ("learning_rate_init", "solver", "batch_size", "max_iter", "n_seeds")


class ActivationSearchClassifier(_Search, ClassifierMixin, BaseEstimator):
    """Which activation classifies best, how sure that is; predicts with the best one fitted to all rows.

    Every activation (name, formula, callable) in every architecture of ``hidden_layer_sizes`` from every ``init`` is
    trained on the same splits: ``cv`` folds, or (folds, repeats), by default 10 folds, ten times below 2,000 rows and
    three times above; of 500 rows and more a fifth stays out of the comparison. Within each split the learning rate is
    searched anew ("tune"; or one number, or the numbers to try), ``n_seeds`` networks are averaged, and of ``max_iter``
    epochs the best on inner validation rows counts. Arms are compared by ``scoring`` (a name of
    `unbend.choosing.metrics`; accuracy by default); differences within ``rope`` (None: 0.01 of the usual metrics) do
    not matter. ``n_jobs`` and ``random_state`` as in scikit-learn; the number of jobs changes no result. A
    ``cache_dir`` keeps what is done: a fit that was interrupted goes on there. Sample weights are not supported.

    After `fit`: ``best_activation_``, ``verdict_`` (a `Verdict`, in the words *winner*, *equivalent*, *not decided*),
    ``comparisons_`` of all pairs, ``cv_results_``, ``best_index_``, ``best_params_`` and ``best_score_`` as
    `GridSearchCV` has them (without times: arms share the work of a split), ``best_estimator_`` (an
    `ActivationClassifier`), ``choice_`` (a `Choice`; it holds the training rows), ``classes_``, ``n_features_in_``,
    ``n_iter_`` epochs of the best network.

    >>> import unbend as ub
    >>> data = ub.data.xor(n=120)
    >>> search = ActivationSearchClassifier(("identity", "tanh"), (4,), cv=3, max_iter=30, n_seeds=1, random_state=0)
    >>> search.fit(data.x, data.y).best_activation_
    'tanh'
    """

    def predict_proba(self, X: Any) -> Floats:
        """(n, classes) probabilities by the best network, in the order of ``classes_``."""
        check_is_fitted(self)
        return self.best_estimator_.predict_proba(X)


class ActivationSearchRegressor(_Search, RegressorMixin, BaseEstimator):
    """Which activation is best for a regression; as `ActivationSearchClassifier` otherwise, compared by R².

    >>> import unbend as ub
    >>> data = ub.data.sine(n=120)
    >>> search = ActivationSearchRegressor(("identity", "tanh"), (8,), cv=3, max_iter=30, n_seeds=1, random_state=0)
    >>> search.fit(data.x, data.y).best_activation_
    'tanh'
    """


def cv_results(study: Study) -> dict[str, Any]:
    """The scores of a study by arm, in the shape of `sklearn.model_selection.GridSearchCV.cv_results_`, without times.

    ``params``, ``param_…`` (masked arrays), ``split{i}_test_score``, ``mean_test_score``, ``std_test_score`` and
    ``rank_test_score`` (1 is the best; the smallest rank where means are equal).
    """
    params = [_params(arm) for arm in study.plan.arms]
    values = study.scores.values
    mean = values.mean(axis=1)
    found: dict[str, Any] = {f"param_{name}": _masked([one[name] for one in params]) for name in params[0]}
    found["params"] = params
    found |= {f"split{number}_test_score": values[:, number] for number in range(values.shape[1])}
    rank = 1 + (mean[:, None] < mean).sum(axis=1)
    return found | {
        "mean_test_score": mean, "std_test_score": values.std(axis=1), "rank_test_score": rank.astype(np.int32)
    }  # fmt: skip


def _params(arm: Arm) -> dict[str, Any]:
    """What an `ActivationClassifier` has to be told to be this arm."""
    init = "auto" if arm.gain == "exact" else arm.initializer
    return {"activation": arm.activation, "hidden_layer_sizes": arm.hidden, "init": init}


def _masked(values: list[Any]) -> np.ma.MaskedArray[Any, Any]:
    column = np.empty(len(values), object)
    for place, value in enumerate(values):
        column[place] = value  # one by one: tuples would become an axis
    return np.ma.MaskedArray(column, mask=False)


def _folds(cv: Any) -> tuple[int, int | None]:
    """(folds, repeats) of the parameter ``cv``."""
    if cv is None:
        return Protocol.folds, None
    if is_whole(cv):
        return int(cv), 1
    if isinstance(cv, tuple | list) and len(cv) == 2 and all(map(is_whole, cv)):
        return int(cv[0]), int(cv[1])
    raise UnbendError(f"cv={cv!r} is not known; give a number of folds, (folds, repeats), or None")


def _shapes(sizes: Any) -> list[Any]:
    """Architectures; widths without a pair of brackets of their own are one architecture."""
    given: list[Any] = list(sizes) if isinstance(sizes, tuple | list) else []
    return given if any(isinstance(widths, tuple | list) for widths in given) else [sizes]
