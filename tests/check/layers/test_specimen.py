"""Parameters are found by their names; copies share nothing, and views stay views."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer
from gradatim.check.layers.specimen import copied, in_double, members, places, put, reach

X = np.random.default_rng(1).normal(size=(5, 4))
W = np.random.default_rng(2).normal(size=(4, 3))


class Dense:
    """Affine without a bias; where it keeps W and its gradient is for subclasses to say."""

    def forward(self, x):
        self.x = x
        return x @ self.weights()

    def backward(self, dout):
        self.keep(self.x.T @ dout)
        return dout @ self.weights().T


def dense(make, weights, keep):
    made = type("Dense", (Dense,), {"weights": weights, "keep": keep})()
    make(made)
    return made


WAYS = {
    "W": (
        lambda s: setattr(s, "W", W.copy()),
        lambda s: s.W,
        lambda s, g: setattr(s, "dW", g),
        "dW",
    ),
    "kernel": (
        lambda s: setattr(s, "kernel", W.copy()),
        lambda s: s.kernel,
        lambda s, g: setattr(s, "kernel_grad", g),
        "kernel_grad",
    ),
    "params and grads": (
        lambda s: vars(s).update(params={"W1": W.copy()}, grads={}),
        lambda s: s.params["W1"],
        lambda s, g: s.grads.update(W1=g),
        "grads['W1']",
    ),
    "lists": (
        lambda s: vars(s).update(params=[W.copy()], grads=[np.zeros_like(W)]),
        lambda s: s.params[0],
        lambda s, g: s.grads[0].__setitem__(..., g),
        "grads[0]",
    ),
    "inside": (
        lambda s: setattr(s, "inner", SimpleNamespace(W=W.copy())),
        lambda s: s.inner.W,
        lambda s, g: setattr(s.inner, "dW", g),
        "inner.dW",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_parameters_are_found_wherever_they_are_kept(way):
    make, weights, keep, name = WAYS[way]

    right = layer(dense(make, weights, keep), X)
    wrong = layer(dense(make, weights, lambda s, g: keep(s, 2 * g)), X)

    right.assert_passed()
    assert [row.name for row in right.rows] == ["dx", name]
    assert wrong[name].verdict == "WRONG"
    assert wrong["dx"].verdict == "right"


def test_one_array_in_two_places_is_one_parameter():
    made, (x,) = book_layers.layer("Affine")
    made.params = {"W1": made.W, "b1": made.b}

    check = layer(made, x)

    check.assert_passed()
    assert [row.name for row in check.rows] == ["dx", "dW", "db"]


def test_a_number_may_be_a_parameter():
    class Leaky:
        def __init__(self):
            self.alpha = 0.3

        def forward(self, x):
            self.x = x
            return np.where(x > 0, x, self.alpha * x)

        def backward(self, dout):
            self.dalpha = (dout * self.x)[self.x <= 0].sum()
            return dout * np.where(self.x > 0, 1, self.alpha)

    check = layer(Leaky(), X)

    check.assert_passed()
    assert [row.name for row in check.rows] == ["dx", "dalpha"]


def test_what_a_used_layer_has_noted_is_no_parameter():
    class Square:
        def forward(self, x):
            self.x = x.copy()
            return x * x

        def backward(self, dout):
            self.dx = 2 * dout * self.x
            return self.dx

    made = Square()
    made.backward(made.forward(X))

    check = layer(made, X)

    check.assert_passed()
    assert [row.name for row in check.rows] == ["dx"]


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_parameters_of_any_dtype_are_checked_in_double(dtype):
    made = book_layers.classes(book_layers.AFFINE)["Affine"](
        np.arange(12, dtype=dtype).reshape(4, 3), np.zeros(3, dtype)
    )

    layer(made, X).assert_passed()
    assert made.W.dtype == dtype


def test_a_view_of_a_parameter_moves_with_it():
    class Tied:
        def __init__(self):
            self.W = W.copy()
            self.turned = self.W.T

        def forward(self, x):
            self.x = x
            return x @ self.W

        def backward(self, dout):
            self.dW = self.x.T @ dout
            return dout @ self.turned

    made = Tied()

    layer(made, X).assert_passed()
    for double in (copied(made), in_double(made)):
        double.W[0, 1] = 7.0
        assert double.turned[1, 0] == 7.0
        assert made.W[0, 1] == W[0, 1]


def test_members_of_a_circle_are_walked_once():
    first = SimpleNamespace(W=np.ones(2))
    first.other = SimpleNamespace(back=first)

    assert [path for path, _ in members(first)].count((("attribute", "W"),)) == 1


def test_a_place_can_be_read_and_written():
    node = SimpleNamespace(params=[SimpleNamespace(b=1.0)], W=np.zeros(2))
    (first,), (second,) = places(node)

    assert [first.name, second.name] == ["params[0].b", "W"]
    put(node, first.path, np.float64(3.0))
    put(node, second.path, np.ones(2))
    assert node.params[0].b == reach(node, first.path) == 3.0
    assert node.W.tolist() == [1.0, 1.0]
