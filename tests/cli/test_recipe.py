"""Defaults are right also where one thing is changed; what contradicts itself is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradatim import nn, optim
from gradatim.cli.recipe import completed, described, make_model, make_optimizer, sizes
from gradatim.cli.settings import Settings
from gradatim.data import Dataset
from gradatim.errors import DataError

MNIST_LIKE = Dataset(np.zeros((200, 28, 28), np.uint8), np.arange(200) % 10)
SMALL = Dataset(np.zeros((200, 8, 8), np.uint8), np.arange(200) % 3)


def complete(data=MNIST_LIKE, **given):
    return completed(Settings(**given), data)


class TestDefaults:
    def test_with_nothing_given_it_is_the_job_of_the_book(self):
        found = complete()

        assert (found.layers, found.activation, found.init) == ("784-50-10", "relu", "normal:0.01")
        assert (found.optimizer, found.lr, found.batch) == ("sgd", 0.1, 100)
        assert (found.steps, found.epochs, found.evaluate_every) == (10_000, None, 600)

    def test_the_layers_follow_the_data(self):
        assert complete(SMALL).layers == "64-50-3"

    @pytest.mark.parametrize(
        "change",
        [{"layers": "784-100-100-10"}, {"layers": "784-100-10"}, {"activation": "sigmoid"}],
        ids=str,
    )
    def test_another_network_begins_as_its_activation_wants(self, change):
        assert complete(**change).init is None

    def test_the_book_s_network_spelt_out_is_the_book_s_network(self):
        assert complete(layers="784-50-10").init == "normal:0.01"

    def test_an_initialiser_that_is_given_counts(self):
        assert complete(init="he").init == complete(init="he", layers="784-20-10").init == "he"

    @pytest.mark.parametrize(
        ("optimizer", "rate"),
        [
            ("sgd", 0.1),
            ("momentum", 0.01),
            ("nesterov", 0.01),
            ("adagrad", 0.01),
            ("rmsprop", 0.001),
            ("adam", 0.001),
            ("adamw", 0.001),
        ],
    )
    def test_each_optimizer_has_its_own_rate(self, optimizer, rate):
        assert complete(optimizer=optimizer).lr == rate
        assert complete(optimizer=optimizer, lr=0.5).lr == 0.5

    def test_a_rate_of_zero_is_not_taken_for_none(self):
        assert complete(lr=0.0).lr == 0.0
        assert complete(optimizer="momentum", momentum=0.0).momentum == 0.0

    def test_momentum_belongs_to_the_optimizers_that_have_it(self):
        assert complete(optimizer="nesterov").momentum == 0.9
        assert complete().momentum is None
        with pytest.raises(DataError, match=r"--momentum 0\.5: adam has no momentum; try"):
            complete(optimizer="adam", momentum=0.5)

    def test_epochs_take_the_place_of_steps_and_are_evaluated_one_by_one(self):
        found = complete(epochs=3)

        assert (found.steps, found.epochs, found.evaluate_every) == (None, 3, None)
        assert complete(epochs=3, evaluate_every=7).evaluate_every == 7


class TestParts:
    def test_the_model_is_drawn_by_the_seed(self):
        first, again, other = (make_model(complete(seed=seed)) for seed in (1, 1, 2))

        weights = [model.state_dict()["layers.0.weight"] for model in (first, again, other)]
        assert np.array_equal(weights[0], weights[1])
        assert not np.array_equal(weights[0], weights[2])
        assert weights[0].std() == pytest.approx(0.01, rel=0.05)

    def test_the_model_has_layers_activation_and_dtype(self):
        model = make_model(complete(layers="784-20-10", activation="tanh", dtype="float64"))

        assert [type(layer) for layer in model] == [nn.Linear, nn.Tanh, nn.Linear]
        assert model.sizes == (784, 20, 10)
        assert model.parameters()[0].dtype == np.float64

    @pytest.mark.parametrize(
        ("given", "kind", "rates"),
        [
            ({}, optim.SGD, {"lr": 0.1, "weight_decay": 0.0}),
            ({"weight_decay": 0.5}, optim.SGD, {"weight_decay": 0.5}),
            ({"optimizer": "momentum"}, optim.Momentum, {"lr": 0.01, "momentum": 0.9}),
            ({"optimizer": "nesterov", "momentum": 0.5}, optim.Nesterov, {"momentum": 0.5}),
            ({"optimizer": "adagrad"}, optim.AdaGrad, {"lr": 0.01}),
            ({"optimizer": "rmsprop"}, optim.RMSProp, {"lr": 0.001}),
            ({"optimizer": "adam"}, optim.Adam, {"lr": 0.001}),
            ({"optimizer": "adamw"}, optim.AdamW, {"weight_decay": 0.01}),
        ],
    )
    def test_the_optimizer_is_the_one_asked_for(self, given, kind, rates):
        settings = complete(layers="784-2-10", **given)
        made = make_optimizer(settings, make_model(settings))

        assert type(made) is kind
        assert {name: getattr(made, name) for name in rates} == rates

    def test_sizes(self):
        assert sizes("784-50-10") == [784, 50, 10]
        for wrong in ("784", "784-", "-784-10", "784 - 10", "a-b", "", "784--10", "7.5-10"):
            with pytest.raises(DataError, match="joined by hyphens; try --layers"):
                sizes(wrong)

    def test_the_line_that_describes_it(self):
        assert described(complete(optimizer="adam", epochs=2, batch=10, seed=4, init="he")) == (
            "adam with lr 0.001, 2 epochs of batches of 10, weights begin he, float32, seed 4"
        )

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"epochs": 1}, ", 1 epoch of batches of 100,"),
            ({"steps": 1}, ", 1 step of batches of 100,"),
            ({"steps": 2000}, ", 2,000 steps of batches of 100,"),
        ],
    )
    def test_one_is_not_many(self, given, words):
        assert words in described(complete(**given))

    def test_thousands_are_set_apart_in_every_count(self):
        settings = replace(complete(), steps=10_000, batch=60_000)

        assert ", 10,000 steps of batches of 60,000," in described(settings)
