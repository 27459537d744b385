"""Corners: a line through points has none that is sharp, and no gap."""

from __future__ import annotations

from itertools import pairwise

from gradatim.draw.layout.turn import rounded


def test_a_line_without_a_corner_is_one_piece():
    assert rounded([(0, 0), (20, 0)]) == [((0, 0), (20, 0))]


def test_corners_are_curves_and_there_is_no_gap():
    segments = rounded([(0, 0), (20, 0), (20, 30), (-10, 30)])
    assert [len(segment) for segment in segments] == [2, 4, 2, 4, 2]
    assert segments[0][0] == (0, 0)
    assert segments[-1][-1] == (-10, 30)
    for before, after in pairwise(segments):
        assert before[-1] == after[0]


def test_where_there_is_little_room_a_corner_is_smaller():
    curve = rounded([(0, 0), (20, 0), (20, 4), (0, 4)])[1]
    assert curve == ((18, 0), (20, 0), (20, 0), (20, 2))
