"""Models: each parameter is checked, in a float64 copy."""

from __future__ import annotations

import time

import numpy as np
import pytest

import gradatim as gd
from gradatim.check import gradient
from gradatim.data import load_mnist
from gradatim.errors import GradatimError

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
T = np.array([0, 2, 1])


def mlp(**settings):
    return gd.nn.MLP([4, 5, 3], **{"activation": "tanh", "rng": 0, **settings})


def test_each_parameter_of_a_model_with_a_loss():
    check = gradient(mlp(), X, T, loss=gd.cross_entropy)

    assert [(row.name, row.shape) for row in check.rows] == [
        ("layers.0.weight", (4, 5)),
        ("layers.0.bias", (5,)),
        ("layers.2.weight", (5, 3)),
        ("layers.2.bias", (3,)),
    ]
    assert check


def test_without_a_loss_the_input_is_checked_too():
    check = gradient(gd.nn.Linear(4, 2, rng=0), X)

    assert [row.name for row in check.rows] == ["weight", "bias", "x"]
    assert check


def test_what_is_checked_can_be_chosen():
    def names(**settings):
        return [row.name for row in gradient(gd.nn.Linear(4, 2, rng=0), X, **settings).rows]

    assert names(wrt="parameters") == ["weight", "bias"]
    assert names(wrt="inputs") == ["x"]
    target = np.zeros((3, 2))
    check = gradient(gd.nn.Linear(4, 2, rng=0), X, target, loss=gd.mse, wrt="all")
    assert [row.name for row in check.rows] == ["weight", "bias", "x"]
    assert check
    for settings in ({"wrt": "parameters"}, {"wrt": "inputs"}):
        assert gradient(gd.nn.Linear(4, 2, rng=0), X, **settings).notes == ()


def test_a_model_as_an_argument_of_a_function():
    def decayed(model, x, t):
        return gd.cross_entropy(model(x), t) + sum((p * p).sum() for p in model.parameters())

    check = gradient(decayed, mlp(), X, T, wrt="parameters")

    assert [row.name for row in check.rows][:2] == ["model.layers.0.weight", "model.layers.0.bias"]
    assert check


def test_a_method_of_a_model():
    class Net(gd.nn.Module):
        def __init__(self):
            self.first = gd.nn.Linear(4, 3, rng=0)

        def loss(self, x, t):
            return gd.cross_entropy(self.first(x), t)

    check = gradient(Net().loss, X, T)

    assert [row.name for row in check.rows] == ["first.weight", "first.bias", "x"]
    assert check


class Doubled(gd.nn.Module):
    """A layer that forgets half of its weight's gradient."""

    def __init__(self):
        self.right = gd.Parameter(np.ones(4))
        self.wrong = gd.Parameter(np.ones(4))

    def forward(self, x):
        return x * self.right + x * self.wrong * self.wrong.detach()


def test_the_wrong_parameter_is_named_and_the_others_are_right():
    check = gradient(Doubled(), X)

    assert {row.name: row.verdict for row in check.rows} == {
        "right": "ok",
        "wrong": "WRONG",
        "x": "ok",
    }


# --- the caller's model -----------------------------------------------------------------------
def assert_untouched(model, state, modes):
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
        assert value.dtype == np.float32
    assert [module.training for module in model.modules()] == modes
    for parameter in model.parameters():
        assert parameter.grad is None
        assert parameter.requires_grad
        assert parameter.data.flags.writeable


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_never_touched(training):
    model = mlp().train(training)
    state, modes = model.state_dict(), [module.training for module in model.modules()]

    gradient(model, X, T, loss=gd.cross_entropy)

    assert_untouched(model, state, modes)


def test_the_model_is_never_touched_even_when_it_raises():
    model = mlp()
    state, modes = model.state_dict(), [module.training for module in model.modules()]
    calls = []

    def fails_late(y, t):
        calls.append(y)
        if len(calls) == 5:
            raise RuntimeError("late")
        return gd.cross_entropy(y, t)

    with pytest.raises(RuntimeError, match="late"):
        gradient(model, X, T, loss=fails_late)
    assert_untouched(model, state, modes)


def test_a_model_that_keeps_its_last_result_can_be_checked():
    class Keeping(gd.nn.Module):
        def __init__(self):
            self.weight = gd.Parameter(np.ones(4, np.float32))
            self.out = None

        def forward(self, x):
            self.out = x * self.weight
            return self.out

    model = Keeping()
    kept = model(X)

    assert gradient(model, X)
    assert model.out is kept


def test_tied_weights_are_one_parameter():
    class Tied(gd.nn.Module):
        def __init__(self):
            self.one = gd.nn.Linear(4, 4, rng=0)
            self.two = gd.nn.Linear(4, 4, rng=1)
            self.two.weight = self.one.weight

        def forward(self, x):
            return self.two(gd.tanh(self.one(x)))

    check = gradient(Tied(), X)

    assert [row.name for row in check.rows] == ["one.weight", "one.bias", "two.bias", "x"]
    assert check


def test_a_loss_that_holds_the_model_shares_its_parameters():
    class Decayed(gd.nn.Module):
        def __init__(self, model):
            self.model = model
            self.rate = gd.Parameter(0.1)

        def forward(self, y, t):
            weights = [p for p in self.model.parameters() if p.ndim == 2]
            return gd.cross_entropy(y, t) + self.rate * sum((w * w).sum() for w in weights)

    model = mlp()
    check = gradient(model, X, T, loss=Decayed(model))

    assert [row.name for row in check.rows] == [
        *(name for name, _ in model.named_parameters()),
        "loss.rate",
    ]
    assert check


def test_frozen_parameters_are_named_and_not_checked():
    model = mlp()
    model.layers[0].freeze()
    check = gradient(model, X, T, loss=gd.cross_entropy)

    assert [row.name for row in check.rows] == ["layers.2.weight", "layers.2.bias"]
    assert "note: not checked, for they are frozen: layers.0.weight, layers.0.bias" in str(check)
    with pytest.raises(GradatimError, match=r"all parameters are frozen.*\n  Try model.unfreeze"):
        gradient(model.freeze(), X, T, loss=gd.cross_entropy)


def test_parameters_that_a_function_closes_over_are_named_and_not_checked():
    model = gd.nn.Linear(4, 2, rng=0)
    check = gradient(lambda x: model(x), X)

    assert check.notes == (
        "not checked, for the function closes over them: Parameter (4, 2), Parameter (2,)",
    )


# --- chance and modes -------------------------------------------------------------------------
def test_dropout_while_training_is_frozen_and_said():
    model = gd.nn.Sequential(gd.nn.Linear(4, 8, rng=0), gd.nn.Dropout(0.5, rng=1), "tanh")
    check = gradient(model, X)
    state = model.layers[1]._rng.bit_generator.state

    assert check
    assert check["layers.0.bias"].largest > 0
    assert check.notes == ("random numbers are frozen: every call drew the same ones",)
    assert state == np.random.default_rng(1).bit_generator.state


def test_dropout_while_evaluating_draws_nothing():
    model = gd.nn.Sequential(gd.nn.Linear(4, 8, rng=0), gd.nn.Dropout(0.5, rng=1)).eval()

    assert gradient(model, X).notes == ()


def test_dropout_from_a_generator_outside_is_refused():
    random = np.random.default_rng(0)
    model = gd.nn.Sequential(gd.nn.Linear(4, 8), lambda x: x * (random.random(8) > 0.5))

    with pytest.raises(GradatimError, match=r"Try model\.eval\(\), or a numpy\.random\.Generator"):
        gradient(model, X)


# --- the notebooks' own check -----------------------------------------------------------------
def network(sizes, seed):
    """Weights as the notebooks draw them: W1, then W2, from the legacy generator."""
    model = gd.nn.MLP(sizes, dtype=np.float64)
    legacy = np.random.RandomState(seed)
    for parameter in model.parameters():
        if parameter.ndim == 2:
            parameter.assign(0.01 * legacy.randn(*parameter.shape))
    return model


def test_4_7_the_difference_of_the_last_bias_is_its_truncation():
    """``h**2 / 6 p (1 - p)(1 - 2p)``, averaged over the batch: known before it is measured."""
    model = network([20, 8, 10], 0)
    x, t = np.random.default_rng(0).random((3, 20)), np.eye(10)[[5, 0, 4]]
    check = gradient(model, x, t, loss=gd.cross_entropy)

    p = gd.softmax(model(x)).numpy()
    predicted = (1e-8 / 6 * p * (1 - p) * (1 - 2 * p)).mean(0)
    np.testing.assert_allclose(check["layers.2.bias"].difference, predicted, atol=1e-11)
    assert 1.15e-10 < check["layers.2.bias"].mean < 1.25e-10
    assert check["layers.2.bias"].truncation == pytest.approx(predicted.mean(), rel=1e-3)
    assert check["layers.2.bias"].richardson < 5e-13
    assert check.explanation.startswith("layers.2.bias is off by 1.2e-10 because the step is wide")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_4_6_all_39760_parameters_of_the_network_on_three_images(seed, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADATIM_CACHE", str(tmp_path))
    (x, t), _ = load_mnist(one_hot=True)
    model = network([784, 50, 10], seed)

    start = time.process_time()
    check = gradient(model, x[:3], t[:3], loss=gd.cross_entropy)
    seconds = time.process_time() - start

    bands = {
        "layers.0.weight": (1e-13, 1e-12),
        "layers.0.bias": (3e-13, 3e-12),
        "layers.2.weight": (4e-13, 2e-12),
        "layers.2.bias": (1.15e-10, 1.25e-10),
    }
    assert sum(row.numerical.size for row in check.rows) == 39_760
    for name, (low, high) in bands.items():
        assert low < check[name].mean < high, check
    check.assert_passed()
    assert seconds < 8  # of the processor; 3 at 2.5 GHz
    assert check["layers.2.bias"].truncation == pytest.approx(1.2e-10, rel=1e-2)
    assert all(row.richardson < 3e-12 for row in check.rows)
