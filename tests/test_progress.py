"""Progress: silent for two seconds, then plain lines, or a bar on a terminal."""

import io
import threading

import pytest

from unbend import progress
from unbend.progress import track


class Clock:
    def __init__(self):
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def test_nothing_is_said_in_the_first_two_seconds(clock, capsys):
    with track(10, "training") as advance:
        for _ in range(10):
            clock.now += 0.19
            advance(1)
    assert capsys.readouterr() == ("", "")


def test_a_line_every_few_seconds_on_standard_error(clock, capsys):
    with track(100, "training") as advance:
        for _ in range(100):
            clock.now += 0.125
            advance(1)
    assert capsys.readouterr() == ("", "training: 16% after 2 s\ntraining: 56% after 7 s\ntraining: 96% after 12 s\n")


def test_advance_counts_to_the_total_from_any_thread(clock, capsys):
    with track(400, "training") as advance:
        threads = [threading.Thread(target=lambda: [advance(1) for _ in range(100)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        clock.now += 3
        advance(50)
    assert capsys.readouterr().err == "training: 100% after 3 s\n"


def test_a_total_of_nothing_does_no_harm(clock, capsys):
    with track(0, "training") as advance:
        clock.now += 3
        advance(0)
    assert capsys.readouterr().err == "training: 0% after 3 s\n"


def test_without_standard_error_there_is_nothing_to_say(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    with track(1, "training") as advance:
        advance(1)


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(clock, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with track(10, "training") as advance:
        advance(1)
        assert terminal.getvalue() == ""
        clock.now += 3
        advance(4)
        assert "training" in terminal.getvalue() and "50%" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is erased


def test_an_error_inside_closes_the_bar(clock, monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="inside"), track(10, "training") as advance:
        clock.now += 3
        advance(1)
        started = set(threading.enumerate()) - before
        raise ValueError("inside")
    for thread in started:
        thread.join(5)
    assert started and not any(thread.is_alive() for thread in started)
