"""Gradients that are not there, or are of the wrong shape or number, are called so."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer

MISTAKES = [
    (
        "Relu",
        "return dx",
        "return None",
        "dx",
        "returns nothing",
        "the layer before this one needs dx",
    ),
    ("Relu", "        return dx\n", "", "dx", "returns nothing", "backward returns nothing"),
    ("Relu", "return dx", "return dx,", "dx", "count", "a comma too many?"),
    ("Relu", "return dx", "return dx.T", "dx", "shape", "It is transposed."),
    ("Relu", "return dx", "return dx.sum(axis=0)", "dx", "shape", "It is summed over the batch"),
    ("Relu", "return dx", "return dx.reshape(-1)", "dx", "shape", "not brought back to the shape"),
    ("Relu", "return dx", "return 'dx'", "dx", "no numbers", "dx is str, not an array"),
    ("Affine", "np.sum(dout, axis=0)", "dout", "db", "shape", "It is not summed over the batch."),
    ("Affine", "np.sum(dout, axis=0)", "np.sum(dout, axis=1)", "db", "shape", "the wrong axis?"),
    ("Affine", "np.sum(dout, axis=0)", "np.sum(dout)", "db", "shape", "one number for all"),
    ("Affine", "axis=0)", "axis=0, keepdims=True)", "db", "shape", "The sum has kept an axis."),
    (
        "Affine",
        "np.dot(self.x.T, dout)",
        "np.dot(dout.T, self.x)",
        "dW",
        "shape",
        "(3, 4); it must have the shape (4, 3) of W",
    ),
    ("Affine", "self.dW = np", "dW = np", "dW", "no gradient", "leaves no gradient of W"),
    (
        "Affine",
        "        return dx",
        "        return dx, self.dW, self.db",
        "dx",
        "count",
        "returns 3 things",
    ),
    ("MulLayer", "return dx, dy", "return dx", "dx", "count", "must return dx and dy"),
]


@pytest.mark.parametrize(("name", "old", "new", "about", "kind", "words"), MISTAKES)
def test_a_mistake_is_named(name, old, new, about, kind, words):
    source = book_layers.spoilt(book_layers.SOURCES[name], old, new)
    made, inputs = book_layers.layer(name, source)

    check = layer(made, *inputs)

    assert not check
    assert check.findings[0].about == about
    assert check.findings[0].kind == kind
    assert words in check.findings[0].what
    assert len([each for each in check.findings if each.about == about]) == 1


def test_a_gradient_that_cannot_be_compared_is_missing():
    source = book_layers.spoilt(book_layers.AFFINE, "self.dW = np", "dW = np")
    made, inputs = book_layers.layer("Affine", source)

    check = layer(made, *inputs)

    assert [row.verdict for row in check.rows] == ["right", "missing", "right"]


def test_a_backward_that_raises_is_shown_with_its_line():
    class Broken:
        def forward(self, x):
            return x * 2

        def backward(self, dout):
            return dout * self.two

    (finding,) = layer(Broken(), np.ones((2, 3))).findings

    assert finding.what == (
        "backward raises AttributeError: 'Broken' object has no attribute 'two'."
    )
    assert "test_returned.py:" in finding.evidence[0]
    assert finding.evidence[0].endswith(": return dout * self.two")


def test_a_backward_without_dout_will_do_for_a_loss_alone():
    class Loss:
        def forward(self, x, t):
            self.apart = x - t
            return 0.5 * np.sum(self.apart**2)

        def backward(self):
            return self.apart

    class Double:
        def forward(self, x):
            return 2 * x

        def backward(self):
            return np.full((2, 3), 2.0)

    x = np.arange(6.0).reshape(2, 3)

    layer(Loss(), x, x[::-1] / 2).assert_passed()
    assert layer(Double(), x).findings[0].kind == "no dout"


def test_a_bias_of_two_axes_may_have_a_gradient_of_one():
    made, (x,) = book_layers.layer("Affine")
    made.b = made.b[None]

    check = layer(made, x)

    check.assert_passed()
    assert "db has shape (3,), its parameter (1, 3)." in check.remarks


class Line:
    def __init__(self):
        self.W = np.random.default_rng(0).normal(size=(4, 3))

    def forward(self, x):
        self.x = x
        return x @ self.W


def test_a_gradient_that_is_nearly_called_right():
    class Small(Line):
        def backward(self, dout):
            self.dw = self.x.T @ dout
            return dout @ self.W.T

    (finding,) = layer(Small(), np.ones((5, 4))).findings

    assert finding.what.endswith("There is dw; is that meant?")
    assert finding.fix == "self.dW = ... in place of self.dw = ..."


def test_gradients_in_each_others_place():
    class Exchanged(Line):
        def backward(self, dout):
            self.dW = dout @ self.W.T
            return self.x.T @ dout

    check = layer(Exchanged(), np.ones((5, 4)))

    assert [row.verdict for row in check.rows] == ["WRONG", "WRONG"]
    assert "not of this shape" in str(check)
    fixes = {finding.fix for finding in check.findings}
    assert fixes == {"exchange dx and dW: each has the other's shape"}


@pytest.mark.parametrize("line", ["dout @ self.W", "np.dot(dout, self.W)"])
def test_a_product_that_does_not_fit(line):
    class Untransposed(Line):
        def backward(self, dout):
            self.dW = self.x.T @ dout
            if line.startswith("np"):
                return np.dot(dout, self.W)
            return dout @ self.W

    (finding,) = layer(Untransposed(), np.ones((5, 4))).findings

    assert finding.kind == "raises"
    assert finding.fix == "dx = np.dot(dout, self.W.T)"


class Squares:
    """Gives the gradients of both, of which one has nobody asked for."""

    def __init__(self, dt):
        self.dt = dt

    def forward(self, x, t):
        self.apart = x - t
        return 0.5 * (self.apart**2).sum()

    def backward(self, dout=1):
        dx = dout * self.apart
        return dx, self.dt(dx)


@pytest.mark.parametrize(("dt", "verdict"), [(lambda dx: -dx, "right"), (lambda dx: dx, "WRONG")])
def test_a_gradient_of_the_targets_is_compared_where_there_is_one(dt, verdict):
    check = layer(Squares(dt), np.ones((3, 2)), np.arange(6.0).reshape(3, 2))

    assert [(row.name, row.verdict) for row in check.rows] == [("dx", "right"), ("dt", verdict)]


@pytest.mark.parametrize(
    ("dt", "why"),
    [
        (lambda dx: 0 * dx, "t is what the output is compared with, and dt is 0"),
        (lambda dx: 1.0, "dt is no array of floats of the shape of t"),
    ],
)
def test_one_that_cannot_be_compared_is_told_of(dt, why):
    check = layer(Squares(dt), np.ones((3, 2)), np.arange(6.0).reshape(3, 2))

    assert [row.name for row in check.rows] == ["dx"]
    assert check.remarks == (f"dt was not checked: {why}.",)
