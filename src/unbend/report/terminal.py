"""A lesson on a terminal: its paragraphs, its tables, what its pictures show, its claims."""

from typing import TYPE_CHECKING

from unbend.lessons import Film, Lecture, Picture, Table, Text
from unbend.lessons.text import in_language

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 96
SHOWN = {
    "picture": Text(zh="【图】", en="[picture] "),
    "film": Text(zh="【影片】", en="[film] "),
    "claims": Text(zh="测得的结论", en="What was measured"),
}


def print_lecture(lecture: Lecture, lang: str, console: "Console | None" = None) -> None:
    """Print a lesson in ``lang``, wrapped to the terminal; pictures and films by what they show.

    >>> from rich.console import Console
    >>> from unbend.lessons import Lesson, Findings
    >>> words = Text(zh="你好", en="hello")
    >>> lesson = Lesson("a", words, words, (words,), lambda settings: Findings(()))
    >>> print_lecture(Lecture(lesson, Findings(())), "zh", Console())
    你好
    你好
    """
    from rich.console import Console

    console = console or Console()
    width = min(console.width, WIDTH)
    console.print(lecture.lesson.title(lang), style="bold", width=width, markup=False, highlight=False)
    for part in lecture.body():
        if isinstance(part, Text):
            _say(console, part(lang), width)
        elif part.name == "claims":
            _claims(console, lecture, lang, width)
        else:
            _exhibit(console, lecture.findings.exhibits[part.name], lang, width)


def _say(console: "Console", text: str, width: int, style: str = "") -> None:
    console.print(text, width=width, style=style, markup=False, highlight=False)
    console.print()


def _exhibit(console: "Console", exhibit: Table | Picture | Film, lang: str, width: int) -> None:
    if isinstance(exhibit, Table):
        _table(console, exhibit, lang)
        return
    kind = "picture" if isinstance(exhibit, Picture) else "film"
    _say(console, SHOWN[kind](lang) + exhibit.caption(lang), width, "italic")


def _table(console: "Console", table: Table, lang: str) -> None:
    from rich import box
    from rich.table import Table as Grid

    grid = Grid(title=table.caption(lang), title_justify="left", title_style="italic", box=box.SIMPLE_HEAD)
    for cell in table.header:
        grid.add_column(in_language(cell, lang))
    for row in table.rows:
        grid.add_row(*(in_language(cell, lang) for cell in row))
    console.print(grid, markup=False)


def _claims(console: "Console", lecture: Lecture, lang: str, width: int) -> None:
    console.print(SHOWN["claims"](lang), style="bold", width=width)
    for claim in lecture.findings.claims:
        mark = "✓" if claim.holds else "✗"
        console.print(f"{mark} {claim.sentence(lang)}", width=width, markup=False, highlight=False)
        console.print(f"    {claim.evidence(lang)}", width=width, markup=False, highlight=False, style="dim")
    console.print()
