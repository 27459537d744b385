"""Evaluation by a compiled program: the same figures, on all samples, in whatever pieces."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import cross_entropy, isfinite, mse, nn, where
from gradatim.compiler.machine.team import Team
from gradatim.data import Dataset, moons
from gradatim.errors import RecordingError
from gradatim.native import engine
from gradatim.train import evaluate, evaluation
from gradatim.train.evaluation import CompiledEvaluation, batch_size

pytestmark = pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")

F4 = np.dtype("f4")


def images(count, seed=0):
    random = np.random.default_rng(seed)
    inputs = random.integers(0, 256, (count, 6), np.uint8)
    return Dataset(inputs, random.integers(0, 3, count), scale=1 / 255, classes=3)


def compiled(model, loss, *datasets):
    return CompiledEvaluation(model, loss, F4, Team(1), datasets)


@pytest.mark.parametrize("counts", [(40, 20), (101, 33), (7, 1)])
def test_the_figures_are_those_of_evaluate(counts):
    model = nn.MLP([6, 5, 3], rng=0)
    datasets = [images(count, seed) for seed, count in enumerate(counts)]
    look = compiled(model, cross_entropy, *datasets)
    for _ in range(2):
        for each in datasets:
            expected = evaluate(model, each, cross_entropy)
            found = look(each)
            assert found["accuracy"] == expected["accuracy"]
            assert found["loss"] == pytest.approx(expected["loss"], rel=1e-6)
    assert len(look.step.programs) <= 2


def test_the_last_bit_does_not_depend_on_how_far_a_call_goes(monkeypatch):
    model, data = nn.MLP([6, 5, 3], rng=0), images(4000)
    losses = set()
    for steps in (1, 3, 1000):
        monkeypatch.setattr(evaluation, "FIRST_STEPS", steps)
        monkeypatch.setattr(evaluation, "SECONDS", steps * 1e-6)
        monkeypatch.setattr(evaluation, "BATCH_BYTES", 6 * 4 * 40)
        losses.add(compiled(model, cross_entropy, data)(data)["loss"])
    assert len(losses) == 1


def test_values_have_no_accuracy():
    data = Dataset(np.ones((20, 2), "f4"), np.ones((20, 3), "f4"))
    model = nn.MLP([2, 3], rng=0)
    expected = evaluate(model, data, mse)
    found = compiled(model, mse, data)(data)
    assert found["accuracy"] is None
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-6)


class Logit(nn.Linear):
    """One number a sample."""

    def forward(self, x):
        return super().forward(x).reshape(-1)


def test_labels_are_counted_by_the_program_alone(monkeypatch):
    model, data = nn.MLP([6, 5, 3], rng=0), images(60)
    expected = evaluate(model, data, cross_entropy)["accuracy"]
    monkeypatch.setattr(evaluation, "tally", None)
    look = compiled(model, cross_entropy, data)
    assert look(data)["accuracy"] == expected
    assert [value.shape for value in look.step.program.results] == [(), ()]


def in_calls_of_one_batch(monkeypatch, size):
    """Let batches be of so many samples of images, and each call of one of them."""
    monkeypatch.setattr(evaluation, "BATCH_BYTES", 6 * 4 * size)
    monkeypatch.setattr(evaluation, "FIRST_STEPS", 1)
    monkeypatch.setattr(evaluation, "SECONDS", 0)


@pytest.mark.parametrize("kind", ["one-hot", "one logit"])
def test_other_targets_are_counted_as_well(monkeypatch, kind):
    in_calls_of_one_batch(monkeypatch, 20)
    images_of_two, labels = images(60).inputs, images(60).targets % 2
    targets = np.eye(2, dtype="f4")[labels] if kind == "one-hot" else labels
    data = Dataset(images_of_two, targets, scale=1 / 255)
    model = nn.Linear(6, 2, rng=0) if kind == "one-hot" else Logit(6, 1, rng=0)
    loss = lambda outputs, t: ((outputs - t) ** 2).mean()  # noqa: E731
    expected = evaluate(model, data, loss)["accuracy"]
    assert 0 < expected < 1
    assert compiled(model, loss, data)(data)["accuracy"] == expected


def test_one_batch_without_classes_makes_all_of_it_a_regression(monkeypatch):
    in_calls_of_one_batch(monkeypatch, 20)
    targets = np.eye(3, dtype="f4")[images(60).targets]
    targets[0] = 0.5
    data = Dataset(images(60).inputs, targets, scale=1 / 255)
    assert compiled(nn.Linear(6, 3, rng=0), mse, data)(data)["accuracy"] is None


def test_outputs_that_are_not_finite_are_counted_as_ever():
    model, data = nn.Linear(6, 3, rng=0), images(101)
    model.weight.raw[2, 1] = np.inf
    loss = lambda outputs, t: cross_entropy(where(isfinite(outputs), outputs, 0.0), t)  # noqa: E731
    expected = evaluate(model, data, loss)
    found = compiled(model, loss, data, images(33))(data)  # in batches of 33, and a rest
    assert 0 < expected["accuracy"] < 1
    assert found["accuracy"] == expected["accuracy"]
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-6)


@pytest.mark.parametrize(("extremes", "loss"), [([np.inf, -np.inf], np.nan), ([1e308] * 2, np.inf)])
def test_losses_that_have_no_sum_are_added_as_ever(extremes, loss):
    data = Dataset(np.array(extremes)[:, None], np.zeros(2))
    look = CompiledEvaluation(nn.Identity(), lambda x, _: x.sum(), np.dtype("f8"), Team(1), [data])
    look._size = 1
    np.testing.assert_equal(look(data)["loss"], loss)


def test_of_several_outputs_only_the_loss_knows_which_is_which():
    class Two(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(6, 3, rng=0)

        def forward(self, x):
            return self.linear(x), x

    data = images(30)
    loss = lambda outputs, t: cross_entropy(outputs[0], t)  # noqa: E731
    expected = evaluate(Two(), data, loss)
    found = compiled(Two(), loss, data)(data)
    assert found["accuracy"] is None
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-6)


def test_a_model_evaluates_and_is_left_in_its_mode():
    model = nn.Sequential(nn.Linear(6, 3, rng=0), nn.Dropout(0.9, rng=0))
    data = images(30)
    look = compiled(model, cross_entropy, data)
    assert look(data)["loss"] == pytest.approx(evaluate(model, data, cross_entropy)["loss"])
    assert model.training
    assert all(part.training for part in model.modules())


def test_new_weights_count_at_once():
    model, data = nn.MLP([6, 5, 3], rng=0), images(30)
    look = compiled(model, cross_entropy, data)
    look(data)
    model.load_state_dict(nn.MLP([6, 5, 3], rng=1).state_dict())
    assert look(data)["loss"] == pytest.approx(evaluate(model, data, cross_entropy)["loss"])


def test_a_model_that_is_no_program_is_refused_unchanged():
    class Odd(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(6, 3, rng=0)
            self.calls = 0

        def forward(self, x):
            self.calls += 1
            return self.linear(x) * float(x.sum())

    model, data = Odd(), images(30)
    with pytest.raises(RecordingError):
        compiled(model, cross_entropy, data)(data)
    assert model.calls == 0
    assert model.training


@pytest.mark.parametrize(
    ("counts", "size"), [((600, 1000), 200), ((60_000, 10_000), 625), ((997, 1000), 668), ((3,), 3)]
)
def test_batches_divide_all_datasets_where_they_can(counts, size):
    datasets = [Dataset(np.zeros((n, 784), np.uint8), np.zeros(n, int)) for n in counts]
    assert batch_size(datasets, F4) == size


def test_large_samples_come_one_by_one():
    assert batch_size([Dataset(np.zeros((5, 10**6), np.uint8), np.zeros(5))], F4) == 1


def test_two_datasets_stored_in_other_types():
    model = nn.MLP([2, 3, 2], rng=0)
    one = moons(40)
    other = Dataset(one.inputs.astype("f4"), one.targets.astype("i4"))
    look = compiled(model, cross_entropy, one, other)
    for each in (one, other, one):
        assert look(each)["loss"] == pytest.approx(evaluate(model, each, cross_entropy)["loss"])
