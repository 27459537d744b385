"""A right layer is told what it may stumble over; a loss is forgiven its 1e-7."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer

ROUNDED = ("out = sigmoid(x)", "out = np.zeros_like(x); out[...] = sigmoid(x)")


def remarks(name, *spoils):
    source = book_layers.SOURCES[name]
    for old, new in spoils:
        source = book_layers.spoilt(source, old, new)
    made, inputs = book_layers.layer(name, source)
    check = layer(made, *inputs)
    check.assert_passed()
    return check.remarks


def test_whole_numbers_that_are_rounded():
    assert any("gives other, rounded numbers" in each for each in remarks("Sigmoid", ROUNDED))
    assert remarks("Sigmoid") == ()


def test_numbers_that_overflow():
    unstable = ("sigmoid(x)", "np.exp(x) / (1 + np.exp(x))")

    assert remarks("Sigmoid", unstable) == (
        "forward gives nan or inf for inputs around 1000: it is not stable.",
    )


def test_a_single_sample_that_only_forward_takes():
    first = ("        x = x.reshape(x.shape[0], -1)\n", "")

    assert remarks("Affine") == ()
    assert remarks("Affine", first)[0].startswith("a single sample of shape (4,), without an axis")


@pytest.mark.parametrize("epsilon", ["1e-7", "1e-5", "1e-4"])
def test_what_is_added_within_the_logarithm_is_forgiven(epsilon):
    told = remarks("SoftmaxWithLoss", ("np.log(picked)", f"np.log(picked + {epsilon})"))

    assert told[0].startswith(f"forward takes the log of y + {float(epsilon):g}, and backward")


class SigmoidWithLoss:
    """Book 2, chapter 4: one score for each sample, the target 0 or 1."""

    def forward(self, x, t):
        self.y, self.t = 1 / (1 + np.exp(-x)), t
        return -np.log(np.where(t == 1, self.y, 1 - self.y) + 1e-7).mean()

    def backward(self, dout=1):
        return (self.y - self.t) * dout / len(self.t)


def test_nor_is_it_held_against_a_sigmoid():
    x = np.random.default_rng(7).normal(size=5)
    check = layer(SigmoidWithLoss(), x, np.array([1, 1, 0, 1, 1]))

    check.assert_passed()
    assert check.remarks[0].startswith("forward takes the log of y + 1e-07, and backward")


def test_a_sigmoid_that_is_wrong_is_not_forgiven():
    class Wrong(SigmoidWithLoss):
        def backward(self, dout=1):
            return 1.0001 * super().backward(dout)

    x = np.random.default_rng(7).normal(size=5)

    assert not layer(Wrong(), x, np.array([1, 1, 0, 1, 1]))


def test_nothing_else_is_forgiven_with_it():
    source = book_layers.spoilt(book_layers.LOSS, "np.log(picked)", "np.log(picked + 1e-7)")
    source = book_layers.spoilt(source, "dx = dx / batch_size", "dx = 1.001 * dx / batch_size")
    made, inputs = book_layers.layer("SoftmaxWithLoss", source)

    assert not layer(made, *inputs)


def test_an_input_that_changes_nothing():
    told = remarks("AddLayer", ("x + y", "x + 0 * y"), ("dy = dout * 1", "dy = dout * 0"))

    assert told == ("dy is 0 everywhere: it changes nothing in forward.",)


def test_a_loss_that_takes_labels_in_forward_only():
    source = book_layers.spoilt(
        book_layers.LOSS, "if self.t.size == self.y.size", "if self.t.shape != (3,)[:0] and True"
    ).replace("(self.y - self.t)", "(self.y - self.t.reshape(self.y.shape))")
    made, (x, t) = book_layers.layer("SoftmaxWithLoss", source)

    check = layer(made, x, np.eye(4)[t])

    check.assert_passed()
    assert any(
        "for labels forward gives the right loss, but backward raises" in r for r in check.remarks
    )
