"""What an arm's chosen networks did along the epochs, for the tools that draw curves."""

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.study import Study
from unbend.choosing.verdict import Ranked, Verdict

CURVES = {
    "train_loss": "loss/train", "validation_losses": "loss/validation", "dead": "health/dead",
    "saturated": "health/saturated", "gradient_first": "health/gradient_first", "gradient_last": "health/gradient_last",
}  # fmt: skip


def curves(study: Study, arm: int) -> dict[str, NDArray[np.float64]]:
    """(k,) means at the plan's k checkpoints, by the name of the curve.

    The mean is over the networks with the chosen learning rate, of all splits and seeds, that did not diverge; a curve
    is missing where all of them did.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for column, name in CURVES.items():
        rows = [
            values
            for shard in study.shards[arm]
            for values, chosen, at in zip(shard[column], shard["chosen"], shard["diverged_at"], strict=True)
            if chosen and at < 0
        ]
        if rows:
            found[name] = np.mean(np.array(rows, np.float64), axis=0)
    return found


def ranked(verdict: Verdict, name: str) -> Ranked | None:
    """The place of an arm in the ranking; None for a hidden twin."""
    return next((row for row in verdict.ranking if row.activation == name), None)


def finals(row: Ranked | None) -> dict[str, float]:
    """An arm's final numbers by the names that they have in every export."""
    if row is None:
        return {}
    return {"score": row.mean, "score_low": row.low, "score_high": row.high, "failure_rate": row.failure_rate}


def settings(study: Study, arm: int) -> dict[str, str]:
    """What an arm is, in words."""
    said = study.plan.arms[arm].to_dict()
    hidden = "-".join(map(str, said["hidden"])) or "linear"
    return {
        "activation": said["activation"],
        "formula": said["formula"],
        "hidden": hidden,
        "initializer": said["initializer"],
        "gain": str(said["gain"]),
    }
