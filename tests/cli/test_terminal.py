"""What the place can show, and how the program is called there."""

from __future__ import annotations

import io
import os
import sys

import pytest

from gradatim.cli import terminal


class Screen(io.TextIOWrapper):
    """A terminal of some encoding."""

    def __init__(self, encoding="utf-8", is_terminal=True):
        super().__init__(io.BytesIO(), encoding)
        self.is_terminal = is_terminal

    def isatty(self):
        return self.is_terminal


@pytest.fixture
def screen(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def make(**settings):
        made = Screen(**settings)
        monkeypatch.setattr(sys, "stdout", made)
        return made

    return make


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks the console, not TERM")
class TestGrey:
    def test_a_terminal_shows_grey(self, screen):
        screen()

        assert terminal.shows_grey()

    def test_a_file_does_not(self, screen):
        screen(is_terminal=False)

        assert not terminal.shows_grey()

    @pytest.mark.parametrize(
        ("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", "xterm")]
    )
    def test_nor_one_that_has_no_greys_or_wants_none(self, screen, monkeypatch, name, value):
        screen()
        monkeypatch.setenv(name, value)

        assert not terminal.shows_grey()

    def test_colours_are_those_that_the_terminal_has(self, screen):
        made = screen()

        # No grey: rich remembers how it has written a colour for another terminal before.
        terminal.print_grey("\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m")

        made.seek(0)
        assert made.read() == "\x1b[38;5;196;48;5;21m▀\x1b[0m\n"


@pytest.mark.parametrize(("encoding", "blocks"), [("utf-8", True), ("ascii", False)])
def test_blocks_need_an_encoding_that_has_them(screen, encoding, blocks):
    screen(encoding=encoding)

    assert terminal.shows_blocks() is blocks


class TestProgram:
    @pytest.fixture
    def here(self, monkeypatch, tmp_path):
        """A folder with .venv/bin/gradatim and .venv/bin/python, neither on the path."""
        programs = tmp_path / ".venv" / "bin"
        programs.mkdir(parents=True)
        for name in ("gradatim", "python"):
            (programs / name).write_text("#!/bin/sh\n", "utf-8")
            (programs / name).chmod(0o755)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", str(tmp_path / "none"))
        monkeypatch.setattr(sys, "argv", [str(programs / "gradatim")])
        monkeypatch.setattr(sys, "executable", str(programs / "python"))
        return programs

    def test_on_the_path_it_has_its_short_name(self, here, monkeypatch):
        monkeypatch.setenv("PATH", str(here))

        assert terminal.program() == "gradatim"

    def test_elsewhere_its_place_is_given(self, here):
        assert terminal.program() == os.path.join(".venv", "bin", "gradatim")

    def test_as_a_module_it_is_started_by_python(self, here, monkeypatch):
        monkeypatch.setattr(sys, "argv", ["/somewhere/gradatim/__main__.py"])

        assert terminal.program() == f"{os.path.join('.venv', 'bin', 'python')} -m gradatim"
        monkeypatch.setenv("PATH", str(here))
        assert terminal.program() == "python -m gradatim"

    def test_inside_another_program_it_has_its_short_name(self, here, monkeypatch):
        monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])

        assert terminal.program() == "gradatim"


class TestPrintable:
    @pytest.mark.parametrize(
        ("encoding", "shown"),
        [
            ("ascii", "1 +- h^2 \\uac00 \\xff"),
            ("utf-8", "1 ± h² 가 \\xff"),
            ("cp949", "1 ± h² 가 \\xff"),
        ],
    )
    def test_what_an_encoding_lacks_is_spelt(self, screen, encoding, shown):
        out = screen(encoding=encoding)

        with terminal.printable():
            print("1 ± h² 가 \udcff", flush=True)

        assert out.buffer.getvalue().decode(encoding).rstrip() == shown
        assert out.errors == "strict"

    def test_an_own_choice_of_the_caller_stays(self, monkeypatch):
        out = io.TextIOWrapper(io.BytesIO(), "ascii", errors="replace")
        monkeypatch.setattr(sys, "stdout", out)

        with terminal.printable():
            print("±", end="", flush=True)

        assert out.buffer.getvalue() == b"?"

    def test_no_stdout_is_no_trouble(self, monkeypatch):
        monkeypatch.setattr(sys, "stdout", None)

        with terminal.printable():
            print("±")
