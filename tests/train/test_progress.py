"""A training shown while it runs: silent, in plain lines, in a terminal, in a notebook."""

from __future__ import annotations

import io
import re
import sys
from itertools import pairwise
from time import perf_counter
from types import ModuleType, SimpleNamespace

import pytest
from rich.console import Console

from gradatim.data import moons
from gradatim.train import (
    History,
    NotebookProgress,
    PlainProgress,
    Plan,
    Progress,
    TerminalProgress,
    TrainingState,
)
from gradatim.train import progress as progress_file
from gradatim.train.progress import Speed
from gradatim.train.screen import make_progress, suited

SETTINGS = {"steps": 14, "batch_size": 10, "evaluate_every": 4}


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on only when it is told to."""
    now = SimpleNamespace(time=100.0)
    monkeypatch.setattr(progress_file, "perf_counter", lambda: now.time)
    return now


def fake_state(step=0, stop=1000, every=600):
    plan = Plan(0, stop, every, every)
    return TrainingState(None, None, None, plan, History(), step=step, loss=0.25)


# --- silent and plain -------------------------------------------------------------------------
def test_silent_is_silent(make, data, capsys):
    make(progress="none").fit(data, moons(20), **SETTINGS)

    assert capsys.readouterr() == ("", "")


def test_plain_lines_are_one_for_each_evaluation_under_a_heading(make, data, capsys):
    history = make(progress="plain").fit(data, moons(20), **SETTINGS)
    out, err = capsys.readouterr()
    lines = out.splitlines()

    assert err == ""
    assert [line.split()[0] for line in lines] == ["step", "0", "4", "8", "12", "14"]
    assert len({len(line) for line in lines}) == 1
    assert f"{history.last['test_accuracy']:.4f}" in lines[-1]


def test_plain_lines_hold_no_control_characters(make, data, capsys):
    make(progress="plain").fit(data, moons(20), **SETTINGS)

    assert not re.search(r"[^\n\x20-\x7e]", capsys.readouterr().out)


def test_plain_lines_do_not_wait_in_a_buffer(make, data, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    seen = []
    make(lambda state: seen.append(out.buffer.getvalue().count(b"\n")), progress="plain").fit(
        data, **SETTINGS
    )

    assert seen == [2, 3, 4, 5, 6]


def test_output_to_a_pipe_is_plain(make, data, capsys):
    make(progress="auto").fit(data, **SETTINGS)  # pytest's own capture is no terminal

    assert capsys.readouterr().out.startswith("   step")


def test_why_a_training_ended_early_is_said(make, data, capsys):
    make(lambda state: state.step == 4 and state.stop(), progress="plain").fit(data, **SETTINGS)

    assert capsys.readouterr().out.splitlines()[-1] == "Stopped (early) after step 4 of 14."


# --- the gate ---------------------------------------------------------------------------------
def test_nothing_is_drawn_before_it_is_time(clock):
    drawn = []

    class Counting(Progress):
        def draw(self, state):
            drawn.append(clock.time)

    shown = Counting(every_seconds=0.1)
    state = fake_state()
    for _ in range(1000):
        clock.time += 0.001
        shown.step(state)

    assert len(drawn) == 10
    assert all(b - a >= 0.099 for a, b in pairwise(drawn))


@pytest.mark.parametrize("kind", [Progress, TerminalProgress, NotebookProgress, PlainProgress])
def test_a_step_that_is_not_due_costs_next_to_nothing(kind):
    shown = kind()
    shown._due = float("inf")
    state = fake_state()
    best = float("inf")
    for _ in range(20):
        start = perf_counter()
        for _ in range(1000):
            shown.step(state)
        best = min(best, perf_counter() - start)

    assert best / 1000 < 2e-6  # 0.15 us on a quiet machine


# --- speed ------------------------------------------------------------------------------------
def test_evaluations_do_not_count_as_training_time(clock):
    speed = Speed()
    clock.time += 2.0
    speed.pause()
    clock.time += 100.0
    speed.go_on()
    clock.time += 2.0

    assert speed.rate(400) == 100.0


def test_time_left_counts_the_evaluations_to_come(clock):
    speed = Speed()
    speed.pause()
    clock.time += 3.0  # the evaluation at 0
    speed.go_on()
    clock.time += 5.0
    state = fake_state(step=500)

    assert speed.left_seconds(state) == pytest.approx(500 / 100 + 2 * 3.0)  # at 600 and 1000


def test_a_run_that_is_resumed_counts_its_own_steps(clock):
    speed = Speed(step=500)
    clock.time += 1.0

    assert speed.rate(510) == 10.0


def test_before_the_first_step_nobody_knows_how_long_it_takes(clock):
    assert Speed().left_seconds(fake_state()) is None
    assert Speed().describe(fake_state()) == ("", "loss 0.2500", "")


# --- terminal ---------------------------------------------------------------------------------
@pytest.fixture
def terminal():
    """A terminal in memory."""
    file = io.StringIO()
    return Console(file=file, force_terminal=True, width=100, highlight=False), file


def visible(text):
    """What stays on the screen: control sequences obeyed as far as a bar uses them."""
    lines, row = [""], 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\r":
            continue
        elif part.startswith("\x1b"):
            if part.endswith("A"):
                row -= int(part[2:-1] or 1)
            elif part.endswith("K"):
                lines[row] = ""
        else:
            lines[row] += part
    return [line for line in lines if line.strip()]


def test_the_bar_shows_rate_loss_and_time_left(make, data, terminal):
    console, file = terminal
    make(progress=TerminalProgress(0.0, console)).fit(data, moons(20), **SETTINGS)
    text = file.getvalue()

    assert re.search(r"\d+/14", text)
    assert re.search(r"[\d,.]+ steps/s", text)
    assert re.search(r"loss \d\.\d{4}", text)
    assert re.search(r"\d+\.\d s left", text)
    assert "evaluating" in text
    assert "training" in text


def test_evaluations_that_nobody_could_read_of_are_not_announced(make, data, terminal):
    console, file = terminal
    make(progress=TerminalProgress(1000.0, console)).fit(data, moons(20), **SETTINGS)
    first, rest = file.getvalue().split("      4      0 ")

    assert "evaluating" in first  # it may take long
    assert "evaluating" not in rest
    assert "training" in rest


def test_afterwards_the_bar_is_gone_and_the_table_stays(make, data, terminal):
    console, file = terminal
    make(progress=TerminalProgress(0.0, console)).fit(data, moons(20), **SETTINGS)
    lines = visible(file.getvalue())

    assert [line.split()[0] for line in lines] == ["step", "0", "4", "8", "12", "14"]
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


def test_a_narrow_terminal_does_not_break_the_lines(make, data):
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=30)
    make(progress=TerminalProgress(0.0, console)).fit(data, moons(20), **SETTINGS)

    assert "train accuracy   test accuracy" in file.getvalue()


def test_the_cursor_comes_back_after_an_error(make, data, terminal):
    console, file = terminal

    def fail(state):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(fail, progress=TerminalProgress(0.0, console)).fit(data, **SETTINGS)

    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


def test_what_a_callback_prints_stands_above_the_bar(make, data, terminal):
    console, file = terminal
    make(lambda state: print("[mine]"), progress=TerminalProgress(0.0, console)).fit(
        data, **SETTINGS
    )

    assert visible(file.getvalue()).count("[mine]") == 5


# --- notebook ---------------------------------------------------------------------------------
@pytest.fixture
def notebook(monkeypatch):
    """A shell with a kernel, as far as anybody asks."""
    pages = []

    class Handle:
        def update(self, html):
            pages.append(html)

    def display(html, display_id=None):
        assert display_id is True
        pages.append(html)
        return Handle()

    ipython, shown = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    ipython.display, shown.display, shown.HTML = shown, display, str
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    return pages


def test_a_notebook_gets_one_display_that_is_renewed(make, data, notebook, capsys):
    history = make(progress="auto").fit(data, moons(20), **SETTINGS)

    assert capsys.readouterr().out == ""
    assert "<progress" in notebook[0]
    assert "<progress" not in notebook[-1]
    assert notebook[-1].count("<tr>") == 1 + len(history.rows)


def test_the_bar_of_a_notebook_shows_loss_and_steps(make, data, notebook):
    make(progress=NotebookProgress(0.0)).fit(data, **SETTINGS)

    assert any("7/14 steps" in page and "loss 0." in page for page in notebook)


def test_notes_are_shown_below_the_table_and_are_no_html(make, data, notebook):
    make(lambda state: state.step == 4 and state.stop("<b>"), progress="notebook").fit(
        data, **SETTINGS
    )

    assert notebook[-1].endswith("<div>Stopped (&lt;b&gt;) after step 4 of 14.</div>")


def test_a_display_without_a_handle_is_survived(make, data, notebook, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython.display"], "display", lambda *_, **__: None)

    assert make(progress="notebook").fit(data, **SETTINGS).step == 14


# --- which one --------------------------------------------------------------------------------
class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert suited() == "terminal"
    assert isinstance(make_progress("auto"), TerminalProgress)


def test_a_terminal_that_can_do_nothing_gets_plain_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert suited() == "plain"


def test_a_terminal_without_rich_gets_plain_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("gradatim.train.screen.find_spec", lambda name: None)
    assert suited() == "plain"


@pytest.mark.parametrize("kind", ["auto", "terminal", "plain"])
def test_a_closed_stdout_is_shown_nothing(monkeypatch, kind):
    monkeypatch.setattr(sys, "stdout", None)
    assert suited() == "plain"
    assert type(make_progress(kind)) is Progress


def test_ipython_in_a_terminal_is_no_notebook(monkeypatch):
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert suited() == "plain"


def test_ipython_is_not_loaded_to_be_asked(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    suited()
    assert "IPython" not in sys.modules


def test_a_progress_of_ones_own_is_taken():
    mine = Progress()
    assert make_progress(mine) is mine
