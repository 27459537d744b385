"""Progress: one line that tells the time left, only where somebody looks."""

from __future__ import annotations

import io

import pytest

from gradatim.check import progress
from gradatim.check.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

    monkeypatch.setattr(progress, "perf_counter", lambda: Clock.now)
    return Clock


def test_the_time_left_is_shown_and_wiped_away(clock):
    stream = Terminal()
    shown = Progress("auto", "gradient check", stream)
    shown.expect(4000)
    clock.now = 2.0
    shown.advance(1000, "W1")

    assert stream.getvalue() == "\rgradient check: W1, 1,000 of 4,000, 6 s left"
    shown.close()
    assert stream.getvalue().endswith("\r" + " " * 44 + "\r")


def test_a_short_check_shows_nothing(clock):
    stream = Terminal()
    shown = Progress("auto", "gradient check", stream)
    shown.expect(2)
    clock.now = 0.9
    shown.advance(1, "W1")
    shown.close()

    assert stream.getvalue() == ""


@pytest.mark.parametrize(("wanted", "seen"), [("auto", False), (True, True), (False, False)])
def test_a_file_sees_it_only_if_asked_for(clock, wanted, seen):
    stream = io.StringIO()
    shown = Progress(wanted, "sweep", stream)
    shown.expect(2)
    clock.now = 5.0
    shown.advance(1, "W1")

    assert bool(stream.getvalue()) == seen


def test_it_is_not_drawn_more_often_than_can_be_read(clock):
    stream = Terminal()
    shown = Progress("auto", "sweep", stream)
    shown.expect(100)
    for k in range(50):
        clock.now = 2.0 + k / 1000
        shown.advance(1, "W")

    assert stream.getvalue().count("sweep") == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (3600, "1 h 00 min"), (-1, "0 s")],
)
def test_times(seconds, text):
    assert progress._time(seconds) == text
