"""Weights that stand outside of a layer are checked as its own are, and left as they were."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer
from gradatim.check.layers.scope import lend

X = np.random.default_rng(1).normal(size=(5, 4))

SOURCE = """
W = np.arange(12.0).reshape(4, 3) / 7 - 0.6
b = np.array([0.1, -0.2, 0.3])
params, grads = {"W": W.copy(), "b": b.copy()}, {}


def affine(x):
    return x @ W + b


class Global:
    def forward(self, x):
        self.x = x
        return x @ W + b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ W.T


class Called(Global):
    def forward(self, x):
        self.x = x
        return affine(x)


class Dict:
    def forward(self, x):
        self.x = x
        return x @ params["W"] + params["b"]

    def backward(self, dout):
        grads["W"] = self.x.T @ dout
        grads["b"] = dout.sum(axis=0)
        return dout @ params["W"].T


class Shared:
    W = W.copy()
    b = b.copy()

    def forward(self, x):
        self.x = x
        return x @ self.W + Shared.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ Shared.W.T


def Closed():
    weights = W.copy()

    class Closed:
        def forward(self, x):
            self.x = x
            return x @ weights

        def backward(self, dout):
            self.dW = self.x.T @ dout
            return dout @ weights.T

    return Closed()
"""


def made(name, old="x.T", new="x.T"):
    scope = book_layers.classes(book_layers.spoilt(SOURCE, old, new))
    return scope[name](), scope


NAMES = ["Global", "Called", "Dict", "Shared", "Closed"]


@pytest.mark.parametrize("name", NAMES)
def test_a_weight_outside_of_the_layer_is_checked(name):
    right, _ = made(name)
    wrong, _ = made(name, "x.T @ dout", "x.T @ dout / 5")

    check = layer(right, X)

    check.assert_passed()
    assert check.unchecked == ()
    assert len(check.rows) == (2 if name == "Closed" else 3)
    assert [finding.about[-2:] for finding in layer(wrong, X).findings] in (["dW"], ["']"])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_outside_is_left_as_it_was(name):
    right, scope = made(name)
    own = type(right)
    before = {each: scope[each].copy() for each in ("W", "b")}

    layer(right, X)

    assert all(np.array_equal(scope[each], was) for each, was in before.items())
    assert scope["grads"] == {}
    assert np.array_equal(scope["Shared"].W, before["W"])
    assert type(right) is own


def test_what_the_layer_has_itself_is_not_lent():
    affine, _ = book_layers.layer("Affine")

    assert lend(affine) == []


def test_a_weight_without_a_gradient_is_told_of():
    check = layer(made("Closed", "self.dW = self.x.T @ dout", "pass")[0], X)

    assert check.unchecked == ("weights",)
    assert str(check).startswith("Closed is right in what was checked.\n  NOT checked: weights.")


def test_a_gradient_that_could_be_compared_with_nothing_is_not_right():
    class Tuples:
        def __init__(self):
            self.rows = {"w": tuple(map(tuple, X[:4, :3]))}

        def forward(self, x):
            self.x = x
            return x @ np.array(self.rows["w"])

        def backward(self, dout):
            self.dW = self.x.T @ dout
            return dout @ np.array(self.rows["w"]).T

    (finding,) = layer(Tuples(), X).findings

    assert finding.kind == "nobody's"
    assert finding.what == (
        "backward leaves dW, and an array that it is the gradient of was not found: dW could be "
        "compared with nothing."
    )
    assert finding.fix == "keep that array in self.W, where an optimizer finds it, too"
