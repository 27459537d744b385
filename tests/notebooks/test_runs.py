"""The trainings behind the rows: golden runs, single steps, the last cell of `mlp`."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gradatim.autograd import Tensor
from gradatim.nn import MLP
from gradatim.notebooks import Session, recipe
from gradatim.notebooks.chance import seeded
from gradatim.notebooks.golden import accuracy, golden_run, printed_loss
from gradatim.notebooks.recipe import dead_units, follow
from gradatim.notebooks.step import Step, capped_cross_entropy, one_step, sigmoid_network


def silent(*told):
    """Tell nobody."""


@pytest.fixture(scope="module")
def few():
    """Made-up images in MNIST's shape; the brightest tenth of the pixels tells the class."""
    random = np.random.default_rng(0)
    t = random.integers(0, 10, 300)
    x = (0.3 * random.random((300, 784))).astype(np.float32)
    for image, label in zip(x, t):
        image[78 * label : 78 * (label + 1)] += 0.7
    return SimpleNamespace(x=x, t=t, x_test=x[:50], t_test=t[:50])


# --- golden runs -----------------------------------------------------------------------------


def test_weights_and_batches_are_those_that_np_random_seed_draws(few):
    with seeded(3):
        w1, w2 = 0.01 * np.random.randn(784, 50), 0.01 * np.random.randn(50, 10)
        rows = np.random.choice(300, 100)
    z = np.maximum(few.x[rows] @ w1, 0) @ w2
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    run = golden_run(3, 1, few, silent)

    assert run.losses == [pytest.approx(-logs[np.arange(100), few.t[rows]].mean(), abs=1e-12)]


def test_scores_are_taken_at_the_start_and_at_the_end(few):
    run = golden_run(0, 30, few, silent)

    assert list(run.scores) == [0, 29]
    assert run.scores[29][0] > run.scores[0][0]
    assert [row["step"] for row in run.rows] == [1, 30]
    assert run.printed < run.losses[0]


def test_a_golden_run_tells_how_far_it_is(few):
    told = []
    golden_run(1, 101, few, lambda *what: told.append(what))

    assert told == [("training, seed 1", 0, 101), ("training, seed 1", 100, 101)]


def test_a_session_makes_a_run_once(few):
    session = Session()
    session.digits = few

    assert session.golden(0, 2) is session.golden(0, 2)
    assert session.golden(0, 3) is not session.golden(0, 2)


def test_a_full_session_makes_three_seeds_of_10_000_steps():
    assert (Session().seeds, Session().steps) == ((0,), 601)
    assert (Session(full=True).seeds, Session(full=True).steps) == ((0, 1, 2), 10_000)


def test_the_printed_loss_has_1e_7_below_the_logarithm():
    model = MLP([2, 2], init="zeros", dtype=np.float64)
    loss = printed_loss(model, np.zeros((3, 2)), np.array([0, 1, 1]))

    assert loss == pytest.approx(-np.log(0.5 + 1e-7), abs=1e-15)


def test_accuracy_counts_all_images(few):
    model = MLP([784, 10], init="zeros")

    assert accuracy(model, few.x, few.t) == np.mean(few.t == 0)


def test_the_callers_random_numbers_come_back_after_an_error():
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    with pytest.raises(ArithmeticError), seeded(0):
        raise ArithmeticError

    assert np.array_equal(np.random.get_state()[1], before)


# --- one step --------------------------------------------------------------------------------


def test_a_step_that_keeps_its_promise_keeps_1():
    step = Step(before=2.0, after=1.5, squared=5.0, rate=0.1)

    assert step.drop == 0.5
    assert step.kept == 1.0


def test_the_capped_loss_ends_at_16():
    loss = capped_cross_entropy(Tensor([[1e4, 0.0], [0.0, 0.0]]), np.array([1, 0]))

    assert loss.item() == pytest.approx((-np.log(1e-7) - np.log(0.5 + 1e-7)) / 2)


def test_a_small_step_keeps_what_its_gradient_promises(few):
    step = one_step(0, few, 1e-4)

    assert step.kept == pytest.approx(1, abs=0.01)
    assert one_step(0, few, 1e-4) == step


def test_the_network_of_the_step_has_sigmoids_and_wide_weights(few):
    model, x, t = sigmoid_network(0, few)

    assert (x.shape, x.dtype, t.shape) == ((100, 784), np.float64, (100,))
    assert type(model[1]).__name__ == "Sigmoid"
    assert model[0].weight.numpy().std() == pytest.approx(1, abs=0.02)


# --- the last cell ---------------------------------------------------------------------------


def test_a_training_is_scored_after_each_epoch(few):
    result = follow("he", 0.1, few, epochs=3)

    assert len(result.accuracies) == len(result.dead) == 3
    assert result.accuracies[-1] > 0.9
    assert max(result.dead) < 100
    assert result.findings == ()


def test_fewer_images_make_a_shorter_training(few):
    told = []
    follow("he", 0.1, few, images=40, tell=lambda *what: told.append(what))

    assert {of for _, _, of in told} == {4}
    assert told[0][0] == "training, he, rate 0.1"


def test_units_that_are_0_for_every_image_are_dead():
    model = MLP([2, 3, 2], rng=0)
    model[0].weight.assign(np.zeros((2, 3), np.float32))
    model[0].bias.assign(np.array([-1.0, 0.0, 1.0], np.float32))

    assert dead_units(model, np.ones((4, 2), np.float32)) == 2


def test_ctrl_c_ends_the_command_and_not_the_training_alone(few, monkeypatch):
    def interrupted(self, state):
        raise KeyboardInterrupt

    monkeypatch.setattr(recipe._Telling, "step", interrupted)

    with pytest.raises(KeyboardInterrupt):
        follow("he", 0.1, few, images=40)
