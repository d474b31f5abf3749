"""Films in processes of their own, some at a time; run as a module, this one makes a single film.

``python -m unbend.report.filming PATH LANG RECORDING…``
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from unbend.errors import UnbendError

AT_ONCE = 2


@dataclass(frozen=True)
class FilmJob:
    """A film of ``recordings``, side by side, in a language."""

    path: Path
    lang: str
    recordings: tuple[Path, ...]


@contextmanager
def filming(jobs: Sequence[FilmJob]) -> Generator[list[Future[None]]]:
    """The films of ``jobs`` on their way; if the block is left by an exception they are broken off, and clear up."""
    children: list[subprocess.Popen[str]] = []
    stopped = threading.Event()

    def run(job: FilmJob) -> None:
        child = _start(job)
        children.append(child)
        if stopped.is_set():
            _stop(child)
        _, said = child.communicate()
        if child.returncode:
            reason = said.strip().rpartition("\n")[2] or f"its process ended with status {child.returncode}"
            raise UnbendError(f"the film '{job.path}' was not made: {reason}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield [pool.submit(run, job) for job in jobs]
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for child in children:
                _stop(child)
            raise


def _start(job: FilmJob) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "unbend.report.filming", str(job.path), job.lang, *map(str, job.recordings)]
    # a session of its own: an interrupt at the keyboard reaches the parent alone, which then stops its children once
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True
    )


def _stop(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


def _make_film(path: str, lang: str, *recordings: str) -> None:
    from unbend.drawing import film
    from unbend.recording import load

    film([load(recording) for recording in recordings], path, lang=lang)


if __name__ == "__main__":
    _make_film(*sys.argv[1:])
