"""An interrupt at the keyboard while kernels run: noted at once, raised where nothing can swallow it.

Python raises KeyboardInterrupt wherever the main thread happens to be. Inside a destructor or the callback of a weak
reference, such as run when a pool of threads ends, it is printed and lost, and the training would go on.
"""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def noted_interrupts(note: Callable[[], None]) -> Generator[None]:
    """Within the block an interrupt calls ``note()`` and no more; the caller raises it when its work has stopped.

    Elsewhere than in the main thread, or where the user has a handler of their own, nothing changes.

    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores interrupts
    >>> heard = []
    >>> with noted_interrupts(lambda: heard.append("interrupt")):
    ...     signal.raise_signal(signal.SIGINT)
    >>> heard
    ['interrupt']
    >>> signal.signal(signal.SIGINT, before) is signal.default_int_handler
    True
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or usual is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: note())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
