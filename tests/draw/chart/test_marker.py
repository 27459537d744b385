"""Markers differ in shape, cover about as much, and stand where they are put."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw.chart.marker import marker
from gradatim.draw.chart.palette import MARKERS
from gradatim.draw.form.mark import Circle, Frame


def corners(kind):
    mark = marker(kind, 10.0, 20.0, 3.0, "point-blue")
    if isinstance(mark, Circle):
        turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        return mark.x + mark.radius * np.cos(turns), mark.y + mark.radius * np.sin(turns)
    if isinstance(mark, Frame):
        x, y = np.array([0, 1, 1, 0]) * mark.width, np.array([0, 0, 1, 1]) * mark.height
        return mark.left + x, mark.top + y
    return np.array(mark.points).T


def test_all_shapes_differ():
    assert len({np.round(np.array(corners(kind)), 3).tobytes() for kind in MARKERS}) == len(MARKERS)


@pytest.mark.parametrize("kind", MARKERS)
def test_a_marker_is_around_its_point(kind):
    x, y = corners(kind)
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2

    assert (x.min() + x.max()) / 2 == pytest.approx(10, abs=0.1)
    assert (y.min() + y.max()) / 2 == pytest.approx(20, abs=0.7)
    assert 14 < area < 36
