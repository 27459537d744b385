"""The Doctor: names what is wrong, is silent where all is well, and leaves the training alone."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn, optim
from gradatim.errors import DivergenceError, HealthError, StateError
from gradatim.train import Doctor, Trainer
from gradatim.train.chart import Chart
from gradatim.train.descent import try_updates
from gradatim.train.progress import Progress


@pytest.fixture
def few(digits):
    """2000 digits to learn from, 500 to test on."""
    train, test = digits
    return train.subset(slice(2000)), test.subset(slice(500))


class Notes(Progress):
    def __init__(self):
        super().__init__()
        self.texts = []

    def note(self, text):
        self.texts.append(text)


def examined(model, data, *, lr, loss=gd.cross_entropy, kind=optim.SGD, progress="none", **plan):
    """The Doctor after a training; what went to NaN has ended."""
    doctor = Doctor()
    trainer = Trainer(model, loss, kind(model, lr=lr), callbacks=[doctor], progress=progress)
    train, test = data if isinstance(data[0], gd.data.Dataset) else (data, None)
    plan = {"steps": 200, "batch_size": 50, "evaluate_every": 50} | plan
    try:
        trainer.fit(train, test, **plan)
    except DivergenceError as error:
        doctor.error = str(error)
    return doctor


def names(doctor):
    return [found.name for found in doctor.findings]


class Bowl(nn.Module):
    """x² + y²: the notebook's function, whatever the inputs."""

    def __init__(self):
        self.place = gd.Parameter([-3.0, 4.0])

    def forward(self, x):
        return self.place * np.ones((len(x), 1))


NOTHING = np.zeros((4, 1)), np.array([0.0, 1.0, 0.0, 1.0])


def square(outputs, targets):
    return (outputs**2).sum() / len(targets)


class TestLearningRate:
    def test_too_high_on_a_bowl_where_it_diverges(self):
        doctor = examined(Bowl(), NOTHING, lr=10.0, loss=square, batch_size=4, steps=100)

        found = doctor.findings[0]
        assert (found.name, found.step) == ("learning rate too high", 0)
        assert "drop / (lr |g|^2) is -9," in found.evidence
        assert found.settings == {"lr": 0.5}
        assert "lr is 10" in found.fix

    def test_too_high_on_a_bowl_where_it_jumps_from_side_to_side(self):
        doctor = examined(Bowl(), NOTHING, lr=1.0, loss=square, batch_size=4)

        assert names(doctor) == ["learning rate too high"]
        assert doctor.recipe == {"lr": 0.5}

    def test_too_low_on_a_bowl(self):
        doctor = examined(Bowl(), NOTHING, lr=1e-10, loss=square, batch_size=4, steps=100)

        assert names(doctor) == ["learning rate too low"]
        assert doctor.findings[0].step == 50
        assert doctor.recipe == {"lr": 0.1}

    def test_right_on_a_bowl(self):
        assert not examined(Bowl(), NOTHING, lr=0.1, loss=square, batch_size=4).findings

    @pytest.mark.parametrize("init", [None, "normal:0.01"])
    def test_too_high_for_digits(self, few, init):
        doctor = examined(nn.MLP([784, 50, 10], init=init, rng=0), few, lr=10.0)

        assert set(names(doctor)) == {"dead units", "learning rate too high"}
        assert 0.05 <= doctor.recipe["lr"] <= 0.5

    def test_too_low_for_digits(self, few):
        doctor = examined(nn.MLP([784, 50, 10], rng=0), few, lr=1e-10)

        assert names(doctor) == ["learning rate too low"]
        assert doctor.recipe == {"lr": 0.1}

    def test_adam_too_high_and_too_low(self, few):
        high = examined(nn.MLP([784, 50, 10], rng=0), few, lr=1.0, kind=optim.Adam)
        low = examined(nn.MLP([784, 50, 10], rng=0), few, lr=1e-9, kind=optim.Adam)

        assert names(high)[0] == "learning rate too high"
        assert 0.001 <= high.recipe["lr"] <= 0.02
        assert names(low) == ["learning rate too low"]
        assert 0.001 <= low.recipe["lr"] <= 0.02

    def test_zero(self):
        doctor = examined(nn.MLP([2, 16, 2], rng=0), gd.data.moons(500), lr=0.0, steps=600)

        assert names(doctor) == ["learning rate too low"]
        assert "lr is 0, and after 50 steps every weight is what it was" in str(doctor.findings[0])

    def test_the_usual_rate_of_adam_is_not_too_low(self):
        moons = gd.data.moons(500)
        plan = {"steps": 1000, "batch_size": 32, "evaluate_every": None, "kind": optim.Adam}
        doctor = examined(nn.MLP([2, 16, 2], rng=0), moons, lr=0.001, **plan)

        assert names(doctor) == []


class TestOtherIlls:
    def test_inputs_in_bytes(self, few):
        raw = tuple(gd.data.Dataset(part.inputs, part.targets) for part in few)
        found = names(examined(nn.MLP([784, 50, 10], "sigmoid", rng=0), raw, lr=0.1))

        assert found == ["inputs not scaled", "saturated sigmoid"]

    def test_ten_sigmoid_layers(self, few):
        doctor = examined(nn.MLP([784, *[50] * 9, 10], "sigmoid", rng=0), few, lr=0.1)

        assert names(doctor) == ["vanishing gradient"]

    def test_five_sigmoid_layers_that_never_come_down_from_the_plateau(self):
        model = nn.MLP([2, 16, 16, 16, 16, 16, 2], activation="sigmoid", rng=0)
        doctor = examined(model, gd.data.moons(500), lr=0.1, steps=600, batch_size=32)

        assert names(doctor) == ["vanishing gradient"]
        assert doctor.recipe == {"activation": "relu", "init": "he"}

    def test_ten_layers_of_wide_weights(self, few):
        doctor = examined(nn.MLP([784, *[50] * 9, 10], init="normal:1", rng=0), few, lr=0.1)

        assert set(names(doctor)) == {"exploding gradient", "learning rate too high", "not finite"}
        assert doctor.recipe["init"] == "he"

    def test_labels_in_another_order(self, few):
        train, _ = few
        labels = np.random.default_rng(0).permutation(train.targets)
        data = gd.data.Dataset(train.inputs, labels, scale=1 / 255), few[1]
        doctor = examined(nn.MLP([784, 50, 10], rng=0), data, lr=0.1)

        assert names(doctor) == ["labels out of order"]
        assert "the most similar sample" in doctor.findings[0].evidence

    def test_labels_of_sorted_data_cut_in_two(self, few):
        data = few[0].subset(np.argsort(few[0].targets)).split(0.8, seed=None)
        doctor = examined(nn.MLP([784, 50, 10], rng=0), data, lr=0.1, steps=1)

        assert names(doctor) == ["labels out of order"]

    def test_constant_labels(self, few):
        data = gd.data.Dataset(few[0].inputs, np.full(2000, 3), scale=1 / 255), None
        doctor = examined(nn.MLP([784, 50, 10], rng=0), data, lr=0.1)

        assert names(doctor) == ["labels constant"]

    def test_softmax_of_softmax(self, few):
        def loss(outputs, targets):
            return gd.cross_entropy(outputs * 1, targets)

        model = nn.MLP([784, 50, 10], last="softmax", rng=0)

        assert "softmax of softmax" in names(examined(model, few, lr=0.1, loss=loss, steps=1))


class TestNotFinite:
    def test_the_sample_that_holds_nan(self, data):
        x = data.inputs.copy()
        x[17, 1] = np.nan
        doctor = examined(nn.MLP([2, 2], rng=0), (x, data.targets), lr=0.1)

        assert names(doctor) == ["not finite"]
        assert "Doctor: not finite: sample 17 of the training data holds NaN" in doctor.error

    def test_the_primitive_of_a_loss_of_your_own_and_its_line(self, data):
        def loss(outputs, targets):
            return -gd.log(gd.softmax(outputs)[np.arange(len(targets)), targets]).mean()

        inputs = data.inputs * 1000
        with np.errstate(all="ignore"):
            doctor = examined(nn.MLP([2, 2], rng=0), (inputs, data.targets), lr=0.1, loss=loss)
        line = loss.__code__.co_firstlineno + 1

        assert f"Doctor: not finite: log, in forward at test_doctor.py:{line}" in doctor.error
        assert "log is finite above 0 only" in doctor.error

    def test_a_rule_of_your_own_that_divides_by_nothing(self, data):
        """The loss of its step is finite; all weights are NaN one step later."""
        half = gd.primitive("half", "{x} * 0.5", x=lambda g, y, x: g / (x - x))

        def loss(outputs, targets):
            return gd.cross_entropy(half(outputs) if outputs.requires_grad else outputs, targets)

        doctor = examined(nn.MLP([2, 2], rng=0), (data.inputs, data.targets), lr=0.1, loss=loss)
        line = loss.__code__.co_firstlineno + 1

        assert "fit: the loss is nan at step 1" in doctor.error
        assert "not finite: step 0: divide, in backward, in the rule of half at" in doctor.error
        assert f"test_doctor.py:{line}" in doctor.error

    def test_a_loss_that_has_grown_before_names_the_rate(self):
        """At the start the rate is right; it is raised on the way."""

        class Raise(gd.train.Callback):
            def on_step(self, state):
                state.optimizer.lr = 1e30

        model, doctor = Bowl(), Doctor()
        trainer = Trainer(
            model, square, optim.SGD(model, 0.1), callbacks=[doctor, Raise()], progress="none"
        )
        with pytest.raises(DivergenceError):
            trainer.fit(NOTHING, steps=100, batch_size=4, evaluate_every=50)

        assert "learning rate too high" in names(doctor)


HEALTHY = {
    "the book's": {"model": {"sizes": [784, 50, 10], "init": "normal:0.01"}, "lr": 0.1},
    "sigmoid": {"model": {"sizes": [784, 50, 10], "activation": "sigmoid"}, "lr": 0.1},
    "one N(0, 1) sigmoid step": {
        "model": {"sizes": [784, 50, 10], "activation": "sigmoid", "init": "normal:1"},
        "lr": 0.1,
        "steps": 1,
    },
    "one layer": {"model": {"sizes": [784, 10]}, "lr": 0.1},
    "five layers": {"model": {"sizes": [784, 50, 50, 50, 50, 10]}, "lr": 0.1},
    "adam": {"model": {"sizes": [784, 50, 10]}, "lr": 0.001, "kind": optim.Adam},
    "momentum": {"model": {"sizes": [784, 50, 10]}, "lr": 0.05, "kind": optim.Momentum},
    "small batches": {"model": {"sizes": [784, 100, 10]}, "lr": 0.1, "batch_size": 10},
}


class TestSilence:
    @pytest.mark.parametrize("name", HEALTHY)
    def test_on_digits(self, few, name):
        settings = dict(HEALTHY[name])
        model = nn.MLP(**settings.pop("model"), rng=0)

        assert examined(model, few, **settings).findings == []

    @pytest.mark.parametrize("hidden", [2, 8, 32])
    @pytest.mark.parametrize("toy", [gd.data.xor, gd.data.moons, gd.data.spirals])
    def test_on_toys(self, toy, hidden):
        data = toy(), None
        model = nn.MLP([2, hidden, data[0].classes], "tanh", rng=hidden)

        assert examined(model, data, lr=0.2, batch_size=4).findings == []

    def test_on_regression(self):
        random = np.random.default_rng(0)
        x = random.standard_normal((200, 3))
        t = (x @ [1.0, -2.0, 3.0] + 0.1 * random.standard_normal(200))[:, None]
        model = nn.MLP([3, 16, 1], rng=0)

        assert examined(model, (x, t), lr=0.02, loss=gd.mse).findings == []

    def test_on_noise_that_cannot_be_learned(self):
        random = np.random.default_rng(0)
        data = random.standard_normal((200, 3)), random.standard_normal((200, 1))

        assert examined(nn.MLP([3, 1], rng=0), data, lr=0.02, loss=gd.mse).findings == []

    def test_on_a_class_that_is_rare(self):
        random = np.random.default_rng(0)
        data = random.standard_normal((500, 5)), (random.random(500) < 0.02).astype(int)

        assert examined(nn.MLP([5, 16, 2], rng=0), data, lr=0.1).findings == []

    def test_with_dropout(self, few):
        model = nn.Sequential(
            nn.Linear(784, 50, rng=0), nn.ReLU(), nn.Dropout(0.5, rng=0), nn.Linear(50, 10, rng=1)
        )

        assert examined(model, few, lr=0.1).findings == []


class TestManners:
    @pytest.mark.parametrize("lr", [0.1, 1e-9, 50.0])
    def test_the_training_stays_the_same_bit_for_bit(self, few, lr):
        def weights(*callbacks):
            np.random.seed(0)
            model = nn.Sequential(
                nn.Linear(784, 20, rng=0),
                nn.ReLU(),
                nn.Dropout(0.5, rng=0),
                nn.Linear(20, 10, rng=1),
            )
            trainer = Trainer(
                model,
                gd.cross_entropy,
                optim.Adam(model, lr=lr),
                callbacks=callbacks,
                progress="none",
            )
            history = trainer.fit(few[0], steps=70, batch_size=50, evaluate_every=7)
            return model.state_dict() | {"losses": history.losses, "draw": np.random.random(3)}

        plain, seen = weights(), weights(Doctor())

        assert all(np.array_equal(plain[name], seen[name]) for name in plain)

    @pytest.mark.parametrize("fails", [False, True], ids=["well", "to NaN"])
    def test_a_model_may_draw_from_the_generators_of_all(self, fails):
        class Noisy(nn.Module):
            def __init__(self):
                self.inner = nn.Linear(2, 2, rng=0)

            def forward(self, x):
                y = self.inner(x) * (1 + 0.1 * random.random() + 0.1 * np.random.random())
                return y * np.nan if fails and self.training and random.random() < 0.05 else y

        def weights(*callbacks):
            random.seed(0)
            np.random.seed(0)
            model = Noisy()
            trainer = Trainer(
                model, gd.cross_entropy, optim.SGD(model), callbacks=callbacks, progress="none"
            )
            plan = {"steps": 200, "batch_size": 20, "evaluate_every": 10}
            with pytest.raises(DivergenceError) if fails else contextlib.nullcontext():
                trainer.fit(gd.data.moons(100), **plan)
            return [*model.state_dict().values(), random.random(), np.random.random()]

        plain, seen = weights(), weights(Doctor())

        assert all(np.array_equal(a, b) for a, b in zip(plain, seen, strict=True))

    def test_each_finding_is_shown_once_where_the_training_is_shown(self, few):
        notes = Notes()
        doctor = examined(nn.MLP([784, 50, 10], rng=0), few, lr=1e-10, progress=notes)

        assert notes.texts == [f"Doctor: {found}" for found in doctor.findings]
        assert len(notes.texts) == 1

    def test_a_second_training_begins_afresh(self, few):
        doctor = Doctor()
        for lr, count in ((1e-10, 1), (0.1, 0)):
            model = nn.MLP([784, 50, 10], rng=0)
            trainer = Trainer(
                model, gd.cross_entropy, optim.SGD(model, lr), callbacks=[doctor], progress="none"
            )
            trainer.fit(few[0], steps=50, batch_size=50)
            assert len(doctor.findings) == count

    def test_a_model_that_cannot_be_copied_is_trained_all_the_same(self, data):
        class Stubborn(nn.MLP):
            def __deepcopy__(self, memo):
                raise RuntimeError("only one of me")

        model = Stubborn([2, 2], rng=0)
        doctor = examined(model, (data.inputs, data.targets), lr=0.1, steps=20)

        assert names(doctor) == ["not examined"]
        assert "RuntimeError: only one of me" in doctor.findings[0].evidence
        assert not hasattr(doctor, "error")

    def test_a_loss_that_does_not_like_to_be_tried_is_no_end_of_the_training(self, data):
        def loss(outputs, targets):
            if outputs.dtype == np.float64:
                raise RuntimeError("float32 only")
            return gd.cross_entropy(outputs, targets)

        doctor = examined(
            nn.MLP([2, 2], rng=0), (data.inputs, data.targets), lr=0.1, loss=loss, steps=20
        )

        assert names(doctor) == ["not examined"]

    def test_its_repr(self):
        assert repr(Doctor()) == "Doctor()"
        assert repr(Doctor(500)) == "Doctor(500)"


class TestAssertHealthy:
    def trained(self, data, lr, *callbacks):
        model = nn.MLP([2, 8, 2], rng=0)
        trainer = Trainer(
            model, gd.cross_entropy, optim.SGD(model, lr), callbacks=callbacks, progress="none"
        )
        trainer.fit(data, steps=60, batch_size=10)
        return trainer

    def test_a_healthy_training_passes(self, data):
        trainer = self.trained(data, 0.2, Doctor())
        trainer.assert_healthy()

        assert trainer.findings == []

    def test_an_ill_one_does_not(self, data):
        trainer = self.trained(data, 1e-10, Doctor())

        with pytest.raises(AssertionError) as error:
            trainer.assert_healthy()
        assert isinstance(error.value, HealthError)
        assert str(error.value).startswith("assert_healthy: the Doctor found 1 thing; it must find")
        assert "- learning rate too low: " in str(error.value)
        assert "Try lr=" in str(error.value)

    def test_without_a_doctor_nobody_knows(self, data):
        with pytest.raises(StateError, match=r"there is no Doctor\.\n  Try Trainer"):
            self.trained(data, 0.2).assert_healthy()

    def test_before_a_training_nobody_knows_either(self):
        model = nn.MLP([2, 2])
        trainer = Trainer(model, gd.cross_entropy, optim.SGD(model), callbacks=[Doctor()])

        with pytest.raises(StateError, match="there was no training yet"):
            trainer.assert_healthy()


@pytest.mark.slow
def test_the_last_cell_of_the_notebook_on_networks_and_the_recipe_for_it(digits):
    """784-512-10, all weights N(0, 1), rate 1.0, batches of 10: about .60, units dead."""
    model = nn.MLP([784, 512, 10], init="normal:1", rng=0)
    for layer in (model.layers[0], model.layers[2]):
        layer.bias.assign(np.random.default_rng(1).standard_normal(layer.bias.shape))
    train, test = digits
    doctor = examined(model, digits, lr=1.0, steps=6000, batch_size=10, evaluate_every=6000)
    dead, rate = doctor.findings

    assert dead.name == "dead units"
    assert 350 <= int(dead.evidence.split()[0]) <= 500
    assert rate.name == "learning rate too high"
    assert doctor.recipe == {"init": "he", "lr": 0.1}

    model = nn.MLP([784, 512, 10], init=doctor.recipe["init"], rng=0)
    healthy = Doctor()
    trainer = Trainer(
        model,
        gd.cross_entropy,
        optim.SGD(model, lr=doctor.recipe["lr"]),
        callbacks=[healthy],
        progress="none",
    )
    history = trainer.fit(train, test, epochs=3, batch_size=10, evaluate_every=2000)

    # Batches of ten at a steady rate: the accuracy goes up and down by 0.003 at the end.
    assert history.best("test_accuracy")["test_accuracy"] >= 0.975
    assert history.last["test_accuracy"] >= 0.97
    trainer.assert_healthy()


def test_updates_are_tried_only_where_something_may_follow(digits, monkeypatch):
    tried = []

    def counted(state, *given, **settings):
        found = try_updates(state, *given, **settings)
        tried.append((state.step, len(found.ratios)))
        return found

    monkeypatch.setattr("gradatim.train.doctor.try_updates", counted)
    model = gd.nn.MLP([784, 20, 10], rng=0)
    optimizer = gd.optim.SGD(model, lr=0.1)
    doctor = Doctor()
    trainer = Trainer(model, gd.cross_entropy, optimizer, callbacks=[doctor], progress="none")
    trainer.fit(digits[0].subset(slice(2000)), epochs=4, batch_size=50)
    assert tried == [(0, 1)]  # one batch, and from then on the loss falls at each evaluation
    assert doctor.findings == []


class TestOfANetworkThatHasLearned:
    """A few samples are enough to see that there is nothing to see."""

    @pytest.fixture
    def looked_at(self, monkeypatch):
        sizes = []

        def noted(model, criterion, x, t):
            sizes.append(len(x))
            return Chart(model, criterion, x, t)

        monkeypatch.setattr("gradatim.train.doctor.Chart", noted)
        return sizes

    def learned(self):
        moons = gd.data.moons(600, noise=0.05)
        model = nn.MLP([2, 24, 2], rng=0)
        trainer = Trainer(model, gd.cross_entropy, optim.Adam(model, lr=0.02), progress="none")
        history = trainer.fit(moons, steps=300, batch_size=50, evaluate_every=300)
        assert history.last["train_accuracy"] > 0.99
        return model, moons

    def test_a_glance_is_enough(self, looked_at):
        model, moons = self.learned()

        assert not examined(model, moons, lr=0.01).findings
        assert looked_at == [50] * 5

    def test_before_it_has_it_is_looked_at_on_all_samples(self, looked_at):
        examined(nn.MLP([2, 8, 2], rng=0), gd.data.moons(600), lr=1e-3, steps=1)

        assert looked_at == [600, 600]

    def test_no_more_samples_are_looked_at_than_were_asked_for(self, looked_at):
        model, moons = self.learned()
        doctor, optimizer = Doctor(20), optim.SGD(model, lr=0.01)
        Trainer(model, gd.cross_entropy, optimizer, callbacks=[doctor], progress="none").fit(
            moons, steps=1, batch_size=50
        )

        assert looked_at == [20, 20]

    def test_what_a_glance_shows_is_looked_at_on_all_samples(self, looked_at):
        learned, moons = self.learned()
        model = nn.MLP([2, 96, 2], rng=0)
        for i, axis in ((0, 1), (2, 0)):  # the units that have learned, and 72 that are dead
            small, large = learned.layers[i], model.layers[i]
            large.weight.assign(np.take(small.weight.data, np.arange(96) % 24, axis))
        model.layers[0].bias.assign(np.append(learned.layers[0].bias.data, np.full(72, -1e3)))
        model.layers[2].bias.assign(learned.layers[2].bias.data)
        found = examined(model, moons, lr=1e-3, steps=1).findings

        assert looked_at[:2] == [50, 600]
        assert [each.name for each in found] == ["dead units"]
        assert "of 96 relu units give 0 for each of 600 samples" in found[0].evidence
