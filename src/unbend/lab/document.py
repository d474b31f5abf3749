"""The page as one file: the linked script, and what it opens with, under a content security policy of its own."""

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from unbend.errors import UnbendError
from unbend.files import cannot_write, replacing
from unbend.lab.catalogue import catalogue_module
from unbend.lab.link import link
from unbend.lab.tables import tables_module

POLICY = (
    "default-src 'none'; script-src 'sha256-{digest}'; worker-src blob:; img-src data: blob:; media-src blob:; "
    "connect-src {connect}; base-uri 'none'; form-action 'none'"
)
SPACES = re.compile(r"\s*([{};,])\s*|(?<=:)\s+")  # those of a style sheet that say nothing
NAME = "lab.html"
TITLES = {"en": "unbend lab", "zh": "unbend 实验室"}
START = "unbendLab().open(document.getElementById('unbend-lab'));"
PAGE = """\
<!doctype html>
<html lang="{code}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<body>
<div id="unbend-lab"></div>
<noscript><p lang="en">This page needs JavaScript.</p><p lang="zh-CN">本页需要 JavaScript。</p></noscript>
<script type="application/json" id="state">{state}</script>
<script type="application/json" id="recording">{recording}</script>
<script id="code">{script}</script>
</body>
</html>
"""


@cache
def modules() -> dict[str, str]:
    """The text of every module of the page by name, those that Python writes among them."""
    folder = files("unbend.lab") / "page"
    style = SPACES.sub(r"\1", (folder / "style.css").read_text(encoding="utf-8").strip())
    written = {
        "catalogue": catalogue_module(),
        "tables": tables_module(),
        "style": f"export const STYLE = {json.dumps(style)};\n",
    }
    own = {
        Path(file.name).stem: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".js")
    }
    return own | written


@cache
def script() -> str:
    """The linked script: the function ``unbendLab``, whose result has ``render``, ``open`` and ``work``."""
    return link(modules(), "lab")


def document(state: str = "", recording: bytes | None = None, lang: str | None = None, ask: str | None = None) -> str:
    """The page as HTML text. ``state`` as it stands behind ``#`` in its address; ``recording`` the bytes of a .unbend
    file; ``ask``: the path under which the local server answers.

    >>> document(lang="zh").startswith("<!doctype html>")
    True
    """
    code = f"\n{script()}\n{START}\n"
    digest = b64encode(sha256(code.encode()).digest()).decode()
    return PAGE.format(
        code="zh-CN" if lang == "zh" else "en",
        title=TITLES["zh" if lang == "zh" else "en"],
        policy=POLICY.format(digest=digest, connect="'self'" if ask else "'none'"),
        state=_inside_html({"state": state, "language": lang, "ask": ask}),
        recording=_inside_html(None if recording is None else b64encode(recording).decode()),
        script=code,
    )


def export(path: "str | Path", state: str = "", recording: bytes | None = None, lang: str | None = None) -> Path:
    """Write the page to ``path``, one file that opens without a network, and return where it is: a place that does not
    end in .html is a folder, made where it is missing, in which the page is called ``lab.html``.

    The file is replaced completely or left as it was; raises `UnbendError` where it cannot be written, or where there
    is a file that is no such page.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(folder).name
    'lab.html'
    """
    target = _place(Path(path))
    with replacing(target) as temporary:
        temporary.write_text(document(state, recording, lang), encoding="utf-8", newline="\n")
    return target


def _place(path: Path) -> Path:
    """The file to write, in a folder that is there; whatever else stands in its place may be the user's own."""
    whole = path.suffix.lower() in (".html", ".htm") and not path.is_dir()
    if not whole and path.exists() and not path.is_dir():
        raise UnbendError(f"'{path}' is a file and no page; name a folder, or a file that ends in .html")
    target = path if whole else path / NAME
    if target.exists() and not _is_page(target):
        raise UnbendError(f"'{target}' is there already, and no page of the lab; choose another place, or remove it")
    if not whole:
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from None
    return target


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return b'<div id="unbend-lab">' in file.read(2000)


def _inside_html(value: object) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
