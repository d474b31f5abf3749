"""The hidden control: a twin that differs from its arm in its seeds alone takes no part, and must not be told apart."""

from collections.abc import Sequence
from dataclasses import replace

from unbend.choosing.arms import Arm
from unbend.choosing.scores import Scores
from unbend.choosing.verdict import Verdict, judge


def without_twins(scores: Scores, arms: Sequence[Arm]) -> Scores:
    """The scores of the arms that compete; `judge` these.

    >>> import numpy as np
    >>> scores = Scores(("a", "b"), np.zeros((2, 3)), np.zeros(2), 9, 1, "accuracy")
    >>> twins = [Arm("tanh", "tanh", (4,), "lecun_normal", None, twin) for twin in (0, 1)]
    >>> without_twins(scores, twins).names
    ('a',)
    """
    return _chosen(scores, [place for place, arm in enumerate(arms) if not arm.twin])


def control_verdict(scores: Scores, arms: Sequence[Arm], rope: float = 0.01, alpha: float = 0.05) -> Verdict | None:
    """The verdict on the first twin and its arm alone, None without a twin.

    The truth is known: they are equal, so the word "winner" is a false alarm; how often it comes is measured in
    `calibration`. Raises `UnbendError` as `judge` does.
    """
    twin = next((place for place, arm in enumerate(arms) if arm.twin), None)
    if twin is None:
        return None
    own = [_without_seeds(arm) for arm in arms].index(_without_seeds(arms[twin]))
    return judge(_chosen(scores, [own, twin]), rope, alpha)


def _without_seeds(arm: Arm) -> tuple[object, ...]:
    return arm.activation, arm.hidden, arm.initializer, arm.gain


def _chosen(scores: Scores, places: list[int]) -> Scores:
    names = tuple(scores.names[place] for place in places)
    return replace(scores, names=names, values=scores.values[places], failures=scores.failures[places])
