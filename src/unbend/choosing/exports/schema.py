"""What every exported network is made of, taken out of a `Model`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.choosing.model import Model
from unbend.data.dataset import Task
from unbend.errors import UnbendError
from unbend.network import Weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exported:
    """Columns, preparation and layers.

    ``levels`` has the known levels of each categorical column by its name. Levels that no fitting row had are left out
    together with their weights: like any unknown value they would be 0. ``activation`` is None without hidden layers.
    """

    numbers: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    centre: Floats
    scale: Floats
    layers: Weights
    activation: Activation | None
    task: Task
    classes: tuple[str, ...]
    target: str
    y_mean: float
    y_scale: float

    @property
    def widths(self) -> tuple[int, ...]:
        """(d, h1, …, out)."""
        return (self.layers[0][0].shape[0], *(len(bias) for _, bias in self.layers))


def exported(model: Model) -> Exported:
    """The parts of a model; `UnbendError` where its hidden layers have different activations."""
    preparation, network = model.preparation, model.network
    formulas = {activation.formula for activation in network.activations}
    if len(formulas) > 1:
        raise UnbendError(f"a network with several activations ({', '.join(sorted(formulas))}) cannot be exported")
    used = np.concatenate([np.ones(len(preparation.centre), np.bool_), *preparation.seen])
    layers = [(np.asarray(weight, np.float32), np.asarray(bias, np.float32)) for weight, bias in model.weights]
    first, bias = layers[0]
    return Exported(
        numbers=model.number_names,
        levels={
            name: tuple(level for level, there in zip(known, seen, strict=True) if there)
            for name, known, seen in zip(model.level_names, model.categories, preparation.seen, strict=True)
        },
        centre=preparation.centre,
        scale=preparation.scale,
        layers=((first[used], bias), *layers[1:]),
        activation=network.activations[0] if network.activations else None,
        task=model.task,
        classes=model.class_names,
        target=model.target_name,
        y_mean=preparation.y_mean,
        y_scale=preparation.y_scale,
    )
