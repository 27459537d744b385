"""Copies on which anything may be tried."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.train.twin import Snapshot, Twin

OPTIMIZERS = ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW"]


def gradients(model, data):
    x, t = data.arrays(np.float64)
    gd.cross_entropy(model(x), t).backward()


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_moves_of_a_twin_are_those_the_optimizer_makes(data, kind):
    model = gd.nn.MLP([2, 4, 2], dtype=np.float64, rng=0)
    optimizer = getattr(gd.optim, kind)(model, lr=0.01, weight_decay=0.1)
    for _ in range(3):
        gradients(model, data)
        optimizer.step()
    twin = Twin(model, optimizer)
    gradients(twin.model, data)
    moves = twin.moves()
    before = model.state_dict()
    gradients(model, data)
    optimizer.step()

    for path, after in model.state_dict().items():
        assert np.allclose(before[path] - moves[path], after, rtol=0, atol=1e-15)


def test_a_twin_is_in_float64_and_evaluates(make, data):
    trainer = make()
    twin = Twin(trainer.model, trainer.optimizer)

    assert {p.dtype.name for p in twin.model.parameters()} == {"float64"}
    assert not twin.model.training
    assert trainer.model.training


def test_frozen_parameters_do_not_move(data):
    model = gd.nn.MLP([2, 4, 2], rng=0)
    optimizer = gd.optim.SGD(model)
    model.layers[0].freeze()
    twin = Twin(model, optimizer)
    gradients(twin.model, data)

    assert set(twin.moves()) == {"layers.2.weight", "layers.2.bias"}


def test_nothing_of_the_original_changes(make, data):
    trainer = make(kind=gd.optim.Adam)
    trainer.fit(data, steps=3, batch_size=10)
    model, optimizer = trainer.model.state_dict(), trainer.optimizer.state_dict()
    written = [p.written for p in trainer.model.parameters()]
    twin = Twin(trainer.model, trainer.optimizer)
    gradients(twin.model, data)
    twin.moves()
    for p in twin.model.parameters():
        p.assign(p.data * 2)
    copy, mover = Snapshot(trainer.state).copy()
    gradients(copy, data)
    mover.step()

    for now, before in (
        (trainer.model.state_dict(), model),
        (trainer.optimizer.state_dict(), optimizer),
    ):
        assert all(np.array_equal(now[path], before[path]) for path in before)
    assert written == [p.written for p in trainer.model.parameters()]
    assert all(p.grad is None for p in trainer.model.parameters())


def test_a_snapshot_goes_on_as_the_training_does_as_often_as_asked(data):
    model = gd.nn.Sequential(
        gd.nn.Linear(2, 8, rng=0), gd.nn.Dropout(0.5, rng=0), gd.nn.Linear(8, 2, rng=1)
    )
    trainer = gd.train.Trainer(
        model, gd.cross_entropy, gd.optim.Momentum(model, lr=0.1), progress="none"
    )
    trainer.fit(data, steps=4, batch_size=10)
    snapshot = Snapshot(trainer.state)

    def two_steps(model, optimizer):
        for _ in range(2):
            gradients(model, data)
            optimizer.step()
        return model.state_dict()

    first, second = (two_steps(*snapshot.copy()) for _ in range(2))
    real = two_steps(model, trainer.optimizer)

    assert snapshot.step == 4
    for path in real:
        assert np.array_equal(first[path], real[path])
        assert np.array_equal(second[path], real[path])


def test_results_that_a_model_keeps_do_not_hinder(make, data):
    class Keeping(gd.nn.Module):
        def __init__(self):
            self.line = gd.nn.Linear(2, 2, rng=0)
            self.last = None

        def forward(self, x):
            self.last = self.line(x)
            return self.last

    model = Keeping()
    trainer = gd.train.Trainer(model, gd.cross_entropy, gd.optim.SGD(model), progress="none")
    trainer.fit(data, steps=1, batch_size=10)
    model(np.ones((1, 2), np.float32))

    assert Snapshot(trainer.state).copy()[0].last.origin is None
    assert Twin(model, trainer.optimizer).model.last.origin is None
