"""Progress: one line that tells the time left, only where somebody looks."""

from __future__ import annotations

import io
import sys

import pytest

from gradatim.check import gradient, progress, sweep
from gradatim.check.progress import Progress
from gradatim.errors import DtypeError
from gradatim.functions import exp


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
    shown = Progress("auto", "gradient", stream)
    shown.expect(4000)
    clock.now = 2.0
    shown.advance(1000, "W1")

    assert stream.getvalue() == "\rgradient: W1, 1,000 of 4,000, 6 s left"
    shown.close()
    assert stream.getvalue().endswith("\r" + " " * 38 + "\r")


def test_a_short_check_shows_nothing(clock):
    stream = Terminal()
    shown = Progress("auto", "gradient", stream)
    shown.expect(2)
    clock.now = 0.9
    shown.advance(1, "W1")
    shown.close()

    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("kind", "stream", "seen"),
    [("auto", Terminal(), True), ("auto", io.StringIO(), False), ("none", Terminal(), False)],
)
def test_only_a_terminal_sees_it_and_only_if_wanted(clock, kind, stream, seen):
    shown = Progress(kind, "sweep", stream)
    shown.expect(2)
    clock.now = 5.0
    shown.advance(1, "W1")
    shown.close()

    assert bool(stream.getvalue()) == seen


def test_a_program_without_stderr_sees_nothing(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    shown = Progress("auto", "sweep")
    clock.now = 5.0
    shown.advance(1, "W1")
    shown.close()

    assert not shown.shown


@pytest.mark.parametrize("check", [gradient, sweep])
@pytest.mark.parametrize("kind", [True, False, None, "bar"])
def test_another_kind_is_refused(check, kind):
    with pytest.raises(DtypeError) as error:
        check(exp, [1.0], progress=kind)

    assert str(error.value) == (
        f"{check.__name__}: progress is {kind!r}; it must be one of auto, none.\n"
        '  Try progress="auto".'
    )


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
