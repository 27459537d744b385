"""The measuring of a gradient: how many evaluations it takes, and where it looks closely."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import gradient
from gradatim.check.measure import BLOCK
from gradatim.primitives import Primitive
from gradatim.primitives.primitive import first_dtype, first_shape


class Counted:
    """A sum of cubes with weights, that counts its calls and may have a wrong rule."""

    def __init__(self, weights, wrong=()):
        self.calls = 0
        self.weights = np.asarray(weights, float)
        slopes = self.weights.copy()
        slopes[list(wrong)] *= 1.0001
        rule = lambda g, y, x: 3 * x * x * slopes * g  # noqa: E731
        self.cubes = Primitive(
            "cubes", self._forward, "", ("x",), (rule,), first_shape, first_dtype, "structural"
        )

    def _forward(self, x):
        self.calls += 1
        return self.weights * x**3


def around(size):
    return np.random.default_rng(0).uniform(0.5, 1.5, size)


def test_numbers_without_a_gradient_are_moved_in_blocks():
    f = Counted(np.zeros(6400))
    assert gradient(f.cubes, around(6400))

    assert f.calls < 2 * 6400 / 64 + 50


@pytest.mark.parametrize("count", [BLOCK - 1, BLOCK, 2 * BLOCK + 1])
def test_a_function_that_raises_beside_its_point_gives_no_slope_however_many_numbers(count):
    """Without a gradient there, for they are squares, whole blocks are moved at once."""

    def square(x):
        if (x.raw < 0).any():
            raise ValueError("below 0")
        return x * x

    row = gradient(square, np.zeros(count))["x"]

    assert row.verdict == "not finite"
    assert np.isnan(row.numerical).all()


def test_a_block_in_which_one_number_leads_outside_is_moved_one_by_one():
    """The others are put back, so that their slopes are right."""

    def last_counts(x):
        if x.raw[0] != 1.0:
            raise ValueError("must be 1")
        return x[-1] * 3.0

    row = gradient(last_counts, np.ones(BLOCK + 2))["x"]

    assert np.isnan(row.numerical[0])
    assert row.numerical[1:-1].tolist() == [0.0] * BLOCK
    assert row.numerical[-1] == pytest.approx(3.0)


def test_a_large_array_costs_two_evaluations_a_number_and_a_sample():
    f = Counted(np.ones(1000))
    assert gradient(f.cubes, around(1000), h=1e-7)

    assert f.calls < 2 * 1000 + 100 * 40 + 100


def test_a_wrong_array_is_given_up_after_a_few_wrong_numbers():
    size = 1000
    f = Counted(np.ones(size), wrong=range(size))
    assert not gradient(f.cubes, around(size), h=1e-6)

    assert f.calls < 2 * size + 300


@pytest.mark.parametrize("place", [0, 299])
def test_one_wrong_number_among_many_that_are_merely_truncated_is_found(place):
    """With h = 1e-2 all of them differ by more than rounding explains."""
    f = Counted(np.ones(300), wrong=[place])
    row = gradient(f.cubes, around(300), h=1e-2)["x"]

    assert row.verdict == "WRONG"
    assert row.worst == (place,)


def test_a_step_that_is_wide_for_all_numbers_makes_none_wrong():
    f = Counted(np.ones(300))

    assert gradient(f.cubes, around(300), h=1e-2)["x"].verdict == "ok"


def test_the_truncation_of_a_large_array_is_that_of_a_sample():
    f = Counted(np.ones(1000))
    row = gradient(f.cubes, around(1000))["x"]

    assert row.truncation == pytest.approx(1e-8, rel=0.1)
    assert np.isfinite(row.budget.truncation).sum() >= 100
