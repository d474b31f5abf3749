"""How the learning rate changes from epoch to epoch."""

import numpy as np
from numpy.typing import NDArray

from unbend.training.recipe import Recipe


def schedule_factors(recipe: Recipe) -> NDArray[np.float64]:
    """(epochs,) factors of the learning rate, as PyTorch's CosineAnnealingLR and StepLR stepped once an epoch.

    >>> schedule_factors(Recipe(loss="squared", epochs=4, schedule="cosine")).round(3).tolist()
    [1.0, 0.854, 0.5, 0.146]
    >>> schedule_factors(Recipe(loss="squared", epochs=4, schedule="step", step_epochs=2)).tolist()
    [1.0, 1.0, 0.1, 0.1]
    """
    epoch = np.arange(recipe.epochs)
    if recipe.schedule == "cosine":
        return (1 + np.cos(np.pi * epoch / recipe.epochs)) / 2
    if recipe.schedule == "step":
        return recipe.step_factor ** (epoch // recipe.step_epochs).astype(np.float64)
    return np.ones(recipe.epochs)
