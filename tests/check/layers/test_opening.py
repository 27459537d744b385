"""The first call tells which inputs move, what is compared with what, and how exactly."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check.layers.call import quiet
from gradatim.check.layers.opening import Opening

X = np.random.default_rng(3).normal(size=(5, 4))


def opened(layer, *inputs):
    with quiet():
        return Opening(layer, inputs, {}, 0)


def of_book(name):
    made, inputs = book_layers.layer(name)
    return opened(made, *inputs)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("Relu", ("moves",)),
        ("MulLayer", ("moves", "moves")),
        ("SoftmaxWithLoss", ("moves", "target")),
    ],
)
def test_targets_stay_and_everything_else_moves(name, kinds):
    assert of_book(name).kinds == kinds


def test_whole_numbers_are_labels_where_nothing_else_will_do():
    class Embedding:
        def __init__(self):
            self.W = X.copy()

        def forward(self, which):
            self.which = which
            return self.W[which]

        def backward(self, dout):
            self.dW = np.zeros_like(self.W)
            np.add.at(self.dW, self.which, dout)

    assert opened(Embedding(), np.array([1, 0, 1])).kinds == ("target",)
    assert opened(book_layers.layer("Sigmoid")[0], np.array([1, 0, 1])).kinds == ("moves",)


def test_of_a_loss_with_one_gradient_the_other_input_is_the_target():
    class Squares:
        def forward(self, a, b):
            self.apart = a - b
            return 0.5 * (self.apart**2).sum()

        def backward(self, dout=1):
            return dout * self.apart

    found = opened(Squares(), X, 2 * X)

    assert found.kinds == ("moves", "target")
    assert found.remarks == [
        "db was not checked: backward returns one gradient, so b is taken for what the output is "
        "compared with."
    ]


def test_parameters_are_those_with_a_gradient():
    assert [place.name for place in of_book("Affine").parameters] == ["W", "b"]


def test_the_layer_is_another_and_in_double():
    made = book_layers.classes(book_layers.AFFINE)["Affine"](
        np.ones((4, 3), np.float32), np.ones(3)
    )

    found = opened(made, X)

    assert found.layer is not made
    assert found.layer.W.dtype == np.float64
    assert made.W.dtype == np.float32
