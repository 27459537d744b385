"""Pictures with what they are taken for: mistakes first, told by colour and by mark."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import predictions
from gradatim.draw.chart.palette import RIGHT, WRONG, readable
from gradatim.errors import DataError, ShapeError

pytest.importorskip("matplotlib")

X = np.arange(16.0).reshape(4, 4)
P = np.array([[0.6, 0.4, 0.0], [0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.3, 0.4]])


def model(x):
    """Probabilities of the four samples above."""
    return P[(np.asarray(x.data)[:, 0] / 4).astype(int)]


def headlines(chart):
    axes = chart.figure.axes[0]
    return [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]


def test_the_worst_mistakes_come_first_and_then_the_least_sure():
    chart = predictions(model, X, [1, 1, 1, 2])

    assert headlines(chart) == ["✗ 1 taken for 0", "✗ 1 taken for 0", "✓ 2", "✓ 1"]
    first, second = (image.get_array() for image in chart.figure.axes[0].images[:2])
    np.testing.assert_array_equal(np.ravel(first), X[1])  # 0.1 for its truth, the other 0.4
    np.testing.assert_array_equal(np.ravel(second), X[0])
    note = chart.figure.axes[0].get_title(loc="left")
    assert note == "2 of 4 wrong (50.00% right), the worst first"


def test_right_and_wrong_differ_in_colour_too():
    texts = predictions(model, X, [1, 1, 1, 2]).figure.axes[0].texts
    colours = {text.get_text()[0]: text.get_color() for text in texts}

    assert (colours["✗"], colours["✓"]) == (readable(WRONG), readable(RIGHT))


def test_the_true_class_is_shown_even_if_it_is_not_among_the_best():
    def sure(x):
        return np.array([[0.0, 0.1, 0.2, 0.3, 0.4]])

    texts = [text.get_text() for text in predictions(sure, X[:1], [0]).figure.axes[0].texts]

    assert texts == ["✗ 0 taken for 4", "4", "40.0%", "3", "30.0%", "0 (true)", "0.0%"]


def test_without_targets_the_least_sure_come_first():
    chart = predictions(model, X, count=2)

    assert headlines(chart) == ["2", "0"]
    assert chart.figure.axes[0].get_title(loc="left") == "2 of 4 pictures, the least sure first"


def test_classes_have_their_names_short():
    data = gd.data.Dataset(X, [1, 1, 1, 2], class_names=["고양이", "a very long name of it", "犬"])

    assert headlines(predictions(model, data))[0] == "✗ a very long… taken for 고양이"


def test_long_names_and_percentages_do_not_touch():
    data = gd.data.Dataset(
        X, [1, 1, 1, 2], class_names=["비행기와 자동차와 배", "犬の写真", "mmmmmmmmmmmm"]
    )
    axes = predictions(model, data).figure.axes[0]
    boxes = [text.get_window_extent() for text in axes.texts]

    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match=r"^predictions: count is 0; it must be 1 or more"):
        predictions(model, X, count=0)
    with pytest.raises(ShapeError, match=r"^predictions: 2 numbers are no square picture"):
        predictions(model, X[:, :2])


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "0.0%"), (1e-9, "< 0.1%"), (0.0005, "0.1%"), (0.9994, "99.9%"), (0.99999, "> 99.9%")],
)
def test_nothing_is_called_certain_that_is_not(share, told):
    def sure(x):
        return np.array([[1 - share, share]])

    texts = [text.get_text() for text in predictions(sure, X[:1], [1]).figure.axes[0].texts]
    assert told in texts
