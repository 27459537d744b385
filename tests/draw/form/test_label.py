"""Labels tell values and gradients: numbers next to the line, maps away from it."""

from __future__ import annotations

import math

import pytest

from gradatim.draw.form.label import gradient_label, lines_label, stacked, value_label
from gradatim.draw.form.mark import Curve, Frame, Words
from gradatim.draw.picture.picture import Heat, Numbers

LARGE = Numbers(("(2, 2)", "0 … 1"), heat=Heat(((0.5, -1.0), (0.0, math.nan)), 1.0))


def words(label):
    return [mark.text for mark in label.marks if isinstance(mark, Words)]


def inside(label):
    for mark in label.marks:
        if isinstance(mark, Words):
            assert 0 < mark.y <= label.height
        elif isinstance(mark, Frame):
            assert mark.left >= -label.width / 2 - 0.01
            assert mark.top >= 0
            assert mark.top + mark.height <= label.height
            assert mark.left + mark.width <= label.width / 2 + 0.01


def test_lines_stand_below_each_other():
    first, second = lines_label(("100", "2"), "value").marks
    assert first.y < second.y
    assert second.y - first.y >= first.size


@pytest.mark.parametrize("label", [value_label(LARGE, "x"), gradient_label(LARGE)])
def test_everything_lies_in_the_size_that_is_told(label):
    inside(label)
    assert label.width > 0


def test_the_value_stands_next_to_the_line_under_its_name_and_its_map():
    label = value_label(LARGE, "x")
    assert words(label) == ["x", "(2, 2)", "0 … 1"]
    lowest_cell = max(mark.top for mark in label.marks if isinstance(mark, Frame))
    assert lowest_cell < min(mark.y for mark in label.marks if isinstance(mark, Words))


def test_the_gradient_stands_under_a_dashed_arrow_that_points_back():
    label = gradient_label(Numbers(("2.2",)))
    line, head, text = label.marks
    assert isinstance(line, Curve)
    assert line.look == "backward"
    tip = min(head.points)
    assert tip[0] < line.path[0][0][0] < line.path[0][1][0]
    assert text.text == "2.2"


def test_cells_tell_their_sign_by_size_as_well_as_by_colour():
    cells = [mark for mark in value_label(LARGE, "").marks if isinstance(mark, Frame)][1:]
    positive, negative = cells
    assert (positive.look, positive.opacity) == ("positive", 0.5)
    assert (negative.look, negative.opacity) == ("negative", 1.0)
    assert negative.width < positive.width


def test_a_cell_without_a_number_is_crossed_out():
    crosses = [mark for mark in value_label(LARGE, "").marks if isinstance(mark, Curve)]
    assert [cross.look for cross in crosses] == ["unknown", "unknown"]


def test_rows_of_numbers_are_written_in_letters_of_one_width():
    rows = Numbers(("[ 1  2]", "[10  0]"), aligned=True)
    assert all(mark.mono for mark in value_label(rows, "").marks)


def test_the_part_from_inside_a_box_stands_under_the_whole():
    assert words(gradient_label(Numbers(("109",)), Numbers(("72",)))) == ["109", "72 of it inside"]
    label = gradient_label(LARGE, LARGE)
    assert words(label) == ["(2, 2)", "0 … 1", "a part of it inside"]
    inside(label)


def test_what_is_not_told_takes_no_room():
    assert value_label(None, "").height == gradient_label(None).height == 0
    assert words(value_label(None, "h")) == ["h"]
    assert stacked(()).width == 0


def test_a_map_of_many_cells_has_small_ones():
    row = (0.5, -0.5, math.nan) + (0.0,) * 25
    picture = value_label(Numbers((), heat=Heat((row,) * 28, 1.0)), "")
    cells = [mark for mark in picture.marks if isinstance(mark, Frame)][1:]

    inside(picture)
    assert picture.width == picture.height == 28 * 3 + 2
    assert {cell.width for cell in cells} == {3.0, 2.0}
