"""A sweep is drawn with both errors, what was predicted of them, and the valley between."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw.chart.sweep import draw_sweep, save_sweep
from gradatim.errors import BackendError, DataError

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def found():
    return gd.check.sweep(lambda a, b: gd.exp(a) * b, [0.5, 1.0], 2.0, steps=10.0 ** -np.arange(9))


def lines(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_each_argument_has_a_panel_with_both_axes_logarithmic(found):
    figure = draw_sweep(found)

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b"]
    assert {(axes.get_xscale(), axes.get_yscale()) for axes in figure.axes} == {("log", "log")}


def test_measured_and_predicted_lines_are_there(found):
    drawn = lines(draw_sweep(found).axes[0])

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
    left, right = draw_sweep(found).axes[0].get_xlim()

    assert left > right


def test_the_valley_is_marked(found):
    texts = [text.get_text() for text in draw_sweep(found).axes[0].texts]

    assert texts == [f"valley: h = {found['a'].valley:.0e}, {found['a'].central.min():.0e}"]


def test_a_difference_of_nothing_can_be_drawn():
    still = gd.check.sweep(gd.sign, [1.0], steps=[1e-1, 1e-2])

    assert len(draw_sweep(still).axes[0].texts) == 0


def test_an_odd_number_of_panels():
    three = gd.check.sweep(lambda a, b, c: a * b * c, 1.0, 2.0, 3.0, steps=[1e-1, 1e-3])

    assert len(draw_sweep(three).axes) == 3


def test_the_same_sweep_gives_the_same_bytes(found, tmp_path):
    for name in ("one.svg", "two.svg"):
        save_sweep(tmp_path / name, found, title="Over the step")

    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    root = ElementTree.parse(tmp_path / "one.svg").getroot()
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Over the step" in texts
    assert "1e-04" in texts
    assert not any("$" in text for text in texts if text)


def test_png(found, tmp_path):
    save_sweep(tmp_path / "sweep.png", found)

    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_another_suffix_is_refused(found, tmp_path):
    with pytest.raises(DataError, match=r"must be \.svg or \.png\. Did you mean sweep\.svg\?"):
        save_sweep(tmp_path / "sweep.pdf", found)


def test_without_matplotlib_it_says_what_to_install(found, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)

    with pytest.raises(BackendError, match=r'pip install "gradatim\[plot\]"'):
        save_sweep(tmp_path / "sweep.svg", found)


def test_the_name_of_the_valley_covers_no_line(found):
    """At the top, between the two errors; on the side where there is more room."""
    figure = draw_sweep(found)
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
