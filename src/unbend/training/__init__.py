"""From a specification to trained weights: the float64 reference, and the compiled population that agrees with it."""

from unbend.training.losses import LOSSES, metric, predicted_class
from unbend.training.population import train_population
from unbend.training.recipe import LINK_OF_LOSS, Recipe, validate
from unbend.training.reference import loss_gradient, reference_train
from unbend.training.trained import Trained

__all__ = [
    "LINK_OF_LOSS",
    "LOSSES",
    "Recipe",
    "Trained",
    "loss_gradient",
    "metric",
    "predicted_class",
    "reference_train",
    "train_population",
    "validate",
]
