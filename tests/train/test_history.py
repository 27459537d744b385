"""What was measured in the course of a training."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.errors import StateError
from gradatim.store import read_history
from gradatim.train import History


def row(step, **figures):
    empty = dict.fromkeys(["loss", "train_loss", "train_accuracy", "test_loss", "test_accuracy"])
    return {"step": step, "epoch": step // 6, **empty, "seconds": 0.5, **figures}


def test_losses_are_one_for_each_step_and_the_callers_own():
    history = History(losses=[2.0])
    history.append_loss(1.5)
    history.losses[0] = 9

    assert history.losses.tolist() == [2.0, 1.5]
    assert history.losses.dtype == np.float64
    assert history.step == 2


def test_the_best_row_has_the_smallest_loss_or_the_largest_accuracy():
    history = History(
        [
            row(0, test_loss=2.3, test_accuracy=0.1),
            row(6, test_loss=0.3, test_accuracy=0.90),
            row(12, test_loss=0.4, test_accuracy=0.91),
        ]
    )

    assert history.best()["step"] == 6
    assert history.best("test_loss")["step"] == 6
    assert history.best("test_accuracy")["step"] == 12


def test_without_a_test_the_best_row_is_that_of_the_training_data():
    assert History([row(0, train_loss=2.0), row(6, train_loss=1.0)]).best()["step"] == 6


def test_of_equal_rows_the_earliest_is_the_best():
    assert History([row(0, test_loss=1.0), row(6, test_loss=1.0)]).best()["step"] == 0


def test_a_best_of_zero_is_found():
    assert History([row(0, train_loss=1.0), row(6, train_loss=0.0)]).best()["step"] == 6


def test_a_figure_that_is_nowhere_is_named_with_those_that_are():
    with pytest.raises(StateError, match=r"no evaluation has the figure 'test_loss'.*train_loss"):
        History([row(0, train_loss=1.0)]).best("test_loss")


def test_a_history_without_rows_has_no_last_and_no_best():
    with pytest.raises(StateError, match="nothing has been evaluated yet"):
        _ = History().last
    with pytest.raises(StateError, match="no evaluation has the figure"):
        History().best()


def test_the_csv_holds_every_figure_exactly(tmp_path):
    rows = [row(0, loss=0.1 + 0.2), row(6, loss=1 / 3, test_accuracy=0.9)]
    History(rows).save(tmp_path / "history.csv")

    assert read_history(tmp_path / "history.csv") == rows


def test_a_history_shows_itself_as_a_table():
    history = History([row(0, train_loss=2.0), row(6, train_loss=1.0)])

    assert [line.split()[0] for line in str(history).splitlines()] == ["step", "0", "6"]
    assert history._repr_html_().count("<tr>") == 3


def test_an_empty_history_shows_itself_too():
    assert repr(History()) == "History: no evaluations yet, running"
    assert "no evaluations yet" in History()._repr_html_()
