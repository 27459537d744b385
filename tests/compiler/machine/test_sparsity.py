"""Which products leave zeros out: those of sparse data beside matrices known to be finite."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.job import Job
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.schedule import schedule
from gradatim.compiler.machine.sparsity import choose_sparse, watched_matrices

LANES = {"float": 8, "double": 4, "i64": 4}
FIXED = np.ones((70, 64), "f4")
KEPT = gd.Tensor(np.ones((70, 70), "f4"))


def chosen(job, *, is_sparse=True):
    """What is left turned, and the space, of each product that leaves zeros out."""
    plan = schedule(job.program)
    feed = Feed(job.program.arguments[0], np.dtype("u1"), is_sparse=is_sparse)
    choose_sparse(job.program, plan, Run((feed,)), LANES)
    watched = [value.shape for value in watched_matrices(plan)]
    found = [k for k in plan.kernels if isinstance(k, Product) and k.is_sparse]
    return [(k.left_turned, k.space) for k in found], watched


def test_the_product_of_the_data_and_that_of_its_gradient():
    found, watched = chosen(Job(70, 64, 64, 3))
    assert found == [(False, (10, 64)), (True, (70, 64))]
    assert watched == [(70, 64)]


def test_images_are_rows_as_well():
    def loss(model, x):
        return (model(x.reshape(10, 7, 10).reshape(10, 70)) ** 2).mean()

    assert len(chosen(Job(70, 64, 3, loss=loss))[0]) == 2


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (lambda: Job(63, 64, 3), "samples are small"),
        (lambda: Job(70, 24, 3), "a row is a few vectors only"),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: (m(x * 2) ** 2).mean()),
            "what is multiplied is not the data itself",
        ),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: ((x @ (m[0].weight * FIXED)) ** 2).mean()),
            "nobody looks whether the matrix is finite",
        ),
        (
            lambda: Job(70, 64, 3, rows=70, loss=lambda m, x: (m(x @ x) ** 2).mean()),
            "the matrix is another one in each step",
        ),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: (m(x @ KEPT.T) ** 2).mean()),
            "the matrix lies transposed",
        ),
        (
            lambda: Job(70, 64, 3, loss=lambda m, x: (m(x * 2) ** 2 + m(x) ** 2).mean()),
            "a product that takes zeros as they come writes the matrix",
        ),
    ],
)
def test_others_take_zeros_as_they_come(job, why):
    found, watched = chosen(job())
    assert not [space for turned, space in found if not turned], why
    assert not watched


def test_a_matrix_that_stays_as_it_is_is_looked_at_when_a_run_begins():
    job = Job(70, 64, 3, loss=lambda m, x: (m(x @ KEPT) ** 2).mean())
    assert chosen(job) == ([(False, (10, 70))], [(70, 70)])


def test_data_that_has_few_zeros_is_taken_as_it_comes():
    assert chosen(Job(70, 64, 3), is_sparse=False) == ([], [])


class Clipping(gd.optim.SGD):
    """Its gradients are needed before any weight is written."""

    def step(self):
        gd.optim.clip_by_norm(self.parameters, 1.0)
        super().step()


def test_a_matrix_that_another_kernel_writes_is_not_known_to_be_finite():
    assert chosen(Job(70, 64, 3, optimizer=Clipping)) == ([(True, (70, 64))], [])
