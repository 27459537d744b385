"""Slots: a link has one in each column that it crosses, and its label one of its own."""

from __future__ import annotations

from gradatim.draw.layout.columns import bundles, cut, with_labels


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
    bundle = bundles(links, 2)
    assert bundle == [0, 1, 2, 0, 0, 0]
    graph = cut(rank, links, bundle)
    assert [graph.chains[number] for number in (3, 4, 5)] == [[0, 4, 2], [0, 4, 5, 3], [0, 4, 5, 3]]
    assert sorted(graph.after[0]) == [1, 4]


def test_labels_of_links_that_share_their_way_stand_where_they_have_parted():
    rank, links = [0, 1, 2, 3], [(0, 1), (1, 2), (2, 3), (0, 2), (0, 3), (0, 3)]
    bundle = bundles(links, 2)
    coarse = cut(rank, links, bundle)
    graph, labels = with_labels(coarse, rank, [True] * 6, bundle)
    assert len(set(labels)) == 6
    for number, chain in enumerate(graph.chains):
        assert chain[-2] == labels[number]
    assert graph.chains[4][:-2] == graph.chains[5][:-2]
    for slot, neighbours in enumerate(graph.before):
        assert len(set(neighbours)) == len(neighbours), slot


def test_without_boxes_there_are_no_columns():
    assert cut([], []).columns == []
