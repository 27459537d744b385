"""Pens are told apart by more than colour, on light paper and on dark."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gradatim.draw.chart.palette import LABEL_CONTRAST
from gradatim.draw.chart.pen import CHARTS, NAMES, Pen, paint_of, pen_of
from gradatim.draw.form.mark import Curve, Part
from gradatim.draw.form.paint import DRAWING


def luminance(colour):
    levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [((x + 0.055) / 1.055) ** 2.4 if x > 0.04045 else x / 12.92 for x in levels]
    return sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_no_two_of_many_pens_are_alike():
    pens = [pen_of(place) for place in range(28)]

    assert len({pen.line for pen in pens}) == 28
    for one, other in pairwise(pens):
        assert one.colour != other.colour
        assert one.dash != other.dash
        assert one.marker != other.marker


@pytest.mark.parametrize("dark", [False, True])
def test_lines_are_seen_and_letters_are_read_on_both_papers(dark):
    paper = CHARTS.colours["paper"][dark]
    for name in NAMES:
        assert contrast(CHARTS.colours[f"letters-{name}"][dark], paper) > LABEL_CONTRAST - 0.02
        assert contrast(CHARTS.colours[name][dark], paper) > 2


def test_names_mean_the_same_as_in_drawings():
    for name in CHARTS.colours.keys() & DRAWING.colours.keys():
        assert CHARTS.colours[name] == DRAWING.colours[name]
    for name in CHARTS.looks.keys() & DRAWING.looks.keys():
        assert CHARTS.looks[name] == DRAWING.looks[name]


def test_only_what_is_needed_is_carried_along():
    pen = Pen("green", "mixed", "P")
    inner = Part(("line",), {}, (Curve((), pen.line),))
    paint = paint_of([Part(("plot",), parts=(inner,))])

    assert set(paint.looks) == {"paper", "line-green-mixed"}
    assert set(paint.colours) == {"paper", "green"}
    assert paint.looks[pen.line].dashes


def test_every_look_of_every_pen_can_be_painted():
    for place in range(28):
        pen = pen_of(place)
        assert {pen.line, pen.point, pen.letters} <= CHARTS.looks.keys()
