"""The last columns of a product: few of them get vectors along the inner axis, or down the rows."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import WIDTHS, Crew, recorded
from gradatim.compiler.machine.blocking import Blocking
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.schedule import schedule

AVX2 = {"float": 8, "double": 4, "i64": 4}


def step_of(left_turned, right_turned):
    def step(left, right):
        return (left.T if left_turned else left) @ (right.T if right_turned else right)

    return step


def matrices(height, inner, width, dtype="float32", turned=(False, False)):
    random = np.random.default_rng(height + inner + width)
    left = random.standard_normal((inner, height) if turned[0] else (height, inner))
    right = random.standard_normal((width, inner) if turned[1] else (inner, width))
    return left.astype(dtype), right.astype(dtype)


def fringe(height, inner, width, turned=(False, False), lanes=AVX2):
    program, _ = recorded(step_of(*turned), *matrices(height, inner, width, turned=turned))
    (kernel,) = (k for k in schedule(program).kernels if isinstance(k, Product))
    return Blocking.of(kernel, lanes, 1).fringe


@pytest.mark.parametrize(
    ("sizes", "turned", "count"),
    [
        ((100, 784, 50), (False, False), 2),
        ((784, 100, 50), (True, False), 2),
        ((100, 784, 48), (False, False), 0),  # whole vectors
        ((100, 784, 55), (False, False), 0),  # nearly a whole one
        ((100, 10, 50), (False, True), 0),  # sums so short that adding up lanes takes longer
        ((7, 100, 50), (True, False), 0),  # fewer rows than lanes
        ((100, 784, 1), (False, False), 1),  # nothing else
    ],
)
def test_when_columns_are_left_aside(sizes, turned, count):
    assert fringe(*sizes, turned) == count


@pytest.mark.parametrize(("threads", "bits"), tuple(zip((1, 2, 3), WIDTHS)))
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_every_count_gives_the_product(turned, threads, bits, every_column_aside):
    for width in (1, 3, 18, 21):
        left, right = matrices(37, 45, width, "float64", turned)
        program, _ = recorded(step_of(*turned), left, right)
        (found,) = Crew(program, threads, bits)(left, right)
        plain = (left.T if turned[0] else left) @ (right.T if turned[1] else right)
        np.testing.assert_allclose(found, plain, rtol=0, atol=1e-12, err_msg=str(width))


@pytest.fixture
def every_column_aside(monkeypatch):
    monkeypatch.setattr("gradatim.compiler.machine.blocking.ASIDE", 0.0)
    monkeypatch.setattr("gradatim.compiler.machine.blocking.ENDED", 0.0)


@pytest.mark.parametrize(("height", "threads"), [(33, 1), (33, 3), (9, 3)])
@pytest.mark.parametrize("width", [18, 19])
@pytest.mark.parametrize("turned", [False, True])
def test_what_follows_is_done_on_them_once(turned, width, height, threads, every_column_aside):
    left, right = matrices(height, 40, width, "float64", (turned, False))
    w, row = gd.Parameter(np.ones((height, width))), np.arange(width) / width

    def step(left, right, row):
        with gd.no_grad():
            w.assign(w - 0.5 * gd.sigmoid((left.T if turned else left) @ right + row))
        return w.sum()

    program, agreement = recorded(step, left, right, row)
    states = [np.ones_like(agreement.state[value].data) for value in program.state]
    Crew(program, threads, checked=threads == 1)(left, right, row, *states)
    z = (left.T if turned else left) @ right + row
    np.testing.assert_allclose(states[0], 1 - 0.5 / (1 + np.exp(-z)), rtol=1e-12)


@pytest.mark.parametrize("turned", [False, True])
def test_threads_give_the_same_bits(turned):
    left, right = matrices(100, 300, 50, turned=(turned, False))
    program, _ = recorded(step_of(turned, False), left, right)
    found = {Crew(program, n, checked=False)(left, right)[0].tobytes() for n in (1, 2, 3, 5)}
    assert len(found) == 1


def test_what_is_not_finite_stays_in_its_row_and_column():
    left, right = matrices(20, 300, 18)
    left[4, 299] = np.nan
    program, _ = recorded(step_of(False, False), left, right)
    (found,) = Crew(program)(left, right)
    assert np.isnan(found[4]).all()
    assert np.isfinite(np.delete(found, 4, axis=0)).all()
