"""The work of the population benchmark: the same data, starts, learning rates and batches for every engine."""

from dataclasses import dataclass

import numpy as np

from unbend.activations import activation
from unbend.network import Network, initialise
from unbend.training import Recipe
from unbend.training.batches import epoch_orders

ROWS = 1024
CHECKED_EPOCHS = 3


@dataclass(frozen=True)
class Case:
    """One architecture and batch size with the number of networks, and the speed-ups aimed at."""

    widths: tuple[int, ...]
    batch: int | None
    networks: int
    over_best_jax: float
    over_default_jax: float

    @property
    def name(self):
        return "-".join(map(str, self.widths)) + (f" batch {self.batch}" if self.batch else " full batch")

    @property
    def steps_per_epoch(self):
        return ROWS // (self.batch or ROWS)

    @property
    def flops(self):
        """Floating point operations of the matrix products of one step of one network."""
        products = [i * o for i, o in zip(self.widths[:-1], self.widths[1:], strict=True)]
        return 2 * (self.batch or ROWS) * (2 * sum(products) + sum(products[1:]))


CASES = (
    Case((2, 2, 1), 16, 256, 6, 15),
    Case((2, 8, 8, 1), 32, 256, 5, 10),
    Case((2, 8, 8, 1), None, 256, 4, 6),
    Case((10, 32, 32, 3), 32, 64, 3, 4),
    Case((30, 32, 1), 32, 64, 3, 4),
    Case((30, 64, 64, 1), 32, 32, 3, 4),
)


def data(case):
    """x (ROWS, d) and y (ROWS,): clusters of two or three classes."""
    rng = np.random.default_rng(0)
    classes = max(2, case.widths[-1])
    centres = rng.normal(size=(3 * classes, case.widths[0]))
    cluster = rng.integers(0, 3 * classes, ROWS)
    x = centres[cluster] + rng.normal(0, 0.7, (ROWS, case.widths[0]))
    return x, (cluster % classes).astype(float)


def network(case):
    output = "sigmoid" if case.widths[-1] == 1 else "softmax"
    return Network(case.widths, (activation("tanh"),) * (len(case.widths) - 2), output)


def recipe(case, epochs):
    loss = "binary_cross_entropy" if case.widths[-1] == 1 else "cross_entropy"
    return Recipe(loss=loss, optimizer="adam", batch_size=case.batch, epochs=epochs, keep="last", measure="kept")


def starts(case):
    """(P, parameter_count) starting weights and (P,) learning rates."""
    return initialise(network(case), np.arange(case.networks)), np.geomspace(1e-3, 3e-2, case.networks)


def batches(case, epochs):
    """(steps, batch) row numbers of every step."""
    orders = epoch_orders(recipe(case, epochs), range(1, epochs + 1), ROWS)
    return orders.reshape(-1, case.batch or ROWS)
