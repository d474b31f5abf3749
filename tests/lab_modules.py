"""The modules of the lab page as node sees them: a folder with the page's files and the generated catalogue."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import unbend.lab
from unbend.lab.catalogue import catalogue_module
from unbend.lab.tables import tables_module

PAGE = Path(unbend.lab.__file__).with_name("page")


@cache
def page_folder():
    """A folder that holds every module of the page, also those that Python writes."""
    folder = Path(mkdtemp(prefix="unbend-lab-"))
    for path in PAGE.iterdir():
        shutil.copy(path, folder)
    for name, text in (("catalogue", catalogue_module()), ("tables", tables_module())):
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder


def run_module(source, given=None):
    """What a script answers as JSON on its last line; it imports from './x.js' and reads ``given`` as JSON."""
    head = "import { readFileSync } from 'node:fs';\nconst given = JSON.parse(readFileSync(0, 'utf8'));\n"
    path = page_folder() / f"test-{abs(hash(source))}.mjs"
    path.write_text(head + source, encoding="utf-8")
    finished = subprocess.run(["node", path], input=json.dumps(given), capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)
