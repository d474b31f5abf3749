"""One lesson as a piece of a page: its text with figures inside, and its films, posters and recordings as files."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unbend.drawing import Figure
from unbend.files import replacing
from unbend.lessons import Film, Lecture, Picture, Text
from unbend.lessons.text import in_language
from unbend.report.inline import inline_svg

CODES = {"en": "en", "zh": "zh-CN"}
POSTER_QUALITY = 72
WORDS = {
    "claims": Text(zh="测得的结论", en="What was measured"),
    "holds": Text(zh="成立：", en="holds: "),
    "fails": Text(zh="不成立：", en="fails: "),
    "recordings": Text(zh="这一课的训练记录：", en="The recordings of this lesson: "),
    "lab": Text(zh="在实验室里动手做这一课", en="Do this lesson by hand, in the lab"),
    "figure": Text(zh="图", en="figure"),
    "contents": Text(zh="↑ 回到目录", en="↑ contents"),
}


@dataclass(frozen=True)
class Place:
    """Where a page goes and how: its ``folder``, its ``languages``, and whether its ``films`` are made."""

    folder: Path
    languages: tuple[str, ...]
    films: bool = True

    def __post_init__(self) -> None:
        """Make the folders."""
        for name in ("films", "recordings"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)


def write_article(lecture: Lecture, number: int, place: Place) -> str:
    """Write what belongs to lesson ``number`` into the place, and return its ``<article>``."""
    name = lecture.lesson.name
    for run, recording in lecture.findings.recordings.items():
        recording.save(place.folder / "recordings" / f"{name}-{run}.unbend")
    pictures: dict[str, str] = {}
    for exhibit, one in lecture.findings.exhibits.items():
        if isinstance(one, Film) and place.films:
            _write_film(one, f"{name}-{exhibit}", place)
        elif isinstance(one, Film | Picture):
            pictures[exhibit] = _svg(one, f"{name}-{exhibit}", place)
    return (
        environment()
        .get_template("article.html")
        .render(lecture=lecture, number=number, pictures=pictures, languages=place.languages, codes=CODES, words=WORDS)
    )


def _svg(exhibit: Picture | Film, name: str, place: Place) -> str:
    draw = exhibit.draw if isinstance(exhibit, Picture) else exhibit.poster
    return inline_svg({CODES[lang]: draw(lang) for lang in place.languages}, name)


def _write_film(film: Film, name: str, place: Place) -> None:
    for lang in place.languages:
        stem = place.folder / "films" / f"{name}.{lang}"
        _write_poster(film.poster(lang), stem.with_name(stem.name + ".webp"))
        film.write(stem.with_name(stem.name + ".mp4"), lang)


def _write_poster(figure: Figure, path: Path) -> None:
    from PIL import Image

    with replacing(path) as temporary, Image.open(io.BytesIO(figure.png())) as picture:
        picture.convert("RGB").save(temporary, format="WEBP", quality=POSTER_QUALITY)


# ---------------------------------------------------------------------- templates
def _kind(part: Any) -> str:
    return type(part).__name__


def environment() -> Any:
    """The templates of this room, with ``said`` (a text in a language) and ``kind`` (what a part of a lesson is)."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("unbend.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.filters |= {"said": in_language, "kind": _kind}
    return made
