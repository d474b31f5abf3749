"""The page of a watched model: one file that opens from the file system, without a network."""

import json
import math
from os import PathLike
from pathlib import Path
from typing import Any

from unbend.drawing.health import health_figures
from unbend.drawing.words import shorten
from unbend.errors import UnbendError, did_you_mean
from unbend.files import cannot_write, extension, replacing
from unbend.report.article import CODES
from unbend.report.document import LANGUAGES, document
from unbend.report.health_facts import cost_line, counts, facts, findings, limits, rows, unit_rows, watch_card
from unbend.report.health_words import ABSENT, ACTIVATION, CAPTIONS, COLUMNS, DEFINITIONS, LAYER, TITLES, WORDS
from unbend.report.inline import inline_svg
from unbend.text import Text
from unbend.watching.health import Health
from unbend.watching.health_words import form
from unbend.watching.history import History

ENDINGS = ("html", "htm")
FIRST = 3  # findings that are told in full


def write_health(health: Health, history: History, path: str | PathLike[str], lang: str = "both") -> Path:
    """Write the page of a watched model and return its path; folders above it are made.

    ``lang``: "en", "zh", or "both" with a switch. Raises `UnbendError` for another language or ending, or where nothing
    can be written.
    """
    if lang not in ("both", *LANGUAGES):
        raise UnbendError(f"there is no language {lang!r} of a page; {did_you_mean(str(lang), ('both', *LANGUAGES))}")
    given: Any = path
    if not isinstance(given, str | PathLike) or not str(given):
        raise UnbendError(f"path={path!r:.60} is no file; give a name such as 'health.html'")
    page = Path(path)
    if page.is_dir():
        raise UnbendError(f"'{page}' is a folder; give a file in it, such as '{page / 'health.html'}'")
    extension(page, ENDINGS, "the report")
    text = _document(health, history, LANGUAGES if lang == "both" else (lang,))
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(page, error) from error
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return page


def _document(health: Health, history: History, languages: tuple[str, ...]) -> str:
    pictures = _pictures(health, history, languages)
    told = findings(health)
    sections = {
        "layers": bool(health.layers), "course": bool(health.layers), "units": bool(health.layers),
        "theory": "chi" in pictures, "method": True, "watch": True, "data": True,
    }  # fmt: skip
    return document(
        "health.html",
        WORDS,
        languages,
        health=health,
        chip="healthy" if health.is_healthy else "help" if any(one.severity == "alarm" for one in told) else "look",
        state=WORDS["state" if health.overhead.steps else "untrained"].fill(counts(health)),
        model=shorten(health.model, 60),
        facts=facts(health),
        findings=told[:FIRST],
        others=told[FIRST:],
        others_title=WORDS["others"].fill({"count": str(len(told[FIRST:]))}),
        passed=_passed(health),
        header=[LAYER, ACTIVATION, *COLUMNS.values()],
        rows=rows(health, history),
        table_note=WORDS["table_note"].fill({"step": f"{_step(health, history):,}"}),
        absent=ABSENT,
        units=unit_rows(health),
        units_header=[LAYER, COLUMNS["dead"], COLUMNS["dormant"]],
        cost_line=cost_line(health),
        single=len(history.samples) < 2,
        pictures=pictures,
        titles=TITLES,
        captions=_captions(health),
        definitions=[text.fill(limits()) for text in DEFINITIONS.values()],
        card=watch_card(health),
        sections=[name for name, there in sections.items() if there],
        json=json.dumps(health.to_dict(), ensure_ascii=False).replace("<", "\\u003c"),
    )


def _step(health: Health, history: History) -> int:
    """The step of the sample whose numbers are in the table: the last sound one."""
    measures = tuple(one.measure for one in health.layers)
    return next((one.step for one in reversed(history.samples) if one.layers == measures), health.step)


def _passed(health: Health) -> Text:
    seen = any(one.weight is not None and not math.isnan(one.weight.update) for one in health.layers)
    named = [COLUMNS[name] for name in ("dead", "saturated", "spread", "gradient", *(("update",) if seen else ()))]
    checks = Text(zh="、".join(one.zh for one in named), en=", ".join(one.en for one in named))
    values: dict[str, str | Text] = {"layers": str(len(health.layers)), "checks": checks, **counts(health)}
    return WORDS["passed"].fill(values)


def _captions(health: Health) -> dict[str, Text]:
    values: dict[str, str] = limits()
    if health.theory is not None:
        values["predicted"] = form("number", health.theory.depth_scale)
        values["measured"] = form("number", health.theory.measured_depth_scale)
    return {name: text.fill(values) for name, text in CAPTIONS.items() if name != "chi" or health.theory is not None}


def _pictures(health: Health, history: History, languages: tuple[str, ...]) -> dict[str, str]:
    drawn = {CODES[lang]: health_figures(health, history, lang) for lang in languages}
    names = dict.fromkeys(name for figures in drawn.values() for name in figures)
    return {
        name: inline_svg({code: figures[name] for code, figures in drawn.items() if name in figures}, name)
        for name in names
    }
