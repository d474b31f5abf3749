"""The ranking that nobody should trust but everybody makes: every arm at one usual learning rate."""

from dataclasses import dataclass

import numpy as np

from unbend.choosing.choice import Choice

USUAL = {"sgd": 0.01}  # Keras's default, and a common start with PyTorch; that of the others is 0.001 everywhere


@dataclass(frozen=True)
class Untuned:
    """Mean held-out scores at one ``learning_rate``, by arm, from the best to the worst."""

    learning_rate: float
    scores: dict[str, float]


def untuned(choice: Choice) -> Untuned:
    """Every arm of the verdict at the rate of the common grid that is nearest to the libraries' default."""
    plan = choice.study.plan
    usual = USUAL.get(plan.protocol.optimizer, 0.001)
    rates = choice.diagnoses[0].rates
    place = int(np.argmin(np.abs(np.log(rates / usual))))
    scores = {
        arm.name: float(one.score_by_rate[place])
        for arm, one in zip(plan.arms, choice.diagnoses, strict=True)
        if not arm.twin
    }
    ordered = sorted(scores, key=lambda name: -scores[name])
    return Untuned(float(rates[place]), {name: scores[name] for name in ordered})
