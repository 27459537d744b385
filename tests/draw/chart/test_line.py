"""Lines are drawn through their points, with gaps, and say how they ended."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw.chart.axis import Axis
from gradatim.draw.chart.line import Field, Line, accuracy_text, loss_text, points, stroke
from gradatim.draw.chart.pen import Pen

FIELD = Field(10.0, 20.0, 100.0, 50.0, Axis(0, 10), Axis(0, 1))
PEN = Pen("blue", "solid", "o")


def line(y):
    return Line("test", np.arange(float(len(y))), np.array(y, float), PEN, loss_text)


def test_the_lower_bound_is_below():
    x, y = FIELD.places(np.array([0.0, 10.0]), np.array([0.0, 1.0]))

    assert x.tolist() == [10, 110]
    assert y.tolist() == [70, 20]
    assert (FIELD.right, FIELD.bottom) == (110, 70)


def test_a_gap_parts_a_line():
    (mark,) = stroke(FIELD, np.arange(5.0), np.array([0, 1, np.nan, 1, 0]), "pale")

    assert mark.path == (((10, 70), (20, 20)), ((40, 20), (50, 70)))


def test_a_line_never_goes_back():
    (mark,) = stroke(FIELD, np.array([0.0, 5, 0, 5]), np.array([0, 1, 0.5, 0.5]), "pale")

    assert mark.path == (((10, 70), (60, 20)), ((10, 45), (60, 45)))


def test_points_without_neighbours_make_no_line():
    assert not list(stroke(FIELD, np.arange(3.0), np.array([1, np.nan, 1]), "pale"))


def test_few_points_are_marked_and_of_many_only_lonely_ones():
    assert len(list(points(FIELD, line([0, 1, np.nan, 1])))) == 3
    many = np.ones(100)
    many[[50, 52]] = np.nan
    (lonely,) = points(FIELD, line(many / 2))
    assert lonely.x == pytest.approx(10 + 51 * 10)
    assert not list(points(FIELD, line(np.ones(31))))


def test_a_long_line_keeps_its_extremes():
    y = np.full(50_000, 0.5)
    y[123], y[456] = 0.0, 1.0
    (mark,) = stroke(FIELD, np.linspace(0, 10, 50_000), y, "pale")

    heights = [place[1] for segment in mark.path for place in segment]
    assert (min(heights), max(heights)) == (20, 70)
    assert len(mark.path) < 1300


def test_the_last_value_is_told_and_whether_it_was_the_end():
    assert line([2, 1]).told == "test 1.000"
    assert line([2, 1, np.nan]).told == "test 1.000"
    assert line([2, np.inf, np.inf]).told == "test 2.000 (then diverged)"
    assert line([2, np.inf, 1]).told == "test 1.000"


@pytest.mark.parametrize(
    ("loss", "told"),
    [(0.0, "0.000"), (0.0314159, "0.031"), (0.001, "0.001"), (0.00012345, "0.000123"),
     (-2.5, "-2.500"), (123456.0, "123456.000"), (1e29, "1e+29")],
)  # fmt: skip
def test_losses_are_told_by_their_first_digits_where_decimals_say_nothing(loss, told):
    assert loss_text(loss) == told


def test_accuracies_are_told_in_percent():
    assert accuracy_text(1.0) == "100.0%"
