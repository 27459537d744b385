"""Many steps in one call: batches gathered by machine code."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler.machine.feed import Feed, Run

SOURCES = ["uint8", "uint16", "int64", "float32", "float64"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_type_of_data(source, dtype, threads):
    random = np.random.default_rng(0)
    data = random.integers(0, 200, (30, 3, 25)).astype(source)
    x = np.zeros((5, 3, 25), dtype)
    program, _ = recorded(lambda x: (x * x).sum(), x)
    feed = Feed(program.arguments[0], data.dtype, 0.25)
    crew = Crew(program, threads, run=Run((feed,), notes=program.results))
    indices, losses = random.integers(0, 30, (4, 5)), np.zeros(4, dtype)
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
        return images[rows] / np.float32(255), labels[rows]

    indices = random.integers(0, 40, (12, 10))
    program, agreement = recorded(step, *batch(indices[0]))
    state = [agreement.state[value].data.copy() for value in program.state]
    x, t = program.arguments
    feeds = Feed(x, images.dtype, divisor=255), Feed(t, labels.dtype)
    crew = Crew(program, threads, run=Run(feeds, notes=program.results))
    losses = np.zeros(12, "f4")
    room = [np.zeros(v.shape, v.dtype) for v in (x, t)]
    crew.run([*room, *state], [indices, images, labels, losses], 12)
    expected = [step(*map(gd.Tensor, batch(rows))).item() for rows in indices]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for value, found in zip(program.state, state):
        np.testing.assert_allclose(found, agreement.state[value].data, rtol=1e-4, atol=1e-6)


def test_no_steps_do_nothing():
    x = np.ones((2, 3))
    program, _ = recorded(lambda x: x.sum(), x)
    crew = Crew(
        program, run=Run((Feed(program.arguments[0], np.dtype("f8")),), notes=program.results)
    )
    losses = np.full(1, 7.0)
    crew.run([x], [np.zeros((0, 2), "i8"), np.ones((4, 3)), losses], 0)
    assert losses[0] == 7
    assert (x == 1).all()


@pytest.mark.parametrize("width", [128, 256, 512])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("divisor", [255, 65535, 3])
def test_a_quotient_is_numpys_to_the_last_bit(dtype, divisor, width):
    data = np.arange(65536, dtype="u2").reshape(1, -1)
    x = np.zeros(data.shape, dtype)
    program, _ = recorded(lambda x: x.sum(), x)
    feed = Feed(program.arguments[0], data.dtype, divisor=divisor)
    crew = Crew(program, width=width, run=Run((feed,)))
    crew.run([x], [np.zeros((1, 1), np.int64), data], 1)
    np.testing.assert_array_equal(x, data.astype(dtype) / np.dtype(dtype).type(divisor))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_paced_state_is_another_number_in_each_step(threads):
    w, rate = gd.Tensor([1.0, 1.0]), gd.Tensor(np.zeros((), "f4"))

    def step(x):
        loss = (w * x).sum()
        w.assign(w * rate)
        return loss

    program, agreement = recorded(step, np.zeros((1, 2), "f4"))
    paced = next(v for v in program.state if agreement.state[v] is rate)
    feed = Feed(program.arguments[0], np.dtype("f4"))
    crew = Crew(program, threads, run=Run((feed,), (paced,), program.results))
    data, indices = np.ones((1, 2), "f4"), np.zeros((4, 1), np.int64)
    paces, losses = np.array([2, 3, 4, 5], "f4"), np.zeros(4, program.results[0].dtype)
    state = [np.ones(2) if v.shape == (2,) else np.zeros((), "f4") for v in program.state]
    crew.run([data.copy(), *state], [indices, data, paces, losses], 4)
    np.testing.assert_array_equal(losses, [2, 4, 12, 48])


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("optimizer", [gd.optim.SGD, gd.optim.AdamW])
def test_a_step_is_left_before_its_update_if_its_loss_is_not_finite(threads, optimizer):
    model = gd.nn.MLP([6, 5, 3], rng=0)
    optimizer = optimizer(model, lr=0.1)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    inputs = np.random.default_rng(0).random((40, 6), "f4")
    inputs[33] = np.nan
    labels = np.arange(40) % 3
    indices = np.arange(40).reshape(10, 4)  # sample 33 is in batch 8
    program, agreement = recorded(step, inputs[:4], labels[:4])
    x, t = program.arguments
    run = Run((Feed(x, inputs.dtype), Feed(t, labels.dtype)), notes=program.results)
    crew = Crew(program, threads, run=run, watched=program.results[0])

    def after(steps):
        state = [agreement.state[value].data.copy() for value in program.state]
        room = [np.zeros(v.shape, v.dtype) for v in (x, t)]
        losses = np.zeros(10, "f4")
        crew.run([*room, *state], [indices, inputs, labels, losses], steps)
        return state, losses

    whole, losses = after(8)
    halted, until = after(10)
    assert np.isnan(until[8])
    assert until[9] == 0
    np.testing.assert_array_equal(until[:8], losses[:8])
    for mine, theirs in zip(whole, halted):
        np.testing.assert_array_equal(mine, theirs)
