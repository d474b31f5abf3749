"""The hosts of the lab: a file, the server on this machine, the command line; nothing from outside gets in or out."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import numpy as np
import pytest

import unbend as ub
from unbend.cli.rim import run
from unbend.errors import UnbendError
from unbend.lab.document import document, export
from unbend.lab.server import HEADERS, LARGEST_QUESTION, serving
from unbend.lab.widget import run_bytes

STATE = "data=xor&n=40&noise=0.1&hidden=3&act=tanh&lr=0.3&test=0&features=x1,x2"


@pytest.fixture(scope="module")
def recording():
    settings = {"hidden": 3, "activation": "tanh", "learning_rate": 0.3, "epochs": 12, "seed": 5}
    return ub.train(ub.data.xor(n=40, noise=0.1), **settings)


@pytest.fixture(scope="module")
def served():
    with serving(STATE) as address:
        yield urlsplit(address)


@pytest.fixture
def answer(served):
    """Status, headers and body of a request to the server; a header that is None is not sent."""

    def ask(path=served.path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection(served.hostname, served.port, timeout=20)
        sent = {"Host": served.netloc} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        if body is not None and "Content-Length" not in sent:
            sent["Content-Length"] = str(len(body))
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        found = connection.getresponse()
        return found.status, dict(found.getheaders()), found.read()

    return ask


# ---------------------------------------------------------------------- the server
def test_the_server_answers_this_machine_and_this_page(answer, served):
    assert served.hostname == "127.0.0.1" and len(served.path) >= 32
    status, headers, body = answer()
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"connect-src 'self'" in body and b"unbendLab" in body
    assert answer(Host=f"localhost:{served.port}")[0] == 200
    assert answer(Origin=f"http://{served.netloc}")[0] == 200
    assert answer(f"{served.path}?a=b")[0] == 200


def test_every_answer_has_the_headers_of_a_page_that_is_nobody_elses(answer, served):
    for path in (served.path, "/", f"{served.path}card"):
        status, headers, _ = answer(path)
        assert {name: headers[name] for name in HEADERS} == HEADERS, (path, status)
        assert not re.search(r"Python|\d\.\d", headers["Server"])
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", None]
)
def test_another_host_is_refused(answer, served, host):
    """A page whose own name was made to point here (DNS rebinding) gets nothing, not even with the secret."""
    status, _, body = answer(Host=host and host.format(port=served.port))
    assert (status, body) == (403, b"")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "127.0.0.1:{port}", ""]
)
def test_another_origin_is_refused(answer, served, origin):
    headers = {"Origin": origin.format(port=served.port), "Content_Type": "text/plain"}
    assert answer(**headers)[::2] == (403, b"")
    assert answer(f"{served.path}card", "POST", b'{"formula": "x"}', **headers)[::2] == (403, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/wrong/", "{token}", "/{token}", "/{token}/..", "/{token}/../{token}/", "/{token}/../../etc/passwd",
        "/{token}/%2e%2e/%2e%2e/etc/passwd", "/{token}//", "/{TOKEN}/", "/{token}/card", "/{token}/%ff",
        "http://evil.example/{token}/",
    ],
)  # fmt: skip
def test_every_other_path_is_not_there(answer, served, path):
    token = served.path.strip("/")
    assert answer(path.format(token=token, TOKEN=token.swapcase()))[::2] == (404, b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "<b>"])
def test_other_methods_are_refused_without_a_word(answer, method):
    status, headers, body = answer(method=method)
    assert (status, body) == (501, b"") and headers["X-Content-Type-Options"] == "nosniff"


def test_python_tells_the_card_of_a_formula(answer, served):
    def card(question):
        status, headers, body = answer(f"{served.path}card", "POST", question)
        assert status == 200 and headers["Content-Type"] == "application/json"
        return json.loads(body)

    found = card(json.dumps({"formula": "x*sigmoid(1.7*x)"}).encode())["card"]
    assert found == json.loads(json.dumps(ub.card("x*sigmoid(1.7*x)").to_dict()))
    assert card(b'{"formula": "__import__(\'os\')"}')["fault"].startswith("there is no function '__import__'")
    for question in (b"", b"{", b"[1]", b"\xff", b"{}", b'{"other": 1}', b"[" * 9000):
        assert card(question) == {"fault": "the question is not JSON of the form {formula: text}"}


@pytest.mark.parametrize("length", [str(LARGEST_QUESTION + 1), "9" * 400, "-1", "1e3", "٣", "abc", "", None])
def test_a_question_has_a_length_that_is_not_large(answer, served, length):
    header = {"Content_Length": length.encode() if length else length}
    assert answer(f"{served.path}card", "POST", b"", **header)[::2] == (413, b"")


def test_every_server_has_its_own_secret_and_the_port_is_free_afterwards():
    with serving() as first, serving() as second:
        assert urlsplit(first).path != urlsplit(second).path
        taken = urlsplit(first).port
        with pytest.raises(UnbendError, match=rf"port {taken} cannot be used \(.*\); choose another, or leave out"):
            serving(port=taken).__enter__()
    with serving(port=taken) as again:
        assert urlsplit(again).port == taken


def test_only_this_machine_can_connect(served):
    with socket.create_server(("127.0.0.2", 0)) as other:  # another address of this machine stands for another machine
        port = other.getsockname()[1]
    assert port
    with pytest.raises(ConnectionRefusedError, match="refused"):
        socket.create_connection(("127.0.0.2", served.port), timeout=5)


def test_a_client_that_hangs_up_or_stammers_is_not_told_on_the_terminal(answer, served, capfd):
    for sent in (
        b"GET",
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((served.hostname, served.port), timeout=5) as connection:
            connection.sendall(sent)
    assert answer()[0] == 200
    assert capfd.readouterr() == ("", "")


# ---------------------------------------------------------------------- in Chromium
def until(page, expression, seconds=20.0):
    """Wait for an expression to become true; the page's own policy forbids what playwright does for that."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never came: {expression}"
        page.wait_for_timeout(30)


@pytest.fixture
def opened(browser):
    """Opens an address; a complaint of the browser, or a request to anywhere else, fails the test."""
    complaints, contexts = [], []

    def open_page(address, offline=True):
        context = browser.new_context(offline=offline, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        own = ("file:", "data:", "blob:", f"http://{urlsplit(address).netloc}/")
        page.on("request", lambda one: one.url.startswith(own) or complaints.append(one.url))
        page.goto(address)
        until(page, "Boolean(window.lab && window.lab.state())")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def train_to(page, epoch):
    page.evaluate(f"window.lab.show({{stopEpoch: {epoch}}}); window.lab.play()")
    until(page, f"!window.lab.state().playing && window.lab.state().lastEpoch === {epoch}")


def test_the_server_and_the_file_show_and_train_the_same(opened, served, tmp_path):
    pages = opened(served.geturl(), offline=False), opened(export(tmp_path, STATE).as_uri())
    for page in pages:
        train_to(page, 15)
        assert page.evaluate("document.getElementById('unbend-lab').shadowRoot.querySelectorAll('canvas').length") > 3
    first, second = (page.evaluate("window.lab.state()") for page in pages)
    assert first["weights"] == second["weights"] and first["epoch"] == 15
    assert [first["data"], first["settings"]["hidden"]] == ["xor", [3]]


def test_the_page_asks_python_through_the_server(opened, served):
    page = opened(served.geturl(), offline=False)
    said = page.evaluate(
        """fetch('card', {method: 'POST', body: JSON.stringify({formula: 'tanh'})}).then(answer => answer.json())"""
    )
    assert said["card"]["name"] == "tanh" and said["card"]["odd"] is True


def test_a_copy_of_the_served_page_opens_alone(opened, served, tmp_path):
    page = opened(f"{served.geturl()}#{STATE}&lang=zh", offline=False)
    with page.expect_download() as caught:
        page.get_by_role("button", name="离线网页").click()
    text = (caught.value.path()).read_text("utf-8")
    assert served.path.strip("/") not in text  # the secret stays here
    (tmp_path / "copy.html").write_text(text, encoding="utf-8")
    copy = opened((tmp_path / "copy.html").as_uri())
    assert copy.evaluate("window.lab.state().settings") == page.evaluate("window.lab.state().settings")
    assert copy.evaluate("window.lab.state().language") == "zh"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_recording_is_opened(opened, recording, tmp_path, lang):
    page = opened(export(tmp_path, recording=run_bytes(recording), lang=lang).as_uri())
    until(page, "window.lab.state().frames > 1")
    shown = page.evaluate("window.lab.state()")
    assert shown["language"] == lang and shown["lastEpoch"] == 12 and shown["settings"]["activations"] == ["tanh"]
    page.evaluate("window.lab.seek(12)")
    weights = page.evaluate("window.lab.state().weights")
    assert np.allclose(weights, recording.weights_at[-1], rtol=1e-12)


@pytest.mark.parametrize("content", [b"\x00" * 100, b"\xff" * 8 + b"{}", b"<script>alert(1)</script>", b"{" * 5000])
def test_a_recording_that_is_none_is_said_and_the_page_works(opened, tmp_path, content):
    page = opened(export(tmp_path, STATE, content).as_uri())
    assert page.get_by_role("alert").count() == 1
    train_to(page, 3)


def test_the_policy_stops_a_script_that_got_in(browser, tmp_path):
    """The guard can fail: a script that is not the page's own does not run, and the browser says so."""
    page_text = document().replace(
        "</body>", "<script>window.foreign = 1</script><img src='http://evil.example/a'></body>"
    )
    (tmp_path / "a.html").write_text(page_text, encoding="utf-8")
    context = browser.new_context(offline=True)
    page, said = context.new_page(), []
    page.on("console", lambda line: said.append(line.text))
    page.goto((tmp_path / "a.html").as_uri())
    assert page.evaluate("window.foreign === undefined")
    assert sum("Content Security Policy" in line for line in said) == 2
    context.close()


# ---------------------------------------------------------------------- the command line
COMMAND = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a test runner may ignore it
    "from unbend.cli import main; main()",
    "lab",
]
ENGLISH = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Exit status, output and complaint of a call in ``tmp_path`` that opens no browser."""

    def call(*arguments):
        status = run(["lab", *map(str, arguments)])
        return status, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("webbrowser.open", lambda _: pytest.fail("no browser was asked for"))
    return call


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_serves_until_it_is_interrupted(tmp_path, recording, lang):
    recording.save(tmp_path / "run.unbend")
    command = [*COMMAND, "run.unbend", "--no-browser", "--lang", lang]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=ENGLISH, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    address = urlsplit(process.stdout.readline().strip())
    assert process.stdout.readline().strip() == {"en": "Ctrl-C stops it", "zh": "按 Ctrl-C 结束"}[lang]
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=20)
    connection.request("GET", address.path)
    page = connection.getresponse().read().decode()
    assert f'"language": "{lang}"' in page and re.search(r'id="recording">"[\w+/=]{1000,}"<', page)
    process.send_signal(signal.SIGINT)
    output, complaint = process.communicate(timeout=20)
    assert (process.returncode, output, complaint) == (0, "", "")
    with pytest.raises(ConnectionRefusedError, match="refused"):
        socket.create_connection((address.hostname, address.port), timeout=5)


def test_the_browser_is_opened_at_the_address(said, monkeypatch):
    asked = []

    def open_browser(address):
        asked.append(address)
        raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", open_browser)
    status, output, complaint = said("--data", "ring")
    assert (status, complaint) == (0, "") and output.splitlines()[0] == asked[0]


def test_the_command_exports(said, tmp_path, recording):
    recording.save(tmp_path / "run.unbend")
    assert said("--export", ".", "--lesson", "8", "--lang", "zh") == (0, "lab.html\n", "")
    text = (tmp_path / "lab.html").read_text("utf-8")
    assert '{"state": "lesson=' in text and '"language": "zh"' in text
    assert said("run.unbend", "--export", "run.html") == (0, "run.html\n", "")
    assert (tmp_path / "run.html").stat().st_size > (tmp_path / "lab.html").stat().st_size


@pytest.mark.parametrize(
    ("arguments", "status", "fault"),
    [
        (("nowhere.unbend",), 3, "nowhere.unbend: there is no such file"),
        (("notes.unbend",), 3, "notes.unbend: cut off, damaged or not a recording of unbend"),
        ((".",), 3, ".: is a directory"),
        (("--data", "rinng"), 2, "the lab has no data 'rinng', but its page takes your own; did you mean 'ring'?"),
        (("--lesson", "nothing"), 2, "there is no lesson 'nothing'"),
        (("run.unbend", "--data", "ring"), 2, "'run.unbend' has its own data; leave out --data and --lesson"),
        (("--export", "notes.unbend"), 2, "'notes.unbend' is a file and no page"),
        (("--port", "70000"), 2, "70000 is not in the range 0<=x<=65535"),
        (("--port", "{taken}"), 2, "port {taken} cannot be used"),
        (("--lang", "de"), 2, "'de' is not one of 'en', 'zh'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(said, tmp_path, arguments, status, fault):
    (tmp_path / "notes.unbend").write_text("<script>alert(1)</script>" * 9, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = said(*(one.format(taken=port) for one in arguments), "--no-browser")
    assert found[:2] == (status, "") and fault.format(taken=port) in found[2]
    assert found[2].startswith("unbend: ") and found[2].count("\n") == 1
