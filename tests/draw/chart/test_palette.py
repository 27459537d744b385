"""Series are told apart by more than colour, and letters can be read."""

from __future__ import annotations

from itertools import pairwise

from gradatim.draw.chart.palette import COLOURS, LABEL_CONTRAST, line_of, readable


def test_no_two_of_many_lines_look_alike():
    looks = [line_of(place) for place in range(28)]
    assert len({str(look) for look in looks}) == 28
    for one, other in pairwise(looks):
        assert one["color"] != other["color"]
        assert one["linestyle"] != other["linestyle"]


def test_letters_of_every_colour_can_be_read_on_white():
    for colour in COLOURS:
        levels = [int(readable(colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [((x + 0.055) / 1.055) ** 2.4 if x > 0.04045 else x / 12.92 for x in levels]
        luminance = sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear))
        assert 1.05 / (luminance + 0.05) > LABEL_CONTRAST - 0.02
