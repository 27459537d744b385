"""Float32 is told from steps on purpose, and each from a function that is flat for a while."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer
from gradatim.check.layers.call import LayerAtPoint, quiet
from gradatim.check.layers.exactness import exactness
from gradatim.errors import GradatimError

X = np.random.default_rng(3).normal(size=(5, 4))


class Straight:
    """Passes dout on, whatever forward does."""

    def __init__(self, forward, factor=1.0):
        self.function, self.factor = forward, factor

    def forward(self, x):
        return self.function(x)

    def backward(self, dout):
        return self.factor * dout


def in_steps(step):
    return lambda x: np.round(x / step) * step


def exactness_of(function, x=X):
    subject = LayerAtPoint(Straight(function), (x,), {}, 0)
    with quiet():
        return exactness(subject, subject.call(np.ones_like), ("moves",))


@pytest.mark.parametrize("step", [1e-6, 1e-4, 0.0123])
def test_steps_are_named_with_their_size(step):
    found = exactness_of(in_steps(step))

    assert found.unchecked == [f"the steps of {step:.3g} in forward's outputs"]
    assert found.remarks[0].startswith(f"forward's outputs move in steps of {step:.3g}; backward")


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.astype(np.float32),
        lambda x: x.astype(np.float32) * 1.1,
        lambda x: x.astype(np.float32) @ np.ones((4, 3)),
        lambda x: np.tanh(x).astype(np.float32).astype(float),
        lambda x: 1000 * x.astype(np.float32),
    ],
)
def test_float32_is_no_step(function):
    found = exactness_of(function)

    assert found.remarks == ["forward computes in float32: only 3 digits could be checked."]
    assert found.unchecked == []


@pytest.mark.parametrize(
    ("function", "x"),
    [(np.tanh, X), (lambda x: np.maximum(x, 0), -np.abs(X)), (np.tanh, 0 * X + 30)],
)
def test_neither_is_a_function_that_is_flat_where_it_is_looked_at(function, x):
    assert exactness_of(function, x).remarks == []


@pytest.mark.parametrize(("factor", "right"), [(1.0, True), (1.1, False)])
def test_backward_is_compared_with_the_slope_over_many_small_steps(factor, right):
    check = layer(Straight(in_steps(1e-4), factor), X)

    assert check.passed == right
    if right:
        assert str(check).startswith("Straight is right in what was checked.\n  NOT checked: the s")


def test_large_steps_are_refused_unless_backward_knows_that_they_are_flat():
    with pytest.raises(GradatimError) as caught:
        layer(Straight(np.round), X)

    assert str(caught.value) == (
        "layer: Straight: forward's outputs move in steps of 1: between them the slope is 0, and "
        "backward gives something else.\n"
        "  What passes a gradient straight through such steps cannot be told right or wrong by "
        "slopes.\n"
        "  Try the layer without its rounding."
    )
    layer(Straight(np.round, 0.0), X).assert_passed()
