"""The pictures of runs at one epoch: `figure` of one on a sheet of four panels, `compare` of several side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.columns import Reached, columns
from unbend.drawing.picture import Figure
from unbend.drawing.sheet import four_panels
from unbend.drawing.story import Story
from unbend.drawing.telling import tell
from unbend.drawing.words import Words
from unbend.errors import UnbendError

if TYPE_CHECKING:
    from unbend.recording.recording import Recording

MOST_RUNS = 6


def figure(run: "Recording", epoch: int = -1, lang: str = "en") -> Figure:
    """Draw what ``run`` does at ``epoch`` (-1: the last): the input space with the boundary, the last hidden space with
    the bent grid and the straight line, loss and accuracy over the epochs, and the activations of each layer.

    ``lang``: ``"en"`` or ``"zh"``. Raises `UnbendError` for another language or an epoch that is not there.
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    story = tell(run, (epoch,))
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        four_panels(canvas, story, words).show(0)
    return Figure(canvas)


def compare(
    runs: "Iterable[Recording]", epoch: int = -1, lang: str = "en", reached: Sequence[Reached] = ()
) -> Figure:
    """Draw ``runs`` side by side at ``epoch`` (-1: the last): above the hidden space with the straight line, below the
    input space with the line pulled back. ``reached`` says for each run how many of many seeds reach a target.

    Raises `UnbendError` for no run or more than six, for another language, or for a ``reached`` of another length.
    """
    from matplotlib.figure import Figure as Canvas

    words, runs = Words(lang), side_by_side(runs, reached)
    stories = named([tell(run, (epoch,)) for run in runs], runs)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        columns(canvas, stories, words, reached).show(0)
    return Figure(canvas)


def side_by_side(runs: "Iterable[Recording]", reached: Sequence[Reached]) -> "list[Recording]":
    """The runs as a list, if there is room for them and ``reached`` fits."""
    chosen = list(runs)
    if not 1 <= len(chosen) <= MOST_RUNS:
        raise UnbendError(f"{len(chosen)} runs do not fit side by side; give 1 to {MOST_RUNS}, such as runs[:3]")
    if reached and len(reached) != len(chosen):
        raise UnbendError(f"reached has {len(reached)} entries for {len(chosen)} runs; give one for each run")
    return chosen


def named(stories: Sequence[Story], runs: "Sequence[Recording]") -> list[Story]:
    """The stories with names that tell them apart: the activation, and whatever else differs."""
    choices = [
        [story.name for story in stories],
        [story.shape for story in stories],
        [f"rate {run.recipe.learning_rate:g}" for run in runs],
        [run.recipe.optimizer for run in runs],
        [f"seed {run.recipe.seed}" for run in runs],
    ]
    telling = [choice for choice in choices if len(set(choice)) > 1] or choices[:1]
    if telling[0] is not choices[0]:
        telling.insert(0, choices[0])
    enough = next((n for n in range(1, len(telling) + 1) if _distinct(telling[:n])), len(telling))
    titles = [" ".join(parts) for parts in zip(*telling[:enough], strict=True)]
    return [replace(story, name=title) for story, title in zip(stories, titles, strict=True)]


def _distinct(choices: list[list[str]]) -> bool:
    titles = list(zip(*choices, strict=True))
    return len(set(titles)) == len(titles)
