from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.errors import ShapeError

Y = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
Y_PRED = np.array([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0])
EXACT, WITH_EPSILON = 0.5108256237659907, 0.510825457099338


def test_sse_has_no_factor_and_the_book_has_a_half():
    assert book.sse(Y, Y_PRED) == 0.19500000000000006
    assert book.sum_squared_error(Y_PRED, Y) == 0.09750000000000003
    assert book.mean_squared_error is book.sum_squared_error


def test_cross_entropy_is_exact_and_that_of_the_book_on_request():
    for loss in (book.cross_entropy, book.cross_entropy_ohe):
        assert loss(Y, Y_PRED) == EXACT
        assert loss(Y, Y_PRED, book_epsilon=True) == WITH_EPSILON
    assert book.cross_entropy_error(Y_PRED, Y) == EXACT
    assert book.cross_entropy_error(Y_PRED, Y, book_epsilon=True) == WITH_EPSILON


def test_cross_entropy_takes_what_is_right_first_and_prints_nothing(capsys):
    assert book.cross_entropy(2, Y_PRED) == book.cross_entropy_error(Y_PRED, 2) == EXACT
    assert capsys.readouterr().out == ""


def test_labels_and_one_hot_rows_give_the_same():
    y = book.softmax(np.random.randn(10, 10))  # as many samples as classes
    t = np.arange(10)[::-1]
    expected = -np.log(y[np.arange(10), t]).mean()
    for target in (t, t.tolist(), np.eye(10)[t], np.eye(10, dtype=int)[t]):
        assert book.cross_entropy_error(y, target) == pytest.approx(expected, rel=1e-15)
        assert book.cross_entropy(target, y) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("label", [2, np.int64(2), np.array(2), np.array([2])])
def test_a_single_sample_is_a_batch_of_one(label):
    assert book.cross_entropy(label, Y_PRED) == book.cross_entropy([2], Y_PRED[None]) == EXACT


def test_a_class_that_is_not_meant_does_not_take_part():
    assert book.cross_entropy_loss([0, 1], [0.0, 1.0]) == 0
    assert book.cross_entropy_error([0.0, 1.0], 1) == 0


def test_a_probability_of_zero_is_a_large_loss_and_not_an_infinite_one():
    assert book.cross_entropy_loss([1, 0], [0.0, 1.0]) == pytest.approx(744.44, abs=0.01)
    assert np.isfinite(book.cross_entropy_error(np.array([0, 1], np.float32), 0))


def test_cross_entropy_loss_is_a_sum():
    y, t = [[0.25, 0.75], [0.5, 0.5]], [1, 0]
    assert book.cross_entropy_loss(t, y) == 2 * book.cross_entropy_error(y, t)


def test_softmax_loss_is_that_of_the_probabilities_and_finite():
    x, t = np.random.randn(4, 3), [0, 2, 1, 1]
    expected = book.cross_entropy_error(book.softmax(x), t)
    assert book.softmax_loss(x, t) == pytest.approx(expected, rel=1e-14)
    assert book.softmax_loss([[1e4, -1e4]], [1]) == 2e4


@pytest.mark.parametrize("loss", [book.sse, book.sum_squared_error, book.cross_entropy_ohe])
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ShapeError, match=r"what is right has shape .*; they must be equal.\n  Try"):
        loss(np.ones((4, 1)), np.ones(4))


@pytest.mark.parametrize("loss", [book.cross_entropy_error, book.softmax_loss])
def test_a_wrong_target_is_refused_by_name(loss):
    with pytest.raises(ShapeError, match=f"{loss.__name__}: the scores are"):
        loss(np.full((4, 3), 1 / 3), np.zeros(3, int))


def test_nothing_is_changed():
    y, t = Y_PRED.copy(), Y.copy()
    for call in (lambda: book.cross_entropy(t, y), lambda: book.sse(t, y)):
        call()
    assert y.tolist() == Y_PRED.tolist()
    assert t.tolist() == Y.tolist()


@pytest.mark.parametrize("loss", ["softmax_loss", "cross_entropy_error", "cross_entropy_ohe"])
def test_the_mean_of_no_samples_is_refused(loss):
    with pytest.raises(ShapeError, match=rf"{loss}: the batch is empty") as refusal:
        getattr(book, loss)(np.ones((0, 3)), np.ones((0, 3)))
    assert "Did a slice or a mask select nothing?" in str(refusal.value)
