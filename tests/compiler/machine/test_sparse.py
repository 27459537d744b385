"""Zeros of the data are left out of products, and nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.job import STEPS, Job
from gradatim.compiler.machine.cut import Cut
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.nonzeros import words_of
from gradatim.native.engine import host

MIXED = np.eye(64, k=1, dtype="f4")


def inked(job, share=0.2):
    """The same job on data of which only a share is not zero, and some columns never."""
    job.data = job.data * (np.random.default_rng(2).random(job.data.shape) < share)
    job.data[:, 5:20] = 0
    return job


def paced(job, rate):
    """What the job begins with, at another rate."""
    return [np.full_like(x, rate) if x.size == 1 and x.dtype == "f4" else x for x in job.begun]


def sparse_spaces(crew):
    kernels = crew.module.schedule.kernels
    return [k.space for k in kernels if isinstance(k, Product) and k.is_sparse]


def both(job, threads=1, width=None, steps=STEPS):
    """What comes of the steps with zeros left out, and with all of them."""
    *found, crew = job.run(threads, width, is_sparse=True, steps=steps)
    *plain, other = job.run(threads, width, checked=False, steps=steps)
    assert sparse_spaces(crew)
    assert not sparse_spaces(other)
    return found, plain


def assert_same_bits(found, plain):
    np.testing.assert_array_equal(found[0], plain[0])
    for one, other in zip(found[1], plain[1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("width", "threads"), [(128, 1), (256, 2), (256, 3), (512, 2)])
@pytest.mark.parametrize(
    ("sizes", "rows", "dtype"),
    [
        ((64, 64, 3), 1, "f4"),
        ((65, 80, 3), 3, "f4"),
        ((127, 64, 64, 3), 13, "f8"),
        ((300, 96, 5), 33, "f4"),  # in halves
        ((513, 64, 3), 70, "f4"),  # of a column more than a word tells
    ],
)
def test_it_gives_the_bits_that_it_gives_with_zeros(sizes, rows, dtype, width, threads):
    assert_same_bits(*both(inked(Job(*sizes, rows=rows, dtype=dtype)), threads, width))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_where_the_last_vector_overlaps_its_neighbour(threads):
    found, plain = both(inked(Job(170, 50, 3, rows=20)), threads)  # in blocks; its gradient not
    np.testing.assert_allclose(found[0], plain[0], rtol=1e-6)
    for one, other in zip(found[1], plain[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def momentum(model, lr):
    return gd.optim.Momentum(model, lr=lr)


def decaying(model, lr):
    return gd.optim.SGD(model, lr=lr, weight_decay=0.1)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("optimizer", [gd.optim.SGD, decaying])
def test_a_matrix_beyond_the_first_cache_is_taken_block_by_block(monkeypatch, threads, optimizer):
    monkeypatch.setattr("gradatim.compiler.machine.cut.GROUP", 24)
    job = inked(Job(200, 72, 3, rows=150, optimizer=optimizer))
    kernels = job.run(threads, is_sparse=True)[2].module.schedule.kernels
    sparse = [k for k in kernels if isinstance(k, Product) and k.is_sparse]
    cuts = [Cut.of(k, host().lanes, threads) for k in sparse]
    assert [(cut.block, words_of(k)) for cut, k in zip(cuts, sparse)] == [(1, 4), (1, 3)]
    assert_same_bits(*both(job, threads))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_large_matrix_is_taken_strip_by_strip(monkeypatch, threads):
    monkeypatch.setattr("gradatim.compiler.machine.cut.NEAR_BYTES", 1 << 13)
    job = inked(Job(300, 200, 3, rows=11))
    kernels = job.run(threads, is_sparse=True)[2].module.schedule.kernels
    sparse = [k for k in kernels if isinstance(k, Product) and k.is_sparse]
    assert all(Cut.of(k, host().lanes, threads).is_far for k in sparse)
    assert_same_bits(*both(job, threads))


@pytest.mark.parametrize("optimizer", [gd.optim.Adam, momentum, decaying])
def test_rows_of_nothing_but_zeros_change_where_the_optimizer_changes_them(optimizer):
    job = inked(Job(70, 64, 3, optimizer=optimizer))
    for x in job.begun:
        if x.shape == (70, 64):
            x += 0.01
            x[0, 0] = 0  # nor is it told by one of the numbers
    found, plain = both(job, 2)
    assert not np.array_equal(found[1][0][7], job.begun[0][7])
    assert_same_bits(found, plain)


class Clipping(gd.optim.SGD):
    """Its gradients are needed before any weight is written."""

    def step(self):
        gd.optim.clip_by_norm(self.parameters, 0.01)
        super().step()


class Scaling(Clipping):
    """What it keeps are not the sums themselves."""

    def step(self):
        for parameter in self.parameters.values():
            parameter.grad = parameter.grad * 3
        super().step()


class Mixing(gd.optim.SGD):
    """It keeps the sums alone, as another product reads them."""

    def step(self):
        weight = next(iter(self.parameters.values()))
        weight.grad = weight.grad @ MIXED
        super().step()


@pytest.mark.parametrize("optimizer", [Clipping, Scaling, Mixing])
def test_a_gradient_that_is_kept_has_its_zeros(optimizer):
    job = inked(Job(70, 64, 3, optimizer=optimizer))
    job.begun = paced(job, 10)  # so that an earlier gradient would be seen
    found, plain = both(job, 2)
    np.testing.assert_allclose(found[0], plain[0], rtol=1e-5)
    for one, other in zip(found[1], plain[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-7)


# --- a zero times what is not finite is not a number ----------------------------------------------
@pytest.mark.parametrize("place", [(7, 9), (0, 0), (69, 64)])
def test_a_weight_that_is_not_finite_is_felt_beside_zeros(place):
    job = inked(Job(70, 65, 3))
    job.data[:, place[0]] = 0
    for x in job.begun:
        if x.shape == (70, 65):
            x[place] = np.inf
    found, plain = both(job, 2)
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(np.isnan(found[1][0]), np.isnan(plain[1][0]))


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_weight_that_becomes_infinite_is_felt_in_the_next_step(is_alone):
    last = np.eye(72, dtype="f4")[-1]
    job = inked(Job(70, 72, 3, loss=lambda model, x: (model[0](x) * last).sum()))
    job.begun = paced(job, 3e38)
    job.data[:, 30] = 0
    if is_alone:  # those that are written after it stay finite
        job.data[job.rows[0]] = 0
        job.data[job.rows[0], 31] = 1
    job.data[job.rows[0], 30] = 255
    job.data[job.rows[1], 30] = 0
    found, plain = both(job, 2, 256)
    assert np.isfinite(found[0][0])
    assert not np.isfinite(found[0][1:]).any()
    assert_same_bits(found, plain)


def test_a_gradient_that_is_not_finite_reaches_weights_beside_zeros():
    with np.errstate(all="ignore"):
        job = inked(Job(70, 64, 3, loss=lambda model, x: gd.sqrt(model[0](x) * 0).sum()))
    job.begun = [np.asarray(np.nan_to_num(x, nan=0.1)) for x in job.begun]
    found, plain = both(job, 2)
    assert found[0][0] == 0
    assert np.isnan(found[1][0][7]).all()
    assert_same_bits(found, plain)


def test_data_that_is_not_a_number_is_no_zero():
    job = inked(Job(70, 64, 3))
    job.data, job.divisor = job.data.astype("f4"), None
    job.data[job.rows[0][3], 7] = np.nan
    found, plain = both(job, 2, steps=1)
    assert np.isnan(found[0][0])
    assert_same_bits(found, plain)


@pytest.mark.parametrize("place", [(0, 0), (4, 33), (9, 63)])
def test_a_single_gradient_that_is_not_finite_is_enough(place):
    others = np.ones((10, 64), "f4")
    others[place] = 0
    with np.errstate(all="ignore"):
        job = inked(Job(70, 64, 3, loss=lambda m, x: gd.sqrt(m[0](x) * 0 + others).sum()))
    job.begun = [np.asarray(np.nan_to_num(x, nan=0.1)) for x in job.begun]
    found, plain = both(job, 2, steps=1)
    assert np.isnan(found[1][0][7]).sum() == 1
    assert_same_bits(found, plain)


def test_a_rate_that_is_not_finite_reaches_rows_of_nothing_but_zeros():
    job = inked(Job(70, 64, 3))
    job.begun = paced(job, np.inf)
    found, plain = both(job, 2, steps=1)
    assert np.isnan(found[1][0][7]).all()
    assert_same_bits(found, plain)
