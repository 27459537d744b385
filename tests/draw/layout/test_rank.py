"""Columns: links lead to the right, and what is only put in stands beside its use."""

from __future__ import annotations

from gradatim.draw.layout.rank import longest_ways, neighbours, ranks, sorted_along


def test_every_link_leads_to_the_right():
    links = [(0, 1), (1, 2), (0, 2), (2, 3), (0, 3)]
    rank = ranks(4, links)
    assert all(rank[a] < rank[b] for a, b in links)


def test_a_constant_stands_beside_its_use():
    chain = [(0, 1), (1, 2), (2, 3)]
    assert ranks(5, [*chain, (4, 3)])[4] == 2


def test_what_leads_to_a_constants_place_comes_along():
    # 4 leads through 5 to the end of the chain: both stand near the end.
    assert ranks(6, [(0, 1), (1, 2), (2, 3), (4, 5), (5, 3)])[4:] == [1, 2]


def test_what_leads_to_a_box_alone_comes_along_with_it():
    # x goes to every product; each has a number of its own, and is added to the sum.
    x, zero, count = 0, 1, 5
    links, last, box = [], zero, 2
    for _ in range(count):
        number, product, total = box, box + 1, box + 2
        links += [(x, product), (number, product), (last, total), (product, total)]
        last, box = total, box + 3
    rank = ranks(box, links)
    for product in range(3, box, 3):
        assert rank[product] == rank[product + 1] - 1
        assert rank[product - 1] == rank[product] - 1


def test_the_longest_way_to_each_box_is_counted():
    assert longest_ways(5, [(0, 1), (1, 2), (0, 2), (3, 2)]) == [0, 1, 2, 0, 0]


def test_what_is_used_twice_stands_before_its_first_use():
    assert ranks(4, [(0, 1), (1, 2), (3, 1), (3, 2)])[3] == 0


def test_the_first_and_the_last_column_can_be_kept_for_doors():
    rank = ranks(4, [(2, 0), (0, 1), (1, 3)], first=[2], last=[3])
    assert rank == [1, 2, 0, 3]
    assert ranks(2, [(0, 1)], first=[0], last=[1]) == [0, 1]


def test_a_graph_with_a_circle_is_not_sorted_whole():
    assert sorted_along(3, [(0, 1), (1, 2), (2, 1)]) == [0]


def test_neighbours_stand_in_the_order_of_the_links():
    before, after = neighbours(3, [(1, 2), (0, 2)])
    assert before[2] == [1, 0]
    assert after[0] == [2]


def test_a_chain_of_thousands_needs_no_recursion():
    count = 5000
    assert ranks(count, [(i, i + 1) for i in range(count - 1)])[-1] == count - 1


def test_a_link_can_be_asked_to_reach_further():
    assert ranks(3, [(0, 1), (1, 2)], [2, 1]) == [0, 2, 3]
    assert ranks(4, [(0, 1), (1, 2), (3, 2)], [1, 1, 2]) == [0, 1, 2, 0]
