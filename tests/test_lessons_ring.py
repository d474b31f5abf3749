import numpy as np

from unbend.lessons.lesson import Settings, Show, give
from unbend.lessons.ring import LESSON, _loop


def test_the_lesson_holds_with_its_text_and_exhibits() -> None:
    lecture = give(LESSON, Settings(seeds=48))
    assert lecture.holds, [claim.sentence("en") for claim in lecture.findings.claims if not claim.holds]
    shown = {part.name for part in lecture.body() if isinstance(part, Show)}
    assert shown == set(lecture.findings.exhibits) | {"claims"}


def test_the_circle_is_in_the_ring() -> None:
    radius = np.hypot(*_loop().T)
    assert radius.min() > 0.7 and radius.max() < 1.0
