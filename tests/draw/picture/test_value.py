"""Numbers are told as numbers where there is room, else as shape, range and heat."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradatim.draw.picture import value
from gradatim.draw.picture.value import HEAT_COLUMNS, HEAT_ROWS, PICTURE, tell


def lines(array):
    return tell(np.asarray(array)).lines


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (220.00000000000003, "220"),
        (1.1, "1.1"),
        (np.float32(1.1), "1.1"),
        (-0.0, "0"),
        (3, "3"),
        (True, "true"),
        (float("nan"), "NaN"),
        (-math.inf, "-∞"),
        (1e300, "1e300"),
        (5e-324, "4.94e-324"),
    ],
)
def test_one_number_is_told_at_a_glance(number, text):
    assert lines(number) == (text,)


def test_what_is_exact_keeps_all_digits():
    assert tell(np.float64(220.00000000000003)).exact == "220.00000000000003"
    assert tell(np.float32(1.1)).exact == "1.1"
    assert tell(np.array([0.1, 0.2])).exact == "[0.1, 0.2]"


def test_one_number_with_axes_keeps_its_brackets():
    assert lines([[5.0]]) == ("[[5]]",)


def test_a_small_array_is_told_row_by_row_in_columns():
    told = tell(np.array([[1.0, -0.5], [10.0, np.nan]]))

    assert told.lines == ("[ 1  -0.5]", "[10   NaN]")
    assert told.aligned
    assert told.heat is None


def test_a_matrix_of_one_row_is_told_apart_from_a_vector():
    assert lines([[1.0, 2.0]]) == ("[[1  2]]",)
    assert lines([1.0, 2.0]) == ("[1  2]",)


def test_a_row_is_told_up_to_six_numbers():
    assert lines(np.arange(6)) == ("[0  1  2  3  4  5]",)
    assert lines(np.arange(7)) == ("(7,)", "0 … 6")


@pytest.mark.parametrize("shape", [(4, 4), (4, 1), (4, 2), (6, 2), (2, 4)])
def test_a_small_batch_is_told_row_by_row(shape):
    assert tell(np.ones(shape)).lines == ("[" + "  ".join("1" * shape[1]) + "]",) * shape[0]


def test_the_range_of_a_small_array_is_kept_too():
    assert tell(np.array([1.0, -2.0, np.nan])).span == "-2 … 1, 1 NaN"
    assert tell(np.float64(3.0)).span == tell(np.ones(100)).span == ""


def test_a_larger_array_is_told_by_shape_and_range():
    assert lines(np.linspace(0, 1, 15).reshape(5, 3)) == ("(5, 3)", "0 … 1")
    assert lines(np.linspace(0, 1, 14).reshape(7, 2)) == ("(7, 2)", "0 … 1")
    assert lines(np.zeros((3, 3, 3))) == ("(3, 3, 3)", "all 0")
    assert lines(np.zeros((0, 3))) == ("(0, 3)", "empty")
    assert lines(np.arange(8) < 3) == ("(8,)", "3 of 8 true")


def test_what_is_not_finite_is_counted_beside_the_range():
    odd = np.array([np.nan, np.inf, -np.inf, 1.0, 2.0, 3.0, 4.0])

    assert lines(odd) == ("(7,)", "1 … 4, 1 NaN, 2 infinite")
    assert lines(np.full(8, np.nan)) == ("(8,)", "all NaN")


def test_heat_is_the_mean_of_each_cell_over_the_largest():
    array = np.zeros((2 * HEAT_ROWS, 2 * HEAT_COLUMNS))
    array[:2, :2] = 4.0
    array[-2:, -2:] = -2.0
    heat = tell(array).heat

    assert len(heat.levels) == HEAT_ROWS
    assert {len(row) for row in heat.levels} == {HEAT_COLUMNS}
    assert heat.levels[0][0] == 1.0
    assert heat.levels[-1][-1] == -0.5
    assert heat.levels[0][1] == 0.0
    assert heat.scale == 4.0


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 1, 28, 28)])
def test_a_single_picture_is_mapped_pixel_by_pixel(shape):
    pixels = np.arange(784.0).reshape(shape)
    levels = tell(pixels).heat.levels

    assert levels == tuple(map(tuple, np.round(pixels.reshape(28, 28) / 783, 3).tolist()))


def test_a_large_picture_and_several_are_mapped_by_means():
    assert {len(row) for row in tell(np.ones((1, 56, 56))).heat.levels} == {PICTURE}
    assert len(tell(np.ones((2, 28, 28))).heat.levels) == HEAT_ROWS


def test_heat_marks_cells_that_are_not_finite():
    array = np.ones((4, 8))
    array[0, 0] = np.inf
    levels = tell(array).heat.levels

    assert math.isnan(levels[0][0])
    assert levels[0][1] == 1.0


def test_cells_of_unequal_size_are_means_all_the_same():
    heat = tell(np.ones((HEAT_ROWS + 2, HEAT_COLUMNS + 1))).heat

    assert {level for row in heat.levels for level in row} == {1.0}


def test_mean_and_deviation_are_not_computed_of_very_large_arrays(monkeypatch):
    assert "mean 49.5" in tell(np.arange(100.0)).exact
    monkeypatch.setattr(value, "_MOST_SUMMED", 99)

    assert "mean" not in tell(np.arange(100.0)).exact


def test_an_array_is_only_read():
    array = np.arange(100.0)
    array.flags.writeable = False

    assert tell(array).lines == ("(100,)", "0 … 99")
