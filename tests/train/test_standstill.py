"""A training that comes nowhere is told from one that learns slowly, late or by luck."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn, optim
from gradatim.train.standstill import stands_still, unmoved
from gradatim.train.twin import Snapshot


class State:
    """As much of a training as is asked for: an evaluation every 100 steps."""

    def __init__(self, losses, accuracy=None, targets=(0, 1)):
        rows = range(len(losses))
        self.step = 100 * (len(losses) - 1)
        self.history = self.loader = self.dataset = self
        self.rows = [{"step": 100 * i, "train_loss": losses[i]} for i in rows]
        self.rows[-1]["train_accuracy"] = accuracy
        self.targets = np.array(targets)


@pytest.mark.parametrize(
    ("state", "still"),
    [
        (State([0.80, 0.694, 0.693], 0.5), True),
        (State([0.80, 0.694, 0.693], 0.53), False),  # it knows something
        (State([0.80, 0.694, 0.6], 0.5), False),  # it begins to learn
        (State([0.80, 0.693], 0.5), False),  # too early to tell
        (State([0.80, 0.3, 0.3], 0.76, [0, 0, 0, 1]), True),
        (State([0.80, 0.3, 0.3], 0.76, np.eye(2)[[0, 0, 0, 1]]), True),
        (State([0.80, 0.3, 0.3], 0.76, [0, 0, 1, 1]), False),
        (State([5.0, 5.0, 5.0]), True),
        (State([5.0, 1.0, 1.0]), False),  # values, and the loss has fallen
    ],
)
def test_standing_still(state, still):
    assert stands_still(state) is still


class Training:
    def __init__(self, step, kind=optim.SGD):
        self.model = nn.MLP([2, 3, 2], rng=0)
        self.optimizer, self.step = kind(self.model, lr=0.0), 0
        self.start = Snapshot(self)
        self.step = step

    def found(self):
        return list(unmoved(self, self.start))


def test_a_rate_of_zero_is_named():
    (found,) = Training(50).found()

    assert found.name == "learning rate too low"
    assert found.evidence == "lr is 0, and after 50 steps every weight is what it was."
    assert (found.fix, found.settings) == ("Try lr=0.1 (lr is 0).", {"lr": 0.1})
    assert Training(50, optim.Adam).found()[0].settings == {"lr": 0.001}


def test_a_rate_that_rises_from_zero_gets_its_time():
    assert Training(49).found() == []


def test_a_rate_that_fell_to_zero_has_moved_the_weights():
    training = Training(50)
    with gd.no_grad():
        training.model[2].bias.assign([1.0, 0.0])

    assert training.found() == []


def test_a_small_rate_is_not_zero():
    training = Training(50)
    training.optimizer.lr = 1e-30

    assert training.found() == []
