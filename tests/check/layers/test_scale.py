"""A right layer is right at every scale, and beside numbers far from 0."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer

X = np.random.default_rng(1).normal(size=(5, 4))


class Tanh:
    def __init__(self, scale, factor=1.0):
        self.scale, self.factor = scale, factor

    def forward(self, x):
        self.y = np.tanh(x / self.scale)
        return self.y

    def backward(self, dout):
        return self.factor * dout / self.scale * (1 - self.y**2)


class Norm:
    def forward(self, x):
        centred = x - x.mean(axis=0)
        self.deviation = np.sqrt((centred**2).mean(axis=0) + 1e-7)
        self.y = centred / self.deviation
        return self.y

    def backward(self, dout):
        straight = dout - dout.mean(axis=0) - self.y * (dout * self.y).mean(axis=0)
        return straight / self.deviation


class Beside:
    def __init__(self, middle, factor=2.0):
        self.middle, self.factor = middle, factor

    def forward(self, x):
        self.x = x
        return (x - self.middle) ** 2

    def backward(self, dout):
        return self.factor * dout * (self.x - self.middle)


@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_a_function_that_bends_within_its_numbers_is_right(scale):
    layer(Tanh(scale), X * scale).assert_passed()


@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3])
def test_a_thousandth_is_wrong_there(scale):
    assert not layer(Tanh(scale, 1.001), X * scale)


@pytest.mark.parametrize("middle", [1e3, 1e6, 1e8])
@pytest.mark.parametrize("made", [Norm, Beside])
def test_numbers_far_from_0_are_no_mistake(made, middle):
    layer(made(middle) if made is Beside else made(), X + middle).assert_passed()


@pytest.mark.parametrize("middle", [1e3, 1e6, 1e8])
def test_a_tenth_is_wrong_there(middle):
    assert not layer(Beside(middle, 2.2), X + middle)
