"""Letters of every colour can be read."""

from __future__ import annotations

from gradatim.draw.chart.palette import COLOURS, LABEL_CONTRAST, readable


def test_letters_of_every_colour_can_be_read_on_white():
    for colour in COLOURS:
        levels = [int(readable(colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [((x + 0.055) / 1.055) ** 2.4 if x > 0.04045 else x / 12.92 for x in levels]
        luminance = sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear))
        assert 1.05 / (luminance + 0.05) > LABEL_CONTRAST - 0.02
