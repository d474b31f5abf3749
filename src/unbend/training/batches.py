"""The order in which an epoch meets the rows: it belongs to the recipe, not to a network."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unbend.randomness import permutation
from unbend.training.recipe import Recipe


def epoch_orders(recipe: Recipe, epochs: range, rows: int) -> NDArray[np.int64]:
    """(epochs, rows) row numbers in the order of each epoch (counted from 1); the full batch keeps the data's order.

    >>> epoch_orders(Recipe(loss="squared", batch_size=None), range(1, 3), 3).tolist()
    [[0, 1, 2], [0, 1, 2]]
    >>> sorted(epoch_orders(Recipe(loss="squared", batch_size=2), range(1, 2), 4)[0].tolist())
    [0, 1, 2, 3]
    """
    if recipe.batch_size is None or recipe.batch_size >= rows:
        return np.tile(np.arange(rows), (len(epochs), 1))
    return _shuffled(recipe.shuffle_seed, epochs, rows)


@lru_cache(maxsize=4)  # runs that are compared share their orders
def _shuffled(seed: int, epochs: range, rows: int) -> NDArray[np.int64]:
    orders = permutation(seed, "batch", np.asarray(epochs), rows)
    orders.flags.writeable = False
    return orders
