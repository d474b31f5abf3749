"""How often, not only how: the share of a population that reaches a target, for each value of one argument."""

from typing import Any

import numpy as np

from unbend.recording import Population


def shares(runs: Population, by: str, target: float) -> dict[Any, float]:
    """The share of networks that did not diverge and end at ``target`` or better, for each value of the column ``by``.

    >>> import unbend as ub
    >>> shares(ub.train_many(ub.data.line(), hidden=(), seed=range(4), epochs=50), "hidden", 0.99)
    {(): 1.0}
    """
    table = runs.table()
    reached = (np.asarray(table[runs.metric_name]) >= target) & (np.asarray(table["diverged_at"]) < 0)
    values = table[by]
    return {value: float(np.mean(reached[[other == value for other in values]])) for value in dict.fromkeys(values)}
