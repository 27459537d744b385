"""`gradatim reproduce`: a table, a line for each notebook, and a status."""

from __future__ import annotations

import importlib
import sys
from contextlib import redirect_stdout
from typing import get_args

import pytest

from gradatim.cli.app import main
from gradatim.notebooks import NOTEBOOKS, Notebook
from gradatim.notebooks.claim import exact, timed

module = importlib.import_module("gradatim.cli.reproduce")


@pytest.fixture
def notebooks(monkeypatch):
    """Two notebooks in place of the real ones; the second one takes what claims it is given."""
    apples, losses = Notebook("apples", "prices"), Notebook("losses", "gradients")
    claims = []

    @apples.row("4.2", "E", "backward")
    def backward(session):
        yield exact("dApple", 2.2, 2.2)
        yield timed("seconds", "at most 5", 9.0)

    @losses.row("2.5", "B", "a gradient", why="The loop is left too early.")
    def gradient(session):
        session.tell("moving numbers", 1, 2)
        yield exact("full run", session.full, session.full)
        yield from claims

    monkeypatch.setattr(module, "NOTEBOOKS", {"apples": apples, "losses": losses})
    monkeypatch.setattr(module, "PICTURES", {"losses": None})
    return claims


def test_all_notebooks_are_computed_and_summed_up(gradatim, notebooks):
    done = gradatim("reproduce")

    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("Short runs: 601 of the 10,000 training steps")
    assert "apples: prices" in lines
    assert "2.5  a gradient" in lines
    assert "     The loop is left too early." in lines
    assert lines[-2].startswith("apples: 1 of 1 claims hold, in 1 row; 1 timed; ")
    assert lines[-1].startswith("losses: 1 of 1 claims hold, in 1 row; ")
    assert not {"\x1b", "\r"} & set(done.out)


def test_one_notebook_is_computed_alone(gradatim, notebooks):
    done = gradatim("reproduce", "losses")

    assert done.status == 0
    assert "apples" not in done.out


def test_a_claim_that_does_not_hold_gives_status_1(gradatim, notebooks):
    notebooks.append(exact("at [3, 4]", [6, 8], [6, 0], notebook=[6, 0]))
    done = gradatim("reproduce")

    assert done.status == 1
    assert "WRONG" in done.out
    assert "     notebook: [6, 0]" in done.out.splitlines()
    assert done.out.splitlines()[-1].endswith("; WRONG: 2.5")


def test_full_makes_the_long_runs(gradatim, notebooks, monkeypatch):
    asked = []
    session = module.Session
    monkeypatch.setattr(
        module, "Session", lambda full, tell: asked.append(full) or session(full, tell)
    )

    assert "some minutes" in gradatim("reproduce", "--full").out
    gradatim("reproduce")
    assert asked == [True, False]


def test_pictures_go_into_a_new_folder(gradatim, notebooks, monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(
        module, "save_picture", lambda path, name, session: drawn.append((path, name))
    )
    done = gradatim("reproduce", "--pictures", "some/pictures")

    folder = tmp_path / "some" / "pictures"
    assert folder.is_dir()
    assert [(tmp_path / path, name) for path, name in drawn] == [(folder / "losses.png", "losses")]
    assert done.out.endswith("Pictures: some/pictures/losses.png\n")


def test_a_file_in_place_of_the_folder_is_refused_before_anything_runs(refused, tmp_path):
    (tmp_path / "pictures").write_text("")

    assert refused("reproduce", "--pictures", "pictures") == (
        "--pictures pictures: this is a file; it must be a folder, or not exist yet."
    )


def test_another_notebook_is_refused(refused):
    sentence = refused("reproduce", "pears")

    assert "pears" in sentence
    assert "apples" in sentence


class Terminal:
    """A stdout that is one, and keeps what was written."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal()


def test_a_terminal_sees_what_goes_on_and_colours(notebooks, terminal):
    notebooks.append(exact("at [3, 4]", 8, 0))

    with redirect_stdout(terminal):
        assert module.reproduce() == 1

    assert "\r\x1b[Kmoving numbers 50%" in terminal.text
    assert "\x1b[32mok\x1b[0m" in terminal.text
    assert "\x1b[1;31mWRONG\x1b[0m" in terminal.text
    assert "\x1b[36mtimed\x1b[0m" in terminal.text


def test_no_colour_where_it_is_not_wanted(notebooks, terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with redirect_stdout(terminal):
        module.reproduce()

    assert "ok" in terminal.text
    assert "\x1b[32m" not in terminal.text


def test_ctrl_c_takes_the_status_line_away_and_gives_130(gradatim, monkeypatch):
    def interrupted(session):
        raise KeyboardInterrupt

    apples = Notebook("apples", "prices")
    apples.row("4.1", "E", "price")(interrupted)
    monkeypatch.setattr(module, "NOTEBOOKS", {"apples": apples})
    done = gradatim("reproduce")

    assert done.status == 130
    assert done.err == "Interrupted.\n"


def test_every_notebook_can_be_named():
    assert set(get_args(module.Name)) == {*NOTEBOOKS, "all"}


def test_pictures_need_a_place_that_can_be_made(refused, notebooks, tmp_path):
    (tmp_path / "plain").write_text("")

    told = refused("reproduce", "--pictures", "plain/below")

    assert told.startswith("--pictures plain/below: the folder cannot be used: ")
    assert told.endswith("; name one where you may write, as in --pictures pictures.")


def test_nor_may_it_be_closed(refused, notebooks, tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "access", lambda path, mode: False)

    assert "nothing may be written there" in refused("reproduce", "--pictures", str(tmp_path))


def test_it_runs_where_there_is_no_stdout(notebooks, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)

    assert main(["reproduce"]) == 0
    assert capsys.readouterr().err == ""
