"""Paths: level, then bent without a corner, then onto the rim, each link at its own angle."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from gradatim.draw.layout.route import angles, merged, path
from gradatim.draw.layout.sheet import Place

CIRCLE = Place(100, 0, 36, 36)


def slopes(segments):
    """Direction at the begin and at the end of every segment."""
    for segment in segments:
        yield tuple(
            math.atan2(b[1] - a[1], b[0] - a[0])
            for a, b in ((segment[0], segment[1]), (segment[-2], segment[-1]))
        )


def test_a_level_link_is_one_line():
    assert path([(0, 10, 5), (20, 30, 5), (40, 50, 5)], Place(60, 5, 20, 20), None) == (
        ((0, 5), (50, 5)),
    )


def test_what_runs_at_one_height_is_one_stretch_and_gives_the_same_path():
    runs = [(0, 10, 5), (20, 30, 5.01), (40, 50, 9), (60, 70, 9)]
    assert merged(runs) == [(0, 30, 5), (40, 70, 9)]
    assert path(merged(runs), CIRCLE, 0.3) == path(runs, CIRCLE, 0.3)


@pytest.mark.parametrize("angle", [None, 0.0, 0.6, -0.8])
def test_a_bent_link_has_no_corners_and_no_gaps(angle):
    segments = path([(0, 10, 40), (20, 50, -20), (60, 70, 0)], CIRCLE, angle)
    for before, after in pairwise(segments):
        assert before[-1] == after[0]
    for before, after in pairwise(slopes(segments)):
        assert before[1] == pytest.approx(after[0], abs=1e-6)


@pytest.mark.parametrize("angle", [0.0, 0.5, -0.5])
def test_a_link_ends_on_the_rim_and_points_to_the_centre(angle):
    x, y = path([(0, 40, 30)], CIRCLE, angle)[-1][-1]
    assert math.hypot(x - 100, y) == pytest.approx(18)
    last = list(slopes(path([(0, 40, 30)], CIRCLE, angle)))[-1][1]
    assert last == pytest.approx(math.atan2(-y, 100 - x), abs=1e-6)


def test_arrows_on_one_rim_keep_apart():
    for rises in ([0, 0, 0], [-90, -1, 0, 1, 2], [50, 60], list(range(12))):
        found = angles(rises, 50)
        assert found == sorted(found)
        assert max(found) <= math.radians(51)
        assert min(found) >= math.radians(-51)
        gaps = [b - a for a, b in pairwise(found)]
        assert min(gaps) > math.radians(8)


def test_two_equal_links_arrive_evenly():
    low, high = angles([0, 0], 50)
    assert low == pytest.approx(-high)


def test_a_single_link_arrives_from_where_it_comes():
    assert angles([0.0], 50) == [0.0]
    assert angles([20.0], 50) == [pytest.approx(math.atan2(20, 50))]
