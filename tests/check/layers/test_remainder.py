"""No layer is called right without a word on what could not be compared."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import layer

X = np.random.default_rng(1).normal(size=(5, 4))
W = np.random.default_rng(2).normal(size=(4, 3))
B = np.array([0.1, -0.2, 0.3])


class Listed:
    """Keeps its parameters in a list of any name, and their gradients in grads."""

    sign = 1

    def __init__(self):
        self.ws = [W.copy(), B.copy()]

    def forward(self, x):
        self.x = x
        return x @ self.ws[0] + self.ws[1]

    def backward(self, dout):
        self.grads = [self.x.T @ dout, self.sign * dout.sum(axis=0)]
        return dout @ self.ws[0].T


def test_a_list_of_gradients_belongs_to_a_list_of_parameters():
    check = layer(Listed(), X)

    assert check
    assert check.unchecked == ()
    assert [row.name for row in check.rows] == ["dx", "grads[0]", "grads[1]"]


def test_a_wrong_one_in_it_is_found():
    wrong = type("Wrong", (Listed,), {"sign": -1})

    assert [finding.about for finding in layer(wrong(), X).findings] == ["grads[1]"]


def test_velocities_beside_them_are_no_parameters():
    class Moving(Listed):
        def __init__(self):
            super().__init__()
            self.velocities = [np.zeros_like(W), np.zeros_like(B)]

    check = layer(Moving(), X)

    assert check
    assert check.unchecked == ()
    assert len(check.rows) == 3


@pytest.mark.parametrize("name", ["_weight", "_W", "W_", "weight_"])
def test_an_underscore_makes_no_parameter_private(name):
    class Hidden:
        def __init__(self):
            setattr(self, name, W.copy())

        def forward(self, x):
            self.x = x
            return x @ getattr(self, name)

        def backward(self, dout):
            return dout @ getattr(self, name).T

    (finding,) = layer(Hidden(), X).findings

    assert finding.kind == "no gradient"
    assert f"backward leaves no gradient of {name}" in finding.what


@pytest.mark.parametrize("name", ["_dW", "d_W", "dW"])
def test_the_gradient_of_one_with_an_underscore_is_found(name):
    class Hidden:
        def __init__(self, factor):
            self._W, self._factor = W.copy(), factor

        def forward(self, x):
            self.x = x
            return x @ self._W

        def backward(self, dout):
            setattr(self, name, self._factor * self.x.T @ dout)
            return dout @ self._W.T

    assert layer(Hidden(1.0), X)
    assert [finding.about for finding in layer(Hidden(2.0), X).findings] == [name]


class Table:
    """Hangs on an array that has no name of a parameter."""

    def __init__(self):
        self.table = W.copy()

    def forward(self, x):
        self.x = x
        return x @ self.table

    def backward(self, dout):
        return dout @ self.table.T


def test_what_the_output_hangs_on_and_has_no_gradient_is_named():
    check = layer(Table(), X)

    assert check.unchecked == ("table",)
    assert str(check).startswith("Table is right in what was checked.\n  NOT checked: table.\n")
    assert (
        "forward uses table, and no gradient of that was found; the gradient of an array table is "
        "looked for in dtable."
    ) in check.remarks


def test_a_gradient_that_belongs_to_nothing_is_named():
    class Outside:
        def forward(self, x):
            self.x = x
            return 2 * x

        def backward(self, dout):
            self.dX = -self.x.T @ dout
            return 2 * dout

    check = layer(Outside(), X)

    assert check.unchecked == ("dX",)
    assert (
        "backward leaves dX, and whose gradient that is was not found; that of self.W is self.dW."
    ) in check.remarks


def test_notes_of_a_layer_and_its_statistics_need_no_gradient():
    class Noted:
        def __init__(self):
            self.running_mean, self.unused, self.dx = np.ones(4), np.ones(3), None

        def forward(self, x):
            self.x = x
            self.half = x / 2
            return (x - self.running_mean) * self.half

        def backward(self, dout):
            self.dhalf = dout * (self.x - self.running_mean)
            self.dx = dout * self.half + self.dhalf / 2
            return self.dx

    check = layer(Noted(), X)

    assert check
    assert check.unchecked == ()
    assert str(check).startswith("Noted is right.\n")


def test_a_wrong_layer_is_wrong_whatever_else_was_not_checked():
    class Worse(Table):
        def backward(self, dout):
            return 2 * super().backward(dout)

    assert str(layer(Worse(), X)).startswith("Worse is WRONG: 1 thing to mend.")
