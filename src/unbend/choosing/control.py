"""The hidden control: a twin that differs from its arm in its seeds alone takes no part, and must not be told apart."""

from collections.abc import Sequence

from unbend.choosing.arms import Arm
from unbend.choosing.scores import Scores
from unbend.choosing.verdict import Verdict, judge


def control_verdict(scores: Scores, arms: Sequence[Arm], rope: float = 0.01, alpha: float = 0.05) -> Verdict | None:
    """The verdict on the first twin and its arm alone, None without a twin.

    The truth is known: they are equal, so the word "winner" is a false alarm; how often it comes is measured in
    `calibration`. Raises `UnbendError` as `judge` does.
    """
    twin = next((place for place, arm in enumerate(arms) if arm.twin), None)
    if twin is None:
        return None
    own = [_without_seeds(arm) for arm in arms].index(_without_seeds(arms[twin]))
    return judge(scores.of([own, twin]), rope, alpha)


def _without_seeds(arm: Arm) -> tuple[object, ...]:
    return arm.activation, arm.hidden, arm.initializer, arm.gain
