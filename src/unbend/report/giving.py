"""Lessons given in processes of their own, two at a time; run as a module, this one gives the lessons it is told.

``python -m unbend.report.giving COMMISSION`` reads names of lessons, a line each, and answers each with a line of JSON.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from threading import Thread

from unbend.errors import UnbendError
from unbend.lessons import LESSONS, Lecture, Settings, give, lesson
from unbend.report.article import Place, write_article

AT_ONCE = 2
QUICK_SEEDS = 64
# these take longest; begun first, they do not keep one process busy while the other has nothing left
LONG = ("training", "gradients", "curves", "perceptron", "depth", "ring", "sweep", "regression", "pieces")


@dataclass(frozen=True)
class Commission:
    """What is wanted of every lesson: where it goes, in which languages, from which seed on, and whether ``quick``:
    with smaller populations, and still pictures in the place of films."""

    folder: str
    languages: tuple[str, ...]
    quick: bool = False
    seed: int = 0

    @property
    def settings(self) -> Settings:
        """How large the experiments are."""
        return Settings(self.seed, QUICK_SEEDS) if self.quick else Settings(self.seed)


@dataclass(frozen=True)
class Told:
    """What became of a lesson: its ``article`` for the page, how many of its ``claims`` ``held``, and what they say."""

    name: str
    article: str
    claims: int
    held: int
    said: str


def tell_lesson(name: str, commission: Commission) -> Told:
    """Give a lesson, write what belongs to it, and say what its claims came to in the first of the languages."""
    lecture = give(lesson(name), commission.settings)
    return told(lecture, commission)


def told(lecture: Lecture, commission: Commission) -> Told:
    """What became of a lesson that was given; its files are written."""
    place = Place(Path(commission.folder), tuple(commission.languages), not commission.quick)
    names = [one.name for one in LESSONS]
    name = lecture.lesson.name
    article = write_article(lecture, 1 + names.index(name) if name in names else 0, place)
    claims = lecture.findings.claims
    return Told(
        name, article, len(claims), sum(claim.holds for claim in claims), claims_said(lecture, place.languages[0])
    )


def claims_said(lecture: Lecture, lang: str) -> str:
    """The title of a lesson and its claims, each with what was measured."""
    lines = [lecture.lesson.title(lang)]
    for claim in lecture.findings.claims:
        lines += [f"  {'✓' if claim.holds else '✗'} {claim.sentence(lang)}", f"      {claim.evidence(lang)}"]
    return "\n".join(lines)


def tell_lessons(names: Sequence[str], commission: Commission) -> Iterator[Told]:
    """Every lesson as soon as it is told, the longest begun first; if the caller stops, the processes are stopped.

    Raises `UnbendError` if a process fails.
    """
    waiting: SimpleQueue[str] = SimpleQueue()
    for name in sorted(names, key=lambda name: LONG.index(name) if name in LONG else len(LONG)):
        waiting.put(name)
    answers: SimpleQueue[Told | UnbendError] = SimpleQueue()
    children = [_Child(commission) for _ in range(min(AT_ONCE, len(names)))]
    servants = [Thread(target=child.serve, args=(waiting, answers), daemon=True) for child in children]
    try:
        for servant in servants:
            servant.start()
        for _ in names:
            answer = answers.get()
            if isinstance(answer, UnbendError):
                raise answer
            yield answer
    finally:
        for child in children:
            child.stop()
        for servant in servants:
            servant.join()
        for child in children:
            child.close()


class _Child:
    """A process that gives lessons."""

    def __init__(self, commission: Commission):
        command = [sys.executable, "-m", __name__, json.dumps(asdict(commission))]
        self.said = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        # a session of its own: an interrupt at the keyboard reaches the parent alone, which stops its children once
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True, encoding="utf-8",
            start_new_session=True,
        )  # fmt: skip

    def serve(self, waiting: "SimpleQueue[str]", answers: "SimpleQueue[Told | UnbendError]") -> None:
        """Hand the process one name after the other, and its answers on."""
        while True:
            try:
                name = waiting.get_nowait()
            except Empty:
                return
            line = self.ask(name)
            if not line:
                answers.put(UnbendError(f"the lesson {name!r} was not told: {self.reason()}"))
                return
            answer = json.loads(line)
            answers.put(UnbendError(answer["error"]) if "error" in answer else Told(**answer))

    def ask(self, name: str) -> str:
        """The process's answer, empty if it has died."""
        written, read = self.process.stdin, self.process.stdout
        assert written is not None and read is not None
        try:
            written.write(name + "\n")
            written.flush()
        except BrokenPipeError:
            return ""
        return read.readline()

    def reason(self) -> str:
        """Why the process died, in its own last words."""
        status = self.process.wait()
        self.said.seek(0)
        return self.said.read().strip().rpartition("\n")[2] or f"its process ended with status {status}"

    def stop(self) -> None:
        """Break off what it does, if it does anything, and wait until it has cleared up."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        self.process.wait()

    def close(self) -> None:
        """Close what was open between the two."""
        for stream in (self.process.stdin, self.process.stdout, self.said):
            with suppress(BrokenPipeError):
                if stream:
                    stream.close()


def _work(commission: Commission) -> None:
    for line in sys.stdin:
        try:
            answer = asdict(tell_lesson(line.strip(), commission))
        except (UnbendError, OSError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has jobs in the background ignore it
    try:
        _work(Commission(**json.loads(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
