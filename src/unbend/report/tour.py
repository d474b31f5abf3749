"""The tour as a folder: a page, its figures, films and recordings; it opens from the file system, without a network."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from unbend.files import replacing
from unbend.lessons import Film, Lecture, Picture, Settings, Table, Text
from unbend.lessons.text import in_language
from unbend.report.filming import FilmJob, filming

CODES = {"en": "en", "zh": "zh-CN"}
NAMES = {"en": "English", "zh": "中文"}
WORDS = {
    "title": Text(zh="激活函数到底做了什么", en="What an activation function really does"),
    "lead": Text(
        zh="它弯曲空间。网络一层一层地弯，直到一条直线就能把两类分开。下面每一句可以验证的话，都在生成本页时重新测过。",
        en="It bends space. Layer by layer a network bends until one straight line parts the classes. Every sentence "
        "here that can be checked was measured anew when this page was made.",
    ),
    "contents": Text(zh="目录", en="Contents"),
    "claims": Text(zh="测得的结论", en="What was measured"),
    "holds": Text(zh="成立：", en="holds: "),
    "fails": Text(zh="不成立：", en="fails: "),
    "recordings": Text(zh="这一课的训练记录：", en="The recordings of this lesson: "),
    "figure": {"zh": "图", "en": "figure"},
}
FOOTER = Text(
    zh="由 unbend {version} 生成；每个实验用 {seeds} 个种子，从 {seed} 开始。重新生成：unbend tour",
    en="Made by unbend {version}; every experiment with {seeds} seeds from {seed} on. Make it again: unbend tour",
)


def write_tour(
    lectures: Sequence[Lecture],
    folder: Path,
    languages: Sequence[str] = ("en", "zh"),
    settings: Settings | None = None,
    advance: Callable[[float], None] = lambda done: None,
) -> Path:
    """Write the tour of ``lectures`` into ``folder`` and return its ``index.html``, which is written last.

    ``languages``: the page opens in the first. ``advance(1)`` is called for each of `parts_of` figures and films.
    """
    for name in ("figures", "films", "recordings"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for lecture in lectures:
        for name, run in lecture.findings.recordings.items():
            run.save(_recording(folder, lecture, name))
    with filming([job for lecture in lectures for job in _films(lecture, folder, languages)]) as films:
        for lecture in lectures:
            _draw(lecture, folder, languages, advance)
        for film in films:
            film.result()
            advance(1)
    page = folder / "index.html"
    with replacing(page) as temporary:
        temporary.write_text(_html(lectures, languages, settings or Settings()), encoding="utf-8")
    return page


def parts_of(lectures: Sequence[Lecture], languages: Sequence[str]) -> int:
    """How many figures and films a tour of ``lectures`` has."""
    exhibits = [exhibit for lecture in lectures for exhibit in lecture.findings.exhibits.values()]
    figures = sum(isinstance(exhibit, Picture | Film) for exhibit in exhibits)
    return (figures + sum(isinstance(exhibit, Film) for exhibit in exhibits)) * len(languages)


def _recording(folder: Path, lecture: Lecture, name: str) -> Path:
    return folder / "recordings" / f"{lecture.lesson.name}-{name}.unbend"


def _draw(lecture: Lecture, folder: Path, languages: Sequence[str], advance: Callable[[float], None]) -> None:
    """The figures of a lecture, and the still pictures of its films."""
    for name, exhibit in lecture.findings.exhibits.items():
        if isinstance(exhibit, Table):
            continue
        draw = exhibit.draw if isinstance(exhibit, Picture) else exhibit.poster
        for lang in languages:
            draw(lang).save(folder / "figures" / f"{lecture.lesson.name}-{name}.{lang}.svg")
            advance(1)


def _films(lecture: Lecture, folder: Path, languages: Sequence[str]) -> list[FilmJob]:
    """Every film of a lecture in every language."""
    films = {name: exhibit for name, exhibit in lecture.findings.exhibits.items() if isinstance(exhibit, Film)}
    return [
        FilmJob(
            path=folder / "films" / f"{lecture.lesson.name}-{name}.{lang}.mp4",
            lang=lang,
            recordings=tuple(_recording(folder, lecture, run) for run in exhibit.runs),
        )
        for name, exhibit in films.items()
        for lang in languages
    ]


# ---------------------------------------------------------------------- the page
def _kind(part: Any) -> str:
    return type(part).__name__


def _html(lectures: Sequence[Lecture], languages: Sequence[str], settings: Settings) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("unbend.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["said"] = in_language
    environment.filters["kind"] = _kind
    made_by = {"version": version("unbend"), "seeds": str(settings.seeds), "seed": str(settings.seed)}
    return environment.get_template("tour.html").render(
        lectures=lectures,
        languages=list(languages),
        codes=CODES,
        names=NAMES,
        words=WORDS,
        footer=FOOTER.fill(made_by),
    )
