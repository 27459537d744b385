"""Linear: y = x W + b for inputs of any rank, with errors that name both sides."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import DtypeError, ShapeError


@pytest.fixture
def layer():
    return nn.Linear(3, 2, dtype=np.float64, rng=0)


def arrays(layer):
    return layer.weight.numpy(), layer.bias.numpy()


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3), (2, 1, 4, 3), (0, 3)])
def test_the_last_axis_is_multiplied_and_the_others_stay(layer, shape):
    x = np.random.default_rng(1).standard_normal(shape)
    w, b = arrays(layer)

    y = layer(x)

    assert y.shape == (*shape[:-1], 2)
    np.testing.assert_allclose(y.numpy(), x @ w + b, rtol=1e-14)


def test_gradients_are_those_of_the_book(layer):
    x = gd.Tensor(np.random.default_rng(1).standard_normal((5, 3)), requires_grad=True)
    g = np.random.default_rng(2).standard_normal((5, 2))
    w, _ = arrays(layer)

    layer(x).backward(g)

    np.testing.assert_allclose(x.grad.numpy(), g @ w.T, rtol=1e-14)
    np.testing.assert_allclose(layer.weight.grad.numpy(), x.numpy().T @ g, rtol=1e-13)
    np.testing.assert_allclose(layer.bias.grad.numpy(), g.sum(0), rtol=1e-14)


def test_gradients_of_an_input_of_more_axes_add_up_over_all_of_them(layer):
    x = np.random.default_rng(1).standard_normal((2, 4, 3))
    _w, _b = arrays(layer)

    layer(x).sum().backward()

    np.testing.assert_allclose(
        layer.weight.grad.numpy(), x.reshape(8, 3).T @ np.ones((8, 2)), rtol=1e-13
    )
    np.testing.assert_array_equal(layer.bias.grad.numpy(), [8, 8])


def test_flatten_joins_all_axes_but_the_first():
    """The shapes of the notebook `training`: x (2, 3, 4), W (12, 5), out (2, 5)."""
    layer = nn.Linear(12, 5, flatten=True, dtype=np.float64, rng=0)
    x = gd.Tensor(np.random.default_rng(0).standard_normal((2, 3, 4)), requires_grad=True)

    out = layer(x)
    out.sum().backward()

    assert out.shape == (2, 5)
    assert x.grad.shape == (2, 3, 4)
    assert layer.weight.grad.shape == (12, 5)
    assert layer.bias.grad.shape == (5,)
    np.testing.assert_allclose(
        out.numpy(), x.numpy().reshape(2, 12) @ layer.weight.numpy(), rtol=1e-14
    )


def test_flatten_leaves_matrices_and_single_samples_alone():
    layer = nn.Linear(12, 5, flatten=True, rng=0)

    assert layer(np.zeros((2, 12))).shape == (2, 5)
    assert layer(np.zeros(12)).shape == (5,)


def test_without_bias():
    layer = nn.Linear(3, 2, bias=False, rng=0)

    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert layer(np.zeros(3)).tolist() == [0, 0]
    assert repr(layer) == "Linear(3, 2, bias=False)"


def test_parameters_are_float32_unless_asked():
    layer = nn.Linear(3, 2)

    assert layer.weight.dtype == layer.bias.dtype == np.float32
    assert layer(np.zeros((1, 3), np.float32)).dtype == np.float32
    assert repr(nn.Linear(3, 2, dtype=np.float64)) == "Linear(3, 2, dtype=float64)"


def test_one_seed_gives_one_layer_at_both_precisions():
    single, again = nn.Linear(3, 2, rng=7), nn.Linear(3, 2, rng=7)
    double = nn.Linear(3, 2, rng=7, dtype=np.float64)

    np.testing.assert_array_equal(single.weight.numpy(), again.weight.numpy())
    np.testing.assert_array_equal(single.weight.numpy(), double.weight.numpy().astype("f4"))


def test_the_weight_begins_as_he_and_the_bias_at_zero():
    layer = nn.Linear(1000, 200, rng=0)

    assert layer.weight.numpy().std() == pytest.approx(np.sqrt(2 / 1000), rel=0.01)
    assert not layer.bias.numpy().any()


@pytest.mark.parametrize(
    ("settings", "shape", "texts"),
    [
        ({}, (100, 28), ["the input is (100, 28), W is (784, 50)", "last axis is 28", "784"]),
        ({}, (100, 28, 28), ["Did you mean Linear(784, 50, flatten=True), or nn.Flatten()?"]),
        ({}, (28, 28), ["Did you mean x.reshape(-1), one sample?"]),
        ({}, (784, 3), ["Did you mean x.T?"]),
        ({}, (), ["the input has no axis"]),
        ({"flatten": True}, (2, 3, 4), ["the input is (2, 3, 4), taken as (2, 12)"]),
    ],
)
def test_an_input_that_does_not_fit_is_told_with_both_shapes(settings, shape, texts):
    layer = nn.Linear(784, 50, rng=0, **settings)

    with pytest.raises(ShapeError) as caught:
        layer(np.zeros(shape))
    for text in texts:
        assert text in str(caught.value)


@pytest.mark.parametrize("sizes", [(0, 2), (2, -1), (2.0, 2), (True, 2), ("3", 2)])
def test_sizes_are_integers_of_one_or_more(sizes):
    with pytest.raises(ShapeError, match="must be an integer of 1 or more"):
        nn.Linear(*sizes)


def test_a_dtype_of_integers_is_refused():
    with pytest.raises(DtypeError, match=r"parameters cannot be int64.*\n.*np\.float32"):
        nn.Linear(2, 2, dtype=np.int64)


def test_an_initialiser_of_ones_own_is_checked():
    assert (
        nn.Linear(2, 3, init=lambda shape, rng, dtype: np.full(shape, 5.0)).weight.tolist()
        == [[5, 5, 5]] * 2
    )

    with pytest.raises(ShapeError, match=r"init gave an array of shape \(3, 2\); it must be"):
        nn.Linear(2, 3, init=lambda shape, rng, dtype: np.zeros(shape[::-1]))


def test_a_given_array_is_not_kept():
    start = np.ones((2, 2), np.float32)
    layer = nn.Linear(2, 2, init=lambda shape, rng, dtype: start)

    layer.weight.assign(np.zeros((2, 2)))

    assert start.all()
