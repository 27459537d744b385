"""A slope from a ladder of steps: what is known of it, and kinks, edges and jumps."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check.ladder import FOLD, Rung, settle, steps_from


def ladder(f, x, scale=None):
    rungs = []
    for s in steps_from(1e-4, x):
        up, down = (x + s) - x, x - (x - s)
        with np.errstate(all="ignore"):
            above, here, below = f(x + s), f(x), f(x - s)
            size = max(abs(above), abs(below)) if scale is None else scale
            rungs.append(Rung(up, down, above - here, here - below, above - below, size))
    return rungs


def slope(f, x, **settings):
    return settle(ladder(f, x, **settings), whole=True)


def test_steps_go_from_wide_to_narrow_and_h_is_one_of_them():
    steps = steps_from(1e-4, 0.5)

    assert 1e-4 in steps
    assert steps == sorted(steps, reverse=True)
    assert steps[0] == pytest.approx(0.1)
    assert steps[-1] == pytest.approx(1e-10)
    assert steps_from(1e-4, 1e6)[0] == pytest.approx(1e5)


@pytest.mark.parametrize("h", [1e-2, 3e-5, 1e-8])
def test_any_h_is_one_of_the_steps(h):
    assert h in steps_from(h, 0.0)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.exp, 0.3, np.exp(0.3)),
        (np.sin, 1.0, np.cos(1.0)),
        (lambda x: 1 / x, 1e-3, -1e6),
        (lambda x: np.sin(1e3 * x), 0.3, 1e3 * np.cos(300)),
        (lambda x: np.exp(50 * x), 0.3, 50 * np.exp(15)),
        (lambda x: x + 1e8, 0.3, 1.0),
        (lambda x: (x + 1e8) - 1e8, 0.3, 1.0),
        (np.log, 5e-5, 2e4),
        (lambda x: x**3, 0.0, 0.0),
    ],
    ids=["exp", "sin", "pole near", "quick", "steep", "large", "cancels", "log", "flat"],
)
def test_the_truth_lies_within_what_is_unknown(f, x, expected):
    found = slope(f, x)

    assert found.kind == "smooth"
    assert found.low == found.high
    assert abs(found.low - expected) <= found.error
    assert found.error <= 5e-5 * abs(expected) or expected == 0


def test_far_more_is_known_than_one_step_tells():
    assert slope(np.exp, 0.3).error < 1e-11


def test_a_right_slope_is_held_and_a_slightly_wrong_one_is_not():
    found = slope(np.exp, 0.3)

    assert found.holds(np.exp(0.3))
    assert not found.holds(np.exp(0.3) * (1 + 1e-9))
    assert found.holds(np.exp(0.3) * (1 + 1e-9), slack=1e-8)


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (lambda x: max(x, 0.0), 0, 1),
        (abs, -1, 1),
        (lambda x: -abs(x) + np.sin(x), 0, 2),
        (lambda x: max(np.exp(x), 1.0) + 100, 0, 1),
    ],
)
def test_a_kink_has_a_left_and_a_right_slope(f, low, high):
    found = slope(f, 0.0)

    assert found.kind == "kink"
    assert found.low == pytest.approx(low, abs=1e-6)
    assert found.high == pytest.approx(high, abs=1e-6)
    assert found.holds((low + high) / 2)
    assert not found.holds(low - 1e-3)
    assert not found.holds(high + 1e-3)


@pytest.mark.parametrize("gap", [1.0, 1e-2, 1e-3, 2 * FOLD])
def test_slopes_that_differ_by_more_than_a_hundred_thousandth_are_a_kink(gap):
    found = slope(lambda x: x + gap * max(x, 0.0), 0.0)

    assert FOLD == 1e-5
    assert found.kind == "kink"
    assert (found.low, found.high) == (pytest.approx(1), pytest.approx(1 + gap))
    assert not found.holds(1 - gap / 10)


@pytest.mark.parametrize("gap", [FOLD / 2, FOLD / 10])
def test_nearer_ones_leave_doubt(gap):
    found = slope(lambda x: x + gap * max(x, 0.0), 0.0)

    assert found.kind == "smooth"
    assert found.error >= 0.99 * gap
    assert found.holds(1.0)
    assert found.holds(1.0 + gap)


@pytest.mark.parametrize(
    ("x", "expected"), [(1e-2, 1), (-1e-2, 0), (5e-5, 1), (-5e-5, 0), (2e-6, 1), (-2e-6, 0)]
)
def test_beside_a_kink_the_slope_is_that_of_its_own_side(x, expected):
    found = slope(lambda x: max(x, 0.0), x)

    assert found.kind == "smooth"
    assert found.low == pytest.approx(expected, abs=1e-6)
    assert found.error < 1e-5


def test_at_the_edge_of_a_function_the_side_that_is_there_counts():
    found = slope(lambda x: np.sqrt(x) ** 3 + 2 * x, 0.0)

    assert found.kind == "edge"
    assert abs(found.low - 2) <= found.error < 0.1


def test_a_jump_has_no_slope():
    found = slope(np.floor, 2.0)

    assert found.kind == "jump"
    assert found.error == np.inf


def test_what_is_nowhere_finite_has_no_slope():
    assert slope(lambda x: np.nan, 0.0).kind == "not finite"


def test_what_drowns_in_rounding_is_not_known():
    found = slope(lambda x: x + 1e14, 0.3)

    assert found.error > 0.5


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-7])
def test_noise_inside_the_function_is_seen(size):
    """The function is far less exact than its size shows."""
    found = slope(lambda x: x + size * np.sin(1e15 * x), 0.3)

    assert found.error > size
    assert abs(found.low - 1) <= found.error


def test_a_wide_step_that_leaps_over_something_does_not_count_however_steady_it_looks():
    """Within 1e-7 of 0 the slope is 1, beyond it is 3; wide steps all see 3, and see it sharply."""
    found = slope(lambda x: 3 * x - 2 * np.clip(x, -1e-7, 1e-7) + 1e3, 0.0)

    assert found.low == pytest.approx(1, abs=1e-3)
    assert abs(found.low - 1) <= found.error
