"""The language of what a command prints and writes."""

import os

import click


def usual_language() -> str:
    """``zh`` where the user's locale is Chinese, else ``en``."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next((name for name in named if name), "").startswith("zh") else "en"


language_option = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default=usual_language, help="Language [default: that of the locale]."
)
