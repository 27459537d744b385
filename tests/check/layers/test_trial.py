"""Of large arrays some elements are looked at, and all of them in random directions."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer
from gradatim.check.layers.trial import ALL

X = np.random.default_rng(5).normal(size=(20, 30))


class Square:
    def __init__(self, spoil=lambda slope: None):
        self.spoil, self.calls = spoil, 0

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        slope = 2 * self.x
        self.spoil(slope)
        return dout * slope


def test_a_large_right_layer_is_right():
    assert X.size > ALL

    layer(Square(), X).assert_passed()


@pytest.mark.parametrize("at", [(0, 0), (7, 3), (19, 29)])
def test_one_wrong_element_of_many_is_found_and_named(at):
    def spoil(slope):
        if slope.shape == X.shape:
            slope[at] *= 1.001

    check = layer(Square(spoil), X)

    assert not check
    assert check.findings[0].evidence[0].startswith(f"dx[{at[0]}, {at[1]}]: ")


def test_kinks_in_many_elements_at_once_are_no_mistake():
    class Relu:
        def forward(self, x):
            self.mask = x > 0
            return x * self.mask

        def backward(self, dout):
            return dout * self.mask

    layer(Relu(), X).assert_passed()
