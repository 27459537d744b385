"""Paths of descent over contours."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw import descent
from gradatim.errors import DataError, DtypeError, ShapeError

START = np.array([[-3.0, 4.0]])


def bowl(x, y):
    return x**2 + y**2


def walk(rate, steps=20):
    return np.stack([START[0] * (1 - 2 * rate) ** k for k in range(steps + 1)])


def drawn(axes):
    """The path and the text below it."""
    return axes.lines[0].get_xydata(), axes.texts[-1].get_text()


def test_each_path_has_a_panel_with_contours():
    paths = {"quick": walk(0.1), "slow": walk(0.001)}
    figure = descent(bowl, paths, title="Descent").figure

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["quick", "slow"]
    assert figure.get_suptitle() == "Descent"
    assert all(len(axes.collections[0].get_paths()) >= 10 for axes in figure.axes)


def test_a_path_that_stays_is_drawn_whole():
    points, text = drawn(descent(bowl, {"quick": walk(0.1)}).figure.axes[0])

    np.testing.assert_array_equal(points, walk(0.1))
    assert text == "after 20 steps: (-0.0346, 0.0461)"


def test_a_path_that_leaves_is_cut_off_with_an_arrow():
    axes = descent(bowl, {"wild": walk(1.2)}, reach=6.0).figure.axes[0]
    points, text = drawn(axes)

    assert len(points) == 2  # (-3, 4) and (4.2, -5.6); the next is outside
    arrow = next(each for each in axes.texts if getattr(each, "arrow_patch", None) is not None)
    assert max(abs(c) for c in arrow.xy) == pytest.approx(6.0)
    assert text.startswith("after 20 steps")


def test_a_first_step_out_of_the_panel_is_an_arrow_from_the_start():
    axes = descent(bowl, {"wild": walk(10.0)}).figure.axes[0]
    points, _ = drawn(axes)

    np.testing.assert_array_equal(points, START)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_path_that_is_not_finite_diverged(bad):
    path = np.vstack([walk(0.1, 2), [[bad, 1.0]]])
    points, text = drawn(descent(bowl, {"wild": path}).figure.axes[0])

    assert len(points) == 3
    assert text == "diverged within 3 steps"


def test_a_flat_function_has_no_contours():
    axes = descent(lambda x, y: np.zeros_like(x), {"flat": START}).figure.axes[0]

    assert not axes.collections
    assert drawn(axes)[1] == "after 0 steps: (-3, 4)"


def test_no_path_is_refused():
    with pytest.raises(DataError, match="there is no path to draw; give one or more"):
        descent(bowl, {})


@pytest.mark.parametrize("shape", [(4,), (4, 3), (0, 2)])
def test_a_path_of_another_shape_is_refused(shape):
    with pytest.raises(ShapeError, match=r"the path 'walk' has shape .* must be \(steps \+ 1, 2\)"):
        descent(bowl, {"walk": np.zeros(shape)})


def test_what_is_no_function_or_has_no_names_is_refused():
    with pytest.raises(DtypeError, match=r"^descent: the heights are int; they must be a function"):
        descent(3, {"walk": walk(0.1)})
    with pytest.raises(
        DtypeError, match=r"^descent: the paths are ndarray; they must be a dict .*T"
    ):
        descent(bowl, walk(0.1))


def test_a_start_that_is_not_finite_is_refused():
    with pytest.raises(DataError, match=r"starts at .*; a start must be finite"):
        descent(bowl, {"walk": np.array([[np.nan, 0.0]])})


def test_the_callers_path_is_left_alone():
    path = np.vstack([walk(0.1, 2), [[np.inf, 1.0]]])
    before = path.copy()
    descent(bowl, {"walk": path})

    np.testing.assert_array_equal(path, before)
