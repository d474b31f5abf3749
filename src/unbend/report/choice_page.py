"""The page of a choice: one file that opens from the file system, without a network, whatever the size of the table."""

import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from unbend.choosing import forms
from unbend.choosing.choice import Choice
from unbend.choosing.telling import headline, next_steps, title, why
from unbend.choosing.untuned import untuned
from unbend.drawing import Figure
from unbend.drawing.learning import learning_figure
from unbend.drawing.pairs import pairs_figure
from unbend.drawing.ranking import ranking_figure
from unbend.drawing.rates import rates_figure
from unbend.drawing.untuned_ranking import untuned_figure
from unbend.drawing.words import shorten
from unbend.files import replacing
from unbend.lessons import Text
from unbend.report.article import CODES
from unbend.report.choice_facts import (
    data_card,
    environment_card,
    facts,
    filled,
    health_rows,
    method,
    pair_rows,
    ranking_rows,
    rope_text,
    said,
    unit_text,
)
from unbend.report.choice_words import WORDS
from unbend.report.document import LANGUAGES, document
from unbend.report.inline import inline_svg

FIGURES: dict[str, Callable[[Choice, str], Figure]] = {
    "ranking": ranking_figure,
    "pairs": pairs_figure,
    "rates": rates_figure,
    "untuned": untuned_figure,
    "learning": learning_figure,
}
HEADERS = {
    "ranking": ("activation", "mean", "interval", "behind", "p_holm", "rate", "diverged"),
    "pairs": ("first", "second", "difference", "interval", "p", "p_holm", "worse", "equal", "better", "wins"),
    "health": ("activation", "dead", "saturated", "gradient", "chi", "epochs_to_90", "basin", "diverged"),
}
SECTIONS = ("ranking", "reasons", "next", "pairs", "rates", "learning", "health", "method", "data", "environment")


def write_report(choice: Choice, path: "str | Path", command: Sequence[str] = ()) -> Path:
    """Write the page of a choice and return its path; ``command``: the words of the call that led to it."""
    page = Path(path)
    told = {
        "reasons": {lang: why(choice, lang) for lang in LANGUAGES},
        "next": {lang: next_steps(choice, lang) for lang in LANGUAGES},
    }
    empty = {name for name, texts in told.items() if not any(texts.values())}  # where every network diverged
    text = document(
        "choice.html",
        WORDS,
        choice=choice,
        title=said(lambda lang: title(choice, lang)),
        sentences=_sentences(choice),
        facts=facts(choice),
        pictures=_pictures(choice),
        captions=_captions(choice),
        tables={"ranking": ranking_rows(choice), "pairs": pair_rows(choice), "health": health_rows(choice)},
        headers={name: [WORDS[cell] for cell in cells] for name, cells in HEADERS.items()},
        reasons=told["reasons"],
        steps=told["next"],
        method=method(choice),
        cards={"data": data_card(choice), "environment": environment_card(choice, shlex.join(command))},
        sections=[name for name in SECTIONS if name not in empty],
        origin=shorten(choice.study.plan.table.origin, 60),
        target=shorten(choice.study.plan.table.target_name, 40),
    )
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return page


def _sentences(choice: Choice) -> list[Text]:
    told = {lang: headline(choice, lang) for lang in LANGUAGES}
    return [Text(zh=_kept(zh), en=_kept(en)) for zh, en in zip(told["zh"], told["en"], strict=True)]


def _kept(sentence: str) -> str:
    """The same with p-values that no line breaks."""
    return re.sub(r"\bp ([=<]) ", "p\u00a0\\1\u00a0", sentence)


def _pictures(choice: Choice) -> dict[str, str]:
    return {
        name: inline_svg({CODES[lang]: draw(choice, lang) for lang in LANGUAGES}, name)
        for name, draw in FIGURES.items()
    }


def _captions(choice: Choice) -> dict[str, Text]:
    metric = choice.verdict.metric
    values = {"rope": rope_text(choice), "unit": unit_text(metric), "rate": forms.rate(untuned(choice).learning_rate)}
    return {name: filled(WORDS[f"{name}_caption"], **values) for name in (*FIGURES, "health")}
