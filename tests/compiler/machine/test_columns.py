"""Sums over all rows, and what is done with them."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import WIDTHS, Crew, recorded
from gradatim.compiler.machine.kernel import Columns


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_sums(threads, bits, dtype):
    for shape in [(1, 1), (3, 2), (5, 8), (2, 3, 17), (4, 130)]:
        x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        axes = tuple(range(len(shape) - 1))
        program, _ = recorded(lambda x, axes=axes: x.sum(axis=axes), x)
        (found,) = Crew(program, threads, bits)(x)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, x.sum(axis=axes), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_update_of_a_bias_follows_its_sum(threads):
    b = gd.Parameter(np.arange(33.0))

    def step(x):
        with gd.no_grad():
            b.assign(b - 0.5 * x.sum(axis=0))
        return b * 2.0

    x = np.random.default_rng(0).standard_normal((6, 33))
    program, _ = recorded(step, x)
    crew = Crew(program, threads)
    kernel = next(k for k in crew.module.schedule.kernels if isinstance(k, Columns))
    assert any(line.writes for line in kernel.lines)
    state = np.arange(33.0)
    (doubled,) = crew(x, state)
    np.testing.assert_allclose(state, np.arange(33.0) - 0.5 * x.sum(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(doubled, state * 2)


def test_nan_stays_in_its_column():
    x = np.ones((4, 9))
    x[2, 8] = np.nan
    (found,) = Crew(recorded(lambda x: x.sum(axis=0), x)[0])(x)
    np.testing.assert_array_equal(found, [*[4.0] * 8, np.nan])
