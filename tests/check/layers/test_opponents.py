"""Layers written to deceive the check: wrong ones in one place only, right ones that look odd."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer

RANDOM = np.random.default_rng(11)
X = RANDOM.normal(size=(5, 4))
IMAGES = RANDOM.normal(size=(2, 3, 4, 4))
LABELS = np.array([0, 2, 1, 3, 1])
WEIGHTS = RANDOM.normal(size=(4, 30)), RANDOM.normal(size=(30, 3))


def made(forward, backward, **attributes):
    """A layer of two functions, each of which is handed the layer first."""
    methods = {"forward": forward, "backward": backward}
    return type("Layer", (), {**methods, **attributes})()


def noted(function):
    """A forward that notes x, and its output as y."""

    def forward(self, x):
        self.x = x
        self.y = function(x)
        return self.y

    return forward


def softmax(x):
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def repeated(self, dout):
    return np.repeat(dout[:, None], self.x.shape[1], axis=1)


def placed(self, dout):
    dx = np.zeros_like(self.x)
    np.put_along_axis(dx, np.argsort(self.x, axis=1, kind="stable"), dout, axis=1)
    return dx


WRONG = {
    "softmax without its cross terms": (noted(softmax), lambda s, d: d * s.y * (1 - s.y)),
    "summed over the wrong axis": (noted(softmax), lambda s, d: s.y * (d - (d * s.y).sum(axis=0))),
    "a detached scale": (
        noted(lambda x: x / x.std(axis=1, keepdims=True)),
        lambda s, d: d / s.x.std(axis=1, keepdims=True),
    ),
    "summed over everything": (
        noted(unit),
        lambda s, d: (d - s.y * (d * s.y).sum()) / np.linalg.norm(s.x, axis=1, keepdims=True),
    ),
    "another slope below 0": (
        noted(lambda x: np.where(x > 0, x, 0.01 * x)),
        lambda s, d: np.where(s.x > 0, d, 0.1 * d),
    ),
    "wrong for one sample only": (noted(lambda x: 3 * x), lambda s, d: d * min(3, 2 * len(d) - 1)),
    "wrong near 0 only": (
        noted(lambda x: np.where(np.abs(x) < 0.05, x**3, x)),
        lambda s, d: d,
    ),
    "wrong for large dout only": (noted(lambda x: 2 * x), lambda s, d: np.clip(2 * d, -4, 4)),
    "a sum in place of the reversed sum": (
        noted(lambda x: np.cumsum(x, axis=1)),
        lambda s, d: np.cumsum(d, axis=1),
    ),
    "a mean that is not divided": (noted(lambda x: x.mean(axis=1)), repeated),
    "sorted once more": (
        noted(lambda x: np.sort(x, axis=1)),
        lambda s, d: np.take_along_axis(d, np.argsort(s.x, axis=1), axis=1),
    ),
    "to each of the largest": (
        noted(lambda x: x.max(axis=1)),
        lambda s, d: (s.x == s.y[:, None]) * d[:, None],
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_layer_is_wrong(kind):
    assert not layer(made(*WRONG[kind]), X[:3, :3])


def test_one_that_sets_where_it_should_add_is_wrong():
    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        self.dW[self.x] = dout

    which = noted(lambda x: x)

    def forward(self, x):
        return self.W[which(self, x)]

    assert not layer(made(forward, backward, W=X.copy()), np.array([1, 3, 1, 0]))


RIGHT = {
    "a clip with two kinks": (
        noted(lambda x: np.clip(x, 0, 6)),
        lambda s, d: d * (s.x > 0) * (s.x < 6),
    ),
    "a sort": (noted(lambda x: np.sort(x, axis=1)), placed),
    "a tie that is shared": (
        noted(lambda x: x.max(axis=1)),
        lambda s, d: (m := s.x == s.y[:, None]) / m.sum(axis=1, keepdims=True) * d[:, None],
    ),
    "a scale that is not detached": (
        noted(unit),
        lambda s, d: (
            (d - s.y * (d * s.y).sum(axis=1, keepdims=True))
            / np.linalg.norm(s.x, axis=1, keepdims=True)
        ),
    ),
    "centred": (noted(lambda x: x - x.mean(axis=0)), lambda s, d: d - d.mean(axis=0)),
    "a step as a factor": (
        noted(lambda x: x * (np.round(x) != 0)),
        lambda s, d: d * (np.round(s.x) != 0),
    ),
}


@pytest.mark.parametrize("kind", RIGHT)
@pytest.mark.parametrize("x", [X, np.arange(12).reshape(3, 4) // 3])
def test_a_right_layer_is_right(kind, x):
    layer(made(*RIGHT[kind]), x).assert_passed()


def test_one_that_keeps_a_stack_of_its_inputs_is_right():
    stack = []

    def forward(self, x):
        stack.append(x)
        return x**3

    layer(made(forward, lambda s, d: 3 * d * stack.pop() ** 2), X).assert_passed()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_many_kinks_behind_each_other_are_right(dtype):
    def forward(self, x):
        self.x = np.asarray(x, dtype)
        self.h = np.maximum(self.x @ self.W.astype(dtype), 0)
        return self.h @ self.V.astype(dtype)

    def backward(self, dout):
        self.dV = self.h.T @ dout
        dh = (dout @ self.V.T) * (self.h > 0)
        self.dW = self.x.T @ dh
        return dh @ self.W.T

    layer(made(forward, backward, W=WEIGHTS[0], V=WEIGHTS[1]), X).assert_passed()


def test_a_hinge_loss_is_right():
    def forward(self, x, t):
        each = np.arange(len(t))
        self.t, self.margin = t, np.maximum(0, x - x[each, t][:, None] + 1)
        self.margin[each, t] = 0
        return self.margin.sum() / len(t)

    def backward(self, dout=1):
        dx = 1.0 * (self.margin > 0)
        dx[np.arange(len(dx)), self.t] = -dx.sum(axis=1)
        return dout * dx / len(dx)

    layer(made(forward, backward), X, LABELS).assert_passed()
