"""Samples are taken in every form, and a model that is asked stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw.chart.answer import answers, probabilities, samples_of
from gradatim.errors import DataError, DtypeError, ShapeError

X = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("data", "t"),
    [
        (gd.data.Dataset(X, [0, 1, 1]), None),
        ((X, [0, 1, 1]), None),
        (X, [0, 1, 1]),
        (X, [[1, 0], [0, 1], [0, 1]]),
        (gd.Tensor(X), gd.Tensor([0, 1, 1])),
        (X, np.array([[0.0], [1.0], [1.0]])),
    ],
)
def test_labels_are_read_in_every_form(data, t):
    found = samples_of(gd.nn.MLP([2, 2]), data, t, "mine")

    np.testing.assert_array_equal(found.labels, [0, 1, 1])
    np.testing.assert_array_equal(found.x, X)
    assert found.x.dtype == np.float32


def test_classes_are_called_by_their_names():
    data = gd.data.Dataset(X, [0, 1, 1], class_names=["cat", "dog"])

    assert samples_of(len, data, None, "mine").name(1) == "dog"
    assert samples_of(len, X, [0, 1, 1], "mine").name(1) == "1"


def test_what_is_no_sample_is_refused():
    with pytest.raises(DataError, match=r"^mine: the samples have shape \(2,\); .*x\[None\]"):
        samples_of(len, X[0], None, "mine")
    with pytest.raises(DataError, match=r"shape \(0, 2\); they must be \(N, \.\.\.\), one or more"):
        samples_of(len, X[:0], None, "mine")
    with pytest.raises(ShapeError, match=r"^mine: there are 3 samples and targets of shape \(2,\)"):
        samples_of(len, X, [0, 1], "mine")
    with pytest.raises(DtypeError, match=r"^mine: the targets are float64, and not all are whole"):
        samples_of(len, X, [0.5, 1, 1], "mine")


def test_logits_become_probabilities_and_probabilities_stay():
    p = np.array([[0.2, 0.8], [1.0, 0.0]])
    np.testing.assert_array_equal(probabilities(lambda x: x, p, "mine"), p)
    found = probabilities(lambda x: x, 10 * p - 5, "mine")
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == p.argmax(axis=1)).all()


def test_one_output_is_that_of_the_second_class():
    one = np.array([[-2.0], [3.0]])
    found = probabilities(lambda x: x, one, "mine")
    np.testing.assert_allclose(found[:, 1], 1 / (1 + np.exp(-one[:, 0])))
    np.testing.assert_allclose(probabilities(lambda x: x[:, 0], 1 / (1 + np.exp(-one)), "m"), found)


def test_outputs_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"^mine: for 3 samples the model returns shape \(2, 3\)"):
        probabilities(lambda x: x.T, X, "mine")


def test_a_model_that_diverged_is_told_apart():
    told = r"^mine: for 2 of 3 samples the model returns NaN or infinity; .*gd\.check\.finite"
    with pytest.raises(DataError, match=told):
        probabilities(lambda x: np.array([[1.0, 2], [np.nan, 1], [np.inf, 1]]), X, "mine")


def test_a_model_is_left_as_it_was():
    model = gd.nn.Sequential(gd.nn.Linear(2, 8, rng=0), gd.nn.Dropout(0.5, rng=1))
    model[0].weight.grad = gd.Tensor(np.ones((2, 8), np.float32))
    twin = gd.nn.Sequential(gd.nn.Linear(2, 8, rng=0), gd.nn.Dropout(0.5, rng=1))

    evaluated = answers(model, np.ones((1500, 2), np.float32))

    assert evaluated.shape == (1500, 8)
    assert model.training
    assert model[1].training
    assert model[0].weight.grad is not None
    x = np.ones((1, 2), np.float32)
    np.testing.assert_array_equal(model(x).data, twin(x).data)  # dropout draws as if not asked
