"""Many steps in one call: batches gathered by machine code."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler.machine.feed import Feed

SOURCES = ["uint8", "uint16", "int64", "float32", "float64"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_type_of_data(source, dtype, threads):
    random = np.random.default_rng(0)
    data = random.integers(0, 200, (30, 3, 7)).astype(source)
    x = np.zeros((5, 3, 7), dtype)
    program, _ = recorded(lambda x: (x * x).sum(), x)
    crew = Crew(program, threads, feeds=[Feed(program.arguments[0], data.dtype, 0.25)])
    indices, losses = random.integers(0, 30, (4, 5)), np.zeros(4)
    crew.run([x], [indices, data, losses], 4)
    batches = (data.astype(dtype) * 0.25)[indices]
    np.testing.assert_allclose(losses, (batches.astype("d") ** 2).sum((1, 2, 3)), rtol=1e-5)
    np.testing.assert_array_equal(x, batches[-1])


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_run_is_its_steps_one_after_another(threads):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (40, 20), dtype="u1")
    labels = random.integers(0, 4, 40)
    model = gd.nn.MLP([20, 17, 4], rng=0)
    optimizer = gd.optim.Momentum(model, lr=0.1)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    def batch(rows):
        return (images[rows] * np.float32(1 / 255)), labels[rows]

    indices = random.integers(0, 40, (12, 10))
    program, agreement = recorded(step, *batch(indices[0]))
    state = [agreement.state[value].data.copy() for value in program.state]
    x, t = program.arguments
    feeds = [Feed(x, images.dtype, 1 / 255), Feed(t, labels.dtype)]
    crew, losses = Crew(program, threads, feeds=feeds), np.zeros(12)
    room = [np.zeros(v.shape, v.dtype) for v in (x, t)]
    crew.run([*room, *state], [indices, images, labels, losses], 12)
    expected = [step(*map(gd.Tensor, batch(rows))).item() for rows in indices]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for value, found in zip(program.state, state):
        np.testing.assert_allclose(found, agreement.state[value].data, rtol=1e-4, atol=1e-6)


def test_no_steps_do_nothing():
    x = np.ones((2, 3))
    program, _ = recorded(lambda x: x.sum(), x)
    crew = Crew(program, feeds=[Feed(program.arguments[0], np.dtype("f8"))])
    losses = np.full(1, 7.0)
    crew.run([x], [np.zeros((0, 2), "i8"), np.ones((4, 3)), losses], 0)
    assert losses[0] == 7
    assert (x == 1).all()
