"""Activations as layers, and whatever names one."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import DtypeError

X = np.array([[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]])


@pytest.mark.parametrize("name", nn.NAMES)
def test_each_name_is_the_function_of_that_name(name):
    function = (lambda x: gd.Tensor(x)) if name == "identity" else getattr(gd, name)

    np.testing.assert_array_equal(nn.activation(name)(X).numpy(), function(X).numpy())


def test_relu_gives_zero_and_neither_minus_zero_nor_nan():
    """`x * (x > 0)` of the notebook gives -0.0 for negatives and NaN for minus infinity."""
    y = nn.ReLU()([-1.0, -np.inf, 0.0]).numpy()

    np.testing.assert_array_equal(y, [0, 0, 0])
    assert not np.signbit(y).any()


def test_relu_does_not_write_into_the_gradient_that_arrives():
    """The notebook's Relu.backward turned the caller's [1, 1, 1] into [0, 1, 1]."""
    arriving = np.ones(3)
    x = gd.Tensor([-1.0, 2.0, 3.0], requires_grad=True)

    nn.ReLU()(x).backward(arriving)

    assert arriving.tolist() == [1, 1, 1]
    assert x.grad.tolist() == [0, 1, 1]


def test_softmax_is_taken_row_by_row():
    """The notebook took maximum and sum over the whole batch: two rows summed to 0.5 each."""
    rows = nn.Softmax()([[1000.0, 1001.0], [0.0, 0.0]]).numpy()

    np.testing.assert_allclose(rows.sum(1), [1, 1], rtol=1e-15)
    np.testing.assert_allclose(np.exp(nn.LogSoftmax()([[1.0, 2.0]]).numpy()).sum(), 1)
    np.testing.assert_allclose(nn.Softmax(axis=0)(X).numpy().sum(0), [1, 1, 1])


def test_settings_are_shown_and_used():
    assert nn.LeakyReLU(0.25)([-4.0]).tolist() == [-1.0]
    assert repr(nn.LeakyReLU(0.25)) == "LeakyReLU(0.25)"
    assert repr(nn.ELU()) == "ELU(1)"
    assert repr(nn.Softmax(axis=0)) == "Softmax(axis=0)"
    assert repr(nn.ReLU()) == "ReLU()"


@pytest.mark.parametrize("given", ["relu", "ReLU", gd.relu, nn.ReLU, nn.ReLU(), {"layer": "ReLU"}])
def test_whatever_names_an_activation_becomes_its_layer(given):
    assert type(nn.activation(given)) is nn.ReLU


def test_any_other_function_becomes_a_layer_too():
    def relu(x):  # bears the name of one of ours and is another
        return x * 2

    layer = nn.activation(relu)

    assert isinstance(layer, nn.Function)
    assert repr(layer) == "Function(relu)"
    assert layer(3.0).item() == 6.0


@pytest.mark.parametrize(
    ("wrong", "text"), [("rleu", "there is none named 'rleu'"), (3, "neither a name nor")]
)
def test_an_unknown_activation_says_which_are_known(wrong, text):
    with pytest.raises(DtypeError) as caught:
        nn.activation(wrong)
    assert text in str(caught.value)
    assert "identity, relu, sigmoid" in str(caught.value)
