"""The verdict on two gradients, and the table that shows it."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import Comparison, GradientCheck


def compare(numerical, backprop, name="W", tolerance=1e-5, round_off=1e-10):
    return Comparison(name, np.array(numerical), np.array(backprop), tolerance, round_off)


def test_figures_of_two_gradients():
    row = compare([1.0, -2.0, 4.0], [1.0, -2.5, 3.0])

    assert row.difference.tolist() == [0, 0.5, 1]
    assert (row.mean, row.max, row.largest, row.relative) == (0.5, 1, 4, 0.25)
    assert row.worst == (2,)
    assert row.shape == (3,)


def test_the_largest_element_of_either_gradient_is_the_scale():
    assert compare([1.0], [-3.0]).largest == 3
    assert compare([-3.0], [1.0]).largest == 3


@pytest.mark.parametrize(
    ("numerical", "backprop", "verdict"),
    [
        ([1.0, 100.0], [1.0009, 100.0], "ok"),
        ([1.0, 100.0], [1.0011, 100.0], "WRONG"),
        ([1.0], [-1.0], "WRONG"),
        ([1.0], [0.0], "WRONG"),
        ([0.0], [1.0], "WRONG"),
        ([0.0], [0.0], "zero"),
        ([9e-11], [1e-17], "zero"),
        ([9e-10], [1e-17], "WRONG"),
        ([np.nan], [1.0], "not finite"),
        ([1.0], [np.nan], "not finite"),
        ([np.inf], [np.inf], "not finite"),
        ([np.nan, 1.0], [np.nan, 9.0], "not finite"),
        (np.empty((0, 2)), np.empty((0, 2)), "zero"),
    ],
)
def test_verdicts(numerical, backprop, verdict):
    row = compare(numerical, backprop)

    assert row.verdict == verdict
    assert row.passed == (verdict in ("ok", "zero"))


def test_a_tolerance_is_relative_and_round_off_comes_on_top():
    assert compare([1.0], [1.5], tolerance=0.4).passed
    assert not compare([1.0], [1.5], tolerance=0.3).passed
    assert compare([1.0], [1.5], tolerance=0.0, round_off=0.5).passed


def test_the_worst_place_is_told_with_both_numbers():
    assert str(compare([[1.0, 2.0]], [[1.0, 4.0]])) == "W at (0, 1): numerical 2.0, backprop 4.0"
    assert str(compare([1.0, 2.0], [1.0, 4.0])) == "W at 1: numerical 2.0, backprop 4.0"
    assert str(compare(2.0, 4.0)) == "W: numerical 2.0, backprop 4.0"
    assert str(compare([], [])) == "W: no elements"
    assert repr(compare([2.0], [4.0])) == "<WRONG, W at 0: numerical 2.0, backprop 4.0>"


def test_what_is_not_finite_comes_before_what_is_wrong():
    row = compare([1.0, 2.0, np.nan, np.inf], [9.0, 2.0, 1.0, 1.0])

    assert str(row) == "W at 2: numerical nan, backprop 1.0"
    assert np.isnan(row.max)


def test_the_table_is_aligned():
    check = GradientCheck(
        (compare([[1.0, 2.0]], [[1.0, 4.0]], "first.weight"), compare([1.0], [1.0], "b")),
        1e-4,
        ("a note",),
    )

    assert str(check).splitlines() == [
        "gradient check: backprop against central differences, h = 0.0001",
        "name          shape   mean  max  relative  largest  verdict",
        "------------  ------  ----  ---  --------  -------  -------",
        "first.weight  (1, 2)     1    2       0.5        4  WRONG",
        "b             (1,)       0    0         0        1  ok",
        "FAILED first.weight at (0, 1): numerical 2.0, backprop 4.0",
        "note: a note",
        "failed: 1 of 2 right, 3 elements",
    ]
    assert repr(check) == str(check)


def test_a_check_is_as_good_as_its_worst_row():
    right, wrong = compare([1.0], [1.0], "right"), compare([1.0], [2.0], "wrong")

    assert GradientCheck((right,), 1e-4)
    assert GradientCheck((right,), 1e-4).passed
    assert not GradientCheck((right, wrong), 1e-4)
    assert not GradientCheck((right, wrong), 1e-4).passed


def test_assert_passed_shows_the_table():
    right, wrong = compare([1.0], [1.0], "right"), compare([1.0], [2.0], "wrong")
    GradientCheck((right,), 1e-4).assert_passed()

    with pytest.raises(AssertionError, match=r"FAILED wrong at 0: numerical 1\.0, backprop 2\.0"):
        GradientCheck((right, wrong), 1e-4).assert_passed()


def test_rows_are_found_by_name():
    check = GradientCheck((compare([1.0], [1.0], "a.weight"), compare([1.0], [2.0], "b")), 1e-4)

    assert check["b"].max == 1
    with pytest.raises(KeyError, match=r"c; there are a\.weight, b"):
        check["c"]
