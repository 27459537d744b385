"""Rows: a long layout is cut where only level lines are, and goes on below from the left."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from draw.layout import geometry
from gradatim.draw.layout import rows
from gradatim.draw.layout.layout import lay_out
from gradatim.draw.layout.rows import WIDEST, in_rows
from gradatim.draw.layout.sheet import Box, Group, Layout, Place, Route


def chain(count):
    return geometry.graph(" ".join(f"n{n}>n{n + 1}" for n in range(count)))


def recurrent(count):
    """h = f(h·W + x·U), again and again: two boxes are used by every step."""
    words = ["W>.W U>.U h>@0 .W>@0"]
    words += [
        f"@{n}>+{n} x{n}>u{n} .U>u{n} u{n}>+{n} +{n}>f{n} f{n}>@{n + 1} .W>@{n + 1}"
        for n in range(count)
    ]
    leaves = " ".join(["W", "U", "h", *(f"x{n}" for n in range(count))])
    return geometry.graph(" ".join(words), leaves=leaves)


def deep(count):
    """Layers in frames inside of the frame of a model, with one box behind it."""
    words = [f"@{n}>+{n} w{n}>@{n} b{n}>+{n} +{n}>@{n + 1}" for n in range(count)]
    layers = [Group(f"g{n}", (f"@{n}", f"+{n}", f"w{n}", f"b{n}"), (60, 16)) for n in range(count)]
    model = Group("model", tuple(group.key for group in layers), (60, 16))
    return *geometry.graph("x>@0 " + " ".join(words)), [model, *layers]


@pytest.mark.parametrize("graph", [chain(60), recurrent(8), recurrent(30), deep(9)])
def test_a_long_layout_becomes_a_page_on_which_nothing_overlaps(graph):
    boxes, links, *groups = graph
    whole = lay_out(boxes, links, *groups)
    layout = in_rows(whole)
    assert geometry.faults(layout, links, rows=True) == []
    assert layout.width < whole.width / 1.5
    assert set(layout.boxes) == set(whole.boxes)
    assert 0.7 < layout.width / layout.height < 6


def test_a_layout_that_is_narrow_enough_stays_as_it_is():
    boxes, links = chain(8)
    layout = lay_out(boxes, links)
    assert layout.width < WIDEST
    assert in_rows(layout) is layout


def test_what_cannot_be_cut_stays_in_one_row():
    layout = lay_out([Box("a", 5000, 30), Box("b", 30, 30)], [])
    assert in_rows(layout) is layout


def test_nothing_is_cut_but_level_lines_beside_boxes_labels_bends_and_frames():
    boxes = {"a": Place(50, 20, 20, 20), "b": Place(900, 20, 20, 20)}
    path = ((60.0, 20.0), (600.0, 20.0)), ((600.0, 20.0), (620.0, 20.0), (620.0, 9.0), (640.0, 9.0))
    link = Route((*path, ((640.0, 9.0), (890.0, 9.0))), Place(700, 0, 60, 9), Place(700, 0, 0, 0))
    whole = Layout(1000, 50, boxes, {"e": link}, {"g": Place(300, 20, 400, 50)})
    taken = [(36, 64), (86, 240), (486, 514), (600, 640), (670, 730), (886, 914)]
    assert rows._free(whole) == [(a[1] + b[0]) / 2 for a, b in pairwise(taken)]


def test_rows_are_read_one_after_the_other():
    layout = in_rows(lay_out(*chain(60)))
    places = [layout.boxes[f"n{n}"] for n in range(61)]
    heights = [place.y for place in places]
    assert heights == sorted(heights)
    assert 3 < len(set(heights)) < 8
    for a, b in pairwise(places):
        assert b.left > a.right if a.y == b.y else b.left < a.right


def test_lines_that_go_on_cross_neither_each_other_nor_a_box():
    boxes = {f"{side}{n}": Place(x, 40.0 * n + 20, 30, 30)
             for side, x in (("a", 15), ("b", 2985)) for n in range(4)}  # fmt: skip
    words = " ".join(f"a{n}>b{n}" for n in range(4))
    _, links = geometry.graph(words, above=(0, 0), below=(0, 0))
    nowhere = Place(0, 0, 0, 0)
    routes = {}
    for n, link in enumerate(links):
        y = 40.0 * n + 20
        routes[link.key] = Route((((30.0, y), (2970.0, y)),), nowhere, nowhere)
    layout = in_rows(Layout(3000, 160, boxes, routes, {}))
    assert layout.boxes["b0"].top > layout.boxes["a3"].bottom
    assert geometry.faults(layout, links, rows=True) == []
    lines = [geometry.points(layout.links[link.key]) for link in links]
    for one, other in combinations(lines, 2):
        assert not [1 for a in pairwise(one) for b in pairwise(other) if crosses(a, b)]


def crosses(one, other):
    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = one, other
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def test_links_upon_each_other_go_on_as_one():
    few, many = (in_rows(lay_out(*recurrent(count))) for count in (24, 48))
    assert many.height / few.height < 2.2


def test_a_frame_goes_on_in_further_pieces():
    boxes, links, groups = deep(9)
    layout = in_rows(lay_out(boxes, links, groups))
    assert set(layout.further) == {"model"}, "a layer is cut although there is room beside it"
    for group in groups:
        pieces = [layout.groups[group.key], *layout.further.get(group.key, ())]
        for key in group.members:
            inner = layout.boxes.get(key) or layout.groups[key]
            assert any(
                piece.left <= inner.left and inner.right <= piece.right + 0.01
                and piece.top <= inner.top and inner.bottom <= piece.bottom
                for piece in pieces
            )  # fmt: skip


def test_the_same_layout_gives_the_same_rows():
    layout = lay_out(*recurrent(12))
    assert in_rows(layout) == in_rows(layout)
