"""A layout has nothing that overlaps, nothing that touches what is not its own, and no corners."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from draw.layout import geometry
from gradatim.draw.layout import order
from gradatim.draw.layout.layout import lay_out
from gradatim.draw.layout.sheet import Box, Group, Link
from gradatim.errors import GraphError

APPLES = geometry.graph(
    "apple>×1 number>×1 orange>×2 oranges>×2 ×1>+ ×2>+ +>×3 tax>×3 ×3>price",
    leaves="apple number orange oranges tax price",
)
NETWORK = geometry.graph(
    "x>@1 W1>@1 @1>+1 b1>+1 +1>relu relu>@2 W2>@2 @2>+2 b2>+2 +2>loss t>loss loss>L",
    leaves="x W1 b1 W2 b2 t L",
    above=(80, 40),
    below=(70, 44),
)
DIAMOND = geometry.graph("x>.x .x>exp .x>sin exp>.e .e>× sin>× .e>+ ×>+ .x>sum +>sum sum>y")
TWICE = geometry.graph("x>.x .x>× .x>× ×>y")
LONG = geometry.graph("a>b b>c c>d d>e a>e a>d a>c")
PICTURES = {"apples": APPLES, "network": NETWORK, "diamond": DIAMOND, "twice": TWICE, "long": LONG}


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_overlaps_in_known_graphs(name):
    boxes, links = PICTURES[name]
    assert geometry.faults(lay_out(boxes, links), links) == []


@pytest.mark.parametrize("seed", range(10))
def test_nothing_overlaps_in_random_graphs(seed):
    boxes, links = geometry.random_graph(seed, count=18)
    assert geometry.faults(lay_out(boxes, links), links) == []


def test_the_helper_sees_what_overlaps():
    boxes, links = APPLES
    layout = lay_out(boxes, links)
    apple = layout.boxes["apple"]
    wrong = {**layout.boxes, "number": apple.moved(5, 5)}
    found = geometry.faults(type(layout)(900, 900, wrong, layout.links, {}), links)
    assert "boxes apple and number overlap" in found
    assert "line e1 does not begin at number" in found
    route = layout.links["e5"]
    wrong = {**layout.links, "e5": type(route)(route.path, apple, layout.links["e4"].above)}
    found = geometry.faults(type(layout)(900, 900, layout.boxes, wrong, {}), links)
    assert "label e5 above touches box apple" in found
    assert "label e4 above overlaps label e5 below" in found
    assert "label e5 above touches line e0" not in found
    wrong = {**layout.links, "e0": route}
    found = geometry.faults(type(layout)(900, 900, layout.boxes, wrong, {}), links)
    assert "line e0 does not end at ×1" in found


def test_the_spine_of_a_network_is_straight():
    boxes, links = NETWORK
    layout = lay_out(boxes, links)
    spine = {layout.boxes[key].y for key in ("@1", "+1", "relu", "@2", "+2", "loss", "L")}
    assert len(spine) == 1
    assert [len(layout.links[key].path) for key in ("e2", "e4", "e5", "e11")] == [1] * 4


def test_a_spine_goes_straight_through_a_box_with_several_inputs():
    boxes, links = geometry.graph("a>loss t>loss loss>L", leaves="t")
    boxes[1] = Box("loss", 90, 40)
    layout = lay_out(boxes, links)
    assert layout.boxes["a"].y == layout.boxes["loss"].y == layout.boxes["L"].y
    ends = [layout.links[f"e{at}"].path[-1][-1] for at in range(2)]
    assert len({x for x, _ in ends}) == 1
    assert ends[0][1] + 10 < ends[1][1] < layout.boxes["loss"].bottom - 3


def test_the_first_input_stands_above_the_second():
    layout = lay_out(*APPLES)
    assert layout.boxes["apple"].y < layout.boxes["number"].y < layout.boxes["orange"].y


def test_labels_stand_over_and_under_their_own_line():
    layout = lay_out(*APPLES)
    for route in layout.links.values():
        heights = {y for segment in route.path for _, y in segment}
        line = next(y for y in heights if route.above.bottom < y < route.below.top)
        assert line - route.above.bottom == pytest.approx(route.below.top - line)


def test_the_same_graph_gives_the_same_layout():
    boxes, links = geometry.random_graph(3)
    assert lay_out(boxes, links) == lay_out(list(boxes), list(links))


def test_a_constant_stands_as_near_to_its_use_as_there_is_room():
    boxes, links = geometry.graph("a>b b>c c>d k>d d>e a>e", leaves="k")
    # The large label keeps the long link far below, and so leaves room for the constant.
    links[-1] = replace(links[-1], above=(30, 300))
    layout = lay_out(boxes, links)
    assert geometry.faults(layout, links) == []
    assert layout.links["e5"].path[-1][0][1] - layout.boxes["d"].y > 250
    assert 0 < layout.boxes["k"].y - layout.boxes["d"].y < 60


def test_what_is_used_everywhere_goes_one_way_and_needs_no_more_room():
    count = 40
    words = [f"n{at}>n{at + 1}" for at in range(count)]
    words += [f".x>n{at + 1}" for at in range(count)]
    boxes, links = geometry.graph("x>.x " + " ".join(words))
    layout = lay_out(boxes, links)
    assert geometry.faults(layout, links) == []
    assert layout.height < 250
    # Each label stands beside the box that its link leads to.
    for at in range(count):
        label = layout.links[f"e{count + 1 + at}"].below
        assert 0 < layout.boxes[f"n{at + 1}"].left - label.right < 100


def test_a_fork_stands_at_the_right_of_its_column_where_its_branches_part():
    boxes, links = geometry.graph("x>.x a>b .x>c b>c", leaves="b")
    layout = lay_out(boxes, links)
    assert layout.boxes[".x"].right == layout.boxes["b"].right
    assert layout.boxes[".x"].left > layout.boxes["b"].left


def test_a_box_all_inputs_of_which_go_along_with_others_spreads_them_evenly():
    words = [f"n{at}>n{at + 1} .x>n{at} .y>n{at}" for at in range(12)]
    boxes, links = geometry.graph("x>.x y>.y .x>box .y>box n12>z box>z " + " ".join(words))
    boxes = [Box("box", 90, 40) if box.key == "box" else box for box in boxes]
    layout = lay_out(boxes, links)
    assert geometry.faults(layout, links) == []
    ends = [layout.links[link.key].path[-1][-1][1] for link in links if link.target == "box"]
    assert sum(ends) / 2 == pytest.approx(layout.boxes["box"].y)


@pytest.mark.parametrize("other", [".x", "w{}"])
def test_a_sum_that_grows_step_by_step_runs_straight_and_needs_no_more_height(other):
    heights = []
    for count in (12, 24):
        words = [f"y>+0 ×0>+0 n0>×0 {other.format(0)}>×0"]
        words += [
            f"+{n - 1}>+{n} ×{n}>+{n} n{n}>×{n} {other.format(n)}>×{n}" for n in range(1, count)
        ]
        leaves = " ".join(f"n{n} w{n}" for n in range(count))
        boxes, links = geometry.graph(" ".join(words), leaves=leaves)
        layout = lay_out(boxes, links)
        assert geometry.faults(layout, links) == []
        assert len({layout.boxes[f"+{n}"].y for n in range(1, count)}) == 1
        heights.append(layout.height)
    assert heights[1] < heights[0] + 50


def test_a_link_with_less_pull_leaves_beside_the_one_that_goes_straight_on():
    boxes, links = geometry.graph("x>.x .x>+ .x>a a>b b>+ +>y")
    links[1] = replace(links[1], pull=0.75)
    layout = lay_out(boxes, links)
    assert geometry.faults(layout, links) == []
    assert len({layout.boxes[key].y for key in ("x", ".x", "a", "b", "+", "y")}) == 1


def test_graphs_without_a_link_between_them_stand_below_each_other():
    boxes, links = geometry.graph("a>b c>d")
    layout = lay_out([*boxes, Box("alone", 30, 30)], links)
    assert layout.boxes["b"].bottom < layout.boxes["c"].top
    assert layout.boxes["d"].bottom < layout.boxes["alone"].top
    assert geometry.faults(layout, links) == []


def test_nothing_and_a_single_box_are_laid_out():
    assert lay_out([], []).height == 0
    alone = lay_out([Box("a", 30, 20)], [])
    assert alone.boxes["a"].left == 0
    assert alone.width == 30


def test_a_column_is_left_free_where_a_link_reaches_further():
    boxes, links = geometry.graph("x>@ W>@")
    near = lay_out(boxes, links).boxes
    further = [replace(links[0], reach=2), links[1]]
    far = lay_out(boxes, further).boxes
    assert near["x"].x == near["W"].x
    assert far["x"].right < far["W"].left


# --- groups ----------------------------------------------------------------------------------


def within(inner, outer):
    return (
        outer.left < inner.left
        and inner.right < outer.right
        and outer.top < inner.top
        and inner.bottom < outer.bottom
    )


def test_a_frame_holds_its_members_and_nothing_else():
    boxes, links = NETWORK
    groups = [
        Group("net", ("one", "relu", "two"), (40, 16)),
        Group("one", ("@1", "+1", "W1", "b1"), (40, 16)),
        Group("two", ("@2", "+2", "W2", "b2"), (300, 16)),
    ]
    layout = lay_out(boxes, links, groups)
    assert geometry.faults(layout, links) == []
    assert list(layout.groups) == ["net", "one", "two"]
    assert within(layout.groups["one"], layout.groups["net"])
    for group in groups[1:]:
        frame = layout.groups[group.key]
        assert frame.width > group.title[0]
        for key, place in layout.boxes.items():
            assert within(place, frame) == (key in group.members)
            assert within(place, frame) or not geometry.overlap(place, frame)


def test_a_frame_is_wide_enough_for_its_title():
    layout = lay_out([Box("a", 30, 30)], [], [Group("g", ("a",), (300, 16))])
    assert layout.groups["g"].width > 300
    assert layout.width >= layout.groups["g"].right


def test_a_link_goes_straight_through_the_frames_that_it_leads_out_of_and_into():
    boxes, links = geometry.graph("a>b w>b b>c c>d k>d")
    layout = lay_out(boxes, links, [Group("g", ("a", "b", "w")), Group("h", ("c", "d", "k"))])
    assert layout.boxes["b"].y == layout.boxes["c"].y
    assert geometry.faults(layout, links) == []


def test_a_label_of_a_link_into_a_frame_stands_outside():
    boxes, links = geometry.graph("x>@ W>@ @>y")
    layout = lay_out(boxes, links, [Group("g", ("@", "W"))])
    frame = layout.groups["g"]
    assert layout.links["e0"].above.right < frame.left
    assert within(layout.links["e1"].above, frame)
    assert layout.links["e2"].above.left > frame.right


def test_links_between_two_frames_keep_apart_however_many_they_are():
    count = 12
    words = ["a0>c c>b0", *(f"a{n}>b{n}" for n in range(count))]
    boxes, links = geometry.graph(" ".join(words), above=(0, 0))
    groups = [Group(key, tuple(f"{key}{n}" for n in range(count))) for key in "ab"]
    layout = lay_out(boxes, links, groups)
    assert geometry.faults(layout, links) == []
    middle = layout.boxes["c"].x
    heights = []
    for link in links[2:]:
        points = geometry.points(layout.links[link.key])
        heights.append(min(points, key=lambda point: abs(point[0] - middle))[1])
    assert len({round(height) for height in heights}) == count


def test_a_group_that_a_link_leaves_and_comes_back_into_gets_no_frame():
    boxes, links = geometry.graph("a>b b>c")
    layout = lay_out(boxes, links, [Group("outer", ("inner", "b")), Group("inner", ("a", "c"))])
    assert list(layout.groups) == ["outer"]
    assert set(layout.boxes) == {"a", "b", "c"}
    assert geometry.faults(layout, links) == []


# --- what cannot be laid out -----------------------------------------------------------------


def test_a_circle_is_refused():
    boxes, links = geometry.graph("a>b b>c c>b")
    with pytest.raises(GraphError) as caught:
        lay_out(boxes, links)
    assert str(caught.value) == (
        "lay_out: 2 boxes lie on a circle of links or behind one, b among them. Links must lead "
        "onwards only. Try leaving out the link that leads back."
    )


def test_a_link_to_nowhere_is_refused():
    with pytest.raises(GraphError) as caught:
        lay_out([Box("a", 1, 1)], [Link("e", "a", "b")])
    assert str(caught.value) == (
        "lay_out: link e leads from a to b, but there is no box b. Every end must be the key of a "
        "box. Try adding one."
    )


def test_a_key_given_twice_is_refused():
    with pytest.raises(GraphError) as caught:
        lay_out([Box("a", 1, 1), Box("a", 1, 1)], [])
    assert str(caught.value) == (
        "lay_out: two of the 2 boxes have the same key. Keys must differ. Try numbering them."
    )


# --- size ------------------------------------------------------------------------------------


def wide(count, reach=8):
    boxes, links = [], []
    for at in range(count):
        boxes.append(Box(f"n{at}", 36, 36, round=True))
        for back in {(7 * at) % reach + 1, (5 * at) % 3 + 1}:
            if at >= back:
                links.append(Link(f"e{len(links)}", f"n{at - back}", f"n{at}", (30, 14), (30, 14)))
    return boxes, links


@pytest.mark.parametrize("count", [50, 1000])
def test_a_large_graph_is_swept_less_often(monkeypatch, count):
    visited = []
    sweep = order._sweep
    monkeypatch.setattr(
        order,
        "_sweep",
        lambda graph, **given: visited.append(len(graph.before)) or sweep(graph, **given),
    )
    lay_out(*wide(count))
    assert 0 < sum(visited) <= max(order._VISITS, order._LEAST * visited[0])


@pytest.mark.slow
def test_two_thousand_boxes_take_seconds():
    boxes, links = wide(2000)
    start = time.process_time()
    layout = lay_out(boxes, links)
    assert time.process_time() - start < 6
    assert len(layout.boxes) == 2000
