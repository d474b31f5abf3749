"""One shard: all networks of one arm on one split, trained, chosen by the validation rows, scored on the test rows."""

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
PROBE_ROWS = 64
EXTENSION = 4  # learning rates that a search past its edge adds, in the ratio of its last two


@dataclass(frozen=True, eq=False)
class Points:
    """Inputs (n, d) and targets (n,) of the three parts of a split; a regression's targets are in units of y_scale."""

    fit: tuple[Floats, Floats]
    validation: tuple[Floats, Floats]
    test: tuple[Floats, Floats]
    y_scale: float


@dataclass(frozen=True, eq=False)
class Searched:
    """P networks of an arm on a split; k checkpoints.

    ``validation_loss`` (k, P), inf from where a network diverged; ``checkpoint`` (P,) the best; ``test_score`` (P,) at
    that checkpoint, that of the constant answer where the network diverged.
    """

    rates: Floats
    seeds: NDArray[np.int64]
    weights: NDArray[np.float32]
    train_loss: Floats
    validation_loss: Floats
    checkpoint: NDArray[np.int64]
    test_score: Floats
    diverged_at: NDArray[np.int64]


def run_shard(plan: Plan, arm: int, split: int) -> dict[str, list[Any]]:
    """The results of a shard by column, one entry per network.

    ``learning_rate``, ``seed``, ``epoch`` (chosen by the validation rows), ``validation_loss``, ``test_score``
    (the plan's metric), ``diverged_at`` (or -1), ``chosen`` (the networks with the chosen learning rate), the curves
    ``train_loss`` and ``validation_losses`` at the checkpoints, and for the chosen ones ``dead``, ``saturated``,
    ``gradient_first`` and ``gradient_last`` at the checkpoints on fixed probes.
    """
    network, recipe, points, searched = search(plan, arm, split)
    chosen = searched.rates == best_rate(searched)
    checkpoints = np.array(recipe.kept_epochs())
    health = _health(network, recipe, searched.weights[:, chosen], points)
    columns: dict[str, list[Any]] = {
        "learning_rate": searched.rates.tolist(),
        "seed": (searched.seeds - recipe.shuffle_seed).tolist(),
        "epoch": checkpoints[searched.checkpoint].tolist(),
        "validation_loss": searched.validation_loss[searched.checkpoint, np.arange(len(chosen))].tolist(),
        "test_score": searched.test_score.tolist(),
        "diverged_at": searched.diverged_at.tolist(),
        "chosen": chosen.tolist(),
        "train_loss": searched.train_loss.T.tolist(),
        "validation_losses": searched.validation_loss.T.tolist(),
    }
    return columns | {name: _placed(values, chosen) for name, values in health.items()}


def search(plan: Plan, arm: int, split: int) -> tuple[Network, Recipe, Points, Searched]:
    """Train an arm on a split with every learning rate of the search; the split's number decides all random draws."""
    points = points_of(plan, split)
    network = plan.network(arm, points.fit[0].shape[1])
    base = plan.protocol.seed + 1000 * (split + 2)
    recipe = plan.protocol.recipe(plan.table.task, base)
    seeds = base + np.arange(plan.protocol.seeds) + (500 if plan.arms[arm].twin else 0)
    return network, recipe, points, _search(plan, network, recipe, points, seeds)


def points_of(plan: Plan, split: int) -> Points:
    """The prepared rows of a split; the preparation sees the fitting rows alone."""
    rows, table = plan.split(split), plan.table
    fitted = preparation.fit(table, rows.fit)
    fit, validation, test = (
        preparation.prepared(fitted, table, part) for part in (rows.fit, rows.validation, rows.test)
    )
    return Points(fit, validation, test, fitted.y_scale)


def best_rate(searched: Searched) -> float:
    """The learning rate with the fewest diverged seeds, then the lowest mean validation loss, then the smallest."""
    rates = np.unique(searched.rates)
    best = searched.validation_loss[searched.checkpoint, np.arange(len(searched.rates))]
    sound = np.isfinite(best)
    ranks = [
        (int((~sound[own]).sum()), float(best[own & sound].mean()) if (own & sound).any() else np.inf, float(rate))
        for rate in rates
        for own in [searched.rates == rate]
    ]
    return min(ranks)[2]


def _search(plan: Plan, network: Network, recipe: Recipe, points: Points, seeds: NDArray[np.int64]) -> Searched:
    """Train the grid of learning rates, and past its edge while the best lies there."""
    rates = np.array(plan.protocol.learning_rates)
    found = _train(plan, network, recipe, points, rates, seeds)
    for _ in range(plan.protocol.extensions if len(rates) > 1 else 0):
        best, known = best_rate(found), np.unique(found.rates)
        if known[0] < best < known[-1]:
            return found
        beyond = (known[0], known[0] / known[1]) if best == known[0] else (known[-1], known[-1] / known[-2])
        more = beyond[0] * beyond[1] ** np.arange(1.0, EXTENSION + 1)
        found = _joined(found, _train(plan, network, recipe, points, more, seeds))
    return found


def _train(
    plan: Plan, network: Network, recipe: Recipe, points: Points, rates: Floats, seeds: NDArray[np.int64]
) -> Searched:
    every_rate, every_seed = np.repeat(rates, len(seeds)), np.tile(seeds, len(rates))
    trained = train_population(*points.fit, network, recipe, every_seed, every_rate, threads=1)
    losses = _validation_losses(network, recipe, trained, points.validation)
    checkpoint = 1 + np.argmin(losses[1:], axis=0)
    weights = trained.weights[checkpoint, np.arange(len(every_rate))]
    scores = _test_scores(plan, network, weights, points)
    scores[(trained.diverged_at >= 0) | ~np.isfinite(scores)] = constant_score(plan, points)
    return Searched(
        every_rate, every_seed, np.asarray(trained.weights, np.float32), trained.loss[trained.epochs], losses,
        checkpoint, scores, trained.diverged_at,
    )  # fmt: skip


def _validation_losses(network: Network, recipe: Recipe, trained: Trained, rows: tuple[Floats, Floats]) -> Floats:
    """(k, P) mean loss on the validation rows, inf for every checkpoint of a network that diverged."""
    x, y = rows[0].astype(np.float32), rows[1]
    value = LOSSES[recipe.loss].value
    with np.errstate(all="ignore"):
        losses = np.stack(
            [
                value(forward(network, network.unflatten(kept), x)[-1].pre_activation.astype(np.float64), y, 1.0).mean(
                    -1
                )
                for kept in trained.weights
            ]
        )
    losses[:, trained.diverged_at >= 0] = np.inf
    return np.where(np.isfinite(losses), losses, np.inf)


def _test_scores(plan: Plan, network: Network, weights: NDArray[Any], points: Points) -> Floats:
    """(P,) the plan's metric of networks (P, parameter_count) on the test rows."""
    x, y = points.test
    with np.errstate(all="ignore"):
        scores = forward(network, network.unflatten(weights.astype(np.float64)), x)[-1].pre_activation
        return plan.score(scores, y, points.y_scale)


def constant_score(plan: Plan, points: Points) -> float:
    """The test score of the answer that is best without looking at the inputs."""
    y, test = points.fit[1], points.test[1]
    constant = constant_scores(plan.link, y, len(plan.table.class_names))
    return plan.score(np.repeat(constant, len(test), axis=1), test, points.y_scale).item()


def _joined(first: Searched, second: Searched) -> Searched:
    along = {"weights": 1, "train_loss": 1, "validation_loss": 1}
    names = Searched.__dataclass_fields__
    return Searched(
        *(np.concatenate([getattr(first, name), getattr(second, name)], axis=along.get(name, 0)) for name in names)
    )


def _health(network: Network, recipe: Recipe, weights: NDArray[np.float32], points: Points) -> dict[str, Floats]:
    """(P, k) of each measure, over the hidden units and probe rows: the means over the hidden layers."""
    x, y = points.fit
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
