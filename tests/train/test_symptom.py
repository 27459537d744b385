"""Symptoms: present where something is wrong, absent where all is well."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.train.chart import Chart
from gradatim.train.symptom import begins_too_wide, found_in


@pytest.fixture
def batch():
    """200 samples of 100 inputs from 0 to 1, four in five of them 0, as in pictures of ink."""
    random = np.random.default_rng(0)
    x = random.random((200, 100)) * (random.random((200, 100)) < 0.2)
    return x, np.arange(200) % 10


def chart(batch, *args, loss=gd.cross_entropy, scale=1, **settings):
    model = gd.nn.MLP(*args, rng=0, dtype=np.float64, **settings)
    return Chart(model, loss, batch[0] * scale, batch[1])


def symptoms(found, step=0, remedy=None, learned=False):
    return {each.name: each for each in found_in(found, step, remedy or {}, learned)}


HEALTHY = [
    {"sizes": [100, 10]},
    {"sizes": [100, 50, 10]},
    {"sizes": [100, 50, 10], "init": "normal:0.01"},
    {"sizes": [100, 50, 10], "activation": "sigmoid"},
    {"sizes": [100, 50, 10], "activation": "sigmoid", "init": "normal:1"},
    {"sizes": [100, 50, 50, 50, 50, 10]},
    {"sizes": [100, 50, 50, 50, 50, 10], "activation": "tanh"},
    {"sizes": [100, 50, 50, 50, 50, 10], "activation": "sigmoid"},
    {"sizes": [100, 50, 50, 10], "init": "normal:0.01"},
    {"sizes": [100, 50, 50, 10], "activation": "silu"},
]


@pytest.mark.parametrize("settings", HEALTHY, ids=str)
def test_networks_that_learn_have_none(batch, settings):
    settings = dict(settings)

    assert symptoms(chart(batch, settings.pop("sizes"), **settings)) == {}


def test_dead_units_are_counted(batch):
    model = gd.nn.MLP([100, 12, 10], rng=0, dtype=np.float64)
    model.layers[0].bias.assign(np.where(np.arange(12) < 9, -100.0, 0.0))
    found = symptoms(Chart(model, gd.cross_entropy, *batch), step=5)["dead units"]

    assert found.evidence.startswith("9 of 12 relu units give 0 for each of 200 samples")
    assert (found.where, found.step) == ("layers.0", 5)
    assert "smaller learning rate" in found.fix


def test_dead_units_of_weights_that_began_too_wide_are_told_how_to_begin(batch):
    model = gd.nn.MLP([100, 12, 10], rng=0, dtype=np.float64)
    model.layers[0].bias.assign(-100.0)
    found = Chart(model, gd.cross_entropy, *batch)

    assert "init='he' and a smaller" in symptoms(found, remedy={"init": "he"})["dead units"].fix


def test_some_dead_units_are_no_symptom(batch):
    model = gd.nn.MLP([100, 12, 10], rng=0, dtype=np.float64)
    model.layers[0].bias.assign(np.where(np.arange(12) < 7, -100.0, 0.0))

    assert symptoms(Chart(model, gd.cross_entropy, *batch)) == {}


@pytest.mark.parametrize("kind", ["sigmoid", "tanh"])
def test_saturated(batch, kind):
    found = symptoms(chart(batch, [100, 50, 10], kind, init="normal:50"))[f"saturated {kind}"]

    assert "% of the largest, so hardly any gradient passes" in found.evidence
    assert found.where == "layers.0"


def test_many_saturated_layers_are_one_symptom(batch):
    found = symptoms(chart(batch, [100] + [50] * 5 + [10], "sigmoid", init="normal:50"))

    assert found["saturated sigmoid"].where == "layers.0, layers.2, layers.4 and 2 more"


def test_a_vanishing_gradient(batch):
    found = symptoms(chart(batch, [100] + [50] * 9 + [10], "sigmoid"))["vanishing gradient"]

    assert found.where == "layers.0"
    assert "from layers.18 back to layers.0, the gradient fades to" in found.evidence
    assert found.settings == {"activation": "relu", "init": "he"}


def test_a_gradient_that_fades_less_is_named_where_the_training_comes_nowhere(batch):
    seen = chart(batch, [100] + [50] * 5 + [10], "sigmoid")

    assert symptoms(seen) == {}
    found = list(found_in(seen, 500, {}, learned=False, at_rest=True))
    assert [each.name for each in found] == ["vanishing gradient"]


@pytest.mark.parametrize("settings", HEALTHY[:3] + HEALTHY[5:7], ids=str)
def test_networks_without_plateaus_fade_in_no_training(batch, settings):
    settings = dict(settings)
    seen = chart(batch, settings.pop("sizes"), **settings)

    assert not list(found_in(seen, 500, {}, learned=False, at_rest=True))


def test_an_exploding_gradient(batch):
    found = symptoms(chart(batch, [100] + [50] * 9 + [10], init="normal:1"))["exploding gradient"]

    assert "the gradient grows" in found.evidence
    assert found.settings == {"init": "he"}
    assert "gd.optim.clip_by_norm" in found.fix


def test_bytes_as_inputs(batch):
    found = symptoms(chart(batch, [100, 50, 10], scale=255))["inputs not scaled"]

    assert "they reach 255," in found.evidence
    assert "scale=1 / 255" in found.fix


def test_inputs_divided_twice(batch):
    found = symptoms(chart(batch, [100, 50, 10], scale=1 / 255))["inputs not scaled"]

    assert "Were they divided twice?" in found.evidence


def test_a_model_that_scales_its_inputs_itself_is_fine(batch):
    class Scaling(gd.nn.Module):
        def __init__(self):
            self.net = gd.nn.MLP([100, 10], rng=0, dtype=np.float64)

        def forward(self, x):
            return self.net(x / 255)

    assert symptoms(Chart(Scaling(), gd.cross_entropy, batch[0] * 255, batch[1])) == {}


@pytest.mark.parametrize(
    "loss",
    [
        lambda y, t: gd.cross_entropy(y * 1, t),
        lambda y, t: gd.nll(gd.log_softmax(y), t),
        lambda y, t: -gd.log(gd.softmax(y))[np.arange(200), t].mean(),
    ],
)
def test_softmax_of_softmax(batch, loss):
    found = symptoms(chart(batch, [100, 10], last="softmax", loss=loss), learned=True)

    assert list(found) == ["softmax of softmax"]
    assert "gd.cross_entropy takes logits" in found["softmax of softmax"].fix


def test_a_network_that_has_learned_may_saturate_and_have_large_inputs(batch):
    found = chart(batch, [100, 50, 10], "sigmoid", init="normal:50", scale=255)

    assert symptoms(found, learned=True) == {}


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"init": "normal:1"}, {"init": "he"}),
        ({"init": "normal:1", "activation": "sigmoid"}, {"init": "xavier"}),
        ({"init": "normal:0.01"}, {}),
        ({}, {}),
        ({"activation": "tanh"}, {}),
    ],
)
def test_weights_that_begin_too_wide(batch, settings, remedy):
    assert begins_too_wide(chart(batch, [100, 50, 10], **settings)) == remedy
