"""Blocks with a source of their own move next to where they lead, and no further than they can."""

from __future__ import annotations

from itertools import pairwise

from gradatim.draw.layout.columns import Columns
from gradatim.draw.layout.settle import settled

# Two sources, the second with a slot for its label; both lead to one box.
GRAPH = Columns([[0, 1], [3, 4], [2]], [[0, 3, 2], [1, 4, 2]])
SPINE = {(0, 3): 0.0, (3, 2): 0.0}
ROOM = [10.0] * 5


def test_a_source_moves_with_its_label_to_what_it_leads_to():
    y = settled(GRAPH, ROOM, ROOM, SPINE, [10, 90, 10, 10, 90])
    assert y == [10, 30, 10, 10, 30]


def test_what_stands_well_stays():
    y = [10.0, 30.0, 10.0, 10.0, 30.0]
    assert settled(GRAPH, ROOM, ROOM, SPINE, y) == y


def test_nothing_given_is_changed():
    y = [10, 90, 10, 10, 90]
    settled(GRAPH, ROOM, ROOM, SPINE, y)
    assert y == [10, 90, 10, 10, 90]


def test_room_and_order_are_kept():
    room = [5.0, 22.0, 5.0, 5.0, 40.0]
    y = settled(GRAPH, room, room, SPINE, [10, 190, 10, 10, 190])
    for column in GRAPH.columns:
        for a, b in pairwise(column):
            assert y[b] - y[a] >= room[a] + room[b]
    assert y[1] == y[4] < 190
    assert min(at - over for at, over in zip(y, room)) == 0


def test_a_source_above_comes_down():
    upside_down = Columns([[1, 0], [4, 3], [2]], [[0, 3, 2], [1, 4, 2]])
    y = settled(upside_down, ROOM, ROOM, SPINE, [200, 10, 200, 200, 10])
    assert y[0] - y[1] == 20
    assert min(y) == 10


def test_of_two_targets_the_one_that_should_be_level_counts_more():
    graph = Columns([[0], [1, 2]], [[0, 1], [0, 2]])
    y = settled(graph, [10] * 3, [10] * 3, {(0, 2): 0.0}, [40, 10, 70])
    assert y[0] == y[2] == 70
