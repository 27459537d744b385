"""A bar where somebody can see it, and silence elsewhere."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr

import pytest

from gradatim.data.meter import metering, notify
from gradatim.errors import DtypeError


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def screen(monkeypatch):
    for name in ("NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal()


def test_a_terminal_shows_how_far_it_is(screen):
    with redirect_stderr(screen), metering("auto", "Decoding pictures", 1000) as advance:
        advance(500)
        half = screen.getvalue()
        advance(500)

    assert "Decoding pictures" in half
    assert " 500/1000" in half
    assert "1000/1000" in screen.getvalue()


def test_the_bar_is_taken_away(screen):
    with redirect_stderr(screen), metering("auto", "Decoding pictures", 10):
        pass

    assert screen.getvalue().endswith(("\x1b[2K", "\x1b[?25h", "\r"))


def test_nothing_is_shown_where_nobody_looks(capsys):
    with metering("auto", "Decoding pictures", 10) as advance:
        advance(10)

    assert capsys.readouterr() == ("", "")


def test_nothing_is_shown_to_those_who_do_not_want_it(screen):
    with redirect_stderr(screen), metering("none", "Decoding pictures", 10) as advance:
        advance(10)
        notify("none", "a line")

    assert screen.getvalue() == ""


def test_a_closed_stderr_is_no_obstacle(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    notify("auto", "a line")
    with metering("auto", "Decoding pictures", 10) as advance:
        advance(10)


def test_a_notice_is_a_line_on_stderr(capsys):
    notify("auto", "a line")

    assert capsys.readouterr() == ("", "a line\n")


def test_another_kind_is_refused():
    with (
        pytest.raises(DtypeError, match="progress is 'bar'; it must be one of auto, none"),
        metering("bar", "", 1),
    ):
        pass
