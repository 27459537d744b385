"""Products: every cut of every shape gives what NumPy gives, and stays in its memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import gradatim as gd
from compiler.machine.crew import WIDTHS, Crew, recorded
from gradatim.compiler.machine import blocking, tiles
from gradatim.compiler.machine.kernel import Product

SIZES = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 33, 50, 63, 65, 100, 130])

quick = settings(
    deadline=None, max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def matrices(height, inner, width, dtype, left_turned=False, right_turned=False):
    random = np.random.default_rng(height * 10007 + inner * 101 + width)
    left = random.standard_normal((inner, height) if left_turned else (height, inner))
    right = random.standard_normal((width, inner) if right_turned else (inner, width))
    return left.astype(dtype), right.astype(dtype)


def product_of(left_turned, right_turned):
    def step(left, right):
        return (left.T if left_turned else left) @ (right.T if right_turned else right)

    return step


def assert_product(found, left, right):
    """Within the error that a sum in any order may have."""
    wide, tall = left.astype("g"), right.astype("g")
    bound = (np.abs(wide) @ np.abs(tall)) * np.finfo(found.dtype).eps * (left.shape[1] + 1)
    assert (np.abs(found - wide @ tall) <= bound).all()


@pytest.fixture(params=["as it is", "all copies", "in parts"], ids=["plain", "copied", "parts"])
def cut(request, monkeypatch):
    """Usual sizes of caches, or ones so small that everything is copied, or read in parts."""
    if request.param != "as it is":
        monkeypatch.setattr(blocking, "WALKED_BYTES", 8)
        monkeypatch.setattr(blocking, "WALKED_ROWS", 7)
        monkeypatch.setattr(blocking, "LONGEST", 16)
        monkeypatch.setattr(blocking, "REUSES", 1 if request.param == "all copies" else 1000)
        monkeypatch.setattr(tiles, "CACHED", 0)  # what is updated is gone through from its end


@quick
@given(
    height=SIZES,
    inner=SIZES,
    width=SIZES,
    dtype=st.sampled_from(["float32", "float64"]),
    turned=st.sampled_from([(False, False), (True, False), (False, True), (True, True)]),
    threads=st.sampled_from([1, 2, 3]),
    bits=st.sampled_from(WIDTHS),
)
@example(1, 1, 1, "float32", (False, False), 1, 256)
@example(1, 1, 3, "float32", (False, False), 2, 512)  # fewer columns than lanes
@example(130, 1, 17, "float64", (True, False), 3, 128)  # nothing to sum up
@example(5, 130, 1, "float32", (False, True), 2, 256)
@example(100, 65, 130, "float32", (True, False), 3, 256)
@example(130, 33, 130, "float32", (True, True), 2, 512)
@example(3, 16, 130, "float64", (False, False), 3, 256)  # threads share columns, not rows
def test_any_shape_any_width_any_number_of_threads(
    cut, height, inner, width, dtype, turned, threads, bits
):
    left, right = matrices(height, inner, width, dtype, *turned)
    program, _ = recorded(product_of(*turned), left, right)
    (found,) = Crew(program, threads, bits)(left, right)
    assert_product(found, left.T if turned[0] else left, right.T if turned[1] else right)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("turned", [False, True])
def test_what_follows_a_product_is_done_on_its_tiles(cut, threads, turned):
    left, right = matrices(33, 20, 45, "float32", turned)
    row, column = left.ravel()[:45].copy(), right.ravel()[:33].reshape(33, 1).copy()
    full = np.add.outer(column[:, 0], row)

    def step(left, right, row, column, full):
        y = (left.T if turned else left) @ right
        return gd.maximum(y + row, 0) * column - full * 2

    program, _ = recorded(step, left, right, row, column, full)
    crew = Crew(program, threads)
    assert [type(kernel) for kernel in crew.module.schedule.kernels] == [Product]
    found = crew(left, right, row, column, full)[0]
    plain = np.maximum((left.T if turned else left).astype("d") @ right + row, 0) * column
    np.testing.assert_allclose(found, plain - full * 2, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("height", "width"), [(33, 45), (45, 6), (7, 130)])
def test_a_product_may_be_taken_from_what_it_updates(cut, threads, height, width):
    left, right = matrices(height, 20, width, "float64", True)
    w = gd.Parameter(np.ones((height, width)))

    def step(left, right):
        with gd.no_grad():
            w.assign(w - 0.5 * (left.T @ right))
        return w.sum()

    program, agreement = recorded(step, left, right)
    crew = Crew(program, threads)
    product = next(k for k in crew.module.schedule.kernels if isinstance(k, Product))
    assert any(line.writes for line in product.lines), "the update must be on the tiles"
    states = [np.ones_like(agreement.state[value].data) for value in program.state]
    (total,) = crew(left, right, *states)
    np.testing.assert_allclose(states[0], 1 - 0.5 * (left.T @ right), rtol=1e-12)
    np.testing.assert_allclose(total, states[0].sum(), rtol=1e-12)


def test_a_state_that_is_also_a_factor_is_not_overwritten_on_the_way(cut):
    w = gd.Parameter(np.arange(400.0).reshape(20, 20) / 400)
    x = np.eye(20)[::-1].copy()

    def step(x):
        with gd.no_grad():
            w.assign(w @ x + w)
        return w.sum()

    program, _ = recorded(step, x)
    start = w.data.copy()
    state = start.copy()
    Crew(program)(x, state)
    np.testing.assert_allclose(state, start @ x + start, rtol=1e-12)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_number_of_the_program_may_be_a_matrix(cut, side):
    def step(x):
        three = gd.Tensor([[3.0]])
        return x @ three if side == "right" else three @ x.T

    x = np.arange(7.0).reshape(7, 1)
    program, _ = recorded(step, x)
    (found,) = Crew(program)(x)
    np.testing.assert_array_equal(found.ravel(), x.ravel() * 3)


def test_threads_and_widths_give_the_same_bits():
    left, right = matrices(50, 33, 40, "float32", True)
    program, _ = recorded(product_of(True, False), left, right)
    found = [
        Crew(program, threads, bits, checked=False)(left, right)[0].tobytes()
        for threads in (1, 2, 3)
        for bits in WIDTHS
    ]
    assert len(set(found)) == 1, "a sum of a product runs in one order"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_in_its_row_and_column(cut, bad):
    left, right = matrices(9, 12, 21, "float32")
    left[4, 3] = bad
    program, _ = recorded(product_of(False, False), left, right)
    (found,) = Crew(program)(left, right)
    assert not np.isfinite(found[4]).any()
    assert np.isfinite(np.delete(found, 4, axis=0)).all()
