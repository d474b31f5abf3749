"""A choice on a terminal: the ranking with its intervals, the verdict in sentences, why, and the code that follows."""

from typing import TYPE_CHECKING

from unbend.choosing import forms
from unbend.choosing.choice import Choice
from unbend.choosing.telling import headline, next_steps, title, why
from unbend.choosing.verdict import Ranked
from unbend.drawing.rows import metric_words
from unbend.drawing.words import Words, shorten
from unbend.lessons import Text
from unbend.report.choice_facts import diagnosis_of, middle
from unbend.report.choice_words import WORDS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 100
REST = 64  # columns that everything but the bar and its margin takes
LONGEST = 18  # letters of a name
SHOWN = ("trees", "linear", "pytorch", "sklearn", "unbend")  # the page has the rest
PAGE = Text(
    zh="各列的准备、Keras 的代码和全部图表见网页报告。",
    en="Preparation of the columns, code for Keras and all charts: see the page.",
)


def show_choice(choice: Choice, lang: str, console: "Console | None" = None) -> None:
    """Print a choice in ``lang`` ("en" or "zh"), as wide as the terminal allows."""
    from rich.console import Console

    console = console or Console()
    width = min(console.width, WIDTH)
    table = choice.study.plan.table
    where = f"{shorten(table.origin, 40)} · {shorten(table.target_name, 20)} · {len(table):,} × {_columns(choice)}"
    say(console, where, width, "dim")
    say(console, f"{WORDS[choice.verdict.word](lang)}: {title(choice, lang)}", width, "bold")
    console.print(_ranking(choice, lang, width - REST), width=width)
    for sentence in headline(choice, lang):
        say(console, sentence, width)
    if choice.verdict.nothing_trained:
        return
    say(console, "\n" + WORDS["reasons"](lang), width, "bold")
    for sentence in why(choice, lang):
        say(console, sentence, width)
    say(console, "\n" + WORDS["next"](lang), width, "bold")
    for step in next_steps(choice, lang):
        if step.name in SHOWN:
            say(console, f"# {step.title}", width, "dim")
            console.print(step.code + "\n", markup=False, highlight=False, soft_wrap=True)
    say(console, PAGE(lang), width)


def say(console: "Console", text: str, width: int, style: str = "") -> None:
    """Print a text as it is, wrapped."""
    console.print(text, width=width, style=style, markup=False, highlight=False)


def _columns(choice: Choice) -> int:
    table = choice.study.plan.table
    return len(table.number_names) + len(table.level_names)


def _ranking(choice: Choice, lang: str, bar: int) -> "Table":
    """Arms, then baselines, with a bar for each interval."""
    from rich import box
    from rich.table import Table
    from rich.text import Text as Styled

    verdict, words = choice.verdict, Words(lang)
    ends = _range(choice)
    grid = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    grid.add_column(WORDS["activation"](lang), no_wrap=True)
    grid.add_column(metric_words(verdict.metric, lang), justify="right", max_width=10)
    grid.add_column("95%", no_wrap=True)
    grid.add_column("", no_wrap=True, width=max(bar, 9))
    for name in ("rate", "diverged"):
        grid.add_column(WORDS[name](lang), justify="right", max_width=8)
    for one in verdict.ranking:
        possible = one.activation in verdict.not_excluded
        grid.add_row(
            Styled(("● " if possible else "○ ") + shorten(one.activation, LONGEST), style="bold" if possible else ""),
            forms.score(verdict.metric, one.mean),
            _interval(verdict.metric, one),
            Styled(_bar(ends, max(bar, 9), one.low, one.mean, one.high), style="blue" if possible else ""),
            forms.rate(middle(diagnosis_of(choice, one.activation).chosen_rates)),
            forms.share(one.failure_rate),
        )
    grid.add_section()
    for one in choice.baselines:
        mean = float(one.scores.mean())
        grid.add_row(
            Styled("  " + shorten(words(f"choice_{one.name}"), LONGEST)), forms.score(verdict.metric, mean), "",
            Styled(_bar(ends, max(bar, 9), mean, mean, mean), style="yellow"),
        )  # fmt: skip
    return grid


def _interval(metric: str, one: Ranked) -> str:
    high = forms.possible(metric, one.high)
    return f"{forms.score(metric, one.low)} – {forms.score(metric, high)}"


def _range(choice: Choice) -> tuple[float, float]:
    metric = choice.verdict.metric
    low = min(one.low for one in choice.verdict.ranking)
    high = max(forms.possible(metric, one.high) for one in choice.verdict.ranking)
    return low, high


def _bar(ends: tuple[float, float], width: int, low: float, mean: float, high: float) -> str:
    """An interval as text; nothing where its mean lies beyond the ends.

    >>> _bar((0.0, 1.0), 11, 0.2, 0.5, 0.8), _bar((0.0, 1.0), 11, 2.0, 2.0, 2.0)
    ('  ├──●──┤  ', '           ')
    """
    scale = (width - 1) / ((ends[1] - ends[0]) or 1.0)
    left, centre, right = (round((value - ends[0]) * scale) for value in (low, mean, high))
    if not 0 <= centre < width:
        return " " * width
    left, right = max(left, 0), min(right, width - 1)
    line = [" "] * width
    for place in range(left, right + 1):
        line[place] = "─"
    line[left], line[right], line[centre] = "├", "┤", "●"
    return "".join(line)
