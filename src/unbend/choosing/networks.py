"""scikit-learn estimators of one network with one activation: what a search ends with, and usable by themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from unbend.choosing import exports
from unbend.choosing.arms import arms, is_whole
from unbend.choosing.frames import learnable, predictable
from unbend.choosing.model import Floats
from unbend.choosing.plan import LEARNING_RATES, Protocol, make_plan
from unbend.choosing.refit import refit
from unbend.errors import UnbendError


class _Network(BaseEstimator):
    """What the classifier and the regressor have in common."""

    def __init__(
        self,
        activation: Any = "relu",
        hidden_layer_sizes: Sequence[int] = (32,),
        *,
        learning_rate_init: "str | float | Sequence[float]" = "tune",
        init: str = "auto",
        solver: str = "adam",
        batch_size: int = 32,
        max_iter: int = 100,
        n_seeds: int = 3,
        random_state: Any = None,
    ):
        self.activation = activation
        self.hidden_layer_sizes = hidden_layer_sizes
        self.learning_rate_init = learning_rate_init
        self.init = init
        self.solver = solver
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.n_seeds = n_seeds
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> Any:
        """Learn from X (n, d) and y (n,); rows of the same group in ``groups`` (n,) stay together in the inner cut."""
        table = learnable(self, X, y, groups, is_classifier(self))
        own = arms([self.activation], [self.hidden_layer_sizes], [self.init])
        self.model_ = refit(make_plan(table, own, protocol_of(self, seed_of(self.random_state), folds=2, repeats=1)), 0)
        self.n_iter_ = self.model_.epoch
        self.learning_rate_ = self.model_.learning_rate
        return self

    def to_numpy(self) -> str:
        """The fitted network as a Python module that needs NumPy alone; see `unbend.choosing.exports`."""
        check_is_fitted(self)
        return exports.numpy_code(self.model_)

    def to_torch(self) -> Any:
        """The fitted network as a ``torch.nn.Module`` that prepares its inputs itself."""
        check_is_fitted(self)
        return exports.to_torch(self.model_)

    def to_keras(self) -> Any:
        """The fitted network as a ``keras.Sequential``, and the function that makes its inputs of rows."""
        check_is_fitted(self)
        return exports.to_keras(self.model_)

    def to_onnx(self) -> Any:
        """The fitted network with its preparation as an ``onnx.ModelProto``."""
        check_is_fitted(self)
        return exports.to_onnx(self.model_)


class ActivationClassifier(ClassifierMixin, _Network):
    """A classifier of one network: the learning rate is searched, early stopping looks at rows that are kept out.

    Parameters as in `ActivationSearchClassifier`, for one ``activation`` (name, formula, callable) in layers of
    ``hidden_layer_sizes``. After `fit`: ``model_`` (a `Model`), ``classes_``, ``learning_rate_``, ``n_iter_`` epochs.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> network = ActivationClassifier("tanh", (8,), max_iter=30, random_state=0).fit(X, y)
    >>> network.score(X, y) > 0.9, network.predict_proba(X).shape
    (True, (150, 3))
    """

    classes_: NDArray[Any]

    def predict(self, X: Any) -> Any:
        """(n,) classes."""
        check_is_fitted(self)
        codes: Any = self.model_.predict(*predictable(self, X, self.model_))
        return self.classes_[codes]

    def predict_proba(self, X: Any) -> Floats:
        """(n, classes) probabilities, in the order of ``classes_``."""
        check_is_fitted(self)
        return self.model_.predict_proba(*predictable(self, X, self.model_))


class ActivationRegressor(RegressorMixin, _Network):
    """A regression by one network; as `ActivationClassifier` otherwise.

    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> ActivationRegressor("gelu", max_iter=30, random_state=0).fit(X, y).score(X, y) > 0.4
    True
    """

    def predict(self, X: Any) -> Floats:
        """(n,) the target in its own units."""
        check_is_fitted(self)
        return np.asarray(self.model_.predict(*predictable(self, X, self.model_)), np.float64)


def protocol_of(estimator: Any, seed: int, **changes: Any) -> Protocol:
    """The protocol in the words of an estimator's parameters; a given list of learning rates is not searched beyond."""
    counts = {name: getattr(estimator, name) for name in ("max_iter", "batch_size", "n_seeds")}
    wrong = [f"{name}={count!r:.60}" for name, count in counts.items() if not is_whole(count) or count < 1]
    if wrong:
        raise UnbendError(f"{', '.join(wrong)} cannot be followed; give whole numbers of 1 and more")
    epochs, batch_size, seeds = map(int, counts.values())
    tuned = isinstance(estimator.learning_rate_init, str) and estimator.learning_rate_init == "tune"
    return Protocol(
        epochs=epochs,
        batch_size=batch_size,
        optimizer=estimator.solver,
        learning_rates=LEARNING_RATES if tuned else _rates(estimator.learning_rate_init),
        extensions=Protocol.extensions if tuned else 0,
        seeds=seeds,
        seed=seed,
        **changes,
    )


def _rates(given: Any) -> tuple[float, ...]:
    """One learning rate or some, sorted; `UnbendError` for anything else."""
    try:
        rates = np.unique(np.asarray(given, np.float64))
    except (TypeError, ValueError):
        rates = np.array([np.nan])
    if isinstance(given, str) or not rates.size or not (np.isfinite(rates) & (rates > 0)).all():
        raise UnbendError(f"learning_rate_init={given!r:.60} is not known; give 'tune', a number above 0, or some")
    return tuple(rates.tolist())


def seed_of(random_state: Any) -> int:
    """A whole number is the seed itself, as on the command line; None and a generator give one.

    >>> seed_of(7)
    7
    """
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
