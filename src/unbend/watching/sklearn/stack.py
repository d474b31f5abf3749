"""A fitted multilayer perceptron of scikit-learn as a plain stack, with the scalers of the pipeline in front of it."""

from dataclasses import replace
from typing import Any

import numpy as np

from unbend.activations import activation
from unbend.errors import UnbendError
from unbend.watching.stack import Bend, Linear, Scale, Stack, Step, stacked

NAMES = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
SCALERS = ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler")
NETWORKS = ("MLPClassifier", "MLPRegressor")


def stack_of(model: Any) -> Stack:
    """The stack that a fitted MLPClassifier or MLPRegressor is, alone or after the scalers of a pipeline."""
    *before, network = _parts(model)
    kinds = {kind.__name__ for kind in type(network).__mro__}
    if not kinds & set(NETWORKS):
        raise UnbendError(
            f"{type(network).__name__} is no multilayer perceptron; give a fitted {' or '.join(NETWORKS)}, alone or at "
            "the end of a pipeline"
        )
    if not hasattr(network, "coefs_"):
        raise UnbendError(f"{type(network).__name__} is not fitted yet and has no weights; call fit first")
    steps: list[Step] = [step for one in before for step in _scaled(one)]
    layers = list(zip(network.coefs_, network.intercepts_, strict=True))
    for depth, (weight, bias) in enumerate(layers, start=1):
        steps.append(Linear(f"coefs_[{depth - 1}]", np.array(weight), np.array(bias)))
        kind = network.out_activation_ if depth == len(layers) else network.activation
        steps.append(_bend(f"hidden layer {depth}", kind))
    return replace(stacked(steps, type(network).__name__), is_classifier="MLPClassifier" in kinds)


def _bend(name: str, kind: Any) -> Bend:
    if kind in NAMES:
        return Bend(name, kind, activation(NAMES[kind]))
    return Bend(name, str(kind))


def _parts(model: Any) -> list[Any]:
    """The steps of a pipeline, those of the pipelines in it too."""
    if not hasattr(model, "steps"):
        return [model]
    return [part for _, step in model.steps if step not in (None, "passthrough") for part in _parts(step)]


def _scaled(scaler: Any) -> list[Scale]:
    """What a scaler does to each column: x · factor + shift."""
    kind = type(scaler).__name__
    if kind not in SCALERS or getattr(scaler, "clip", False):
        said = f"{kind} with clip=True" if kind in SCALERS else kind
        raise UnbendError(
            f"the pipeline's {said} is no scaling of each column by itself ({', '.join(SCALERS)} are); transform x "
            "yourself, and give the perceptron alone"
        )
    if not hasattr(scaler, "scale_"):
        raise UnbendError(f"the pipeline's {kind} is not fitted yet; call fit first")
    if kind == "MinMaxScaler":
        return [Scale(kind, kind, scaler.scale_, scaler.min_, fixed=True)]
    centre = next((found for name in ("mean_", "center_") if (found := getattr(scaler, name, None)) is not None), None)
    centre = 0.0 if centre is None or getattr(scaler, "with_mean", True) is False else centre
    factor = 1.0 if scaler.scale_ is None else 1 / scaler.scale_
    return [Scale(kind, kind, factor, -centre * np.asarray(factor), fixed=True)]
