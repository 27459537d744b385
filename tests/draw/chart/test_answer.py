"""Samples are taken in every form, and a model that is asked stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw.chart.answer import answers, model_of, probabilities, samples_of
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.store import RunFolder

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


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(odd):
    x = X.copy()
    x[1, 0] = odd
    with pytest.raises(DataError) as caught:
        samples_of(len, x, None, "mine")
    assert str(caught.value) == (
        "mine: 1 of 3 samples hold NaN or infinity; they must be numbers. "
        "Leave them out: x[np.isfinite(x).all(axis=1)]."
    )


def test_a_model_is_read_from_the_folder_of_its_run(tmp_path):
    model = gd.nn.MLP([6, 3, 2], rng=0)
    run = RunFolder.create(tmp_path / "run")
    run.save_model(model.state_dict(), model.architecture())

    for given in (run, run.path, str(run.path)):
        np.testing.assert_array_equal(
            model_of(given, "mine")(X.ravel()).data, model(X.ravel()).data
        )
    run.save_model(model.state_dict(), gd.nn.MLP([6, 4, 2]).architecture())
    with pytest.raises(DataError, match=r"^mine: the model of .*run cannot be used: "):
        model_of(run, "mine")


def test_what_is_no_model_is_refused():
    with pytest.raises(DtypeError, match=r"^mine: the model is int; it must be a Module, a func"):
        model_of(3, "mine")
    with pytest.raises(DtypeError, match=r"^mine: the model is the class Linear; it must be"):
        model_of(gd.nn.Linear, "mine")
    with pytest.raises(DataError, match="absent: there is no such folder"):
        model_of("absent", "mine")


def test_pictures_become_rows_where_a_layer_of_ours_wants_as_many_numbers():
    pictures = np.ones((5, 2, 3))

    class Own(gd.nn.Module):
        def __init__(self):
            self.inner = gd.nn.Linear(6, 2)

        def forward(self, x):
            return self.inner(x.reshape(len(x), -1))

    found = samples_of(gd.nn.MLP([6, 2]), pictures, None, "mine")
    assert (found.x.shape, found.shape) == ((5, 6), (2, 3))
    assert samples_of(gd.nn.MLP([3, 2]), pictures, None, "mine").x.shape == (5, 2, 3)
    assert samples_of(Own(), pictures, None, "mine").x.shape == (5, 2, 3)


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
