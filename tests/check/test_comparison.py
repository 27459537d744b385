"""The verdict on two gradients, and the table that shows it."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check import Comparison, GradientCheck
from gradatim.check.comparison import Budget


def compare(numerical, backprop, name="W", error=1e-10, low=None, high=None, **known):
    """One row; every slope is known to ``error``, and is the central difference if not given."""
    numerical, backprop = np.array(numerical, float), np.array(backprop, float)

    def full(x):
        return np.broadcast_to(np.asarray(x, float), numerical.shape).copy()

    low = full(numerical if low is None else low)
    budget = Budget(
        low=low,
        high=full(low if high is None else high),
        error=full(error),
        truncation=full(known.get("truncation", np.nan)),
        round_off=full(known.get("round_off", 1e-12)),
        resting=full(known.get("resting", 1e-14)),
        unrest=full(0.0),
    )
    checked = np.broadcast_to(known.get("checked", True), numerical.shape)
    return Comparison(name, numerical, backprop, budget, checked, known.get("remarks", ()))


def test_figures_of_two_gradients():
    row = compare([1.0, -2.0, 4.0], [1.0, -2.5, 3.0])

    assert row.difference.tolist() == [0, 0.5, 1]
    assert (row.mean, row.max, row.largest, row.relative) == (0.5, 1, 4, 0.25)
    assert row.worst == (2,)
    assert (row.shape, row.count) == ((3,), 3)


def test_figures_of_the_budget():
    row = compare(
        [1.0, 1.0], [1.25, 1.0], low=[1.2, 9.0], truncation=[-0.25, np.nan], round_off=[2.0, 4.0]
    )

    assert row.truncation == 0.25
    assert row.round_off == 3
    assert row.richardson == pytest.approx(0.05)


def test_where_truncation_was_not_measured_there_is_none():
    row = compare([1.0], [1.0])

    assert (row.truncation, row.richardson) == (0, 0)


def test_the_largest_element_of_either_gradient_is_the_scale():
    assert compare([1.0], [-3.0]).largest == 3
    assert compare([-3.0], [1.0]).largest == 3


@pytest.mark.parametrize(
    ("numerical", "backprop", "verdict"),
    [
        ([1.0, 100.0], [1.0, 100.0 + 9e-11], "ok"),
        ([1.0, 100.0], [1.0 + 2e-10, 100.0], "WRONG"),
        ([1.0], [-1.0], "WRONG"),
        ([1.0], [0.0], "WRONG"),
        ([0.0], [1.0], "WRONG"),
        ([0.0], [0.0], "zero"),
        ([3e-11], [1e-17], "zero"),
        ([9e-11], [1e-17], "unsure"),
        ([3e-11], [2e-11], "unsure"),
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


@pytest.mark.parametrize(("error", "verdict"), [(0.9e-3, "ok"), (1.1e-3, "unsure")])
def test_there_is_no_verdict_where_a_thousandth_is_unknown(error, verdict):
    assert compare([0.5, 1.0], [0.5, 1.0], error=error).verdict == verdict


def test_small_elements_beside_a_large_one_are_counted_and_do_not_spoil_it():
    row = compare([1.0, 1e-11, 0.0], [1.0, 2e-11, 0.0])

    assert row.verdict == "ok"
    assert row.faint == 1


@pytest.mark.parametrize(
    ("backprop", "verdict"),
    [(0.0, "kink"), (0.5, "kink"), (1.0, "kink"), (-0.01, "WRONG"), (1.01, "WRONG")],
)
def test_at_a_kink_every_slope_between_left_and_right_is_one(backprop, verdict):
    assert compare([0.5], [backprop], low=0.0, high=1.0).verdict == verdict
    assert compare([0.5], [backprop], low=0.0, high=1.0).passed == (verdict == "kink")


def test_where_the_function_jumps_there_is_no_verdict():
    row = compare([5000.0], [0.0], error=np.inf)

    assert row.verdict == "unsure"
    assert "NO VERDICT W: the function jumps here" in str(GradientCheck((row,), 1e-4))


def test_only_what_was_checked_counts():
    row = compare([1.0, np.nan, 3.0], [1.0, 7.0, 3.0], checked=[True, False, True])

    assert (row.verdict, row.count, row.mean, row.max, row.largest) == ("ok", 2, 0, 0, 3)
    assert compare([1.0, np.nan], [2.0, 7.0], checked=[True, False]).worst == (0,)


def test_the_worst_place_is_told_with_both_numbers():
    assert str(compare([[1.0, 2.0]], [[1.0, 4.0]])) == "W at (0, 1): numerical 2.0, backprop 4.0"
    assert str(compare([1.0, 2.0], [1.0, 4.0])) == "W at 1: numerical 2.0, backprop 4.0"
    assert str(compare(2.0, 4.0)) == "W: numerical 2.0, backprop 4.0"
    assert str(compare([], [])) == "W: no elements"
    assert repr(compare([2.0], [4.0])) == "<WRONG, W at 0: numerical 2.0, backprop 4.0>"


def test_the_worst_is_what_no_error_explains_not_what_differs_most():
    row = compare([10.0, 1.0], [10.5, 1.1], error=[1.0, 1e-10])

    assert row.worst == (1,)


def test_what_is_not_finite_comes_before_what_is_wrong():
    row = compare([1.0, 2.0, np.nan, np.inf], [9.0, 2.0, 1.0, 1.0])

    assert str(row) == "W at 2: numerical nan, backprop 1.0"
    assert np.isnan(row.max)


def test_the_table_is_aligned():
    check = GradientCheck(
        (
            compare([[1.0, 2.0]], [[1.0, 4.0]], "first.weight", truncation=1e-9),
            compare([1.0], [1.0], "b", remarks=(" at 0: odd",)),
        ),
        1e-4,
        ("a note",),
    )

    head = "mean  max  relative  truncation  round-off  richardson  verdict"
    assert str(check).splitlines() == [
        "gradient check: backprop against central differences, h = 0.0001",
        f"name          shape   {head}",
        "------------  ------  ----  ---  --------  ----------  ---------  ----------  -------",
        "first.weight  (1, 2)     1    2       0.5       1e-09      1e-12           1  WRONG",
        "b             (1,)       0    0         0           0      1e-12           0  ok",
        "FAILED first.weight at (0, 1): numerical 2.0, backprop 4.0",
        "note: b at 0: odd",
        "note: a note",
        "failed: 1 of 2 right, 3 elements",
    ]
    assert repr(check) == str(check)


def test_no_verdict_says_how_little_is_known_and_what_to_try():
    check = GradientCheck((compare([1.0], [1.0], error=0.25),), 1e-4)

    assert check.undecided
    assert not check
    assert "known only to 0.2, which is too much beside the gradient. Try another h" in str(check)
    assert str(check).endswith("undecided: 0 of 1 right, 1 elements")


def test_a_wrong_row_decides():
    unsure, wrong = compare([1.0], [1.0], error=0.25), compare([1.0], [2.0])

    assert not GradientCheck((unsure, wrong), 1e-4).undecided


def test_the_largest_truncation_is_explained():
    off = compare([1.0], [1.0 + 1e-8], "b2", low=1.0 + 1e-8, truncation=-1e-8)
    check = GradientCheck((compare([1.0], [1.0], truncation=1e-15), off), 1e-4)

    assert check.explanation == (
        "b2 is off by 1e-08 because the step is wide: h**2/6 times the third derivative predicts "
        "1e-08; Richardson brings it to 0"
    )
    assert f"note: {check.explanation}" in str(check)


@pytest.mark.parametrize("row", [([1.0], [2.0]), ([1.0], [1.0])])
def test_nothing_is_explained_where_truncation_is_not_the_reason(row):
    assert GradientCheck((compare(*row, truncation=1e-15),), 1e-4).explanation == ""


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
