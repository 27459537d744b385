"""Bands: wide matrices are laid anew while many steps run, and nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from compiler.machine.job import STEPS, Job
from gradatim.compiler.machine.bands import MOST_ROWS, banded
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.schedule import schedule
from gradatim.native.engine import host

FLAT = gd.Tensor(np.ones(20 * 320, "f4"))
WIDE = np.ones((320, 3), "f4")


def unlearned(how, *given):
    """A sum that no gradient goes through."""
    with gd.no_grad():
        return how(*given).sum()


@pytest.mark.parametrize(("width", "threads"), [(128, 1), (256, 2), (256, 3), (512, 2)])
@pytest.mark.parametrize(
    ("sizes", "rows", "dtype"),
    [
        ((300, 288, 5), 7, "f4"),
        ((17, 512, 320, 3), 13, "f4"),
        ((9, 160, 3), 1, "f8"),
        ((5, 33, 320, 3), 7, "f4"),  # turned, it has a last column that fills no vector
    ],
)
def test_it_gives_the_bits_that_it_gives_without(sizes, rows, dtype, width, threads):
    job = Job(*sizes, rows=rows, dtype=dtype)
    losses, state, crew = job.run(threads, width)
    assert crew.module.layout.bands
    plain = job.run(threads, width, is_brief=True, checked=False)
    assert not plain[2].module.layout.bands
    np.testing.assert_array_equal(losses, plain[0])
    for one, other in zip(state, plain[1]):
        np.testing.assert_array_equal(one, other)


def test_moments_stay_where_they_are_and_the_matrix_is_written_back():
    job = Job(20, 320, 10, optimizer=gd.optim.Adam)
    losses, state, crew = job.run(2)
    assert [value.shape for value in crew.module.layout.bands] == [(20, 320)]
    expected = [job.step(gd.Tensor(job.data[some] / np.float32(255))).item() for some in job.rows]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert not np.array_equal(state[0], job.begun[0])
    for mine, tensor in zip(state, recorded(job.step, job.x)[1].state.values()):
        assert mine.shape == tensor.data.shape


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (lambda: Job(20, 250, 10), "a row is short"),
        (lambda: Job(20, 330, 10), "the last band would be cut"),
        (
            lambda: Job(20, 10, loss=lambda m, x: m(x).sum() + (x @ FLAT.reshape(20, 320)).sum()),
            "it is a row that only looks like a matrix",
        ),
        (lambda: Job(20, 320, 10, rows=MOST_ROWS + 1), "it is copied for so many rows"),
        (
            lambda: Job(
                20, 320, 10, loss=lambda m, x: (m(x) ** 2).mean() + (m[0].weight ** 2).sum()
            ),
            "another kernel reads it",
        ),
        (
            lambda: Job(
                20, 320, 10, loss=lambda m, x: m(x).sum() + (m[0].weight @ m[0].weight.T).sum()
            ),
            "it is a left factor that learns as well",
        ),
        (
            lambda: Job(
                20, 320, 10, loss=lambda m, x: m(x).sum() + unlearned(gd.matmul, m[0].weight, WIDE)
            ),
            "it is a left factor as well",
        ),
        (
            lambda: Job(
                *(20, 640, 10),
                loss=lambda m, x: (
                    m(x).sum() + (x.reshape(5, 40) @ m[0].weight.reshape(40, 320)).sum()
                ),
            ),
            "it is a factor in another shape as well",
        ),
        (
            lambda: Job(
                *(20, 320, 10),
                loss=lambda m, x: (
                    m(x).sum() + gd.tanh(x @ np.ones((20, 6400), "f4") + m[0].weight.reshape(6400))
                ).sum(),
            ),
            "it is a row beside a product as well",
        ),
        (lambda: Job(20, 320, 10, shows=lambda m: m[0].weight), "somebody wants to see it"),
    ],
)
def test_what_needs_no_bands_or_cannot_have_them(job, why):
    made = job()
    assert banded(made.program, schedule(made.program), host().lanes) == {}, why


@pytest.mark.parametrize(("columns", "bands"), [(320, [320]), (300, [])])
def test_where_zeros_are_left_out_whole_rows_of_whole_vectors_are_copied(columns, bands):
    crew = Job(70, columns, 3).run(1, 256, is_sparse=True, steps=1)[2]
    assert [*crew.module.layout.bands.values()] == bands


def test_a_program_that_runs_once_a_call_has_none():
    job = Job(20, 320, 10)
    assert banded(job.program, schedule(job.program), host().lanes)
    assert not Crew(job.program).module.layout.bands


def test_what_was_learned_before_a_loss_that_is_not_finite_is_written_back():
    job = Job(20, 320, 10)
    data = (job.data / np.float32(255)).astype("f4")
    data[job.rows[2][0]] = np.nan
    keep = [some for some in job.rows[:2].ravel() if some == job.rows[2][0]]
    assert not keep, "the first two batches are whole"
    run = Run((Feed(job.program.arguments[0], data.dtype),), notes=job.program.results)
    crew = Crew(job.program, 2, run=run, watched=job.program.results[0])
    state, losses = [x.copy() for x in job.begun], np.zeros(STEPS, "f4")
    crew.run([job.x.copy(), *state], [job.rows, data, losses], STEPS)
    assert np.isfinite(losses).tolist() == [True, True, False, True]
    short = Job(20, 320, 10)
    for some in job.rows[:2]:
        short.step(gd.Tensor(data[some]))
    learned = [p.data for p in short.optimizer.parameters.values()]
    for one, other in zip([x for x in state if x.ndim == 2], [x for x in learned if x.ndim == 2]):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_products_are_told_which_matrices_lie_in_bands():
    job = Job(20, 320, 10)
    run = Run((Feed(job.program.arguments[0], job.data.dtype),), notes=job.program.results)
    kernels = Crew(job.program, run=run).module.schedule.kernels
    products = [kernel for kernel in kernels if isinstance(kernel, Product)]
    assert [kernel.space for kernel in products if kernel.reads_bands] == [(10, 320)]
    assert [kernel.space for kernel in products if kernel.writes_bands] == [(20, 320)]


@pytest.mark.parametrize("learns", [False, True])
def test_only_what_has_changed_is_written_back(monkeypatch, learns):
    """Memory of what is only read may be that of a file."""
    copied = []
    monkeypatch.setattr(
        "gradatim.compiler.machine.module.write_copies",
        lambda writer, value, outside, *, back: copied.append((value.shape, back)),
    )
    job = Job(20, 320, 10)
    program = job.program if learns else recorded(lambda x: job.model(x).sum(), job.x)[0]
    Crew(program, run=Run((Feed(program.arguments[0], job.data.dtype),)))
    assert copied == [((20, 320), False), ((20, 320), True)][: 1 + learns]
