"""``unbend card``: everything about one activation, or all of them side by side."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unbend.cli.language import language_option
from unbend.errors import UnbendError
from unbend.files import extension, replacing

if TYPE_CHECKING:
    from unbend.properties import Card, Cards

PICTURES = ("svg", "png", "pdf")
OF_ONE, OF_ALL = ("json", "md", "txt", *PICTURES), ("csv", "json", "md", *PICTURES)


@click.command()
@click.argument("name_or_formula", required=False)
@click.option("--all", "everything", is_flag=True, help="Every activation of the catalogue, side by side.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write .json, .md, .svg, .png or .pdf.")
@language_option
def card(name_or_formula: str | None, everything: bool, out: Path | None, lang: str) -> None:
    """Print every property of an activation: a name such as gelu, or a formula such as "x*sigmoid(1.7*x)".

    With --out also write it: .json, .md or .txt for the numbers, .svg, .png or .pdf for the picture. With --all the
    whole catalogue: .csv, .json or .md for the table, a picture for the cheat sheet.
    """
    if everything == (name_or_formula is not None):
        raise UnbendError("card takes a name or a formula, such as 'unbend card gelu', or --all")
    if out is not None:
        extension(out, OF_ALL if everything else OF_ONE, "the cards" if everything else "a card")
    if name_or_formula is None:
        _all(out, lang)
    else:
        _one(name_or_formula, out, lang)


def _one(text: str, out: Path | None, lang: str) -> None:
    from unbend.properties import card as make_card
    from unbend.properties.telling import markdown, plain_text

    found = make_card(text)
    if out is None:
        _print_card(found, lang)
        return
    ending = out.suffix.lower().removeprefix(".")
    if ending in PICTURES:
        found.figure(lang).save(out)
    else:
        write = {"json": lambda: _json(found.to_dict()), "md": lambda: markdown(found, lang)}
        _write(out, write.get(ending, lambda: plain_text(found, lang))())
    click.echo(out)


def _all(out: Path | None, lang: str) -> None:
    from unbend.properties import cards

    found = cards()
    if out is None:
        _print_cards(found, lang)
        return
    ending = out.suffix.lower().removeprefix(".")
    if ending in PICTURES:
        found.figure(lang).save(out)
    elif ending == "csv":
        _write(out, _csv(found.table()))
    elif ending == "json":
        _write(out, _json([one.to_dict() for one in found]))
    else:
        head, *body = found.rows(lang)
        lines = [head, ["---"] * len(head), *body]
        _write(out, "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines))
    click.echo(out)


def _print_card(found: "Card", lang: str) -> None:
    """A table in a terminal; plain lines where the output goes elsewhere."""
    from rich.console import Console
    from rich.syntax import Syntax
    from rich.text import Text

    from unbend.properties.telling import TITLES, plain_text, rich_table

    console = Console()
    if not console.is_terminal:
        click.echo(plain_text(found, lang))
        return
    console.print(rich_table(found, lang))
    for library, source in found.code.items():
        console.print(Text(f"\n{TITLES[library]}", style="bold"))
        console.print(Syntax(source, "python", background_color="default"))


def _print_cards(found: "Cards", lang: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    head, *body = found.rows(lang)
    console = Console()
    if not console.is_terminal:
        click.echo("\n".join("\t".join(row) for row in [head, *body]))
        return
    table = Table(*head)
    for row in body:
        table.add_row(*map(Text, row))
    console.print(table)


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(table: dict[str, list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return text.getvalue()
