"""MLP: any depth, the activations that were asked for, weights that suit them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import DtypeError, ShapeError


def kinds(model):
    return [type(layer).__name__ for layer in model]


def test_any_depth_has_one_interface():
    """The notebooks' W1, b1, W2, b2 were written out by hand."""
    for sizes in ([2, 3], [2, 3, 4], [2, 5, 5, 5, 5, 3]):
        model = nn.MLP(sizes, rng=0)
        shapes = [p.shape for p in model.parameters()]
        pairs = pairwise(sizes)
        assert shapes == [shape for n, m in pairs for shape in ((n, m), (m,))]


@pytest.mark.parametrize("shape", [(2,), (7, 2)])
def test_the_notebooks_network_takes_one_sample_or_many(shape):
    model = nn.MLP([2, 3, 6, 4, 10, 10], "sigmoid", last="softmax", dtype=np.float64, rng=0)

    y = model(np.random.default_rng(0).standard_normal(shape))

    assert y.shape == (*shape[:-1], 10)
    np.testing.assert_allclose(y.numpy().sum(-1), 1, rtol=1e-14)


def test_the_activation_that_was_asked_for_is_used():
    """The notebook set `self.activation_function = ReLU`, whatever it was given."""
    model = nn.MLP([4, 8, 3], "sigmoid", rng=0)

    hidden = model[:2](np.random.default_rng(0).standard_normal((50, 4)) * 9).numpy()

    assert kinds(model) == ["Linear", "Sigmoid", "Linear"]
    assert ((hidden > 0) & (hidden < 1)).all()


def test_each_hidden_layer_may_have_its_own():
    model = nn.MLP([2, 3, 4, 5, 1], ["tanh", gd.relu, lambda x: x * 2], last=nn.Sigmoid, rng=0)

    assert kinds(model) == [
        "Linear", "Tanh", "Linear", "ReLU", "Linear", "Function", "Linear", "Sigmoid",
    ]  # fmt: skip


def test_a_given_layer_is_not_shared_between_places():
    drop = nn.Dropout(0.5, rng=0)

    model = nn.MLP([2, 3, 3, 1], drop, rng=0)

    assert len({id(layer) for layer in model}) == len(model)
    assert all(layer is not drop for layer in model)


@pytest.mark.parametrize(
    ("activation", "std"),
    [("relu", np.sqrt(2 / 500)), ("gelu", np.sqrt(2 / 500)), ("sigmoid", np.sqrt(2 / 900)),
     ("tanh", np.sqrt(2 / 900)), ("identity", np.sqrt(2 / 900))],
)  # fmt: skip
def test_weights_begin_as_suits_the_activation(activation, std):
    model = nn.MLP([500, 400, 100], activation, rng=0)

    first, last = (layer.weight.numpy().std() for layer in model if isinstance(layer, nn.Linear))

    assert first == pytest.approx(std, rel=0.02)
    assert last == pytest.approx(np.sqrt(2 / 500), rel=0.02), "Xavier: 400 in, 100 out"


def test_init_is_for_every_layer():
    model = nn.MLP([500, 400, 100], init="normal:0.01", rng=0)

    for layer in (model[0], model[2]):
        assert layer.weight.numpy().std() == pytest.approx(0.01, rel=0.02)


def test_the_legacy_generator_gives_the_notebooks_network():
    np.random.seed(3)
    w1, w2 = 0.01 * np.random.randn(784, 50), 0.01 * np.random.randn(50, 10)

    rng = np.random.RandomState(3)
    model = nn.MLP([784, 50, 10], init="normal:0.01", rng=rng, dtype=np.float64)

    np.testing.assert_array_equal(model[0].weight.numpy(), w1)
    np.testing.assert_array_equal(model[2].weight.numpy(), w2)


def test_one_seed_gives_one_network():
    a, b, other = (nn.MLP([5, 4, 3], rng=seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(a[2].weight.numpy(), b[2].weight.numpy())
    assert not np.array_equal(a[2].weight.numpy(), other[2].weight.numpy())


def test_bias_and_dtype_are_those_of_every_layer():
    model = nn.MLP([5, 4, 3], bias=False, dtype=np.float64)

    assert [p.shape for p in model.parameters()] == [(5, 4), (4, 3)]
    assert {p.dtype for p in model.parameters()} == {np.dtype("f8")}


def test_repr():
    assert repr(nn.MLP([784, 50, 10])) == (
        "MLP(\n  layers.0: Linear(784, 50)\n  layers.1: ReLU()\n  layers.2: Linear(50, 10)\n)"
    )


@pytest.mark.parametrize("sizes", [[784], [], 784, "784-50-10"])
def test_sizes_are_a_list_of_two_or_more(sizes):
    with pytest.raises(ShapeError, match=r"Try MLP\(\[784, 50, 10\]\)"):
        nn.MLP(sizes)


@pytest.mark.parametrize("sizes", [[3, 0], [3, 2.0], [True, 2]])
def test_each_size_is_a_count(sizes):
    with pytest.raises(ShapeError, match="each must be an integer of 1 or more"):
        nn.MLP(sizes)


def test_a_list_of_activations_has_one_for_each_hidden_layer():
    with pytest.raises(ShapeError, match="2 activations for 1 hidden layers"):
        nn.MLP([3, 2, 1], ["relu", "relu"])


def test_an_unknown_activation_is_refused():
    with pytest.raises(DtypeError, match="there is none named 'rellu'"):
        nn.MLP([3, 2, 1], "rellu")
