"""Rehearsals leave nothing behind, wherever a step keeps what it changes."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import gradatim as gd
from gradatim import cross_entropy, nn, optim
from gradatim.errors import RecordingError
from gradatim.native import engine
from gradatim.train import Trainer
from gradatim.train.rehearsal import plan_of, rehearsing

NOISE = np.random.default_rng(0)
CALLS = 0


def noisy(model, noise, y, t):
    """A loss that draws where the model learns."""
    return cross_entropy(y + gd.uniform(0.0, 0.5, y.shape, rng=noise) if model.training else y, t)


class Centred:
    """A loss as a method, with numbers of its own."""

    def __init__(self, model):
        self.model, self.centre = model, gd.Tensor([0.0, 0.0])

    def loss(self, y, t):
        if self.model.training:
            self.centre.assign(0.9 * self.centre + 0.1 * y.detach().mean(axis=0))
        return cross_entropy(y - self.centre, t)


def in_a_closure(model):
    noise = np.random.default_rng(3)
    return lambda y, t: noisy(model, noise, y, t)


def in_a_partial(model):
    return functools.partial(noisy, model, np.random.default_rng(3))


def in_a_global(model):
    NOISE.bit_generator.state = np.random.default_rng(3).bit_generator.state
    return lambda y, t: noisy(model, NOISE, y, t)


def in_a_method(model):
    return Centred(model).loss


@pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")
@pytest.mark.parametrize("make", [in_a_closure, in_a_partial, in_a_global, in_a_method])
def test_what_a_loss_keeps_is_that_of_a_training_step_by_step(make, data):
    losses = []
    for compile in (True, False):
        model = nn.MLP([2, 4, 2], rng=0)
        optimizer = optim.SGD(model, lr=0.1)
        trainer = Trainer(model, make(model), optimizer, progress="none", compile=compile)
        losses.append(trainer.fit(data, steps=20, batch_size=10).losses)
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def test_names_mean_again_what_they_meant():
    count, seen = 0, []

    def step(x):
        global CALLS
        nonlocal count
        count += 1
        CALLS += 1
        seen.append(count)
        return x * count

    compiled = gd.compile(step, backend="numpy")
    with rehearsing(compiled):
        compiled(gd.Tensor([1.0]))
        assert (count, CALLS, seen) == (1, 1, [1])
    assert (count, CALLS, seen) == (0, 0, [])


def test_what_fails_in_the_middle_is_put_back_too():
    total = gd.Tensor([1.0])

    def step():
        total.assign(total + 1)
        raise ValueError("in the middle")

    compiled = gd.compile(step, backend="numpy")
    with pytest.raises(ValueError, match="in the middle"), rehearsing(compiled):
        compiled()
    assert total.item() == 1


def test_it_is_told_that_somebody_listens():
    step = gd.compile(lambda x: x * 2, backend="llvm")
    batch = [np.ones(3)]
    with gd.listen(lambda *_: None), pytest.raises(RecordingError, match="somebody listens"):
        plan_of(step, batch, lambda: batch)
