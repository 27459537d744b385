"""At a tie a layer may give the gradient of any point nearby, and no sum of several."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer


class Median:
    """Mean of the two middle numbers of four, which stands still where all four are equal."""

    def forward(self, x):
        self.x, order = x, np.argsort(x, axis=1, kind="stable")
        self.middle = order[:, 1:3]
        return np.take_along_axis(x, self.middle, axis=1).mean(axis=1)

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        np.put_along_axis(dx, self.middle, np.repeat(dout[:, None] / 2, 2, axis=1), axis=1)
        return dx


class ToEach(Median):
    """Gives to each of the equal what belongs to two of them."""

    def backward(self, dout):
        values = np.take_along_axis(self.x, self.middle, axis=1)
        return (self.x[:, :, None] == values[:, None]).any(axis=2) * dout[:, None] / 2


class Tripled(Median):
    def backward(self, dout):
        right = super().backward(dout)
        equal = (self.x == self.x[:, :1]).all(axis=1, keepdims=True)
        return np.where(equal, 3 * right, right)


class Identity:
    """relu(x) - relu(-x), whose kinks cancel: its slope is 1 at 0, too."""

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0) - np.maximum(-x, 0)

    def backward(self, dout):
        return dout * (self.x != 0)


def test_one_of_the_gradients_around_a_tie_is_right():
    layer(Median(), np.ones((3, 4))).assert_passed()


@pytest.mark.parametrize("wrong", [ToEach(), Tripled()])
def test_what_no_point_around_it_has_is_wrong(wrong):
    assert not layer(wrong, np.ones((3, 4)))


def test_a_kink_that_is_hardly_one_is_a_kink():
    class Leaky:
        def forward(self, x):
            self.slope = np.where(x > 0, 1.0, 0.999)
            return self.slope * x

        def backward(self, dout):
            return dout * self.slope

    layer(Leaky(), np.array([[0.0, 1.0, -2.0]])).assert_passed()


def test_kinks_that_cancel_excuse_nothing():
    assert not layer(Identity(), np.zeros((2, 3)))
