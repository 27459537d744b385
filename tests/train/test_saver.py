"""A run is saved now and then, and whatever was evaluated last is there in the end."""

from __future__ import annotations

import os
from contextlib import nullcontext

import numpy as np
import pytest

from gradatim import nn
from gradatim.errors import DataError, DivergenceError
from gradatim.store import RunFolder
from gradatim.train import Callback
from gradatim.train.saver import described

SETTINGS = {"steps": 8, "batch_size": 10, "evaluate_every": 2}


@pytest.fixture
def clock(monkeypatch):
    """Tells the time that a test has set."""
    now = [100.0]
    monkeypatch.setattr("gradatim.train.saver.monotonic", lambda: now[0])
    return now


@pytest.fixture
def run(folder):
    return RunFolder.create(folder)


class Watch(Callback):
    """Notes what is in the folder at each evaluation; then so much time goes by."""

    def __init__(self, run, clock, seconds):
        self.run, self.clock, self.seconds = run, clock, seconds
        self.rows, self.saved = [], []

    def on_evaluation(self, state):
        there = os.path.exists(self.run.path / "history.csv")
        self.rows.append(len(self.run.load_history()) if there else 0)
        self.saved.append(state.model.state_dict())
        self.clock[0] += self.seconds


@pytest.mark.parametrize(
    ("seconds", "rows"), [(0.0, [0, 1, 1, 1, 1]), (0.6, [0, 1, 1, 3, 3]), (1.0, [0, 1, 2, 3, 4])]
)
def test_once_a_second_at_most(make, data, run, clock, seconds, rows):
    watch = Watch(run, clock, seconds)
    history = make(watch).fit(data, run=run, **SETTINGS)

    assert watch.rows == rows
    assert run.load_history() == history.rows


def test_what_is_written_is_not_written_again(make, data, run, clock, monkeypatch):
    written, save = [], RunFolder.save_history
    monkeypatch.setattr(
        RunFolder, "save_history", lambda *given: (written.append(len(given[1])), save(*given))
    )
    make().fit(data, run=run, **SETTINGS)

    assert written == [1, 5]


def weights_of(run):
    return {name: value.tobytes() for name, value in run.load_model()[0].items()}


@pytest.mark.parametrize("error", [DivergenceError("Nothing left."), ZeroDivisionError("of mine")])
def test_whatever_ends_it_what_was_evaluated_last_is_saved(make, data, run, clock, error):
    class Failing(Callback):
        def on_step(self, state):
            if state.step == 5:
                raise error

    watch = Watch(run, clock, 0.0)
    with pytest.raises(type(error)):
        make(watch, Failing()).fit(data, run=run, **SETTINGS)

    assert watch.rows == [0, 1, 1]
    assert [row["step"] for row in run.load_history()] == [0, 2, 4]
    assert weights_of(run) == {name: each.tobytes() for name, each in watch.saved[-1].items()}


def test_an_evaluation_that_fails_is_not_saved_beside_the_weights_of_another(
    make, data, run, clock
):
    class Failing(Callback):
        def on_evaluation(self, state):
            if state.step == 6:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(Failing()).fit(data, run=run, **SETTINGS)

    assert [row["step"] for row in run.load_history()] == [0, 2, 4]


def test_a_disk_that_is_full_in_the_end_is_an_error(make, data, run, clock, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    class Filling(Callback):
        def on_end(self, state):
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(DataError, match="no space left on device"):
        make(Filling()).fit(data, run=run, **SETTINGS)


def test_what_the_callbacks_leave_in_the_end_is_saved(make, data, run, clock):
    class Zeros(Callback):
        def on_end(self, state):
            state.model.load_state_dict(
                {name: np.zeros_like(each) for name, each in state.model.state_dict().items()}
            )

    make(Zeros()).fit(data, run=run, **SETTINGS)

    assert not any(each.any() for each in run.load_model()[0].values())


def test_an_error_of_the_training_is_not_hidden_by_one_of_the_disk(
    make, data, run, clock, monkeypatch
):
    tried = []

    def full(number):
        tried.append(number)
        raise OSError(28, "No space left on device")

    class Failing(Callback):
        def on_step(self, state):
            if state.step == 3:
                monkeypatch.setattr(os, "fsync", full)
                raise ValueError("of mine")

    with pytest.raises(ValueError, match="of mine"):
        make(Watch(run, clock, 0.0), Failing()).fit(data, run=run, **SETTINGS)

    assert tried


def test_a_model_of_the_library_is_described_so_that_it_can_be_built_again():
    assert described(nn.MLP([2, 3]))["sizes"] == [2, 3]


@pytest.mark.parametrize("error", [None, DivergenceError("Nothing left.")])
def test_who_is_told_of_the_end_finds_what_was_evaluated_last(make, data, run, clock, error):
    class Reader(Callback):
        def on_step(self, state):
            if error is not None and state.step == 5:
                raise error

        def on_end(self, state, *_):
            found.append([row["step"] for row in run.load_history()])

        on_failure = on_end

    found = []
    with pytest.raises(DivergenceError) if error else nullcontext():
        make(Reader()).fit(data, run=run, **SETTINGS)

    assert found == [[0, 2, 4] if error else [0, 2, 4, 6, 8]]


@pytest.mark.parametrize("second", [None, "second"])
def test_a_folder_that_is_left_has_what_was_evaluated_while_it_was_chosen(
    make, data, run, clock, tmp_path, second
):
    other = second and RunFolder.create(tmp_path / second)

    class Leave(Callback):
        def on_step(self, state):
            if state.step == 5:
                state.run = other

    history = make(Leave()).fit(data, run=run, **SETTINGS)

    assert [row["step"] for row in run.load_history()] == [0, 2, 4]
    assert other is None or other.load_history() == history.rows
