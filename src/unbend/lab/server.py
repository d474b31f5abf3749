"""The page from a server on this machine alone: one address with a secret in it, and nothing else is answered."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import compare_digest, token_urlsafe
from threading import Thread
from typing import Any

from unbend.errors import UnbendError
from unbend.lab.document import document

LARGEST_QUESTION = 10_000  # bytes
LONGEST_WAIT = 10  # seconds for a request to arrive
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",  # the rest stands in the page, where files have it too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Server(ThreadingHTTPServer):
    """A server whose threads end with the process, and that says nothing when a browser hangs up."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere this would let a second server take over the port

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing that a client does is worth a traceback on the terminal."""


@contextmanager
def serving(state: str = "", recording: bytes | None = None, lang: str | None = None, port: int = 0) -> Generator[str]:
    """Serve the page on 127.0.0.1 while the block runs; gives its address. ``port`` 0 is any that is free.

    Raises `UnbendError` where the port is taken.

    >>> from urllib.request import urlopen
    >>> with serving() as address:
    ...     urlopen(address).status
    200
    """
    token = token_urlsafe(24)
    page = document(state, recording, lang, ask=f"/{token}/").encode()
    try:
        server = Server(("127.0.0.1", port), _handler(token, page))
    except OSError as error:
        said = f"port {port} cannot be used ({error.strerror}); choose another, or leave out --port"
        raise UnbendError(said) from None
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{token}/"
    finally:
        server.shutdown()
        server.server_close()


def _handler(token: str, page: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers the page and questions under the secret path, to this machine and this page alone."""

        server_version, sys_version = "unbend", ""
        timeout = LONGEST_WAIT

        def do_GET(self) -> None:
            """The page."""
            if self._is_ours(""):
                self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page)

        def do_POST(self) -> None:
            """The card of a formula."""
            if not self._is_ours("card"):
                return
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdecimal() and int(length[:9]) <= LARGEST_QUESTION):
                return self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            answer = json.dumps(card_answer(self.rfile.read(int(length))))
            self._answer(HTTPStatus.OK, "application/json", answer.encode())

        def _is_ours(self, name: str) -> bool:
            """Whether host, origin and path are right; if not, it is refused. A foreign page that has its own name
            point to this machine still says that name as the host."""
            port = self.connection.getsockname()[1]
            own = [f"127.0.0.1:{port}", f"localhost:{port}"]
            origin = self.headers.get("Origin")
            if self.headers.get("Host") not in own or origin not in (None, *(f"http://{host}" for host in own)):
                self.send_error(HTTPStatus.FORBIDDEN)
                return False
            if not compare_digest(self.path.partition("?")[0].encode(), f"/{token}/{name}".encode()):
                self.send_error(HTTPStatus.NOT_FOUND)
                return False
            return True

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            """Refuse with the number alone."""
            self._answer(code, "text/plain", b"")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            for header, value in {"Content-Type": kind, "Content-Length": str(len(body)), **HEADERS}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the address holds the secret."""

    return Handler


def card_answer(question: bytes) -> dict[str, Any]:
    """What Python knows of the formula in a question (JSON: ``{"formula": text}``), or the ``fault`` in it.

    >>> card_answer(b'{"formula": "x^2"}')["fault"].splitlines()[0]
    "'^' is not allowed in a formula: write ** instead"
    """
    from unbend.properties import card

    try:
        return {"card": card(str(json.loads(question)["formula"])).to_dict()}
    except UnbendError as error:
        return {"fault": str(error)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"fault": "the question is not JSON of the form {formula: text}"}
