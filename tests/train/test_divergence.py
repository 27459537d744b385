"""What is said of a training that has gone to infinity."""

from __future__ import annotations

import numpy as np

from gradatim import nn, optim
from gradatim.data import Dataset, Loader
from gradatim.train import History
from gradatim.train.divergence import diverged
from gradatim.train.plan import Plan
from gradatim.train.state import TrainingState


def state_of(inputs, losses=()):
    model = nn.MLP([2, 2], rng=0)
    loader = Loader(Dataset(inputs, np.zeros(len(inputs), int)), 2)
    history = History(losses=losses)
    optimizer = optim.SGD(model, lr=0.5)
    return TrainingState(
        model, optimizer, loader, Plan(0, 9, 9, 2), history, step=len(history.losses)
    )


def test_where_it_happened_what_it_was_before_and_what_to_try():
    text = str(diverged(state_of(np.zeros((4, 2)), [2.0, 9.0, 80.0]), "loss", np.inf, np.ones(2)))
    assert text.startswith("fit: the loss is inf at step 3 (epoch 1); it was 2 at first and 80 one")
    assert "Try a smaller learning rate than 0.5: lr=0.05" in text


def test_a_sample_that_is_not_finite_is_named():
    inputs = np.zeros((4, 2))
    inputs[3, 1] = np.nan
    state = state_of(inputs)
    state.count([3 in state.loader.indices(step) for step in (0, 1)].index(True))
    x, _ = state.loader.dataset.batch(state.loader.indices(state.step))
    assert "Sample 3 of the data is not finite" in str(diverged(state, "loss", np.nan, x))
