"""Slopes of plain functions: exact where smooth, bounded where there is a kink."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check.layers.slope import Precision, Question, slope, standing, unevenness

DOUBLE = Precision(2.2e-16)


def along(f, x):
    return lambda t: np.asarray(f(x + t), dtype=np.float64).reshape(-1)


def judged(f, x, got, dout=(1.0,), scale=1.0):
    move = along(f, x)
    return standing(Question(got, 1e-6 * scale, scale), move, np.asarray(dout), DOUBLE)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [(np.exp, 1.0, np.e), (np.sin, 2.0, np.cos(2.0)), (lambda x: 1 / x, 0.1, -100.0)],
)
def test_a_smooth_slope_is_good_to_nine_digits(f, x, expected):
    found = slope(along(f, x), np.ones(1), DOUBLE)

    assert found.value == pytest.approx(expected, rel=1e-9)
    assert abs(found.value - expected) < found.doubt < 1e-3 * abs(expected)


def test_outputs_are_weighed_by_dout():
    found = slope(along(lambda x: [x, x * x], 3.0), np.array([2.0, -1.0]), DOUBLE)

    assert found.value == pytest.approx(2 - 6, rel=1e-9)


@pytest.mark.parametrize("got", [0.0, 0.3, 1.0])
def test_at_a_kink_all_between_the_two_slopes_is_right(got):
    verdict, low, high = judged(lambda x: max(x, 0.0), 0.0, got)

    assert verdict == "kink"
    assert (low, high) == (0.0, 1.0)


@pytest.mark.parametrize("got", [-0.01, 1.01, 7.0])
def test_beyond_them_it_is_wrong(got):
    assert judged(lambda x: max(x, 0.0), 0.0, got)[0] == "wrong"


@pytest.mark.parametrize("distance", [1e-4, 1e-5, -1e-5, -1e-4])
def test_a_kink_beside_the_point_excuses_nothing(distance):
    right = float(distance > 0)

    assert judged(lambda x: max(x, 0.0), distance, right)[0] == "right"
    assert judged(lambda x: max(x, 0.0), distance, 1 - right)[0] == "wrong"
    assert judged(lambda x: max(x, 0.0), distance, 0.5)[0] == "wrong"


@pytest.mark.parametrize("f", [np.exp, lambda x: x * x, lambda x: x**3, np.tanh])
@pytest.mark.parametrize("x", [0.0, 0.7])
def test_a_smooth_function_is_no_kink(f, x):
    assert judged(f, x, 0.3)[0] == "wrong"


def test_each_output_may_choose_its_own_slope_at_its_kink():
    """relu(x) and relu(-x), weighed 1 and -1: 0 at both is right, though the sum has slope 1."""
    both = lambda x: [max(x, 0.0), max(-x, 0.0)]  # noqa: E731

    assert judged(both, 0.0, 0.0, dout=(1.0, -1.0))[0] == "kink"


@pytest.mark.parametrize("got", [0.0, 0.5])
def test_where_several_outputs_move_a_kink_may_lie_further_inside(got):
    """relu(x) - relu(-x) has slope 1 everywhere and shows no kink; 0 from both is allowed."""
    both = lambda x: [x, abs(x)]  # noqa: E731

    verdict, low, high = judged(both, 0.0, got, dout=(1.0, 0.1))

    assert verdict == "kink"
    assert (low, high) == (pytest.approx(0.9), pytest.approx(1.1))


def test_an_output_that_does_not_move_excuses_nothing():
    assert judged(lambda x: [abs(x), 3.0], 0.0, 1.5, dout=(1.0, 1.0))[0] == "wrong"


def test_fewer_digits_mean_longer_steps_and_more_patience():
    single = Precision(1.2e-7)

    assert single.step > 10 * DOUBLE.step
    assert (single.tolerance, DOUBLE.tolerance) == (1e-3, 1e-7)


def test_a_backward_that_rounds_is_allowed_what_it_rounds():
    assert Precision(2.2e-16, 1.2e-7).tolerance == pytest.approx(64 * 1.2e-7)


@pytest.mark.parametrize(("off", "verdict"), [(1e-6, "wrong"), (3e-6, "wrong")])
def test_a_smaller_step_pardons_nothing_that_an_even_wider_one_excludes(off, verdict):
    """At the smallest step rounding alone would excuse a difference of 1e-6."""
    many = np.full(10_000, 0.3)
    move, dout = along(lambda x: np.append(np.sin(x), many * x / x), 1.0), np.ones(10_001)
    got = np.cos(1.0) * (1 + off)
    seen = slope(move, dout, DOUBLE)

    assert standing(Question(got, 1e-7, 1.0), move, dout, DOUBLE, seen)[0] == verdict


@pytest.mark.parametrize("place", [0.03, 0.1, 0.25, 1 / 3, 0.4, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("gap", [1.0, 0.01])
def test_a_kink_anywhere_within_the_step_is_seen_as_unevenness(place, gap):
    kink = place * DOUBLE.step
    move = along(lambda x: x + gap * max(x - kink, 0.0), 0.0)

    off = abs(slope(move, np.ones(1), DOUBLE).value - 1.0)

    assert off < unevenness(move, np.ones(1), DOUBLE)


@pytest.mark.parametrize(("x", "got", "verdict"), [
    (1e-8, 5e3, "right"), (1e-8, 5.2e3, "wrong"), (0.0, np.inf, "edge"), (0.0, 3.0, "edge"),
])  # fmt: skip
def test_beside_an_edge_steps_stay_inside(x, got, verdict):
    with np.errstate(invalid="ignore"):
        assert judged(np.sqrt, x, got)[0] == verdict
