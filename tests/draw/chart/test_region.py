"""Regions of the plane, with the samples in them."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import regions
from gradatim.errors import DataError, ShapeError

pytest.importorskip("matplotlib")

X = np.array([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.0], [2.0, 1.0]])


def side(x):
    """The first class on the left, the second on the right."""
    return np.stack([-np.asarray(x.data)[:, 0], np.asarray(x.data)[:, 0]], axis=1)


def drawn(t, model=side):
    return regions(model, X, t).figure.axes[0]


def test_a_region_has_the_hue_of_its_class_and_is_pale_at_the_border():
    ground = drawn([0, 0, 1, 1]).images[0].get_array()

    left, middle, right = ground[100, 0], ground[100, 100], ground[100, -1]
    assert left.argmax() == 2  # blue
    assert right.argmax() == 0  # vermilion
    assert middle.min() > max(left.min(), right.min())


def test_the_border_is_where_two_classes_are_equally_probable():
    contours = [each for each in drawn([0, 0, 1, 1]).collections if hasattr(each, "levels")]

    for vertices in (path.vertices for each in contours for path in each.get_paths()):
        np.testing.assert_allclose(vertices[:, 0], 0, atol=1e-6)


def test_classes_have_marks_of_their_own_and_mistakes_are_ringed():
    axes = drawn([0, 1, 1, 1])
    names = [text.get_text() for text in axes.get_legend().get_texts()]

    assert names == ["class 0", "class 1", "wrong"]
    assert axes.get_title(loc="left") == "75.0% of 4 right"
    rings = axes.collections[-1]
    np.testing.assert_array_equal(rings.get_offsets(), [X[1]])
    assert len(rings.get_facecolors()) == 0  # the mark inside can be seen
    assert rings.get_sizes()[0] > axes.collections[-2].get_sizes()[0]
    marks = [each.get_paths()[0].vertices.shape for each in axes.collections[-3:-1]]
    assert marks[0] != marks[1]


def test_one_output_stands_for_two_classes():
    axes = drawn([0, 0, 1, 1], model=lambda x: np.asarray(x.data)[:, :1] * 9)

    assert axes.get_title(loc="left") == "100.0% of 4 right"


def test_what_is_infinite_is_refused():
    with pytest.raises(DataError, match=r"^regions: 1 of 4 samples hold NaN or infinity; they mus"):
        regions(side, np.where(X == 2, np.inf, X), [0, 0, 1, 1])


def test_samples_must_be_points_with_classes():
    with pytest.raises(ShapeError, match=r"^regions: a sample has shape \(3,\); it must be two"):
        regions(gd.nn.MLP([3, 2]), np.ones((4, 3)), [0, 1, 0, 1])
    with pytest.raises(DataError, match=r"^regions: nothing says of which class"):
        drawn(None)
