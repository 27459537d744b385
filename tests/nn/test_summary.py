"""The summary counts what a model does; its numbers are data, its text is a table."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import ShapeError


@pytest.fixture
def summary():
    return nn.MLP([784, 50, 10], rng=0).summary(np.zeros((100, 784), np.float32))


def test_rows_are_the_layers_in_the_order_of_their_calls(summary):
    assert [(r.path, r.kind, r.shape) for r in summary.rows] == [
        ("layers.0", "Linear", (100, 50)),
        ("layers.1", "ReLU", (100, 50)),
        ("layers.2", "Linear", (100, 10)),
    ]


def test_numbers_of_the_notebooks_network(summary):
    assert summary.parameters == summary.trainable == 784 * 50 + 50 + 50 * 10 + 10 == 39760
    assert summary.multiply_adds == 100 * (784 * 50 + 50 * 10)
    assert summary.bytes == 4 * 39760
    assert summary.output_bytes == 4 * 100 * (50 + 50 + 10)


def test_text_is_a_table(summary):
    assert str(summary) == repr(summary)
    assert str(summary).splitlines() == [
        "path      layer   output     parameters  multiply-adds    bytes",
        "--------  ------  ---------  ----------  -------------  -------",
        "layers.0  Linear  (100, 50)      39,250      3,920,000  157,000",
        "layers.1  ReLU    (100, 50)           0              0        0",
        "layers.2  Linear  (100, 10)         510         50,000    2,040",
        "--------  ------  ---------  ----------  -------------  -------",
        "total                            39,760      3,970,000  159,040",
        "39,760 parameters to learn, 0 frozen; outputs take 44,000 bytes",
    ]


def test_frozen_parameters_are_counted_apart():
    model = nn.MLP([4, 3, 2], rng=0)
    model[0].freeze()

    summary = model.summary(np.zeros((1, 4)))

    assert (summary.parameters, summary.trainable) == (23, 8)
    assert "8 parameters to learn, 15 frozen" in str(summary)


def test_a_layer_called_twice_has_two_rows_and_its_parameters_once():
    class Twice(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(3, 3, rng=0)

        def forward(self, x):
            return self.layer(self.layer(x))

    rows = Twice().summary(np.zeros((2, 3))).rows

    assert [(r.path, r.parameters, r.multiply_adds) for r in rows] == [
        ("layer", 12, 18),
        ("layer", 0, 18),
    ]


def test_products_and_parameters_of_a_hand_written_module_are_its_own():
    class Attention(nn.Module):
        def __init__(self):
            self.w = gd.Parameter(np.ones((3, 5)))
            self.inner = nn.Linear(5, 2, rng=0)

        def forward(self, x):
            return self.inner(x @ self.w)

    rows = Attention().summary(np.zeros((4, 3))).rows

    assert [(r.path, r.kind, r.parameters, r.multiply_adds) for r in rows] == [
        ("", "Attention", 15, 60),
        ("inner", "Linear", 12, 40),
    ]


def test_einsum_is_counted():
    class Product(nn.Module):
        def forward(self, a, b):
            return gd.einsum("ij,jk->ik", a, b)

    summary = Product().summary(np.zeros((2, 3)), np.zeros((3, 4)))

    assert summary.multiply_adds == 24
    assert "." in str(summary)


def test_an_output_that_is_no_tensor_has_no_shape():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    row = Pair().summary(np.zeros(3)).rows[0]

    assert (row.shape, row.output_bytes) == (None, 0)


def test_looking_changes_nothing():
    model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Dropout(0.5, rng=0))
    model[1].eval()
    twin = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Dropout(0.5, rng=0))

    model.summary(np.ones((4, 3)))

    assert [m.training for m in model.modules()] == [True, True, False]
    assert all(p.grad is None for p in model.parameters())
    x = np.ones((4, 3))
    np.testing.assert_array_equal(model.train()(x).numpy(), twin(x).numpy())


def test_training_is_restored_when_the_model_fails():
    model = nn.Sequential(nn.Linear(3, 3, rng=0))

    with pytest.raises(ShapeError, match=r"in layers\.0 \(Linear\)"):
        model.summary(np.zeros((1, 4)))

    assert all(m.training for m in model.modules())
