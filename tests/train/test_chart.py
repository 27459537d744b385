"""What one look at a network shows."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.train.chart import Chart

X = np.random.default_rng(0).standard_normal((12, 3))
T = np.arange(12) % 2


def chart(model, loss=gd.cross_entropy):
    return Chart(model.astype(np.float64), loss, X, T)


def test_layers_are_named_as_in_the_model_and_show_what_they_are_given():
    found = chart(gd.nn.MLP([3, 5, 4, 2], rng=0)).layers

    assert [layer.path for layer in found] == ["layers.0", "layers.2", "layers.4"]
    assert np.array_equal(found[0].given, X)
    assert [layer.output.shape for layer in found] == [(12, 5), (12, 4), (12, 2)]


def test_the_steepness_of_the_last_layer_is_that_of_the_logits():
    model = gd.nn.MLP([3, 5, 2], rng=0)
    found = chart(model)
    last = found.layers[-1]
    assert last.steepness == 0  # nobody has asked for it yet
    found.pull_back()
    found.pull_back()  # the second one finds it done
    share = gd.softmax(model.astype(np.float64)(X)).data - np.eye(2)[T]

    assert last.steepness == pytest.approx(np.sqrt(np.mean((share / 12) ** 2)))


class Towers(gd.nn.Module):
    """Two ways from the inputs to the loss, one of which begins with a weight and no product."""

    def __init__(self):
        random = np.random.default_rng(1)
        self.scale = gd.Parameter(random.standard_normal(3))
        self.left, self.right = gd.nn.Linear(3, 4, rng=2), gd.nn.Linear(3, 4, rng=3)
        self.last = gd.nn.Linear(4, 2, rng=4)

    def forward(self, x):
        return self.last(gd.tanh(self.left(x)) + gd.tanh(self.right(x * self.scale)))


@pytest.mark.parametrize("make", [lambda: gd.nn.MLP([3, 5, 4, 2], rng=0), Towers])
def test_the_gradients_of_outputs_are_those_of_a_backward_pass(make):
    few, whole = chart(make()), chart(make())
    few.pull_back()
    whole._loss.backward(retain_grads=True)

    for mine, plain in zip(few.layers, whole.layers, strict=True):
        assert np.array_equal(mine.output.grad.data, plain.output.grad.data), mine.path
        assert mine.weight.grad is None


def test_a_weight_that_is_transposed_or_tied_is_still_a_weight():
    class Tied(gd.nn.Module):
        def __init__(self):
            self.w = gd.Parameter(np.random.default_rng(0).standard_normal((2, 3)))

        def forward(self, x):
            return gd.relu(x @ self.w.T)

    (layer,) = chart(Tied()).layers

    assert layer.path == "w"
    assert layer.weight.shape == (2, 3)


def test_a_penalty_on_the_weights_is_no_layer():
    model = gd.nn.MLP([3, 5, 2], rng=0)
    weight = model.layers[0].weight
    found = chart(model, lambda y, t: gd.cross_entropy(y, t) + (weight @ weight.T).sum())

    assert [layer.path for layer in found.layers] == ["layers.0", "layers.2"]


def test_activations_stand_after_their_layer():
    bends = chart(gd.nn.MLP([3, 5, 4, 2], ["relu", "sigmoid"], last="tanh", rng=0)).bends

    assert [(bend.kind, bend.after) for bend in bends] == [
        ("relu", "layers.0"),
        ("sigmoid", "layers.2"),
    ]
    assert bends[0].units.shape == (12, 5)


def test_the_output_itself_may_saturate():
    model = gd.nn.MLP([3, 5, 2], "relu", last="sigmoid", rng=0)

    assert [bend.kind for bend in chart(model, lambda y, t: y.sum()).bends] == ["relu"]


@pytest.mark.parametrize("gate", ["silu", "gelu"])
def test_gates_may_saturate(gate):
    assert chart(gd.nn.MLP([3, 5, 2], gate, rng=0)).bends == []


def test_channels_of_images_are_units():
    from gradatim.train.chart import Bend

    assert Bend("relu", "first", np.zeros((6, 3, 4, 4))).units.shape == (96, 3)


def test_what_is_given_to_softmax_is_noted_inside_of_losses_too():
    assert [s.shape for s in chart(gd.nn.MLP([3, 2], rng=0)).squeezed] == [(12, 2)]


def test_a_loss_that_hangs_on_nothing_has_a_chart_too():
    assert chart(gd.nn.MLP([3, 2], rng=0), lambda y, t: gd.stop_gradient(y).sum()).loss != 0
