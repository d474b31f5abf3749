"""The order in which an epoch meets the rows: it belongs to the recipe, not to a network."""

import numpy as np
from numpy.typing import NDArray

from unbend.randomness import permutation
from unbend.training.recipe import Recipe


def epoch_order(recipe: Recipe, epoch: int, rows: int) -> NDArray[np.int64]:
    """(rows,) row numbers in the order of an epoch (counted from 1); the full batch keeps the order of the data.

    >>> epoch_order(Recipe(loss="squared", batch_size=None), 1, 4).tolist()
    [0, 1, 2, 3]
    >>> sorted(epoch_order(Recipe(loss="squared", batch_size=2), 1, 4).tolist())
    [0, 1, 2, 3]
    """
    if recipe.batch_size is None or recipe.batch_size >= rows:
        return np.arange(rows)
    return permutation(recipe.shuffle_seed, "batch", epoch, rows)
