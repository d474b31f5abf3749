"""An interrupt at the keyboard while kernels run: noted at once, raised where nothing can swallow it.

Python raises KeyboardInterrupt wherever the main thread happens to be. Inside a destructor or the callback of a weak
reference, such as run when a pool of threads ends, it is printed and lost, and the training would go on.
"""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

_this_thread = threading.local()


@dataclass(eq=False)
class Stop:
    """Ends work that other threads do: they work within ``heard()``, and any thread calls ``ask()``.

    >>> stop = Stop()
    >>> with stop.heard(), noted_interrupts(lambda: print("stopped")):
    ...     stop.ask()
    stopped
    """

    asked: bool = False
    _notes: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def ask(self) -> None:
        """Call what the work in progress wants to be told, and what later work wants as soon as it begins."""
        self.asked = True
        for note in tuple(self._notes):
            note()

    @contextmanager
    def heard(self) -> Generator[None]:
        """Within the block `noted_interrupts` of this thread obeys this stop instead of the keyboard."""
        _this_thread.stop = self
        try:
            yield
        finally:
            _this_thread.stop = None

    @contextmanager
    def telling(self, note: Callable[[], None]) -> Generator[None]:
        """Within the block ``ask()`` calls ``note()``; at once where it was called before."""
        self._notes.append(note)
        try:
            if self.asked:  # only now: between a look before the append and the append an ask would be missed
                note()
            yield
        finally:
            self._notes.remove(note)


@contextmanager
def noted_interrupts(note: Callable[[], None]) -> Generator[None]:
    """Within the block an interrupt calls ``note()`` and no more; the caller raises it when its work has stopped.

    In a thread that obeys a `Stop` that one calls ``note()``. Elsewhere than in the main thread, or where the user has
    a handler of their own, nothing changes.

    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores interrupts
    >>> heard = []
    >>> with noted_interrupts(lambda: heard.append("interrupt")):
    ...     signal.raise_signal(signal.SIGINT)
    >>> heard
    ['interrupt']
    >>> signal.signal(signal.SIGINT, before) is signal.default_int_handler
    True
    """
    stop: Stop | None = getattr(_this_thread, "stop", None)
    if stop is not None:
        with stop.telling(note):
            yield
        return
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or usual is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: note())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
