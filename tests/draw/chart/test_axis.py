"""Axes hold what they must, with few round numbers beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradatim.draw.chart.axis import (
    SIZE,
    Axis,
    linear_axis,
    logarithmic_axis,
    loss_axis,
    percent_axis,
    time_axis,
)
from gradatim.draw.form.lettering import width_of


def texts(axis):
    return [text for _, text in axis.ticks]


def is_round(x):
    """Whether a number is 1, 2 or 5 times a power of ten."""
    return float(f"{x:.6e}".partition("e")[0]) in (1, 2, 5)


RANGES = [(0, 1), (2.3, 0.4), (-5, 7), (1e-12, 3e-12), (1e29, -1e29), (99.9, 100.1), (3e6, 9e7)]


@pytest.mark.parametrize("bounds", RANGES)
def test_numbers_are_round_evenly_apart_and_inside(bounds):
    axis = linear_axis(np.array(bounds, float))
    numbers = np.array([number for number, _ in axis.ticks])

    assert 3 <= len(numbers) <= 8
    assert axis.low < min(bounds) < max(bounds) < axis.high
    assert axis.low <= numbers[0] < numbers[-1] <= axis.high
    step = numbers[1] - numbers[0]
    np.testing.assert_allclose(np.diff(numbers), step)
    assert is_round(step)


@pytest.mark.parametrize("bounds", RANGES)
def test_what_is_written_is_the_number(bounds):
    axis = linear_axis(np.array(bounds, float))
    read = [float(text.replace(",", "")) for text in texts(axis)]

    np.testing.assert_allclose(read, [number for number, _ in axis.ticks], rtol=1e-9, atol=1e-300)
    assert max(map(len, texts(axis))) <= 10


def test_a_single_value_stands_at_the_end_of_its_distance_from_zero():
    assert texts(linear_axis(np.array([2.0, 2.0])))[0] == "0.0"
    assert linear_axis(np.array([-2.0])).high == 0
    assert linear_axis(np.zeros(3)).shares(np.array([0.0])) == 0
    assert linear_axis(np.array([5e-324])).shares(np.array([0.0])) == 0


def test_shares_run_from_zero_to_one_and_odd_values_have_none():
    axis = Axis(1.0, 3.0)
    np.testing.assert_array_equal(
        axis.shares(np.array([1, 2, 3, np.nan, np.inf])), [0, 0.5, 1, np.nan, np.nan]
    )
    axis = Axis(-1.0, 1.0, is_logarithmic=True)
    np.testing.assert_allclose(axis.shares(np.array([0.1, 1, 10, -1])), [0, 0.5, 1, np.nan])


def test_losses_that_fall_by_more_than_a_factor_of_twenty_are_logarithmic():
    assert loss_axis([np.array([2.0, 0.09])]).is_logarithmic
    assert not loss_axis([np.array([2.0, 0.11])]).is_logarithmic
    assert not loss_axis([np.array([2.0, 0.0])]).is_logarithmic
    assert not loss_axis([np.array([2.0, -0.01])]).is_logarithmic


def test_what_lies_behind_has_room_but_does_not_decide():
    axis = loss_axis([np.array([2.0, 0.5])], [np.array([9.0, 0.01])])

    assert not axis.is_logarithmic
    assert axis.low < 0.01 < 9 < axis.high
    axis = loss_axis([np.array([2.0, 0.01])], [np.array([9.0, 0.001, 0.0, -3.0])])
    assert axis.shares(np.array([0.001])) > 0
    assert axis.shares(np.array([9.0])) < 1


def test_a_logarithmic_axis_counts_one_two_five_or_only_tens():
    assert texts(logarithmic_axis([np.array([0.3, 3.0])])) == ["0.5", "1", "2"]
    assert texts(logarithmic_axis([np.array([1e-5, 1.0])])) == [
        *("1e-5", "1e-4", "0.001", "0.01", "0.1", "1"),
    ]
    assert len(texts(logarithmic_axis([np.array([1e-300, 1e29])]))) in range(4, 9)
    assert len(texts(logarithmic_axis([np.array([7.0])]))) >= 1


def test_accuracy_is_in_percent_and_never_beyond_the_possible():
    for values in ([0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [0.99, 1.0], [0.0, 1e-4], [0.3, 0.3]):
        axis = percent_axis(np.array(values))
        assert -0.02 <= axis.low <= min(values) <= max(values) <= axis.high <= 1.02
        assert axis.high - axis.low >= 0.01
        assert len(axis.ticks) >= 3
        assert all(0 <= number <= 1 + 1e-9 for number, _ in axis.ticks)
    assert texts(percent_axis(np.array([0.984, 0.991])))[:2] == ["98.2%", "98.4%"]
    assert percent_axis(np.array([0.5, 3.0])).high > 3


def test_steps_are_whole_and_their_numbers_do_not_touch():
    for most in (1, 3, 60, 10_000, 1_000_000, 10**12):
        axis = time_axis(np.array([0.0, most]), 340.0, whole=True)
        assert all(number == int(number) for number, _ in axis.ticks)
        assert 2 <= len(axis.ticks) <= 8
        assert sum(width_of(text, SIZE) + SIZE for text in texts(axis)) < 340


def test_parts_of_an_epoch_are_shown_where_there_are_no_whole_ones():
    assert texts(time_axis(np.array([0.0, 0.4]), 340.0, whole=False)) == [
        *("0.0", "0.1", "0.2", "0.3", "0.4"),
    ]


def test_one_time_is_written_and_has_room_around_it():
    axis = time_axis(np.array([600.0, np.nan]), 340.0, whole=True)

    assert axis.ticks == ((600.0, "600"),)
    assert axis.shares(np.array([600.0])) == 0.5


@pytest.mark.parametrize("values", [[], [math.nan, math.inf]])
def test_nothing_finite_has_no_numbers(values):
    values = np.array(values)
    for axis in (
        linear_axis(values),
        percent_axis(values),
        loss_axis([values]),
        logarithmic_axis([values]),
        time_axis(values, 340.0, whole=True),
    ):
        assert axis.ticks == ()
