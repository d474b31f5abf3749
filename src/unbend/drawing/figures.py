"""The pictures of runs at one epoch: `figure` of one on a sheet of four panels, `compare` of several side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from unbend.drawing import style
from unbend.drawing.columns import columns
from unbend.drawing.often import Reached
from unbend.drawing.picture import Figure
from unbend.drawing.sheet import four_panels
from unbend.drawing.story import Story
from unbend.drawing.telling import tell
from unbend.drawing.words import Words
from unbend.errors import UnbendError

if TYPE_CHECKING:
    from unbend.recording.recording import Recording

MOST_RUNS = 6


def figure(run: "Recording", epoch: int = -1, lang: str = "en", reached: Sequence[Reached] = ()) -> Figure:
    """Draw what ``run`` does at ``epoch`` (-1: the last): the input space with the boundary, the last hidden space with
    the bent grid and the straight line, loss and accuracy over the epochs, and the activations of each layer.

    ``lang``: ``"en"`` or ``"zh"``. ``reached`` may hold one entry: how many of many seeds reach a target. Raises
    `UnbendError` for another language or an epoch that is not there.

    >>> import unbend as ub
    >>> picture = figure(ub.train(ub.data.xor(), epochs=2), lang="zh")
    >>> picture.canvas.get_size_inches().tolist()
    [12.8, 7.2]
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    story = tell(run, (epoch,))
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        four_panels(canvas, story, words, reached).show(0)
    return Figure(canvas)


def compare(runs: "Iterable[Recording]", epoch: int = -1, lang: str = "en", reached: Sequence[Reached] = ()) -> Figure:
    """Draw ``runs`` side by side at ``epoch`` (-1: the last): above the hidden space with the straight line, below the
    input space with the line pulled back. ``reached`` says for each run how many of many seeds reach a target.

    Raises `UnbendError` for no run or more than six, for another language, or for a ``reached`` of another length.

    >>> import unbend as ub
    >>> runs = [ub.train(ub.data.xor(), activation=name, epochs=2) for name in ("tanh", "relu")]
    >>> len(compare(runs, reached=[Reached(3, 10), Reached(5, 10)]).canvas.axes)
    4
    """
    from matplotlib.figure import Figure as Canvas

    words, runs = Words(lang), side_by_side(runs, reached)
    stories = named([tell(run, (epoch,)) for run in runs], runs, words)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        columns(canvas, stories, words, reached).show(0)
    return Figure(canvas)


def side_by_side(runs: "Recording | Iterable[Recording]", reached: Sequence[Reached]) -> "list[Recording]":
    """One run, or some, as a list, if there is room for them and ``reached`` fits."""
    chosen = _some(runs)
    if not 1 <= len(chosen) <= MOST_RUNS:
        count = "no" if not chosen else f"more than {MOST_RUNS}"
        raise UnbendError(f"{count} runs cannot stand side by side; give 1 to {MOST_RUNS}, such as [runs[0], runs[1]]")
    if reached and len(reached) != len(chosen):
        raise UnbendError(f"reached has {len(reached)} entries for {len(chosen)} runs; give one for each run")
    return chosen


def _some(runs: Any) -> "list[Recording]":
    """At most one more than can be shown: a population may hold thousands."""
    single = hasattr(runs, "network") or not hasattr(runs, "__iter__")
    given: list[Any] = [runs] if single else list(islice(runs, MOST_RUNS + 1))
    for one in given:
        if not hasattr(one, "network"):
            raise UnbendError(f"{one!r:.60} is not a recording; give what ub.train returns, or a list of such")
    return given


def named(stories: Sequence[Story], runs: "Sequence[Recording]", words: Words) -> list[Story]:
    """The stories with names that tell them apart: the activation, and as much of what else differs as is needed."""
    activations = [story.name if story.hidden_widths else words("linear") for story in stories]
    others = [
        [story.shape for story in stories],
        [words("rate", value=f"{run.recipe.learning_rate:g}") for run in runs],
        [run.recipe.optimizer for run in runs],
        [words("seed", value=run.recipe.seed) for run in runs],
    ]
    telling = [activations, *(other for other in others if len(set(other)) > 1)]
    enough = next((count for count in range(1, len(telling)) if _distinct(telling[:count])), len(telling))
    titles = [" ".join(parts) for parts in zip(*telling[:enough], strict=True)]
    return [replace(story, name=title) for story, title in zip(stories, titles, strict=True)]


def _distinct(choices: list[list[str]]) -> bool:
    titles = list(zip(*choices, strict=True))
    return len(set(titles)) == len(titles)
