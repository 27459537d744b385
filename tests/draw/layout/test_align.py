"""Heights: level where it matters, and never closer than the room that is needed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gradatim.draw.layout import align
from gradatim.draw.layout.align import heights
from gradatim.draw.layout.columns import Columns, cut
from gradatim.draw.layout.order import put_in_order
from gradatim.draw.layout.rank import ranks


def all_pieces(graph):
    return {piece: 0.0 for chain in graph.chains for piece in pairwise(chain)}


def ordered(links, count):
    graph = cut(ranks(count, links), links)
    put_in_order(graph)
    return graph


def test_a_chain_is_level():
    graph = ordered([(0, 1), (1, 2)], 3)
    assert heights(graph, [10] * 3, [10] * 3, all_pieces(graph), 3) == [10, 10, 10]


def test_a_long_link_is_level_between_its_ends():
    links = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]
    graph = ordered(links, 5)
    room = [10.0] * len(graph.before)
    y = heights(graph, room, room, all_pieces(graph), 5)
    passages = {y[slot] for slot in graph.chains[4][1:-1]}
    assert len(passages) == 1


def test_two_inputs_stand_evenly_about_their_result():
    graph = ordered([(0, 2), (1, 2)], 3)
    y = heights(graph, [10] * 3, [10] * 3, all_pieces(graph), 3)
    assert y[2] == pytest.approx((y[0] + y[1]) / 2)


def test_only_pieces_that_should_be_level_pull():
    graph = ordered([(0, 2), (1, 2)], 3)
    y = heights(graph, [10] * 3, [10] * 3, {(1, 2): 0.0}, 3)
    assert y[2] == y[1] != y[0]


def test_a_port_below_the_middle_moves_its_neighbour_down():
    graph = ordered([(0, 1)], 2)
    y = heights(graph, [10] * 2, [10] * 2, {(0, 1): 7.0}, 2)
    assert y[1] - y[0] == 7


def test_a_long_link_stays_level_where_a_short_one_crosses_it():
    for inner in ([1, 4], [5, 2]), ([4, 1], [2, 5]):
        graph = Columns([[0], *inner, [3]], [[0, 4, 5, 3], [1, 2]])
        kept = align._without_crossings(graph, all_pieces(graph), 4)
        assert kept == [(0, 4), (4, 5), (5, 3)]


def test_slots_keep_their_room():
    links = [(0, 3), (1, 3), (2, 3), (0, 4), (2, 4), (3, 5), (4, 5), (0, 5)]
    graph = ordered(links, 6)
    count = len(graph.before)
    over, under = [5.0 + slot for slot in range(count)], [3.0 + slot for slot in range(count)]
    y = heights(graph, over, under, all_pieces(graph), 6)
    for column in graph.columns:
        for a, b in pairwise(column):
            assert y[b] - y[a] >= under[a] + over[b] - 1e-9
    assert min(at - room for at, room in zip(y, over)) == pytest.approx(0)


def test_a_block_with_room_under_itself_is_lowered():
    # 1 and 4 are one block, which 2 and 3 hold down; 0 has nothing but room.
    view = align._View([[0, 1], [2, 3, 4]], [[]] * 5, [5.0] * 5, [5.0] * 5, 1)
    assert align._packed(view, [0, 1, 2, 3, 1], [0.0] * 5) == [10, 20, 0, 10, 20]


def test_the_two_middle_heights_count_and_not_those_that_stray():
    runs = [[0.0, 10.0]] * 3 + [[0.0, 30.0]]
    assert align._balanced(runs, [1, 1], [1, 1]) == [1, 11]


def test_nothing_has_no_height():
    assert heights(Columns([], []), [], [], {}, 0) == []
