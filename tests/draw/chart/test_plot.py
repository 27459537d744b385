"""Plots stand beside each other, and nothing in them touches."""

from __future__ import annotations

import numpy as np

from draw.chart.seen import numbers, parts, plots, words
from gradatim.draw.chart.axis import Axis, linear_axis, time_axis
from gradatim.draw.chart.line import Line, loss_text
from gradatim.draw.chart.pen import pen_of
from gradatim.draw.chart.plot import Plot, scene_of
from gradatim.draw.chart.sketch import Sketch
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Words


def plot(*values, title="loss", note=""):
    x = np.arange(len(values[0])) if values else np.zeros(0)
    lines = tuple(
        Line(f"run {k}", x, np.array(y, float), pen_of(k), loss_text) for k, y in enumerate(values)
    )
    up = linear_axis(np.concatenate([line.y for line in lines])) if lines else Axis(0, 1)
    return Plot(title, "step", lines, time_axis(x, 340.0, whole=True), up, note=note)


def boxes(part):
    """Left, right, top and bottom of all words."""
    own = []
    for mark in part.marks:
        if isinstance(mark, Words):
            width = width_of(mark.text, mark.size)
            left = mark.x - width * (1.0 if mark.ending else 0.5 if mark.centred else 0.0)
            own.append((left, left + width, mark.y - 0.75 * mark.size, mark.y + 0.2 * mark.size))
    return own + [box for inner in part.parts for box in boxes(inner)]


def test_no_word_touches_another_or_leaves_the_sheet():
    many = [[k / 10, 5 + k / 1000] for k in range(16)]
    scene = scene_of([plot(*many, note="a note"), plot([1e-9, 2e-9], title="other")], "title")
    found = [box for part in scene.parts for box in boxes(part)]

    for k, (left, right, top, bottom) in enumerate(found):
        assert left >= 0
        assert right <= scene.width
        assert top >= 0
        assert bottom <= scene.height
        for other in found[:k]:
            assert right < other[0] or other[1] < left or bottom < other[2] or other[3] < top


def test_a_long_title_has_several_lines():
    long = scene_of([plot([1, 2])], "손글씨 숫자의 학습 " * 6)

    assert long.width == scene_of([plot([1, 2])], "").width
    assert long.height > scene_of([plot([1, 2])], "short").height
    assert long.title == "손글씨 숫자의 학습 " * 6


def test_gridlines_stand_at_the_numbers_beside_them():
    (part,) = plots(Sketch("x", scene_of([plot([0, 1])], ""))).values()
    (axes,) = parts(part, "axes")
    heights = [mark.path[0][0][1] for mark in axes.marks if mark.look == "grid"]
    beside = [mark for mark in axes.marks if isinstance(mark, Words) and mark.ending]

    assert [mark.text for mark in beside] == numbers(part)[: len(heights)]
    assert len(heights) >= 4
    for height, mark in zip(heights, beside, strict=True):
        assert abs(mark.y - height) < mark.size / 2


def test_a_line_that_ends_early_is_named_beside_all_the_same_but_not_led_to():
    early = plot([1, 2, 3], [3, 2, np.nan])
    (part,) = plots(Sketch("x", scene_of([early], ""))).values()

    led = [any(mark.look == "leader" for mark in name.marks) for name in parts(part, "name")]
    assert led == [True, False]


def test_an_empty_plot_says_so():
    (part,) = plots(Sketch("x", scene_of([plot()], ""))).values()

    assert words(part) == ["loss", "no finite values", "step"]
