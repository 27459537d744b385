"""Columns on the sheet: as wide as their widest, and further apart where links are steep."""

from __future__ import annotations

from gradatim.draw.layout.columns import Columns
from gradatim.draw.layout.place import IN, OUT, spans

GRAPH = Columns([[0, 1], [2]], [[0, 2], [1, 2]])


def test_a_column_is_as_wide_as_its_widest_slot():
    first, second = spans(GRAPH, [10, 40, 25], [0, 0, 0], 3)
    assert first.right - first.left == 40
    assert second.right - second.left == 25
    assert second.middle == (second.left + second.right) / 2


def test_steep_links_get_room_to_bend():
    gaps = []
    for fall in (0, 50, 100, 5000):
        first, second = spans(GRAPH, [10, 10, 10], [0, fall, 0], 3)
        gaps.append(second.left - first.right)
    assert gaps[0] == IN < gaps[1] < gaps[2] < gaps[3] < 120


def test_arrows_need_more_room_than_links_that_leave():
    first, second = spans(Columns([[0], [1]], [[0, 1]]), [10, 10], [0, 0], 1)
    assert second.left - first.right == OUT < IN
