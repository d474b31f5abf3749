"""One shard: all networks of one arm on one split, trained, chosen by the validation rows, scored on the test rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing import preparation
from unbend.choosing.metrics import constant_scores
from unbend.choosing.plan import Plan
from unbend.diagnosis import dead_units, gradient_norms, saturated_shares
from unbend.network import Network, Weights, forward
from unbend.randomness import permutation
from unbend.training import Recipe, Trained, train_population
from unbend.training.losses import LOSSES

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
PROBE_ROWS = 64
TWIN_SEEDS = 10**8  # how far the seeds of a twin lie from those of its arm: further than any split's
EXTENSION = 4  # learning rates that a search past its edge adds, in the ratio of its last two


@dataclass(frozen=True, eq=False)
class Points:
    """Inputs (n, d) and targets (n,) of an inner cut and of the test rows; a regression's are in units of y_scale."""

    fit: Pair
    validation: Pair
    test: Pair
    y_scale: float


@dataclass(frozen=True, eq=False)
class Searched:
    """P networks of an arm on a split; k checkpoints.

    ``cuts`` (P,) the inner cut each was trained on; ``weights`` (k, P, parameter_count); ``validation_loss`` (k, P),
    inf for a network that diverged; ``train_loss`` (k, P); ``diverged_at`` (P,) or -1.
    """

    rates: Floats
    seeds: NDArray[np.int64]
    cuts: NDArray[np.int64]
    weights: NDArray[np.float32]
    train_loss: Floats
    validation_loss: Floats
    diverged_at: NDArray[np.int64]


def run_shard(plan: Plan, arm: int, split: int) -> dict[str, list[Any]]:
    """The results of a shard by column, one entry per network.

    ``learning_rate``, ``seed``, ``epoch`` (chosen by the validation rows), ``validation_loss`` there, ``test_score``
    (the plan's metric, that of the constant answer for a network that diverged), ``diverged_at`` (or -1), ``chosen``
    (the networks with the chosen learning rate), the curves ``train_loss`` and ``validation_losses`` at the
    checkpoints, and for the chosen ones ``dead``, ``saturated``, ``gradient_first`` and ``gradient_last`` at the
    checkpoints on fixed probes.
    """
    cuts = points_of(plan, split)
    network = plan.network(arm, cuts[0].fit[0].shape[1])
    base = first_seed(plan, split)
    recipe = plan.protocol.recipe(plan.table.task, base)
    searched = search(plan, arm, split, cuts)
    checkpoint, rate = best_checkpoints(searched), best_rate(searched)
    chosen = searched.rates == rate
    health = _health(network, recipe, searched, chosen, cuts)
    columns: dict[str, list[Any]] = {
        "learning_rate": searched.rates.tolist(),
        "seed": (searched.seeds - base).tolist(),
        "epoch": np.array(recipe.kept_epochs())[checkpoint].tolist(),
        "validation_loss": _at(searched.validation_loss, checkpoint).tolist(),
        "test_score": _test_scores(plan, network, searched, checkpoint, cuts).tolist(),
        "diverged_at": searched.diverged_at.tolist(),
        "chosen": chosen.tolist(),
        "train_loss": searched.train_loss.T.tolist(),
        "validation_losses": searched.validation_loss.T.tolist(),
    }
    return columns | {name: _placed(values, chosen) for name, values in health.items()}


def first_seed(plan: Plan, split: int) -> int:
    """The seed from which those of a split are counted; also that of the order of its batches."""
    return plan.protocol.seed + 1000 * (split + 2)


def points_of(plan: Plan, split: int) -> tuple[Points, ...]:
    """The prepared rows of each inner cut that the plan's seeds use; a preparation sees the fitting rows alone."""
    rows = plan.split(split)
    return tuple(_points(plan, rows.inner(cut), rows.test) for cut in range(min(rows.cuts, plan.protocol.seeds)))


def _points(plan: Plan, inner: tuple[NDArray[np.int64], NDArray[np.int64]], test: NDArray[np.int64]) -> Points:
    fitted = preparation.fit(plan.table, inner[0])
    fit, validation, tested = (preparation.prepared(fitted, plan.table, rows) for rows in (*inner, test))
    return Points(fit, validation, tested, fitted.y_scale)


# ---------------------------------------------------------------------- search
def search(plan: Plan, arm: int, split: int, cuts: Sequence[Points]) -> Searched:
    """Train the grid of learning rates for every seed, and past its edge while the best lies there."""
    network = plan.network(arm, cuts[0].fit[0].shape[1])
    base = first_seed(plan, split)
    recipe = plan.protocol.recipe(plan.table.task, base)
    seeds = base + np.arange(plan.protocol.seeds) + TWIN_SEEDS * plan.arms[arm].twin
    own = plan.arms[arm].rates
    rates = np.array(own or plan.protocol.learning_rates)
    found = _train(network, recipe, cuts, rates, seeds)
    for _ in range(plan.protocol.extensions if own is None and len(rates) > 1 else 0):
        best, known = best_rate(found), np.unique(found.rates)
        if known[0] < best < known[-1]:
            return found
        beyond = (known[0], known[0] / known[1]) if best == known[0] else (known[-1], known[-1] / known[-2])
        more = beyond[0] * beyond[1] ** np.arange(1.0, EXTENSION + 1)
        found = _joined([found, _train(network, recipe, cuts, more, seeds)])
    return found


def best_checkpoints(searched: Searched) -> NDArray[np.int64]:
    """(P,) the checkpoint with the lowest mean validation loss of all seeds with a network's learning rate.

    One for all seeds: the lowest of a single noisy curve would favour the noisiest learning rate.
    """
    return _by_rate(searched)[0]


def best_rate(searched: Searched) -> float:
    """The learning rate with the fewest diverged seeds, then the lowest mean validation loss, then the smallest."""
    return min(_by_rate(searched)[1])[2]


def _by_rate(searched: Searched) -> tuple[NDArray[np.int64], list[tuple[int, float, float]]]:
    """Checkpoints (P,), and for each learning rate (diverged seeds, mean validation loss, rate)."""
    checkpoint = np.ones(len(searched.rates), np.int64)
    ranks: list[tuple[int, float, float]] = []
    for rate in np.unique(searched.rates):
        own = searched.rates == rate
        losses = searched.validation_loss[1:, own]
        sound = np.isfinite(losses[-1])
        curve = losses[:, sound].mean(axis=1) if sound.any() else np.full(len(losses), np.inf)
        checkpoint[own] += np.argmin(curve)
        ranks.append((int((~sound).sum()), float(curve.min()), float(rate)))
    return checkpoint, ranks


def _train(
    network: Network, recipe: Recipe, cuts: Sequence[Points], rates: Floats, seeds: NDArray[np.int64]
) -> Searched:
    """Every learning rate with every seed; seed i trains and validates on the rows of inner cut i."""
    return _joined(
        [
            _train_on(network, recipe, points, rates, seeds[number :: len(cuts)], number)
            for number, points in enumerate(cuts)
        ]
    )


def _train_on(
    network: Network, recipe: Recipe, points: Points, rates: Floats, seeds: NDArray[np.int64], cut: int
) -> Searched:
    every_rate, every_seed = np.repeat(rates, len(seeds)), np.tile(seeds, len(rates))
    trained = train_population(*points.fit, network, recipe, every_seed, every_rate, threads=1)
    losses = _validation_losses(network, recipe, trained, points.validation)
    return Searched(
        every_rate, every_seed, np.full(len(every_rate), cut), np.asarray(trained.weights, np.float32),
        trained.loss[trained.epochs], losses, trained.diverged_at,
    )  # fmt: skip


def _validation_losses(network: Network, recipe: Recipe, trained: Trained, rows: Pair) -> Floats:
    """(k, P) mean loss on the validation rows, inf for every checkpoint of a network that diverged."""
    x, y = rows[0].astype(np.float32), rows[1]
    losses = np.empty((len(trained.weights), len(trained.diverged_at)))
    with np.errstate(all="ignore"):
        for place, kept in enumerate(trained.weights):
            scores = forward(network, network.unflatten(kept), x)[-1].pre_activation.astype(np.float64)
            losses[place] = LOSSES[recipe.loss].value(scores, y, 1.0).mean(axis=-1)
    lost = (trained.diverged_at >= 0) | ~np.isfinite(losses).all(axis=0)
    losses[:, lost] = np.inf
    return losses


def _joined(parts: Sequence[Searched]) -> Searched:
    along = {"weights": 1, "train_loss": 1, "validation_loss": 1}
    names = Searched.__dataclass_fields__
    return Searched(
        *(np.concatenate([getattr(part, name) for part in parts], axis=along.get(name, 0)) for name in names)
    )


# ---------------------------------------------------------------------- scores and health
def _at(curves: NDArray[Any], checkpoint: NDArray[np.int64]) -> NDArray[Any]:
    """(P, …) the values of (k, P, …) at each network's own checkpoint."""
    return curves[checkpoint, np.arange(len(checkpoint))]


def _test_scores(
    plan: Plan, network: Network, searched: Searched, checkpoint: NDArray[np.int64], cuts: Sequence[Points]
) -> Floats:
    """(P,) the plan's metric on the test rows."""
    found = np.empty(len(checkpoint))
    weights = _at(searched.weights, checkpoint).astype(np.float64)
    for number, points in enumerate(cuts):
        own = searched.cuts == number
        x, y = points.test
        with np.errstate(all="ignore"):
            scores = forward(network, network.unflatten(weights[own]), x)[-1].pre_activation
            values = plan.score(scores, y, points.y_scale)
        failed = (searched.diverged_at[own] >= 0) | ~np.isfinite(values)
        found[own] = np.where(failed, constant_score(plan, points), values)
    return found


def constant_score(plan: Plan, points: Points) -> float:
    """The test score of the answer that is best without looking at the inputs."""
    y, test = points.fit[1], points.test[1]
    constant = constant_scores(plan.link, y, len(plan.table.class_names))
    return plan.score(np.repeat(constant, len(test), axis=1), test, points.y_scale).item()


def _health(
    network: Network, recipe: Recipe, searched: Searched, chosen: NDArray[np.bool_], cuts: Sequence[Points]
) -> dict[str, Floats]:
    """(chosen networks, k) of each measure."""
    found: dict[str, Floats] = {}
    for number, points in enumerate(cuts):
        own = searched.cuts[chosen] == number
        if own.any():
            for name, values in _measured(network, recipe, searched.weights[:, chosen][:, own], points.fit).items():
                found.setdefault(name, np.empty((len(own), values.shape[1])))[own] = values
    return found


def _measured(network: Network, recipe: Recipe, weights: NDArray[np.float32], fit: Pair) -> dict[str, Floats]:
    """(P, k) of each measure, over the hidden units and probe rows: the means over the hidden layers."""
    x, y = fit
    probe = permutation(0, "choosing/probe", 0, len(x))[:PROBE_ROWS]
    layered: Weights = network.unflatten(weights.astype(np.float64))
    with np.errstate(all="ignore"):
        dead = [units.mean(axis=-1) for units in dead_units(network, layered, x[probe])]
        saturated = saturated_shares(network, layered, x[probe])
        norms = gradient_norms(network, layered, x[probe], y[probe], recipe)
    share = np.mean(dead, axis=0) if dead else np.zeros(weights.shape[:2])
    flat = saturated.mean(axis=-1) if saturated.shape[-1] else np.zeros(weights.shape[:2])
    found = {"dead": share, "saturated": flat, "gradient_first": norms[..., 0], "gradient_last": norms[..., -1]}
    return {name: np.asarray(values, np.float64).T for name, values in found.items()}


def _placed(values: Floats, chosen: NDArray[np.bool_]) -> list[Any]:
    """Lists at the places of the chosen networks, None elsewhere."""
    found = iter(values.tolist())
    return [next(found) if one else None for one in chosen]
