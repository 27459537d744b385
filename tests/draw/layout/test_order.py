"""Crossings are counted rightly, taken away where that can be, and inputs keep their order."""

from __future__ import annotations

import random

import pytest

from gradatim.draw.layout import order
from gradatim.draw.layout.columns import Columns, cut
from gradatim.draw.layout.order import crossings, put_in_order
from gradatim.draw.layout.rank import ranks


def by_comparing_all(graph):
    position = graph.positions()
    count = 0
    for column in graph.columns:
        pieces = [(position[a], position[b]) for a in column for b in graph.after[a]]
        count += sum((a - c) * (b - d) < 0 for a, b in pieces for c, d in pieces) // 2
    return count


def tangle(seed, count=30):
    choose = random.Random(seed)
    links = [(choose.randrange(max(0, j - 6), j), j) for j in range(1, count) for _ in range(2)]
    return cut(ranks(count, links), links)


@pytest.mark.parametrize("seed", range(3))
def test_crossings_are_counted_as_by_comparing_all_pairs(seed):
    assert crossings(tangle(seed)) == by_comparing_all(tangle(seed))


@pytest.mark.parametrize("seed", range(3))
def test_ordering_takes_crossings_away_and_tells_how_many_are_left(seed):
    graph = tangle(seed)
    before = crossings(graph)
    assert put_in_order(graph) == crossings(graph) < 0.7 * before


def test_a_tree_has_no_crossings():
    choose = random.Random(1)
    links = [(j, choose.randrange(j)) for j in range(1, 60)]
    choose.shuffle(links)
    graph = cut(ranks(60, links), links)
    assert put_in_order(graph) == 0


def test_inputs_stand_in_the_order_of_the_formula():
    links = [(2, 3), (0, 3), (1, 3)]
    graph = cut([0, 0, 0, 1], links)
    put_in_order(graph)
    assert graph.columns[0] == [2, 0, 1]


def test_what_has_to_cross_crosses_once():
    graph = Columns([[0, 1], [2, 3]], [[0, 2], [0, 3], [1, 2], [1, 3]])
    assert put_in_order(graph) == 1


@pytest.mark.parametrize(("seed", "walks"), [(0, 2), (None, 1)])
def test_where_crossings_are_left_another_first_order_is_tried(monkeypatch, seed, walks):
    graph = cut([0, 1], [(0, 1)]) if seed is None else tangle(seed)
    walk, sides = order._walk, []
    monkeypatch.setattr(
        order, "_walk", lambda graph, near, far: sides.append(near) or walk(graph, near, far)
    )
    put_in_order(graph)
    assert sides == [graph.before, graph.after][:walks]


def test_exchanges_take_away_what_sweeps_leave(monkeypatch):
    whole = sum(put_in_order(tangle(seed)) for seed in range(3))
    monkeypatch.setattr(order, "_exchange", lambda graph, passes: None)
    assert sum(put_in_order(tangle(seed)) for seed in range(3)) > whole


def test_a_slot_without_neighbours_on_one_side_stays_where_it_is():
    graph = Columns([[0, 1], [2, 3, 4]], [[0, 4], [1, 2]])
    order._sweep(graph, forwards=True)
    assert graph.columns == [[0, 1], [4, 3, 2]]


def test_no_slot_is_lost():
    graph = tangle(0)
    before = sorted(slot for column in graph.columns for slot in column)
    put_in_order(graph)
    assert sorted(slot for column in graph.columns for slot in column) == before
