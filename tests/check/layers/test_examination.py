"""Points that a layer refuses, or where it gives nan, are told of and never judged."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer
from gradatim.errors import GradatimError

X = np.random.default_rng(3).normal(size=(5, 4))


class Fussy:
    """Doubles what is not too large."""

    def __init__(self, most):
        self.most = most

    def forward(self, x):
        if (np.abs(x) > self.most).any():
            raise ValueError("too large")
        return 2 * x

    def backward(self, dout):
        return 2 * dout


class Root:
    def __init__(self, factor=0.5):
        self.factor = factor

    def forward(self, x):
        self.y = np.sqrt(x)
        return self.y

    def backward(self, dout):
        return self.factor * dout / self.y


def test_a_point_is_left_out_where_forward_refuses_a_step():
    check = layer(Fussy(np.abs(X).max()), X)

    check.assert_passed()
    assert "as given" not in check.points
    assert "not checked as given: a step away forward raises ValueError: too large." in (
        check.remarks
    )


def test_a_layer_that_is_refused_everywhere_is_not_called_right():
    class Only(Fussy):
        def forward(self, x):
            if (x != X).any():
                raise ValueError("not mine")
            return x

    with pytest.raises(GradatimError) as caught:
        layer(Only(1), X)

    assert str(caught.value) == (
        "layer: Only could not be checked at any point, not even as given: a step away forward "
        "raises ValueError: not mine.\n"
        "  Slopes are seen by moving numbers a little to both sides; forward must take those too.\n"
        "  Try inputs further inside of what forward takes, or without the check in forward."
    )


def test_a_loss_that_is_nan_far_out_is_right_with_a_note():
    class Naive:
        def forward(self, x, t):
            self.t, self.p = t, np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
            return -np.log(self.p[np.arange(len(t)), t]).mean()

        def backward(self, dout=1):
            dx = self.p.copy()
            dx[np.arange(len(self.t)), self.t] -= 1
            return dout * dx / len(dx)

    check = layer(Naive(), 60 * X, np.array([0, 2, 1, 3, 1]))

    check.assert_passed()
    assert "not checked at large numbers: forward gives nan or inf." in check.remarks


def test_what_takes_positive_numbers_only_is_given_those_where_it_was_given_those():
    check = layer(Root(), X**2)

    check.assert_passed()
    assert {"at random numbers", "on a second call", "with 64 samples"} <= set(check.points)
    assert not layer(Root(0.6), X**2)


def test_an_element_at_an_edge_is_not_judged():
    check = layer(Root(), np.array([0.0, 1.0, 1e-8]))

    check.assert_passed()
    assert (
        "x[0] and its like were not checked as given: however small a step is made, forward gives "
        "nan or inf."
    ) in check.remarks
    assert not layer(Root(0.6), np.array([0.0, 1.0, 1e-8]))
