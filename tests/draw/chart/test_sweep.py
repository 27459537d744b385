"""A sweep is drawn with both errors, what was predicted of them, and the valley between."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import sweep
from gradatim.errors import DtypeError

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def found():
    return gd.check.sweep(lambda a, b: gd.exp(a) * b, [0.5, 1.0], 2.0, steps=10.0 ** -np.arange(9))


def lines(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_each_argument_has_a_panel_with_both_axes_logarithmic(found):
    figure = sweep(found).figure

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b"]
    assert {(axes.get_xscale(), axes.get_yscale()) for axes in figure.axes} == {("log", "log")}


def test_measured_and_predicted_lines_are_there(found):
    drawn = lines(sweep(found).figure.axes[0])

    assert set(drawn) == {
        "truncation, predicted",
        "round-off, predicted",
        "central difference",
        "Richardson",
    }
    np.testing.assert_array_equal(drawn["central difference"].get_ydata(), found["a"].central)
    assert drawn["round-off, predicted"].get_linestyle() == "--"
    assert drawn["central difference"].get_linestyle() == "-"


def test_steps_go_from_wide_to_narrow(found):
    left, right = sweep(found).figure.axes[0].get_xlim()

    assert left > right


def test_the_valley_is_marked(found):
    texts = [text.get_text() for text in sweep(found).figure.axes[0].texts]

    assert texts == [f"valley: h = {found['a'].valley:.0e}, {found['a'].central.min():.0e}"]


def test_a_difference_of_nothing_can_be_drawn():
    still = gd.check.sweep(gd.sign, [1.0], steps=[1e-1, 1e-2])

    assert len(sweep(still).figure.axes[0].texts) == 0


def test_an_odd_number_of_panels():
    three = gd.check.sweep(lambda a, b, c: a * b * c, 1.0, 2.0, 3.0, steps=[1e-1, 1e-3])

    assert len(sweep(three).figure.axes) == 3


def test_its_words_stay_words(found):
    root = ElementTree.fromstring(sweep(found, title="Over the step").svg())
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Over the step" in texts
    assert "1e-04" in texts
    assert not any("$" in text for text in texts if text)


def test_the_name_of_the_valley_covers_no_line(found):
    """At the top, between the two errors; on the side where there is more room."""
    figure = sweep(found).figure
    figure.draw_without_rendering()
    axes = figure.axes[0]
    box = axes.texts[0].get_window_extent()

    for line in axes.lines:
        points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
        points = points[np.isfinite(points).all(axis=1)]
        between = np.linspace(points[:-1], points[1:], 50).reshape(-1, 2)
        if len(points) > 2:
            assert not any(box.contains(*point) for point in between)
    assert axes.bbox.x0 < box.x0 < box.x1 < axes.bbox.x1


def test_what_is_no_sweep_is_refused():
    with pytest.raises(DtypeError) as caught:
        sweep(3)
    assert str(caught.value) == (
        "sweep: it was given int; it must be what gd.check.sweep found.\n"
        "  Try gd.draw.sweep(gd.check.sweep(f, x))."
    )
