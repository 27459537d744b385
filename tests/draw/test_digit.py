"""A digit and its probabilities are readable in any terminal."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradatim.draw.digit import bars, digit_text
from gradatim.errors import DataError, DtypeError, ShapeError

GREY = re.compile(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m▀")


@pytest.fixture
def digit():
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    image[4:24, 16] = 128
    return image


def shown(text):
    """The grey levels that a coloured text shows, two rows a line."""
    rows = []
    for line in text.split("\n"):
        cells = [tuple(map(int, match)) for match in GREY.findall(line)]
        assert all(a == b == c and d == e == f for a, b, c, d, e, f in cells)
        rows += [[cell[0] for cell in cells], [cell[3] for cell in cells]]
    return np.array(rows)


# --- plain text -----------------------------------------------------------------------------


def test_plain_text_is_two_columns_a_pixel(digit):
    lines = digit_text(digit).split("\n")
    assert len(lines) == 28
    assert {len(line) for line in lines} == {56}
    assert lines[3] == " " * 56
    assert lines[4] == " " * 24 + "@" * 8 + "++" + " " * 22


def test_plain_text_is_ascii_without_control_characters(digit):
    text = digit_text(digit)
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))


def test_brighter_pixels_get_denser_characters():
    ramp = np.linspace(0, 255, 10).astype(np.uint8)[None]
    assert digit_text(ramp) == "".join(letter * 2 for letter in " .:-=+*#%@")
    shares = [digit_text(np.arange(256, dtype=np.uint8)[None]).count(s) for s in " .:-=+*#%@"]
    assert set(shares) == {50, 52}


@pytest.mark.parametrize(("width", "columns", "rows"), [(28, 28, 14), (29, 28, 14), (112, 112, 56)])
def test_the_width_is_kept_and_so_is_the_aspect(digit, width, columns, rows):
    lines = digit_text(digit, width).split("\n")
    assert len(lines) == rows
    assert {len(line) for line in lines} == {columns}


def test_shrinking_averages_over_areas():
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert set(digit_text(board, 8)) == {"=", "\n"}
    assert shown(digit_text(board, 4, color=True)).tolist() == [[128] * 4] * 4


def test_any_height_and_width_are_drawn():
    wide = digit_text(np.full((3, 10), 255, np.uint8)).split("\n")
    assert wide == ["@" * 20] * 3
    assert digit_text(np.full((1, 100), 255, np.uint8), 2) == "@@"


# --- colour ---------------------------------------------------------------------------------


def test_colour_shows_every_pixel_exactly(digit):
    np.testing.assert_array_equal(shown(digit_text(digit, color=True)), digit)


def test_colour_is_one_column_a_pixel_and_two_rows_a_line(digit):
    lines = digit_text(digit, color=True).split("\n")
    assert len(lines) == 14
    assert all(line.count("▀") == 28 for line in lines)


def test_colour_is_reset_at_the_end_of_every_line(digit):
    assert all(line.endswith("\x1b[0m") for line in digit_text(digit, color=True).split("\n"))


def test_an_odd_number_of_rows_ends_in_black():
    assert shown(digit_text(np.full((3, 2), 200, np.uint8), color=True)).tolist() == [
        *[[200, 200]] * 3,
        [0, 0],
    ]


# --- what cannot be drawn -------------------------------------------------------------------


@pytest.mark.parametrize("image", [np.zeros(784, np.uint8), np.zeros((0, 3), np.uint8), [[0]]])
def test_the_image_must_be_a_plane(image):
    with pytest.raises(ShapeError, match=r"it must be .* \(H, W\). Did you mean image\.reshape"):
        digit_text(image)


def test_the_levels_must_be_bytes():
    with pytest.raises(DtypeError, match=r"is float64; it must be uint8, .* try \(255 \* image\)"):
        digit_text(np.zeros((2, 2)))


@pytest.mark.parametrize(("width", "color"), [(1, False), (0, True), (-5, False)])
def test_the_width_must_hold_a_pixel(digit, width, color):
    with pytest.raises(DataError, match=rf"the width is {width}; a pixel takes {2 - color} col"):
        digit_text(digit, width, color=color)


def test_the_image_is_not_mutated(digit):
    digit.flags.writeable = False
    before = digit.copy()
    digit_text(digit)
    digit_text(digit, 10, color=True)
    np.testing.assert_array_equal(digit, before)


# --- bars -----------------------------------------------------------------------------------


def test_a_bar_is_as_long_as_its_value():
    assert bars([0, 0.5, 1], width=10).split("\n") == [
        "0  0.000",
        "1  0.500  █████",
        "2  1.000  ██████████",
    ]


@pytest.mark.parametrize(
    ("value", "bar"), [(1 / 8, "▏"), (4 / 8, "▌"), (7 / 8, "▉"), (1.0, "█"), (0.99, "█")]
)
def test_blocks_show_eighths_of_a_column(value, bar):
    assert bars([value], width=1).split("  ")[2] == bar


def test_without_blocks_it_is_ascii():
    text = bars(np.array([0.25, 0.75], np.float32), ["a", "b"], width=4, blocks=False)
    assert text == "a  0.250  #\nb  0.750  ###"


def test_values_above_one_share_the_width():
    assert bars([1, 4], width=8).split("\n") == ["0  1.000  ██", "1  4.000  ████████"]


def test_labels_are_aligned_by_the_columns_they_take():
    assert bars([0, 0, 0], ["영", "one", "いち"]).split("\n") == [
        "  영  0.000",
        " one  0.000",
        "いち  0.000",
    ]


def test_values_that_are_not_finite_have_no_bar():
    assert bars([np.nan, np.inf, 1], width=4).split("\n") == [
        "0  nan",
        "1  inf",
        "2  1.000  ████",
    ]


def test_no_values_are_no_lines():
    assert bars([]) == ""


@pytest.mark.parametrize(("values", "labels"), [([1, 2], ["a"]), ([[1, 2]], None)])
def test_there_must_be_one_label_for_each_value(values, labels):
    with pytest.raises(ShapeError, match=r"must be \(C,\) with one label each"):
        bars(values, labels)


@pytest.mark.parametrize(("values", "width"), [([-1.0, 2.0], 40), ([1.0], 0)])
def test_values_are_not_negative_and_the_width_is_positive(values, width):
    with pytest.raises(DataError, match=r"at least 1 and no value negative. Did you mean softmax"):
        bars(values, width=width)
