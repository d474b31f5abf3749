"""Progress of anything that takes more than two seconds, on standard error: a bar on a terminal, else plain lines."""

import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

SILENT_SECONDS = 2.0
LINE_SECONDS = 5.0

Advance = Callable[[float], None]


@contextmanager
def track(total: float, label: str) -> Generator[Advance]:
    """Gives ``advance(n)``, to be told of every n of ``total`` done; nothing is shown in the first two seconds.

    >>> with track(10, "training") as advance:
    ...     advance(10)
    """
    shown = _Bar(total, label) if sys.stderr and sys.stderr.isatty() else _Lines(total, label)
    try:
        yield shown.advance
    finally:
        shown.close()


class _Lines:
    """A line every few seconds."""

    def __init__(self, total: float, label: str):
        self.total, self.label, self.done = total, label, 0.0
        self.started = time.monotonic()
        self.next_line = self.started + SILENT_SECONDS
        self.lock = threading.Lock()

    def advance(self, amount: float) -> None:
        with self.lock:
            self.done = min(self.done + amount, self.total)
            if time.monotonic() < self.next_line:
                return
            self.next_line = time.monotonic() + LINE_SECONDS
        seconds = time.monotonic() - self.started
        print(f"{self.label}: {self.done / max(self.total, 1):.0%} after {seconds:.0f} s", file=sys.stderr, flush=True)

    def close(self) -> None:
        pass


class _Bar:
    """Rich's bar, loaded when the two seconds are over."""

    def __init__(self, total: float, label: str):
        self.total, self.label, self.done = total, label, 0.0
        self.show_from = time.monotonic() + SILENT_SECONDS
        self.bar: Any = None
        self.task: Any = None
        self.lock = threading.Lock()

    def advance(self, amount: float) -> None:
        with self.lock:
            self.done = min(self.done + amount, self.total)
            if self.bar is None and time.monotonic() >= self.show_from:
                self._open()
            if self.bar is not None:
                self.bar.update(self.task, completed=self.done)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self.bar = Progress(console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task(self.label, total=self.total, completed=self.done)
        self.bar.start()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.stop()
