"""The page of a tour: contents, articles, languages; it opens from the file system, without a network.

Beside it stands the lab, in which every lesson can be done by hand.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from unbend.files import replacing
from unbend.lab.document import document
from unbend.lessons import LESSONS, Text
from unbend.report.article import CODES, environment
from unbend.report.document import NAMES, letters
from unbend.report.giving import Commission, Told

WORDS = {
    "title": Text(zh="激活函数到底做了什么", en="What an activation function really does"),
    "lead": Text(
        zh="它弯曲空间。网络一层一层地弯，直到一条直线就能把两类分开。下面每一句可以验证的话，都在生成本页时重新测过。",
        en="It bends space. Layer by layer a network bends until one straight line parts the classes. Every sentence "
        "here that can be checked was measured anew when this page was made.",
    ),
    "contents": Text(zh="目录", en="Contents"),
    "held": Text(zh="{claims} 条结论中有 {held} 条成立。", en="{held} of {claims} claims hold."),
}
FOOTER = Text(
    zh="由 unbend {version} 生成；每组实验用 {seeds} 个种子，从 {seed} 开始。重新生成：unbend tour",
    en="Made by unbend {version}; every population has {seeds} seeds from {seed} on. Make it again: unbend tour",
)


def write_page(told: Sequence[Told], commission: Commission) -> Path:
    """Write ``index.html`` for lessons that were told, in their order, and return its path; it opens in the first
    language. The lab that its lessons link to is written beside it, as ``lab.html``."""
    page = Path(commission.folder) / "index.html"
    by_name = {one.name: one for one in told}
    lessons = [(number, one) for number, one in enumerate(LESSONS, start=1) if one.name in by_name]
    held = {"held": str(sum(one.held for one in told)), "claims": str(sum(one.claims for one in told))}
    made = {"version": version("unbend"), "seed": str(commission.seed), "seeds": str(commission.settings.seeds)}
    text = environment().get_template("tour.html").render(
        lessons=lessons,
        articles=[by_name[one.name].article for _, one in lessons],
        languages=list(commission.languages),
        codes=CODES,
        names=NAMES,
        words={**WORDS, "held": WORDS["held"].fill(held)},
        letters=letters(),
        footer=FOOTER.fill(made),
    )  # fmt: skip
    for path, content in ((page, text), (page.with_name("lab.html"), document())):
        with replacing(path) as temporary:
            temporary.write_text(content, encoding="utf-8")
    return page
