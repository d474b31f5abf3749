"""What a lesson is: text in two languages, and an experiment that brings back what the text claims and shows.

Numbers, tables, pictures and films are named here and placed by the text; a lesson does not know what a page is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from unbend.lessons.claim import Claim
from unbend.lessons.text import Text
from unbend.recording import Recording

if TYPE_CHECKING:
    from unbend.drawing.picture import Figure


@dataclass(frozen=True)
class Settings:
    """How large the experiments are: the first seed, and how many seeds a population has."""

    seed: int = 0
    seeds: int = 256


@dataclass(frozen=True)
class Show:
    """A place in the text for the table, picture or film of this name; ``"claims"`` is the place for the claims."""

    name: str


@dataclass(frozen=True)
class Table:
    """Rows of values under a header; a cell is a string, or a `Text` where the languages differ."""

    caption: Text
    header: tuple[str | Text, ...]
    rows: tuple[tuple[str | Text, ...], ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure: ``draw(lang)`` makes it when it is wanted; ``alt`` says in words what can be seen on it."""

    draw: "Callable[[str], Figure]"
    alt: Text
    caption: Text


@dataclass(frozen=True, eq=False)
class Film:
    """A film: ``write(path, lang)`` makes it when it is wanted; ``poster(lang)`` is its still picture."""

    write: Callable[[Path, str], None]
    poster: "Callable[[str], Figure]"
    alt: Text
    caption: Text


Exhibit = Table | Picture | Film


@dataclass(frozen=True, eq=False)
class Findings:
    """What an experiment brings back.

    ``numbers``: the measured values that the text names. ``exhibits``: what `Show` names. ``recordings``: the runs
    that a reader may want to open.
    """

    claims: tuple[Claim, ...]
    numbers: Mapping[str, str | Text] = field(default_factory=dict)
    exhibits: Mapping[str, Exhibit] = field(default_factory=dict)
    recordings: Mapping[str, Recording] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson before its experiment has run: ``body`` is its text in order, paragraph by paragraph."""

    name: str
    title: Text
    summary: Text
    body: tuple[Text | Show, ...]
    experiment: Callable[[Settings], Findings]


@dataclass(frozen=True, eq=False)
class Lecture:
    """A lesson after its experiment has run: the same text with the measured numbers in it."""

    lesson: Lesson
    findings: Findings

    @property
    def holds(self) -> bool:
        """Whether every claim holds."""
        return all(claim.holds for claim in self.findings.claims)

    def body(self) -> tuple[Text | Show, ...]:
        """The text with its numbers; `UnbendError` names one that was not measured."""
        return tuple(part.fill(self.findings.numbers) if isinstance(part, Text) else part for part in self.lesson.body)


def give(lesson: Lesson, settings: Settings | None = None) -> Lecture:
    """Run the experiment of ``lesson`` and check its claims; pictures and films are only drawn when asked for."""
    return Lecture(lesson, lesson.experiment(settings or Settings()))
