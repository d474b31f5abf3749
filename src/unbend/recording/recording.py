"""The central type of this room: the weights of one network at the epochs that were kept.

Everything that looks at training looks at a `Recording`. It knows nothing of gradients, kernels or pictures.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset, Task
from unbend.errors import UnbendError, did_you_mean
from unbend.network import Affine, Layer, Network, Weights, forward
from unbend.network import collapse as collapse_network
from unbend.recording.names import activations_name
from unbend.recording.points import points_of, targets
from unbend.training import Recipe, metric, predicted_class

if TYPE_CHECKING:
    from unbend.drawing import Figure

Array = NDArray[Any]
Unit = Literal["epoch", "step"]


@dataclass(frozen=True, eq=False)
class Recording:
    """One training run.

    ``epochs`` (k,) the kept epochs; ``weights_at`` (k, parameter_count) the weights there, in the network's flat
    layout; ``history`` the loss and the accuracy (or r2) on the training rows, one entry per epoch from 0 on (or one
    per kept epoch for weights that were brought along); ``diverged_at`` the epoch at which the run left the finite
    numbers, or None; ``versions`` of what made it. ``unit``: what is counted as an epoch, "step" for the single updates
    of a model that was watched.
    """

    dataset: Dataset
    network: Network
    recipe: Recipe
    epochs: NDArray[np.int64]
    weights_at: Array
    history: Mapping[str, NDArray[np.float64]]
    diverged_at: int | None
    versions: Mapping[str, str]
    unit: Unit = "epoch"

    @property
    def metric_name(self) -> str:
        """``"accuracy"``, or ``"r2"`` for regression."""
        return "r2" if self.network.output == "identity" else "accuracy"

    def weights(self, epoch: int = -1) -> Weights:
        """((weight (in, out), bias (out,)), …) at the last kept epoch that is not after ``epoch``; -1 is the last.

        Raises `UnbendError` for an epoch before the first kept or after the last.
        """
        if not isinstance(epoch, (int, np.integer)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UnbendError(f"epoch={epoch!r:.60} must be a whole number, or -1 for the last")
        if epoch != -1 and not self.epochs[0] <= epoch <= self.epochs[-1]:
            raise UnbendError(
                f"epoch {epoch} was not kept; choose one from {self.epochs[0]} to {self.epochs[-1]}, or -1"
            )
        place = -1 if epoch == -1 else int(np.searchsorted(self.epochs, epoch, side="right")) - 1
        return self.network.unflatten(self.weights_at[place])

    def forward(self, x: Any = None, epoch: int = -1) -> tuple[Layer, ...]:
        """Every layer's values for points x (n, d) in the network's own (standardised) units; None: the data set."""
        points = self.dataset.x if x is None else points_of(x, self.dataset.x.shape[1])
        return forward(self.network, self.weights(epoch), points)

    def predict(self, x: Any, epoch: int = -1) -> Array:
        """What the network says of points x (n, d) in the data's original units.

        (n,) int64 class codes, places in ``dataset.class_names``; for regression the target in its original units.
        """
        scores = self.forward(self._standardised(x), epoch)[-1].pre_activation
        if self.network.output == "identity":
            return scores[:, 0] * self.dataset.y_scale + self.dataset.y_mean
        return predicted_class(self.network.output, scores)

    def predict_proba(self, x: Any, epoch: int = -1) -> Array:
        """(n, classes) probabilities for points x (n, d) in the data's original units."""
        if self.network.output == "identity":
            raise UnbendError("predict_proba needs a classifier; this network was trained for regression, use predict")
        shown = self.forward(self._standardised(x), epoch)[-1].activation
        return np.column_stack([1 - shown[:, 0], shown[:, 0]]) if self.network.output == "sigmoid" else shown

    def score(self, x: Any = None, y: Any = None, epoch: int = -1) -> float:
        """Accuracy (r² for regression) on x (n, d), y (n,); without them on the training rows.

        x in original units; y in original units for regression, else class codes as `predict` gives, or class names.
        """
        if (x is None) != (y is None):
            raise UnbendError("score needs both x and y, or neither for the training rows")
        data = self.dataset
        points, target = (data.x, data.y) if y is None else (self._standardised(x), targets(data, y))
        if len(points) != len(target):
            raise UnbendError(f"score: x has {len(points)} rows and y {len(target)}; they must be equal")
        return float(metric(self.network.output, self.forward(points, epoch)[-1].pre_activation, target))

    def fork(self, epoch: int = -1, **changes: Any) -> "Recording":
        """Train on from a kept epoch with a changed recipe, such as ``learning_rate=0.01, epochs=100``.

        It starts from the last kept epoch that is not after ``epoch``. Epochs count from 0 again, the optimiser starts
        afresh, and epochs to keep that were named one by one are not carried over.
        """
        from unbend.recording.train import train_from

        return train_from(self, self.network.flatten(self.weights(epoch)), changes)

    def save(self, path: "str | os.PathLike[str]") -> None:
        """Write the recording to one file; it is there completely or not at all."""
        from unbend.recording.file import save

        save(self, path)

    def figure(self, epoch: int = -1, lang: str = "en") -> "Figure":
        """The picture of an epoch; see `unbend.drawing.figure`."""
        from unbend.drawing import figure

        return figure(self, epoch, lang)

    def film(
        self,
        path: "str | os.PathLike[str]",
        lang: str = "en",
        seconds: float = 8.0,
        kind: str = "training",
        **settings: Any,
    ) -> None:
        """A film, .mp4 or .gif: ``kind`` "training" runs through the kept epochs, see `unbend.drawing.film`; "bend"
        follows space through the layers at one epoch, see `unbend.drawing.bend_film`, which takes the ``settings``."""
        from unbend import drawing

        films = {"training": drawing.film, "bend": drawing.bend_film}
        if kind not in films:
            raise UnbendError(f"there is no film of the kind {kind!r:.60}; {did_you_mean(str(kind), tuple(films))}")
        films[kind](self, path, lang, seconds, **settings)

    @classmethod
    def from_weights(
        cls, data: Dataset, weights: Any, activation: Any = "tanh", epochs: Sequence[int] | None = None
    ) -> "Recording":
        """A recording of weights that were trained elsewhere; see `unbend.recording.brought.from_weights`."""
        from unbend.recording.brought import from_weights

        return from_weights(data, weights, activation, epochs)

    @classmethod
    def from_model(cls, model: Any, x: Any, y: Any, activation: Any = None, task: Task | None = None) -> "Recording":
        """A recording of a multilayer perceptron that was trained elsewhere, as it is now.

        ``model``: a PyTorch module, a Keras model, a fitted scikit-learn MLP or a pipeline of scalers and one, a state
        dict or its file (.pt, .pth, .safetensors). x (n, d) and y (n,) as it takes them. ``activation``: that of all
        hidden layers, or a list with one for each, where the model does not say it (state dicts) or the catalogue does
        not know it. ``task`` is told from model and y unless given. Batch normalisation is folded into the linear
        layers, and two scores for two classes into their difference. Raises `UnbendError` for any other model.

        >>> import unbend as ub
        >>> state = {"weight": [[1.0, -1.0]], "bias": [0.5]}  # one linear layer
        >>> run = Recording.from_model(state, [[0, 0], [0, 1], [3, 1], [5, 1]], ["no", "no", "yes", "yes"])
        >>> run.forward()[-1].pre_activation[:, 0].tolist(), run.score()
        ([0.5, -0.5, 2.5, 4.5], 0.75)
        """
        from unbend.watching.recordings import from_model

        return from_model(model, x, y, activation, task)

    def _standardised(self, x: Any) -> Array:
        points = points_of(x, self.dataset.x.shape[1])
        if self.dataset.x_mean is None or self.dataset.x_scale is None:
            return points
        return (points - self.dataset.x_mean) / self.dataset.x_scale

    def __repr__(self) -> str:
        """One line: shape, activations, data, and how it ended."""
        shape = "-".join(map(str, self.network.widths))
        end = f"{self.metric_name} {self.history[self.metric_name][-1]:.4g}"
        end = end if self.diverged_at is None else f"diverged in {self.unit} {self.diverged_at}"
        made = f"{shape} {activations_name(self.network)} on {self.dataset.name}"
        return f"<Recording {made}: {self.epochs[-1]} {self.unit}s, {end}>"


def collapse(run: "Recording | Network", weights: Any = None, epoch: int = -1) -> Affine:
    """The one affine map from inputs to scores that a network without bending activations computes.

    Takes a recording (and an ``epoch``), or a network and its weights. Raises `UnbendError` where there is no such map.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.curves(), hidden=(3, 3), activation="identity", epochs=2)
    >>> ub.collapse(run).weight.shape
    (2, 1)
    """
    if isinstance(run, Recording):
        return collapse_network(run.network, run.weights(epoch) if weights is None else weights)
    return collapse_network(run, weights)
