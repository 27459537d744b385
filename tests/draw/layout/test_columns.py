"""Slots: a link has one in each column that it crosses, and its label one of its own."""

from __future__ import annotations

from gradatim.draw.layout.columns import Columns, cut, leads_of, with_labels


def test_a_long_link_has_a_slot_in_every_column():
    graph = cut([0, 1, 2, 3], [(0, 1), (1, 2), (2, 3), (0, 3)])
    assert graph.chains[3] == [0, 4, 5, 3]
    assert [len(column) for column in graph.columns] == [1, 2, 2, 1]


def test_neighbours_are_those_in_the_next_columns():
    graph = cut([0, 1, 2], [(0, 2), (1, 2)])
    assert graph.before[2] == [3, 1]
    assert graph.after[0] == [3]


def test_labels_get_a_column_only_where_there_are_any():
    links = [(0, 1), (1, 2)]
    graph, _ = with_labels(cut([0, 1, 2], links), [0, 1, 2], [False, True])
    assert graph.columns == [[0], [1], [3], [2]]
    assert graph.chains == [[0, 1], [1, 3, 2]]


def test_labels_stand_as_their_links_leave():
    rank, links = [0, 0, 1, 1], [(1, 2), (0, 3)]
    graph, _ = with_labels(cut(rank, links), rank, [True, True])
    # The links cross, but behind their labels.
    assert graph.columns[1] == [5, 4] or graph.columns[1] == [4, 5]
    sources = [graph.before[slot][0] for slot in graph.columns[1]]
    assert sources == [0, 1]
    assert [chain[1] in graph.columns[1] for chain in graph.chains] == [True, True]


def test_many_links_out_of_one_box_share_their_way():
    rank, links = [0, 1, 2, 3], [(0, 1), (1, 2), (2, 3), (0, 2), (0, 3), (0, 3)]
    leads = leads_of(rank, links, 2)
    assert leads == [4, 1, 2, 4, 4, 4]
    graph = cut(rank, links, leads)
    assert graph.chains == [[0, 1], [1, 2], [2, 3], [4, 2], [0, 4, 5, 3], [5, 3]]
    assert [graph.source(number) for number in range(6)] == [0, 1, 2, 0, 0, 0]
    assert graph.after[:2] == [[1, 4], [2]]
    assert graph.before[2:4] == [[1, 4], [2, 5]]
    assert graph.numbers() == [0, 1, 2, 3, 1, 2]


def test_labels_of_links_that_share_their_way_stand_where_they_have_parted():
    rank, links = [0, 1, 2, 3], [(0, 1), (1, 2), (2, 3), (0, 2), (0, 3), (0, 3)]
    coarse = cut(rank, links, leads_of(rank, links, 2))
    graph, labels = with_labels(coarse, rank, [True] * 6)
    assert len(set(labels)) == 6
    for number, chain in enumerate(graph.chains):
        assert chain[-2] == labels[number]
    assert graph.chains[5][0] in graph.chains[4]
    assert graph.leads == coarse.leads
    for slot, neighbours in enumerate(graph.before):
        assert len(set(neighbours)) == len(neighbours), slot


def test_labels_of_links_that_cross_behind_one_box_stand_in_the_order_of_their_ends():
    coarse = Columns([[0], [2, 1]], [[0, 1], [0, 2]])
    graph, labels = with_labels(coarse, [0, 1, 1], [True, True])
    assert graph.columns[1] == labels[::-1]


def test_one_box_that_leads_everywhere_takes_no_more_slots_than_the_longest_link():
    count = 400
    rank, links = list(range(count)), [(0, at) for at in range(1, count)]
    graph = cut(rank, links, leads_of(rank, links, 8))
    assert len(graph.before) == 2 * count - 2
    assert sum(map(len, graph.chains)) < 4 * count


def test_without_boxes_there_are_no_columns():
    assert cut([], []).columns == []
