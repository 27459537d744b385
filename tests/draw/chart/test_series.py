"""The numbers of a curve are those of the history, only fewer."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw.chart.series import clock, column, moving_average, onward, thinned


def test_steps_are_preferred_to_epochs_and_epochs_to_counting():
    assert clock([{"epoch": 1, "step": 600}])[0] == "step"
    assert clock([{"epoch": 1}])[0] == "epoch"
    name, times = clock([{"loss": 1.0}, {"loss": 2.0}])
    assert name == "evaluation"
    assert times.tolist() == [0, 1]
    assert clock([])[1].shape == (0,)


def test_a_column_tells_absence_from_divergence():
    values = [1, np.float32(2), None, "text", np.nan, -np.inf, 1e31]
    rows = [*({"loss": value} for value in values), {}]
    np.testing.assert_array_equal(
        column(rows, "loss"), [1, 2, np.nan, np.nan, np.inf, np.inf, np.inf, np.nan]
    )


def test_times_that_all_differ_are_put_in_order():
    x, y = onward(np.array([3.0, np.nan, 1.0]), np.array([30.0, 0.0, 10.0]))
    np.testing.assert_array_equal(x, [1, 3, np.nan])
    np.testing.assert_array_equal(y, [10, 30, 0])


def test_times_that_come_again_stay_as_they_are():
    x, y = np.array([0.0, 1.0, 0.0, 1.0]), np.arange(4.0)
    assert onward(x, y) == (x, y)


def test_the_average_is_of_the_last_values_that_there_are():
    values = np.random.default_rng(0).normal(size=50)
    places, averages = moving_average(values, 7)
    assert places.tolist() == list(range(50))
    expected = [values[max(0, i - 6) : i + 1].mean() for i in range(50)]
    np.testing.assert_allclose(averages, expected, rtol=1e-12)


def test_gaps_are_left_out_of_the_average_and_stay_gaps():
    values = np.array([np.nan, 2.0, np.nan, 4.0])
    np.testing.assert_array_equal(moving_average(values, 3)[1], [np.nan, 2, np.nan, 3])


def test_one_huge_value_spoils_no_later_average():
    values = np.ones(100)
    values[10] = 1e29
    assert moving_average(values, 5)[1][20:].tolist() == [1.0] * 80


@pytest.mark.parametrize(("count", "every"), [(10, 3), (9, 4), (1, 5), (0, 2)])
def test_averages_at_some_places_include_the_last(count, every):
    places, averages = moving_average(np.arange(float(count)), 1, every)
    np.testing.assert_array_equal(averages, places)
    assert len(places) == 0 or places[-1] == count - 1
    assert places.tolist() == sorted({*range(0, count, every), *range(count)[-1:]})


def test_a_short_curve_is_left_as_it_is():
    x, y = np.arange(1200.0), np.ones(1200)
    assert thinned(x, y) == (x, y)


@pytest.mark.parametrize("count", [1201, 5000, 100_003])
def test_thinning_keeps_every_extreme_near_its_place(count):
    rng = np.random.default_rng(count)
    x, y = np.arange(float(count)), rng.normal(size=count)
    y[3], y[-1] = 50, -50
    few_x, few_y = thinned(x, y)
    assert len(few_x) == len(few_y) <= 1204
    assert (few_y.max(), few_y.min()) == (50, -50)
    assert few_x[np.argmin(few_y)] >= count - 2 - count // 500


def test_a_gap_of_a_whole_stretch_stays_a_gap():
    y = np.ones(6000)
    y[3000:] = np.nan
    few = thinned(np.arange(6000.0), y)[1]
    assert np.isnan(few).sum() == 600


def test_nothing_is_mutated():
    y = np.arange(5000.0)
    y.flags.writeable = False
    thinned(y, y)
    moving_average(y, 10)
    assert y[7] == 7
