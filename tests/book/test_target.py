from __future__ import annotations

import numpy as np
import pytest

from gradatim.book.target import labels, one_hot
from gradatim.errors import DataError, DtypeError, ShapeError

ROW = [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize("t", [2, np.int64(2), np.array([2]), [0, 0, 1], np.array([0.0, 0.0, 1.0])])
def test_a_single_sample_takes_a_label_or_a_row(t):
    assert one_hot("loss", t, (3,)).tolist() == ROW
    assert labels("loss", t, (3,)).tolist() == [2]


@pytest.mark.parametrize("t", [2, [2], [[0, 0, 1]]])
def test_a_batch_of_one_takes_the_same(t):
    assert one_hot("loss", t, (1, 3)).tolist() == ROW


def test_labels_and_rows_of_a_square_batch_are_told_apart():
    t = np.array([2, 0, 1])
    assert one_hot("loss", t, (3, 3)).tolist() == np.eye(3)[t].tolist()
    assert one_hot("loss", np.eye(3)[t], (3, 3)).tolist() == np.eye(3)[t].tolist()


def test_labels_of_a_single_class_are_not_taken_for_rows():
    assert one_hot("loss", np.zeros(4, int), (4, 1)).tolist() == [[1.0]] * 4
    assert one_hot("loss", np.zeros((4, 1)), (4, 1)).tolist() == [[0.0]] * 4


def test_a_row_is_a_copy():
    t = np.eye(3)
    one_hot("loss", t, (3, 3))[...] = 7
    assert t.tolist() == np.eye(3).tolist()


@pytest.mark.parametrize("t", [np.zeros((4, 1), int), np.zeros(3, int), np.zeros((4, 2)), 1])
def test_another_shape_is_refused(t):
    told = (
        r"loss: the scores are \(4, 3\) and the target is .*; the target must be labels of shape "
    )
    with pytest.raises(ShapeError, match=told + r"\(4,\) or one-hot rows of shape \(4, 3\)"):
        one_hot("loss", t, (4, 3))


def test_a_column_of_labels_is_told_how_to_become_a_row():
    with pytest.raises(ShapeError, match=r"Did you mean t.reshape\(-1\)\?"):
        one_hot("loss", np.zeros((4, 1), int), (4, 3))


def test_scores_without_axes_are_refused():
    with pytest.raises(ShapeError, match="loss: the scores are a single number; they must be"):
        one_hot("loss", 0, ())


@pytest.mark.parametrize(("t", "low", "high"), [([0, 3], 0, 3), ([-1, 2], -1, 2)])
def test_labels_outside_the_classes_are_refused(t, low, high):
    told = f"loss: the labels go from {low} to {high}; with 3 scores .* between 0 and 2.\n.*t - 1"
    with pytest.raises(DataError, match=told):
        one_hot("loss", t, (2, 3))


def test_labels_must_be_integers():
    with pytest.raises(
        DtypeError, match=r"loss: .*float64; labels must be integers.\n  Try t.asty"
    ):
        one_hot("loss", [0.0, 1.0], (2, 3))


def test_rows_must_be_numbers():
    with pytest.raises(DtypeError, match="loss: the target is of dtype <U1; one-hot rows must"):
        one_hot("loss", [["a", "b"]], (1, 2))
