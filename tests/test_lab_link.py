"""The modules of the page made one script, and the script made one file: what it may hold, and how large it may be."""

import json
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from unbend.errors import UnbendError
from unbend.lab.document import document, export, script
from unbend.lab.link import link

LARGEST = 385_000  # bytes of JavaScript, CSS, words in two languages and the catalogue; 130,000 compressed
HOSTILE = "data=</script><script>alert(1)</script><!--&x=\u2028\"'{script}"


def run_script(text):
    done = subprocess.run(["node", "-"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---------------------------------------------------------------------- linking
def test_the_linked_modules_do_what_the_modules_do():
    parts = {
        "base": "/** Said\n * of it. */\nexport const one = 1;\nexport class Box { held = one }\n",
        "next-one": "import { one as first, Box } from './base.js';\n"
        "export async function later(/** @type {any} */ x) {\n  // alone\n  return x + first;\n}\n"
        "export function* both() { yield new Box().held; yield '/* no comment */ // nor this'; }\n",
        "end": "import {\n  both,\n  later,\n} from './next-one.js';\nimport { one } from './base.js';\n"
        "export const all = async () => [await later(41), ...both(), one];\n",
    }
    text = link(parts, "end")
    assert run_script(f"{text} unbendLab().all().then(all => console.log(JSON.stringify(all)));") == [
        42, 1, "/* no comment */ // nor this", 1
    ]  # fmt: skip
    assert "Said" not in text and "alone" not in text and "@type" not in text


def test_spaces_that_mean_something_stay():
    lines = [
        "const one = 1, a = [one - -1, one + +1, - -one, one - 1, one ? .5 : 0, one / 2];",
        "const words = ['a  =  b', \"it's  ( so )\", 'no // comment'.length]; // a comment, isn't it",
        "const said = `x  =  ${one + 1} ;`; // this one stays",
        "const rules = 'x  y = z'.replace(/ {2}y = /, '|').split(/ = /) , last = typeof 'x'in Object;",
        "export const all = () => { return [...a, ...words, said, ...rules, last]; };",
    ]
    text = link({"a": "\n".join(lines) + "\n"}, "a")
    assert run_script(f"{text} console.log(JSON.stringify(unbendLab().all()));") == [
        2, 2, 1, 0, 0.5, 0.5, "a  =  b", "it's  ( so )", 13, "x  =  2 ;", "x|z", False
    ]  # fmt: skip
    assert "comment, isn't" not in text and "all=()=>{return[...a,...words,said" in text


def test_what_is_not_imported_is_not_linked():
    assert "secret" not in link({"a": "export const one = 1;\n", "b": "export const secret = 2;\n"}, "a")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import { b } from './b.js';\n", r"modules import each other: a -> b -> a"),
        ("import { c } from './c.js';\n", r"there is no module a -> c"),
        ("import c from './b.js';\n", r"a\.js cannot be linked: \"import c from"),
        ("export default 1;\n", r"a\.js cannot be linked: 'export default 1;'"),
        ("const c = 1;\nexport { c };\n", r"a\.js cannot be linked: 'export \{ c \};'"),
        ("export * from './b.js';\n", r"a\.js cannot be linked: \"export \* from"),
        ("export const c = () => import('./b.js');\n", r"a\.js cannot be linked: \"import\('./b\.js'\)"),
    ],
)
def test_what_cannot_be_linked_is_refused(text, fault):
    with pytest.raises(ValueError, match=fault):
        link({"a": text, "b": "import { a } from './a.js';\nexport const b = a;\n"}, "a")


# ---------------------------------------------------------------------- the script of the page
def test_the_script_does_not_grow():
    size = len(script().encode())
    parts = re.findall(r"^const \$(\w+) = (\(\(\) => \{\n.*?^\}\)\(\);)$", script(), re.MULTILINE | re.DOTALL)
    largest = sorted(((len(text.encode()), name) for name, text in parts), reverse=True)[:8]
    assert size <= LARGEST, f"{size:,} bytes; the largest: {largest}"


@pytest.mark.parametrize(
    "token",
    [
        r"\beval\s*\(", r"\bnew Function\b", r"\b(inner|outer)HTML\s*=[^=]", "insertAdjacentHTML", r"document\.write",
        r"https?://(?!www\.w3\.org/)", r"\bXMLHttpRequest\b", r"\bWebSocket\b", "sendBeacon", "importScripts",
        r"\blocalStorage\b", "</script", "<!--",
    ],
)  # fmt: skip
def test_the_script_runs_no_text_makes_no_markup_and_calls_nobody(token):
    assert re.search(token, script()) is None


def test_the_script_asks_the_server_alone():
    assert [line for line in script().splitlines() if re.search(r"\bfetch\(", line)] == [
        "const answer = await fetch(`${address}${what}`, { method: 'POST', headers: "
        "{ 'Content-Type': 'application/json' }, body: JSON.stringify(body) });"
    ]


def test_the_script_gives_all_hosts_what_they_need():
    assert run_script(f"{script()} console.log(JSON.stringify(Object.keys(unbendLab()).sort()));") == [
        "open", "render", "work",
    ]  # fmt: skip


# ---------------------------------------------------------------------- the file
def policy_of(page):
    return re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]


def given(page, name):
    return json.loads(re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)[1])


def test_the_policy_names_the_script_and_nothing_else():
    page = document()
    code = re.search(r'<script id="code">(.*?)</script>', page, re.DOTALL)[1]
    digest = b64encode(sha256(code.encode()).digest()).decode()
    assert policy_of(page) == (
        f"default-src 'none'; script-src 'sha256-{digest}'; worker-src blob:; img-src data: blob:; media-src blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )
    assert "connect-src 'self'" in policy_of(document(ask="/token/"))
    assert "style=" not in page.replace(code, "") and not re.search(r"https?://", page.replace(code, ""))


def test_what_the_page_opens_with_cannot_leave_its_place():
    page = document(HOSTILE, b"</script><script>", ask="/a/")
    assert page.count("<script") == 3 and page.count("</script>") == 3
    assert given(page, "state") == {"state": HOSTILE, "language": None, "ask": "/a/"}
    assert b64decode(given(page, "recording")) == b"</script><script>"
    assert given(document(), "recording") is None


def test_the_page_says_its_language():
    assert '<html lang="zh-CN">' in document(lang="zh") and "<title>unbend 实验室</title>" in document(lang="zh")
    assert '<html lang="en">' in document() and "<title>unbend lab</title>" in document()
    assert '<p lang="en">' in document() and '<p lang="zh-CN">' in document()


def test_an_export_is_a_file_or_lies_in_a_folder(tmp_path):
    assert export(tmp_path) == tmp_path / "lab.html"
    assert export(tmp_path / "new") == tmp_path / "new" / "lab.html"
    assert export(str(tmp_path / "mine.HTML"), "data=ring") == tmp_path / "mine.HTML"
    assert given((tmp_path / "mine.HTML").read_text("utf-8"), "state")["state"] == "data=ring"
    before = (tmp_path / "lab.html").read_bytes()
    assert export(tmp_path, lang="zh").read_bytes() != before  # a page of the lab may be replaced
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab.html", "mine.HTML", "new"]


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("mine.html", "'{}' is there already, and no page of the lab; choose another place, or remove it"),
        ("table.csv", "'{}' is a file and no page; name a folder, or a file that ends in .html"),
        ("no/folder", "cannot write '{}': No such file or directory; choose another place"),
        ("no/lab.html", "cannot write '{}': the folder '{parent}' does not exist; make it first"),
    ],
)
def test_an_export_replaces_nothing_else(tmp_path, place, fault):
    for name in ("mine.html", "table.csv"):
        (tmp_path / name).write_text("my own", encoding="utf-8")
    where = tmp_path / place
    with pytest.raises(UnbendError) as caught:
        export(where)
    assert str(caught.value) == fault.format(where, parent=where.parent)
    assert {path.read_text("utf-8") for path in tmp_path.iterdir()} == {"my own"}


def test_a_full_disk_leaves_the_page_that_was_there(tmp_path, monkeypatch):
    page = export(tmp_path)
    before = page.read_bytes()
    monkeypatch.setattr("pathlib.Path.write_text", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(UnbendError, match="the disk is full while writing"):
        export(tmp_path, "data=ring")
    assert page.read_bytes() == before and list(tmp_path.iterdir()) == [page]


def test_node_is_there():
    assert shutil.which("node"), "the twins of Python's numbers are tested in node"
