"""Where a pointer rests, the values of all lines are told."""

from __future__ import annotations

import numpy as np

from gradatim.draw.chart.axis import Axis
from gradatim.draw.chart.line import Field, Line
from gradatim.draw.chart.pen import pen_of
from gradatim.draw.chart.tip import tips

FIELD = Field(0.0, 0.0, 100.0, 50.0, Axis(0, 10), Axis(0, 1))


def line(name, x, y):
    return Line(name, np.array(x, float), np.array(y, float), pen_of(0), "{:g}".format)


def told(*lines):
    return [part.tip.split("\n") for part in tips(lines, FIELD, "step")]


def test_stretches_meet_between_the_points_and_fill_the_field():
    frames = [part.marks[0] for part in tips([line("a", [0, 4, 10], [1, 1, 1])], FIELD, "step")]

    assert [(f.left, f.left + f.width) for f in frames] == [(0, 20), (20, 70), (70, 100)]
    assert {(f.top, f.height, f.opacity) for f in frames} == {(0, 50, 0)}


def test_each_tells_the_time_and_the_lines_that_have_a_value_there():
    found = told(line("a", [0, 5], [1, 2]), line("b", [5, 10], [3, 4]))

    assert found == [["step 0", "a 1"], ["step 5", "a 2", "b 3"], ["step 10", "b 4"]]


def test_gaps_tell_nothing():
    assert told(line("a", [0, 1, 2], [1, np.nan, np.inf])) == [["step 0", "a 1"]]
    assert not list(tips([], FIELD, "step"))


def test_times_need_no_order():
    assert told(line("a", [5, 0], [2, 1])) == [["step 0", "a 1"], ["step 5", "a 2"]]


def test_of_many_times_some_are_told_with_the_nearest_value_of_each_line():
    x = np.linspace(0, 10, 10_001)
    found = told(line("a", x, x), line("b", [5.0], [7]))

    assert len(found) == 100
    assert found[0] == ["step 0", "a 0"]
    assert found[-1] == ["step 10", "a 10"]
    assert sum("b 7" in tip for tip in found) == 1
    assert all(tip[0].removeprefix("step ") == tip[1].removeprefix("a ") for tip in found)
