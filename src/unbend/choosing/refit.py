"""The network to use in the end: an arm trained on all rows, exactly as the shards that were compared trained it."""

import numpy as np

from unbend.choosing import preparation
from unbend.choosing.model import Model
from unbend.choosing.plan import ALL_ROWS, Plan
from unbend.choosing.shard import best_checkpoints, best_rate, points_of, search
from unbend.errors import UnbendError


def refit(plan: Plan, arm: int) -> Model:
    """Train an arm of a plan on all rows of the table.

    What the comparison scored is done once more: the inner cuts, the preparation fitted to the fitting rows, the
    search of the learning rate, early stopping by the validation rows. Of the seeds with the chosen learning rate, the
    network with the lowest validation loss is kept. Raises `UnbendError` where all of them diverged.

    >>> import unbend as ub
    >>> from unbend.choosing.arms import arms
    >>> from unbend.choosing.plan import Protocol, make_plan
    >>> from unbend.data.tabular import tabular
    >>> table = tabular(ub.data.moons(n=100))
    >>> model = refit(make_plan(table, arms(["tanh"]), Protocol(epochs=30, folds=2, repeats=1)), 0)
    >>> bool((model.predict(table.numbers, table.levels) == table.y).mean() > 0.9)
    True
    """
    cuts = points_of(plan, ALL_ROWS)
    network = plan.network(arm, cuts[0].fit[0].shape[1])
    searched = search(plan, arm, ALL_ROWS, cuts)
    checkpoints = best_checkpoints(searched)
    losses = searched.validation_loss[checkpoints, np.arange(len(checkpoints))]
    own = int(np.argmin(np.where(searched.rates == best_rate(searched), losses, np.inf)))
    if not np.isfinite(losses[own]):
        raise UnbendError(f"every network of {plan.arms[arm].name!r} diverged on all rows; choose lower learning rates")
    checkpoint, table = int(checkpoints[own]), plan.table
    return Model(
        network=network,
        weights=network.unflatten(searched.weights[checkpoint, own].copy()),
        preparation=preparation.fit(table, plan.split(ALL_ROWS).inner(int(searched.cuts[own]))[0]),
        task=table.task,
        number_names=table.number_names,
        level_names=table.level_names,
        categories=table.categories,
        class_names=table.class_names,
        target_name=table.target_name,
        learning_rate=float(searched.rates[own]),
        epoch=plan.protocol.checkpoints()[checkpoint],
    )
