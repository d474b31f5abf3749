"""The lessons: text in Chinese and English, experiments, and claims that are measured each time a lesson is given."""

from unbend.errors import UnbendError, did_you_mean
from unbend.lessons.affine import LESSON as AFFINE
from unbend.lessons.claim import Claim
from unbend.lessons.depth import LESSON as DEPTH
from unbend.lessons.exclusive_or import LESSON as EXCLUSIVE_OR
from unbend.lessons.gradients import LESSON as GRADIENTS
from unbend.lessons.lesson import Film, Findings, Lecture, Lesson, Picture, Settings, Show, Table, give
from unbend.lessons.line import LESSON as LINE
from unbend.lessons.perceptron import LESSON as PERCEPTRON
from unbend.lessons.pieces import LESSON as PIECES
from unbend.lessons.regression import LESSON as REGRESSION
from unbend.lessons.ring import LESSON as RING
from unbend.lessons.squares import LESSON as SQUARES
from unbend.lessons.sweep import LESSON as SWEEP
from unbend.lessons.text import Text
from unbend.lessons.training import LESSON as TRAINING
from unbend.lessons.two_curves import LESSON as TWO_CURVES

LESSONS = (
    LINE, AFFINE, PIECES, DEPTH, REGRESSION, PERCEPTRON, SQUARES, EXCLUSIVE_OR, TWO_CURVES, GRADIENTS, TRAINING, SWEEP,
    RING,
)  # fmt: skip


def lesson(name: str) -> Lesson:
    """The lesson of this name or number (from 1 on); `UnbendError` names the nearest one if there is none.

    >>> lesson("xor").title("en")
    'Exclusive or: bend once, and a line is enough'
    """
    for number, one in enumerate(LESSONS, start=1):
        if name in (one.name, str(number)):
            return one
    raise UnbendError(f"there is no lesson {name!r}; {did_you_mean(name, [one.name for one in LESSONS])}")


__all__ = [
    "LESSONS",
    "Claim",
    "Film",
    "Findings",
    "Lecture",
    "Lesson",
    "Picture",
    "Settings",
    "Show",
    "Table",
    "Text",
    "give",
    "lesson",
]
