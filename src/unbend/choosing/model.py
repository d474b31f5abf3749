"""The network that a study ends with: fitted to all rows, together with all that it takes to use it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.preparation import Preparation, inputs
from unbend.data.dataset import Task
from unbend.errors import UnbendError
from unbend.network import Network, Weights, apply_link, forward
from unbend.training.losses import predicted_class

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted network with the preparation of its inputs.

    Columns come as ``number_names`` then ``level_names``; ``categories`` are the levels of each of the latter. A
    regression's target is output * ``preparation.y_scale`` + ``preparation.y_mean``. ``learning_rate`` and ``epoch``
    say how it was trained. The ``weights`` are the float32 numbers of training; all that is computed from them is
    float64. The methods take rows as a `Table` has them: ``numbers`` (n, numeric columns), NaN where missing, and
    ``levels`` (n, categorical columns), -1 where missing.
    """

    network: Network
    weights: Weights
    preparation: Preparation
    task: Task
    number_names: tuple[str, ...]
    level_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    class_names: tuple[str, ...]
    target_name: str
    learning_rate: float
    epoch: int

    def scores(self, numbers: Floats, levels: Codes) -> Floats:
        """(n, outputs) scores before the link; of a regression, the target in standard units."""
        x = inputs(self.preparation, numbers, levels)
        wide = tuple((weight.astype(np.float64), bias.astype(np.float64)) for weight, bias in self.weights)
        return forward(self.network, wide, x)[-1].pre_activation

    def predict(self, numbers: Floats, levels: Codes) -> Floats | Codes:
        """(n,) class numbers (the place in ``class_names``), or the target of a regression in its own units."""
        scores = self.scores(numbers, levels)
        if self.task == "regression":
            return scores[:, 0] * self.preparation.y_scale + self.preparation.y_mean
        return predicted_class(self.network.output, scores).astype(np.int64)

    def predict_proba(self, numbers: Floats, levels: Codes) -> Floats:
        """(n, classes) probabilities of the classes; `UnbendError` for a regression."""
        if self.task == "regression":
            raise UnbendError(f"a regression of {self.target_name!r} has no probabilities; use predict")
        chances = apply_link(self.network.output, self.scores(numbers, levels))
        return np.concatenate([1 - chances, chances], axis=1) if self.task == "binary" else chances
