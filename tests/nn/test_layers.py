"""Activations, Flatten, Dropout and Sequential as layers."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import DtypeError, ShapeError, StateError

X = np.array([[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]])


# --- activations ----------------------------------------------------------------------------------
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


# --- Flatten --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("shape", "flat"),
    [((2, 3, 4), (2, 12)), ((2, 3), (2, 3)), ((5,), (5, 1)), ((0, 3, 4), (0, 12))],
)
def test_flatten_keeps_the_samples(shape, flat):
    assert nn.Flatten()(np.zeros(shape)).shape == flat


def test_flatten_wants_an_axis_of_samples():
    with pytest.raises(ShapeError, match="must have an axis of samples"):
        nn.Flatten()(1.0)


# --- Dropout --------------------------------------------------------------------------------------
def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    y = nn.Dropout(0.3, rng=0)(np.ones(100_000)).numpy()

    assert set(np.unique(y)) == {0, 1 / 0.7}
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_dropout_passes_everything_while_evaluating():
    layer = nn.Dropout(0.9, rng=0).eval()

    np.testing.assert_array_equal(layer(X).numpy(), X)


def test_dropout_of_nothing_passes_everything():
    np.testing.assert_array_equal(nn.Dropout(0)(X).numpy(), X)


def test_the_gradient_passes_where_the_value_passed():
    x = gd.Tensor(np.ones(50), requires_grad=True)

    y = nn.Dropout(0.5, rng=0)(x)
    y.sum().backward()

    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())


def test_dropout_draws_from_a_source_of_its_own():
    first, again = nn.Dropout(0.5, rng=4), nn.Dropout(0.5, rng=4)

    drawn = [first(X).tolist() for _ in range(3)]

    assert drawn == [again(X).tolist() for _ in range(3)]
    assert drawn[0] != drawn[1]


def test_dropout_keeps_float32():
    assert nn.Dropout(0.5, rng=0)(np.ones(3, np.float32)).dtype == np.float32


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, float("nan")])
def test_dropout_wants_a_probability_below_one(p):
    with pytest.raises(ShapeError, match="it must be 0 or more and below 1"):
        nn.Dropout(p)


# --- Sequential -----------------------------------------------------------------------------------
def test_layers_are_called_one_after_the_other():
    model = nn.Sequential(lambda x: x + 1, lambda x: x * 10)

    assert model(2.0).item() == 30


def test_indexing_slicing_and_length():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), "relu", nn.Linear(3, 1, rng=0))

    assert len(model) == 3
    assert model[0].n_out == 3
    assert model[-1] is list(model)[2]
    assert model["1"] is model[1]
    head = model[1:]
    assert isinstance(head, nn.Sequential)
    assert head[1] is model[2]


def test_a_dict_names_the_layers():
    model = nn.Sequential({"first": nn.Linear(2, 3, rng=0), "act": "relu"})

    assert [name for name, _ in model.named_parameters()] == [
        "layers.first.weight",
        "layers.first.bias",
    ]
    assert type(model["act"]) is nn.ReLU
    assert list(model[:1].state_dict()) == ["layers.first.weight", "layers.first.bias"]


def test_an_empty_sequence_passes_its_input_on():
    assert nn.Sequential()(3.0).item() == 3.0


@pytest.mark.parametrize("wrong", [3, [nn.ReLU()], None])
def test_what_is_no_layer_is_refused(wrong):
    with pytest.raises(ShapeError, match="with a star"):
        nn.Sequential(wrong)


def test_an_absent_name_is_a_key_error():
    with pytest.raises(KeyError):
        nn.Sequential()["head"]


def test_a_function_is_no_plain_data():
    with pytest.raises(StateError, match="holds a function"):
        nn.Sequential(lambda x: x).architecture()
