"""What made the first number that is not finite."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.train.autopsy import first_bad_sample, first_culprit
from gradatim.train.twin import Snapshot


@pytest.fixture
def trained(make, data):
    """A state three steps on, with a snapshot of the start."""

    def build(loss):
        trainer = make()
        trainer.fit(data, steps=0, batch_size=10)
        snapshot = Snapshot(trainer.state)
        trainer = make()
        trainer.fit(data, steps=3, batch_size=10)
        return first_culprit(trainer.state, snapshot, loss)

    return build


def test_a_training_that_is_well_has_no_culprit(trained):
    assert trained(gd.cross_entropy) is None


def test_a_loss_of_your_own_with_log_of_nothing(trained):
    def loss(outputs, targets):
        return -gd.log(gd.relu(outputs)).mean()

    with np.errstate(all="ignore"):
        text = trained(loss)

    assert text.startswith("step 0: log, in forward at test_autopsy.py:")
    assert "gave -inf" in text


def test_gradients_may_go_first(trained):
    root = gd.primitive("root", "np.sqrt({x})", x=lambda g, y, x: g / (2 * y))

    def loss(outputs, targets):
        return root(gd.relu(outputs)).mean()

    with np.errstate(all="ignore"):
        text = trained(loss)

    assert text.startswith("step 0: divide, in backward, in the rule of root at test_autopsy.py:")


@pytest.mark.parametrize(
    ("inputs", "targets", "first"),
    [
        ([[0.0], [1.0], [2.0]], [0, 1, 2], None),
        ([[0.0], [np.inf], [np.nan]], [0, 1, 2], 1),
        ([[0.0], [1.0], [2.0]], [0.0, 1.0, np.nan], 2),
        ([[0], [1], [2]], [0, 1, 2], None),
    ],
)
def test_the_first_bad_sample(inputs, targets, first):
    assert first_bad_sample(gd.data.Dataset(inputs, targets)) == first


def test_bad_samples_are_looked_for_piece_by_piece(monkeypatch):
    monkeypatch.setattr("gradatim.train.autopsy._ROWS", 2)
    x = np.zeros((7, 1))
    x[5] = np.nan

    assert first_bad_sample(gd.data.Dataset(x, np.arange(7))) == 5
