"""Accuracy, and the evaluation of a whole dataset in bounded memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from gradatim import Tensor, autograd, cross_entropy, mse, nn
from gradatim.data import Dataset, moons
from gradatim.errors import ShapeError
from gradatim.train import accuracy, evaluate
from gradatim.train.metrics import count_right

SCORES = np.array([[0.1, 2.0, 0.0], [3.0, 0.2, 0.1], [0.0, 0.1, 0.2], [1.0, 0.0, 0.0]])


def test_labels_are_compared_with_the_largest_score():
    assert accuracy(SCORES, [1, 0, 2, 2]) == 0.75
    assert accuracy(Tensor(SCORES), Tensor([1, 0, 2, 0])) == 1.0


def test_one_hot_targets_are_compared_by_their_place():
    assert accuracy(SCORES, np.eye(3)[[1, 0, 2, 2]]) == 0.75
    assert accuracy(SCORES, np.eye(3, dtype=bool)[[1, 0, 2, 2]]) == 0.75


@pytest.mark.parametrize(
    "targets",
    [
        SCORES,
        np.full((4, 3), 1 / 3),
        np.zeros((4, 3)),
        np.ones((4, 3)),
        np.zeros((4, 2)),
        np.zeros((4, 1)),
    ],
    ids=["values", "soft", "no class", "all classes", "other width", "column"],
)
def test_values_have_no_accuracy(targets):
    assert accuracy(SCORES, targets) is None


def test_one_logit_a_sample_tells_two_classes_apart():
    assert accuracy([-1.0, 2.0, 0.5], [0, 1, 0]) == pytest.approx(2 / 3)
    assert accuracy([[-1.0], [2.0]], np.array([[0], [1]])) == 1.0


def test_one_number_a_sample_is_no_class_where_targets_are_values():
    assert accuracy([0.1, 0.9], [0.0, 1.0]) is None
    assert accuracy([0.1, 3.9], [0, 4]) is None


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
def test_the_first_of_several_largest_outputs_counts_and_nan_is_the_largest(dtype):
    outputs = np.array([[1, 1, 0], [0, np.nan, 5], [2, 3, 3]])
    assert count_right(outputs, np.array([0, 1, 1], dtype)) == 3
    assert count_right(outputs, np.array([1, 2, 2], dtype)) == 0
    assert count_right(outputs, np.array([-3, 3, 1], dtype)) == 1, "of places there are none else"


def test_no_samples_have_no_accuracy():
    assert accuracy(np.zeros((0, 3)), np.zeros(0, int)) is None


def test_outputs_and_targets_must_be_as_many():
    with pytest.raises(ShapeError, match=r"outputs are \(4, 3\), targets are \(3,\)"):
        accuracy(SCORES, [1, 0, 2])


@pytest.fixture
def model():
    return nn.MLP([2, 4, 2], rng=0, dtype=np.float64)


@pytest.mark.parametrize("batch_size", [1, 7, 50, 1000])
def test_the_size_of_the_batches_does_not_show(model, batch_size):
    data = moons(50)
    x, t = data.arrays(np.float64)
    found = evaluate(model, data, cross_entropy, batch_size)

    assert found["loss"] == pytest.approx(cross_entropy(model(x), t).item(), rel=1e-14)
    assert found["accuracy"] == accuracy(model(x), t)


def test_an_evaluation_is_the_same_bit_for_bit(model):
    first = evaluate(model, moons(50), cross_entropy, 7)

    assert first == evaluate(model, moons(50), cross_entropy, 7)


def test_regression_has_a_loss_and_no_accuracy():
    data = Dataset(np.zeros((5, 2)), np.arange(5.0)[:, None])
    model = nn.MLP([2, 1], init="zeros")

    assert evaluate(model, data, mse) == {"loss": pytest.approx(6.0), "accuracy": None}


def test_one_batch_without_classes_makes_all_of_it_a_regression():
    targets = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [1.0, 0.0]])
    data = Dataset(np.zeros((4, 2)), targets)

    assert evaluate(nn.MLP([2, 2]), data, mse, batch_size=1)["accuracy"] is None


def test_the_tape_is_off_and_the_model_evaluates(model):
    seen = []

    def watching(outputs, targets):
        seen.append((autograd.modes.current().taping, outputs.requires_grad, model.training))
        return cross_entropy(outputs, targets)

    evaluate(model, moons(20), watching, batch_size=10)

    assert seen == [(False, False, False)] * 2


def test_every_module_keeps_its_mode():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Dropout(0.5, rng=0), nn.ReLU())
    model.train()
    list(model)[1].eval()
    before = [module.training for module in model.modules()]
    evaluate(model, moons(20), cross_entropy)

    assert before == [True, True, False, True]
    assert [module.training for module in model.modules()] == before


def test_the_mode_comes_back_after_an_error(model):
    with pytest.raises(ShapeError):
        evaluate(model, Dataset(np.zeros((4, 3)), np.arange(4)), cross_entropy)

    assert model.training


def test_the_model_is_given_its_own_dtype_unless_another_is_asked_for(model):
    seen = []

    def watching(outputs, targets):
        seen.append(outputs.dtype)
        return cross_entropy(outputs, targets)

    evaluate(model, moons(10), watching)
    evaluate(nn.MLP([2, 2]), moons(10), watching)
    evaluate(nn.MLP([2, 2]), moons(10), watching, dtype=np.float64)

    assert seen == [np.float64, np.float32, np.float64]


def test_memory_does_not_grow_with_the_data():
    data = Dataset(np.zeros((20_000, 100), np.uint8), np.zeros(20_000, np.uint8), scale=1 / 255)
    model = nn.MLP([100, 10, 2], rng=0)
    tracemalloc.start()
    try:
        evaluate(model, data, cross_entropy, batch_size=100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 500_000  # all of it at once would be 8 MB
