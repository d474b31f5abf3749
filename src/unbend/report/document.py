"""A page of a report as one file: its template with its words, letters, style and the hash of its script inside."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from unbend.lessons import Text
from unbend.report.article import CODES, environment

LANGUAGES = ("en", "zh")
NAMES = {"en": "English", "zh": "中文"}
SWITCH, SCRIPT = "page.js", "report.js"


def document(template: str, words: dict[str, Text], languages: Sequence[str] = LANGUAGES, **values: Any) -> str:
    """The page of a ``template``; ``values`` are its own names. Nothing else than its own script may run in it."""
    scripts = (SWITCH, SCRIPT) if len(languages) > 1 else (SCRIPT,)
    script = "\n".join(_read(name).decode() for name in scripts)
    return environment().get_template(template).render(
        words=words,
        footer=words["footer"].fill({"version": version("unbend")}),
        languages=languages,
        codes=CODES,
        names=NAMES,
        letters=letters(),
        script=script,
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        **values,
    )  # fmt: skip


def letters() -> str:
    """The letters of the figures, as the address of a font inside a page."""
    return b64encode(_read("letters.woff")).decode()


def _read(name: str) -> bytes:
    return (files("unbend.report") / "templates" / name).read_bytes()
