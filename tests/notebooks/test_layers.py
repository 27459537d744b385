"""Notebook `layers`, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.notebooks import layers, original


def test_3_1(compute):
    """Four figures, each drawn by one call; test_figure holds what stands in them."""
    found = compute(layers.figures)

    assert found["affine-graph: shapes"].got == [(1, 2), (2, 3), (3,), (1, 3)]
    assert found["affine-graph2, N = 3: shapes"].got == [(3, 2), (2, 3), (3,), (3, 3)]
    assert found["output-neuron-backpropagation: shapes"].got == [(3, 784), ()]
    assert found["softmax-with-loss-graph: shapes"].got == [(3,), (3,), (3,), ()]
    assert [claim.got for claim in found.claims if "without" in claim.text] == [[]] * 4


def test_3_2(compute):
    found = compute(layers.affine)

    for name in ("dx", "dW", "db"):
        assert found[f"{name} against the formula"].got <= 1e-12
        assert found[f"{name} against differences"].got <= 1e-9
    assert found["nn.Linear by gradient check"].got == "right"
    for name in ("Relu", "Sigmoid"):
        assert found[f"{name}: dx against the formula"].got <= 1e-15
        assert found[f"{name}: x and dout unchanged"].got is True


def wrong_activations():
    x, dout = np.random.default_rng(0).standard_normal((2, 4, 3))
    return {claim.text for claim in layers._activations(x, dout) if claim.verdict == "WRONG"}


def test_3_2_notices_a_relu_that_writes_into_its_input(monkeypatch):
    def forward(self, x):
        self._remember()
        self.mask = x <= 0
        x[self.mask] = 0
        return x

    monkeypatch.setattr(book.Relu, "forward", forward)

    assert wrong_activations() == {"Relu: x and dout unchanged"}


def test_3_2_notices_a_sigmoid_that_ignores_dout(monkeypatch):
    backward = lambda self, dout: (1 - self.out) * self.out  # noqa: E731
    monkeypatch.setattr(book.Sigmoid, "backward", backward)

    assert wrong_activations() == {"Sigmoid: dx against the formula"}


def test_3_3(compute):
    found = compute(layers.gradient_check)

    assert 1e-13 < found["W1"].got < 1e-12
    assert 3e-13 < found["b1"].got < 3e-12
    assert 4e-13 < found["W2"].got < 2e-12
    assert 1.15e-10 < found["b2"].got < 1.25e-10


def test_3_4(compute):
    """The first two of the seventeen pairs; all of them in test_reproduce.py."""
    found = compute(layers.learning)

    assert found["training images"].got == 60_000
    assert found["first pair"].got == pytest.approx((0.12, 0.12), abs=0.08)
    assert found["second pair"].got == pytest.approx((0.905, 0.907), abs=0.01)


def test_3_5(compute):
    found = compute(layers.labels)

    claim = found["book, labels: difference from (y - t) / N"]
    assert claim.got <= 1e-15
    assert claim.notebook > 0.1
    assert found["gd.cross_entropy, labels: the same"].got <= 1e-15
    assert found["book, a target of (5, 2)"].got == "ShapeError"
    assert found["gd.cross_entropy, a target of (5, 2)"].got == "ShapeError"


def test_3_6(compute):
    found = compute(layers.scaled)

    assert found["book: gradient from dout = 2 / from 1"].got == pytest.approx(2, abs=1e-14)
    assert found["book: gradient from dout = 2 / from 1"].notebook == 1
    assert found["Tensors: the same"].got == pytest.approx(2, abs=1e-14)


def test_3_7(compute):
    found = compute(layers.sure)

    assert found["gd.cross_entropy"].got == found["book.SoftmaxWithLoss"].got == 1000.0
    assert found["gd.cross_entropy"].notebook == float("inf")
    assert found["its gradient"].got.tolist() == [[1.0, -1.0]]
    assert found["gradient by Tensors"].got.tolist() == [[1.0, -1.0]]
    assert found["logits of ±10,000"].got == [0.0, 20000.0, 20000.0, 0.0]


def test_3_8(compute):
    found = compute(layers.attributes)

    assert found["SoftmaxWithLoss has an unused x"].got is False


def test_the_notebooks_own_last_layer_is_refuted(monkeypatch, refuted):
    monkeypatch.setattr(book, "SoftmaxWithLoss", original.SoftmaxWithLoss)

    assert refuted(layers.scaled) == ["book: gradient from dout = 2 / from 1"]
    assert "book, labels: difference from (y - t) / N" in refuted(layers.labels)
    assert refuted(layers.sure)


def test_a_bias_that_is_averaged_is_refuted(monkeypatch, refuted):
    class Averaging(book.Affine):
        def backward(self, dout):
            dx = super().backward(dout)
            self.db = self.db / len(dout)
            return dx

    monkeypatch.setattr(book, "Affine", Averaging)

    assert refuted(layers.affine) == ["db against the formula", "db against differences"]
