"""The lab as a widget: in JupyterLab, in a browser that reaches nothing but that server; and without a notebook."""

import json
import os
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import unbend as ub
from unbend.errors import UnbendError
from unbend.lab.widget import run_bytes

TOKEN = "a-token-for-the-test"
CELLS = (
    "import unbend as ub\nshown = ub.lab(data='xor', n=40, hidden=(3,), activation='tanh', test=0)\nshown",
    "run = ub.train(ub.data.moons(n=40), hidden=(2,), epochs=5)\nub.lab(run, lang='zh')",
    "print('state:', shown.state)",
)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """The address of a JupyterLab with a notebook of `CELLS`; nothing of the user's own settings is read or written."""
    pytest.importorskip("jupyterlab", reason="the notebook tests need jupyterlab")
    pytest.importorskip("anywidget", reason="the notebook tests need anywidget")
    folder = tmp_path_factory.mktemp("jupyter")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**cell, "id": f"cell{number}", "source": text} for number, text in enumerate(CELLS)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}
    (folder / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {
        name: str(folder / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **own}, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address, process, log):
    for _ in range(600):
        assert process.poll() is None, log.read_text("utf-8")
        try:
            return urlopen(address, timeout=5).close()
        except URLError:
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


@pytest.fixture(scope="module")
def notebook(browser, jupyter):
    """The page of the notebook after its cells have run; what the browser complained of, and whom it asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    asked, complaints = [], []

    def let_through(route):
        asked.append(route.request.url)
        return route.continue_() if route.request.url.startswith(jupyter) else route.abort()

    context.route("**/*", let_through)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(f"{jupyter}/lab/tree/a.ipynb?token={TOKEN}&reset")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    before = len(asked)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_text("state: data=xor").wait_for(timeout=60_000)
    page.locator(".lab").nth(1).wait_for(timeout=60_000)
    yield page, complaints, asked[before:]
    context.close()


def colours(canvas):
    """How many different colours a canvas shows: one is a blank."""
    return canvas.evaluate(
        """canvas => new Set(new Uint32Array(canvas.getContext('2d')
             .getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    )


def test_the_widget_shows_the_page_and_trains(notebook):
    page, complaints, asked = notebook
    first, second = page.locator(".lab").all()
    assert colours(first.locator("canvas.map")) > 10
    assert [one.locator("h1").text_content() for one in (first, second)] == ["unbend lab", "unbend 实验室"]
    first.get_by_role("button", name="One epoch").click()
    first.locator(".epoch", has_text="1").wait_for()
    assert complaints == []
    assert [address for address in asked if not address.startswith(("http://127.0.0.1", "blob:", "data:"))] == []


def test_the_widget_opens_the_recording(notebook):
    assert notebook[0].evaluate("[window.lab.state().lastEpoch, window.lab.state().settings.hidden]") == [5, [2]]


def test_python_reads_what_was_changed_in_the_page(notebook):
    page = notebook[0]
    page.locator(".lab").first.get_by_role("combobox", name="Activation", exact=True).select_option("relu")
    last = page.locator(".jp-CodeCell").nth(2)
    for _ in range(20):  # the state follows after half a second
        last.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(300)
        if "act=relu" in last.locator(".jp-OutputArea-output").inner_text():
            return
    raise AssertionError(last.inner_text())


def test_keys_typed_in_the_page_are_no_commands_of_the_notebook(notebook):
    page = notebook[0]
    cells = page.locator(".jp-CodeCell").count()
    page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt").click()  # command mode: d d would delete
    page.locator(".lab").first.get_by_role("button", name="One epoch").focus()
    for key in ("d", "d", "b", "x"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".jp-CodeCell").count() == cells
    page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt").click()
    page.keyboard.press("b")  # there it is a command
    page.locator(".jp-CodeCell").nth(cells).wait_for()


# ---------------------------------------------------------------------- without a notebook
PROGRAM = """
import sys, warnings
{first}
import unbend as ub
assert callable(ub.lab), ub.lab
assert "anywidget" not in sys.modules and "IPython" not in sys.modules
with warnings.catch_warnings(record=True) as said:
    widget = ub.lab(data="ring", hidden=(3, 2))
assert [str(one.message) for one in said] == ["ub.lab is shown in a notebook alone; elsewhere run: unbend lab"], said
assert said[0].filename == "<string>", said[0].filename
print(widget)
"""
ORDERS = (
    "",
    "import unbend.lab",
    "import unbend.lab.document",
    "from unbend.lab.widget import lab",
    "import unbend; unbend.lab",
)


def in_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60)


@pytest.mark.parametrize("first", ORDERS)
def test_the_room_is_the_widget_in_every_order_of_imports(first):
    pytest.importorskip("anywidget", reason="the notebook tests need anywidget")
    done = in_python(PROGRAM.format(first=first))
    assert (done.returncode, done.stdout.strip()) == (0, "the lab with data=ring&hidden=3,2"), done.stderr


def test_a_missing_anywidget_is_said():
    done = in_python("import sys; sys.modules['anywidget'] = None\nimport unbend as ub\nub.lab()")
    assert done.stderr.splitlines()[-1] == (
        "unbend.errors.UnbendError: the lab in a notebook needs anywidget: pip install 'unbend[notebook]'"
    )


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"hiden": 3}, "the lab has no setting 'hiden'; did you mean 'hidden'?"),
        ({"data": "rinng"}, "the lab has no data 'rinng', but its page takes your own; did you mean 'ring'?"),
        ({"lang": "de"}, "the lab has no language 'de'; known are en, zh"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, fault):
    with pytest.raises(UnbendError) as caught:
        ub.lab(**settings)
    assert str(caught.value) == fault


def test_a_run_is_handed_over_as_its_file(tmp_path):
    run = ub.train(ub.data.xor(), hidden=2, epochs=2)
    run.save(tmp_path / "a.unbend")
    assert run_bytes(run) == (tmp_path / "a.unbend").read_bytes()
