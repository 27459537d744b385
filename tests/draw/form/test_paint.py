"""Looks: colours that exist, that can be read on both papers, and never colour alone."""

from __future__ import annotations

import pytest

from gradatim.draw.form.paint import COLOURS, LOOKS


def luminance(colour):
    levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_every_look_takes_colours_that_there_are():
    names = {name for look in LOOKS.values() for name in (look.fill, look.stroke) if name}
    assert names <= COLOURS.keys()


@pytest.mark.parametrize("shade", [0, 1])
@pytest.mark.parametrize("ground", ["paper", "group"])
@pytest.mark.parametrize("letters", ["ink", "quiet", "forward", "backward"])
def test_letters_can_be_read_on_the_paper(letters, ground, shade):
    assert contrast(COLOURS[letters][shade], COLOURS[ground][shade]) >= 4.5


@pytest.mark.parametrize("shade", [0, 1])
@pytest.mark.parametrize("box", ["primitive", "variable", "parameter", "constant", "module"])
def test_letters_can_be_read_in_boxes(box, shade):
    assert contrast(COLOURS["ink"][shade], COLOURS[box][shade]) >= 7
    assert contrast(COLOURS["quiet"][shade], COLOURS[box][shade]) >= 4.5


def test_forward_and_backward_differ_in_more_than_colour():
    assert not LOOKS["forward"].dashes
    assert LOOKS["backward"].dashes


def test_positive_numbers_are_red_and_negative_ones_blue_as_in_charts_of_weights():
    assert LOOKS["positive"].fill == "backward"
    assert LOOKS["negative"].fill == "forward"
