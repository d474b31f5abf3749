"""The scikit-learn model and the probe as they were given, checked; every fault is one sentence."""

import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import validate_data

from unbend.errors import UnbendError
from unbend.watching.probing import SEED, random_state

NETWORKS = (MLPClassifier, MLPRegressor)


def network_of(model: Any) -> tuple[Any, list[Pipeline]]:
    """The perceptron at the end of a model, and the pipelines it is the last step of, the outermost first."""
    pipelines: list[Pipeline] = []
    while isinstance(model, Pipeline):
        pipelines.append(model)
        model = model.steps[-1][1]
    kind = type(model).__name__
    if not isinstance(model, NETWORKS) and _holds_network(model):
        raise UnbendError(
            f"{kind} trains copies of its estimator, which cannot be followed; watch an MLPClassifier or MLPRegressor "
            "itself, or a pipeline that ends with one"
        )
    if not isinstance(model, NETWORKS):
        raise UnbendError(
            f"{kind} has no activations to watch; give an MLPClassifier or MLPRegressor, or a pipeline that ends with "
            "one"
        )
    if not np.size(model.hidden_layer_sizes):
        raise UnbendError(f"{kind} has hidden_layer_sizes={model.hidden_layer_sizes!r}: without a hidden layer there "
                          "is no activation to watch")  # fmt: skip
    if model.activation == "identity":
        raise UnbendError(
            f"{kind} has activation='identity', which bends nothing: all its layers are one linear map, and there is "
            "no activation to watch; choose 'relu', 'tanh' or 'logistic'"
        )
    return model, pipelines


def rows_for(network: Any, pipelines: Sequence[Pipeline], probe: Any) -> Any:
    """(m, d) the probe after the fitted steps in front of a fitted network, in the network's precision.

    Raises `UnbendError` if a step or the network does not take it.
    """
    name, shape = type(network).__name__, getattr(probe, "shape", None) or (len(probe),)
    try:
        with _undisturbed():
            for pipeline in pipelines:
                probe = _in_front(pipeline, probe)
            return validate_data(network, probe, accept_sparse="csr", dtype=network.coefs_[0].dtype, reset=False)
    except Exception as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise UnbendError(
            f"{name} does not take the probe of shape {tuple(shape)}: {reason}; give inputs as fit takes them, such "
            "as X[:256]"
        ) from None


def _in_front(pipeline: Pipeline, probe: Any) -> Any:
    """The probe behind all steps of a pipeline but the last, by copies with caches and random states of their own."""
    return deepcopy(pipeline[:-1]).transform(probe) if len(pipeline) > 1 else probe


def _holds_network(model: Any) -> bool:
    return hasattr(model, "get_params") and any(isinstance(one, NETWORKS) for one in model.get_params().values())


@contextmanager
def _undisturbed() -> Generator[None]:
    """Global random states come back, and warnings about the names of columns are not the user's."""
    with random_state(SEED), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
