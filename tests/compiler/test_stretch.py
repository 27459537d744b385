"""A step over many batches in one call: the same as one batch after the other."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler.compiled import Compiled
from gradatim.compiler.machine.team import Team
from gradatim.compiler.stretch import Source, Stretch, Supply
from gradatim.errors import RecordingError, ShapeError, StaleGraphError
from gradatim.nn.snapshot import put_back

N, BATCH = 60, 6


class Job:
    """A training step of a small network on data of some kind."""

    def __init__(self, dtype="float32", stored="uint8", optimizer=gd.optim.Momentum):
        random = np.random.default_rng(0)
        self.images = random.integers(0, 256, (N, 2, 5)).astype(stored)
        self.labels = random.integers(0, 3, N)
        self.dtype = np.dtype(dtype)
        self.model = gd.nn.Sequential(gd.nn.Flatten(), gd.nn.MLP([10, 7, 3], rng=0, dtype=dtype))
        self.optimizer = optimizer(self.model, lr=0.1)
        self.compiled = Compiled(self.step, "llvm")
        self.supply = Supply((Source(self.images, divisor=255), Source(self.labels)), self.gather)

    def step(self, x, t):
        loss = gd.cross_entropy(self.model(x), t)
        loss.backward()
        self.optimizer.step()
        return loss

    def gather(self, rows):
        return self.images[rows].astype(self.dtype) / self.dtype.type(255), self.labels[rows]

    def plan(self):
        batch = self.gather(np.arange(BATCH))
        for _ in range(2):
            with put_back(self.model, self.optimizer):
                self.compiled(*batch)
        return self.compiled.known(*batch)

    def stretch(self, threads=1, paced=(), **settings):
        plan = self.plan()
        feeds = self.supply.feeds(plan.program.arguments)
        return Stretch(plan, feeds, paced, Team(threads), **settings)

    def weights(self):
        return {name: x.copy() for name, x in self.model.state_dict().items()}


ROWS = np.random.default_rng(1).integers(0, N, (9, BATCH))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("stored", ["uint8", "int32", "float64", ">f4"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_steps_in_one_call_are_single_steps(dtype, stored, threads):
    job, other = Job(dtype, stored), Job(dtype, stored)
    losses = job.stretch(threads).run(job.supply, ROWS)[0]
    expected = [other.step(*map(gd.Tensor, other.gather(rows))).item() for rows in ROWS]
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    np.testing.assert_allclose(losses, expected, rtol=tolerance)
    for name, x in other.weights().items():
        np.testing.assert_allclose(job.weights()[name], x, rtol=tolerance, atol=tolerance)
    assert job.optimizer.step_count == len(ROWS)
    assert all(p.grad is None for p in job.model.parameters())


def test_the_bits_depend_neither_on_threads_nor_on_the_length_of_calls():
    found = []
    for threads, pieces in [(1, [9]), (2, [9]), (3, [9]), (2, [1, 1, 4, 3]), (1, [5, 4])]:
        job = Job()
        stretch = job.stretch(threads)
        losses = [
            stretch.run(job.supply, rows)[0] for rows in np.split(ROWS, np.cumsum(pieces))[:-1]
        ]
        found.append(
            (np.concatenate(losses).tobytes(), job.weights()["layers.1.layers.0.weight"].tobytes())
        )
    assert len(set(found)) == 1


@pytest.mark.parametrize("stored", ["uint8", "int32"])
def test_a_loss_that_is_not_finite_ends_it_before_its_update(stored):
    job, other = Job(stored=stored), Job(stored=stored)
    rows = np.repeat(np.arange(BATCH)[None], 40, 0)
    stretch = job.stretch()
    job.optimizer.lr = other.optimizer.lr = 1e25
    losses = stretch.run(job.supply, rows)[0]
    first = int(np.flatnonzero(~np.isfinite(losses))[0])
    assert first > 0
    assert not losses[first + 1 :].any()
    other.stretch().run(other.supply, rows[:first])
    for name, x in other.weights().items():
        np.testing.assert_array_equal(job.weights()[name], x)
    assert job.optimizer.step_count == first


def test_steps_that_were_not_reached_give_0_where_calls_are_short_too(monkeypatch):
    monkeypatch.setattr("gradatim.compiler.stretch.GATHERED_BYTES", 1000)
    job = Job(stored="int32")
    stretch = job.stretch()
    job.optimizer.lr = 1e25
    (losses,) = stretch.run(job.supply, np.repeat(np.arange(BATCH)[None], 40, 0))
    first = int(np.flatnonzero(~np.isfinite(losses))[0])
    assert losses.shape == (40,)
    assert losses.dtype == np.float32
    assert not losses[first + 1 :].any()


def test_a_rate_of_its_own_for_every_step():
    rates = np.linspace(0.3, 0.01, len(ROWS))
    job, other = Job(), Job()
    paced = [job.optimizer.rate_tensors["lr"], *job.optimizer.cast_rates("lr")]
    losses = job.stretch(paced=paced).run(job.supply, ROWS, [rates, rates])[0]
    for rows, rate, loss in zip(ROWS, rates, losses):
        other.optimizer.lr = rate
        expected = other.step(*map(gd.Tensor, other.gather(rows)))
        assert loss == pytest.approx(expected.item(), rel=2e-5)
    assert job.optimizer.lr == 0.1  # a pace is nobody's state


def test_weights_that_were_replaced_between_two_calls_are_found():
    job, other = Job(), Job()
    stretch = job.stretch()
    stretch.run(job.supply, ROWS[:3])
    fresh = {name: x + 1 for name, x in job.weights().items()}
    for each in (job, other):
        each.model.load_state_dict(fresh)
        each.optimizer.load_state_dict(job.optimizer.state_dict())
    found = stretch.run(job.supply, ROWS[3:4])[0]
    expected = other.step(*map(gd.Tensor, other.gather(ROWS[3])))
    assert found[0] == pytest.approx(expected.item(), rel=2e-5)


def test_weights_that_do_not_lie_in_one_piece_are_written_all_the_same():
    job, other = Job(), Job()
    weight = job.model.layers[1].layers[0].weight
    weight.raw = np.asfortranarray(weight.raw)
    job.stretch().run(job.supply, ROWS)
    other.stretch().run(other.supply, ROWS)
    np.testing.assert_array_equal(weight.data, other.model.layers[1].layers[0].weight.data)


def test_a_label_that_no_class_has_is_refused_before_the_first_step():
    job = Job()
    stretch = job.stretch()
    job.labels[50] = 3
    before = job.weights()
    with pytest.raises(gd.errors.GradatimError, match="3"):
        stretch.run(job.supply, ROWS)
    for name, x in before.items():
        np.testing.assert_array_equal(job.weights()[name], x)


@pytest.mark.parametrize("steps", [3, 20])
def test_a_label_that_became_wrong_after_the_first_call_is_refused_too(steps):
    job = Job()
    stretch = job.stretch()
    stretch.run(job.supply, ROWS)
    rows = np.arange(steps * BATCH).reshape(steps, BATCH) % N
    job.labels[2] = -1
    before = job.weights()
    with pytest.raises(gd.errors.DataError, match=r"-1; it must lie in 0\.\.2"):
        stretch.run(job.supply, rows)
    for name, x in before.items():
        np.testing.assert_array_equal(job.weights()[name], x)


def test_a_step_that_leaves_gradients_cannot_run_on():
    job = Job()

    def only_gradients(x, t):
        loss = gd.cross_entropy(job.model(x), t)
        loss.backward()
        return loss

    job.compiled = Compiled(only_gradients, "llvm")
    with pytest.raises(RecordingError, match="leaves gradients in grad") as caught:
        job.stretch()
    assert "Try optimizer.step()" in str(caught.value)


def test_a_part_that_numpy_does_is_done_step_by_step():
    jobs = Job("float64"), Job("float64")
    for job in jobs:
        model = job.model

        def step(x, t, job=job, model=model):
            y = model(x)
            loss = gd.cross_entropy(y, t) + gd.sort(y).sum() * 0.001
            loss.backward()
            job.optimizer.step()
            return loss

        job.step = step
        job.compiled = Compiled(step, "llvm")
    stretch = jobs[0].stretch(2)
    losses = stretch.run(jobs[0].supply, ROWS)[0]
    expected = [jobs[1].step(*map(gd.Tensor, jobs[1].gather(rows))).item() for rows in ROWS]
    np.testing.assert_allclose(losses, expected, rtol=1e-12)


def test_every_result_of_every_step_without_a_watch():
    job = Job()

    def look(x, t):
        y = job.model(x)
        return gd.cross_entropy(y, t), y

    job.compiled = Compiled(look, "llvm")
    with gd.no_grad():
        stretch = job.stretch(2, watched=False)
        losses, outputs = stretch.run(job.supply, ROWS)
        assert outputs.shape == (9, BATCH, 3)
        for rows, loss, y in zip(ROWS, losses, outputs):
            expected = look(*map(gd.Tensor, job.gather(rows)))
            assert loss == pytest.approx(expected[0].item(), rel=2e-5)
            np.testing.assert_allclose(y, expected[1].data, rtol=2e-5, atol=1e-6)


def test_memory_that_must_not_be_written_is_not():
    job = Job()
    stretch = job.stretch()
    weight = job.model.layers[1].layers[0].weight
    weight.raw.flags.writeable = False
    before = weight.raw.copy()
    with pytest.raises(ShapeError, match="its array is read-only"):
        stretch.run(job.supply, ROWS)
    np.testing.assert_array_equal(weight.raw, before)


def test_the_bits_are_the_same_where_other_threads_take_over():
    found = []
    for crowded in (False, True):
        job = Job()
        stretch = job.stretch(2)
        if crowded:  # each step by the other of the two
            turns = cycle([stretch._rota.whole, stretch._rota._make(Team(1))])
            stretch._rota.next = lambda steps, turns=turns: (next(turns), 1)
        losses = stretch.run(job.supply, ROWS)[0]
        found.append((losses.tobytes(), job.weights()["layers.1.layers.0.weight"].tobytes()))
    assert found[0] == found[1]


def test_results_that_nobody_watches_may_be_infinite(monkeypatch):
    monkeypatch.setattr("gradatim.compiler.stretch.GATHERED_BYTES", 1000)
    job = Job(stored="int32")

    def look(x, t):
        return gd.cross_entropy(job.model(x), t), (x.sum() - 5.0).log()

    job.compiled = Compiled(look, "llvm")
    for parameter in job.model.parameters():
        parameter.assign(np.full(parameter.shape, np.nan, "f4"))
    with gd.no_grad(), np.errstate(all="ignore"):
        losses, others = job.stretch(watched=False).run(job.supply, np.tile(ROWS, (80, 1)))
    assert np.isnan(losses).all()
    assert (others != 0).all()


def test_a_graph_of_before_is_stale_afterwards():
    job = Job()
    stretch = job.stretch()
    weight = job.model.layers[1].layers[0].weight
    before = (weight * weight).sum()
    stretch.run(job.supply, ROWS)
    with pytest.raises(StaleGraphError):
        before.backward()
