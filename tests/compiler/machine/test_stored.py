"""Arguments that stay bytes while many steps run, because sparse products want little of them."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import recorded
from compiler.machine.job import Job
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.schedule import schedule
from gradatim.compiler.machine.sparsity import choose_sparse
from gradatim.compiler.machine.stored import is_copied, stored_arguments

KEPT = gd.Tensor(np.ones((70, 70), "f4"))
WIDE = gd.Tensor(np.ones((140, 140), "f4"))
LANES = {"float": 8, "double": 4, "i64": 4}


def stored(job, source="u1", factor=1.0, divisor=None):
    """What each byte of the data stands for; None if it is made floats."""
    plan = schedule(job.program)
    feed = Feed(job.program.arguments[0], np.dtype(source), factor, divisor, True)
    run = Run((feed,))
    choose_sparse(job.program, plan, run, LANES)
    return stored_arguments(job.program, plan, run).get(feed.argument)


def pairs(x):
    """What comes of two samples at a time."""
    return (x.reshape(5, 140) @ WIDE).reshape(10, 70)


def remembered(model, x=None, *, latest=[]):  # noqa: B006 - it is what remembers
    """A loss of the data; without it, the data."""
    if x is None:
        return latest[0]
    latest[:] = [x]
    return (model(x) ** 2).mean()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("factor", "divisor"), [(1.0, None), (0.3, None), (1.0, 255), (1.0, 7)])
def test_a_byte_stands_for_the_number_that_numpy_makes_of_it(dtype, factor, divisor):
    numbers = stored(Job(70, 64, 3, dtype=dtype), factor=factor, divisor=divisor)
    each = np.arange(256, dtype="u1").astype(dtype)
    one = np.dtype(dtype).type
    np.testing.assert_array_equal(numbers, each / one(divisor) if divisor else each * one(factor))
    assert numbers.dtype == dtype


@pytest.mark.parametrize(
    ("job", "source", "factor", "why"),
    [
        (lambda: Job(70, 64, 3), "f4", 1.0, "they are no bytes"),
        (lambda: Job(70, 64, 3), "u2", 1.0, "there are too many numbers"),
        (lambda: Job(70, 64, 3), "u1", np.inf, "a zero does not stand for zero"),
        (lambda: Job(70, 64, 3), "u1", 1e39, "float32 knows no such factor, and 0 * inf is NaN"),
        (
            lambda: Job(70, 64, 70, loss=lambda m, x: ((m(x) - x) ** 2).mean()),
            *("u1", 1.0, "what is to come out of it is compared with all of it"),
        ),
        (lambda: Job(70, 8, 3), "u1", 1.0, "its product takes zeros as they come"),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: (m(x @ KEPT - x) ** 2).mean()),
            *("u1", 1.0, "what comes of the product is compared with it"),
        ),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: (m(x.T @ x) ** 2).mean()),
            *("u1", 1.0, "it is multiplied with itself"),
        ),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: (m(pairs(x)) ** 2).mean()),
            *("u1", 1.0, "a row of what is multiplied is two samples"),
        ),
        (lambda: Job(70, 64, 3, loss=remembered, shows=remembered), "u1", 1.0, "it is shown"),
    ],
)
def test_others_are_made_floats(job, source, factor, why):
    assert stored(job(), source, factor) is None, why


@pytest.mark.parametrize("most", [9, 10])
@pytest.mark.parametrize("learns", [True, False])
def test_samples_that_many_sums_read_are_copied_if_they_are_many(monkeypatch, most, learns):
    monkeypatch.setattr("gradatim.compiler.machine.stored.MOST_APART", most)
    job = Job(70, 64, 3, rows=10)
    program = job.program if learns else recorded(job.model, job.x)[0]
    plan = schedule(program)
    assert is_copied(program.arguments[0], plan) is (learns and most == 9)


@pytest.mark.parametrize("most", [9, 10], ids=["copied", "read where they are"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sizes", [(70, 64, 3), (301, 72, 3)])
def test_it_makes_no_difference(monkeypatch, sizes, threads, most):
    monkeypatch.setattr("gradatim.compiler.machine.stored.MOST_APART", most)
    job = Job(*sizes)
    job.data = job.data * (np.random.default_rng(3).random(job.data.shape) < 0.2)
    *bytes_, crew = job.run(threads, is_sparse=True)
    job.data, job.divisor = (job.data / np.float32(255)).astype("f4"), None
    *floats, other = job.run(threads, is_sparse=True)
    assert crew.module.layout.stored
    assert not other.module.layout.stored
    np.testing.assert_array_equal(bytes_[0], floats[0])
    for one, two in zip(bytes_[1], floats[1], strict=True):
        np.testing.assert_array_equal(one, two)
