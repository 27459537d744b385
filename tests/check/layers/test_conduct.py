"""A layer writes into nothing that is not its own, and does not remember earlier calls."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer

MISTAKES = [
    ("Relu", "dx = dout.copy()", "dx = dout", "dout", "backward writes into dout"),
    ("Relu", "out = x.copy()", "out = x", "x", "forward writes into its input x"),
    ("Relu", "return dx", "self.mask[0] = True; return dx", None, None),
    (
        "Sigmoid",
        "dx = dout * (1.0 - self.out) * self.out",
        "self.out *= dout * (1.0 - self.out); dx = self.out",
        "output",
        "backward writes into the array that forward had returned",
    ),
    (
        "Affine",
        "dx = dx.reshape(*self.original_x_shape)",
        "self.W -= 0.1 * self.dW",
        "W",
        "backward changes the parameter W",
    ),
    ("Affine", "out = np", "self.b += 1; out = np", "b", "forward changes the parameter b"),
    (
        "MulLayer",
        "dx = dout * self.y",
        "dx = dout * self.y; self.y *= 2",
        "y",
        "backward writes into its input y",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "about", "words"), MISTAKES)
def test_writing_into_what_belongs_to_others_is_wrong(name, old, new, about, words):
    source = book_layers.spoilt(book_layers.SOURCES[name], old, new)
    made, inputs = book_layers.layer(name, source)

    check = layer(made, *inputs)

    if about is None:  # a mask is the layer's own
        check.assert_passed()
    else:
        assert not check
        assert check.findings[0].about == about
        assert check.findings[0].kind == "changes"
        assert check.findings[0].what.startswith(words)
        assert check.findings[0].fix


def test_a_forward_that_keeps_its_first_mask_is_wrong():
    source = book_layers.spoilt(
        book_layers.RELU, "self.mask = (x", "if self.mask is None:\n            self.mask = (x"
    )
    made, inputs = book_layers.layer("Relu", source)

    check = layer(made, *inputs)

    assert check.findings[0].kind == "remembers"
    assert "when the layer has been used before" in check.findings[0].what


def test_a_backward_that_keeps_its_first_x_is_wrong():
    class Square:
        x = None

        def forward(self, x):
            if self.x is None:
                self.x = x
            return x * x

        def backward(self, dout):
            return dout * 2 * np.broadcast_to(self.x, dout.shape)

    (finding,) = layer(Square(), np.arange(6.0)).findings

    assert finding.kind == "remembers"
    assert finding.what.startswith("dx is right on the first call and wrong on the next")


def test_a_layer_that_refuses_a_second_forward_before_backward_is_right():
    class Careful:
        waiting = False

        def forward(self, x):
            if self.waiting:
                raise RuntimeError("call backward first")
            self.waiting = True
            return x * 2

        def backward(self, dout):
            self.waiting = False
            return dout * 2

    layer(Careful(), np.arange(6.0)).assert_passed()


def test_a_recurrent_layer_may_remember_if_it_says_so():
    class Sum:
        stateful = True

        def __init__(self):
            self.total = 0.0

        def forward(self, x):
            self.total = self.total + x.sum()
            return x * 3 + self.total

        def backward(self, dout):
            return 3 * dout + dout.sum()

    layer(Sum(), np.arange(6.0)).assert_passed()
    Sum.stateful = False
    assert layer(Sum(), np.arange(6.0)).findings[0].kind == "remembers"


@pytest.mark.parametrize(("default", "right"), [("1", True), ("1.0", True), ("2", False)])
def test_the_default_of_dout_is_1(default, right):
    source = book_layers.spoilt(book_layers.LOSS, "dout=1", f"dout={default}")
    made, inputs = book_layers.layer("SoftmaxWithLoss", source)

    check = layer(made, *inputs)

    assert check.passed == right
    assert [finding.kind for finding in check.findings] == ([] if right else ["default"])
