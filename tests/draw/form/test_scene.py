"""Scenes of the book's figures: all numbers in their places, and nothing overlaps."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest

import gradatim as gd
from draw.form.figures import (
    FIGURES,
    apple,
    apple_and_orange,
    diamond,
    wanted,
    without_gradient,
)
from draw.layout import geometry
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Curve, Frame, Shape, Words
from gradatim.draw.form.paint import LOOKS
from gradatim.draw.form.scene import cast_of, layout_of, scene_of
from gradatim.draw.layout.sheet import Place
from gradatim.draw.picture.picture import Edge, Group, Node, Numbers, Picture, Quantity


def marks(parts):
    for part in parts:
        yield from part.marks
        yield from marks(part.parts)


def words(parts):
    return [mark for mark in marks(parts) if isinstance(mark, Words)]


def box(mark):
    """The place of a line of text, from the top of its figures to their foot."""
    width = width_of(mark.text, mark.size, mono=mark.mono, bold=LOOKS[mark.look].bold)
    x = mark.x if mark.centred else mark.x + width / 2
    return Place(x, mark.y - 0.36 * mark.size, width, 0.78 * mark.size)


@pytest.fixture(scope="module", params=FIGURES, ids=str)
def picture(request):
    return FIGURES[request.param]()


def test_nothing_overlaps(picture):
    assert geometry.faults(layout_of(picture), picture.edges, rows=True) == []


def test_no_two_texts_overlap(picture):
    scene = scene_of(picture)
    found = [(mark.text, box(mark)) for mark in words(scene.parts)]
    assert [(a, b) for (a, p), (b, q) in combinations(found, 2) if geometry.overlap(p, q)] == []
    for text, place in found:
        assert place.left >= 0, text
        assert place.right <= scene.width, text
        assert 0 <= place.top < place.bottom <= scene.height, text


def test_everything_carries_its_key(picture):
    scene = scene_of(picture)
    keys = {name: [] for name in ("node", "edge", "group")}
    for part in scene.parts:
        for name, found in keys.items():
            if part.classes[0] == name:
                found.append(part.data[name])
    assert keys["node"] == [node.key for node in picture.nodes]
    assert keys["edge"] == [edge.key for edge in picture.edges]
    assert keys["group"] == [group.key for group in picture.groups]


def told(picture):
    """Value and gradient of every edge, by the words of its ends."""
    scene = scene_of(picture)
    edges = {part.data["edge"]: part for part in scene.parts if part.classes[0] == "edge"}
    found = {}
    for edge in picture.edges:
        labels = {label.classes[1]: words([label]) for label in edges[edge.key].parts}
        source = picture.node[edge.source]
        name = source.lines[0] if source.lines else source.kind
        found[name, edge.position] = {
            kind: " ".join(mark.text for mark in label) for kind, label in labels.items()
        }
    return found


def test_the_apple_costs_220():
    found = told(apple())
    assert found["apple", 0] == {"value": "100", "gradient": "2.2"}
    assert found["number", 1] == {"value": "2", "gradient": "110"}
    assert found["tax", 1] == {"value": "1.1", "gradient": "200"}
    assert {"value": "220", "gradient": "1"} in found.values()


def test_apple_and_orange_cost_715():
    found = told(apple_and_orange())
    assert found["orange", 0] == {"value": "150", "gradient": "3.3"}
    assert found["+", 0] == {"value": "650", "gradient": "1.1"}
    assert {"value": "715", "gradient": "1"} in found.values()


def test_values_stand_above_the_line_and_gradients_below():
    for part in scene_of(apple()).parts:
        if part.classes[0] == "edge":
            line = next(mark for mark in part.marks if isinstance(mark, Curve))
            y = line.path[0][0][1]
            value, gradient = (words([label])[0].y for label in part.parts)
            assert value < y < gradient


def test_a_fork_has_a_trunk_without_a_head_and_branches_without_values():
    picture = diamond()
    roles = {edge.key: edge.role for edge in picture.edges}
    for part in scene_of(picture).parts:
        if part.classes[0] == "edge":
            heads = [mark for mark in part.marks if isinstance(mark, Shape)]
            role = roles[part.data["edge"]]
            assert len(heads) == (role != "trunk")
            if role == "branch":
                assert [label.classes[1] for label in part.parts] == ["gradient"]


def test_without_a_gradient_that_is_said_once():
    said = [mark.text for mark in words(scene_of(without_gradient()).parts)]
    assert sum("no gradient yet" in text for text in said) == 1
    assert "NaN" in said
    assert "사과" in said


def test_what_meets_a_branch_from_the_side_stands_behind_the_fork():
    x, w = wanted([[1.0, 2.0]]), [wanted([[1.0], [2.0]]) for _ in range(3)]
    picture = gd.draw(x @ w[0] + x @ w[1] + x @ w[2]).picture
    layout = layout_of(picture)
    fork = next(node.key for node in picture.nodes if node.kind == "fork")
    leaves = [node.key for node in picture.nodes if node.lines and node.lines[0].startswith("w[")]
    assert len(leaves) == 3
    assert all(layout.boxes[key].left > layout.boxes[fork].right for key in leaves)
    assert geometry.faults(layout, picture.edges) == []


def test_a_number_comes_in_from_the_side_and_a_variable_goes_straight_on():
    picture = gd.draw(2 * wanted(3.0)).picture
    places = layout_of(picture).boxes
    number, variable, product, _ = picture.nodes
    assert (number.kind, variable.kind) == ("constant", "variable")
    assert places[variable.key].y == places[product.key].y != places[number.key].y


def test_a_line_ends_in_the_head_of_its_arrow_and_not_at_its_tip():
    for part in scene_of(apple()).parts:
        if part.classes[0] == "edge":
            line, head = part.marks
            (tip, *root), end = head.points, line.path[-1][-1]
            assert math.dist(end, tip) > 7
            assert (
                math.dist(end, ((root[0][0] + root[1][0]) / 2, (root[0][1] + root[1][1]) / 2)) < 2
            )


def test_shortcuts_run_beside_the_longest_way_which_is_straight():
    class Block(gd.nn.Module):
        def forward(self, x):
            return x + gd.tanh(gd.exp(x))

    net = gd.nn.Sequential(*(Block() for _ in range(8)))
    picture = gd.draw(net, [1.0, 2.0], depth="all").picture
    layout = layout_of(picture)
    heights = [layout.boxes[node.key].y for node in picture.nodes if node.kind == "primitive"]
    rows = 1 + max(len(pieces) for pieces in (*layout.further.values(), ()))
    assert sum(b - a > 10 for a, b in pairwise(sorted(heights))) == rows - 1


def test_the_legend_can_be_left_out():
    picture = apple()
    assert scene_of(picture, legend=False).height < scene_of(picture).height


def test_a_frame_that_goes_on_in_further_rows_is_drawn_in_pieces():
    picture = gd.draw(gd.nn.MLP([4, *8 * [5], 3], rng=0), [[1.0, 2.0, 3.0, 4.0]]).picture
    layout = layout_of(picture)
    assert layout.further
    pieces = {key: 1 + len(layout.further.get(key, ())) for key in layout.groups}
    drawn = {
        part.data["group"]: sum(isinstance(mark, Frame) for mark in part.marks)
        for part in scene_of(picture, layout).parts
        if part.classes[0] == "group"
    }
    assert drawn == pieces


def test_numbers_have_all_their_digits_in_a_tip():
    tips = [
        label.tip
        for part in scene_of(apple()).parts
        for label in part.parts
        if "value" in label.classes
    ]
    assert "220.00000000000003" in tips


def test_a_frame_stands_round_its_nodes_and_says_whose_it_is():
    nodes = (Node("n0", "input", ("x",)), Node("n1", "primitive", ("+",), group="g0"))
    edges = (Edge("e0", "n0", "n1", value=Numbers(("1",))),)
    picture = Picture(nodes, edges, groups=(Group("g0", "layer: Linear"), Group("g1", "empty")))
    group, empty, *_ = scene_of(picture).parts
    frame, title = group.marks
    assert isinstance(frame, Frame)
    assert title.text == "layer: Linear"
    assert frame.left < title.x < frame.left + frame.width
    assert empty.marks == ()


def test_the_same_picture_gives_the_same_scene(picture):
    assert scene_of(picture) == scene_of(picture)


def test_an_empty_picture_is_an_empty_scene():
    scene = scene_of(Picture((), title="nothing"))
    assert scene.parts == ()
    assert scene.width > 0
    assert "nothing" in scene.description


def test_a_name_that_the_user_did_not_give_is_quiet():
    nodes = Node("n0", "primitive", ("exp",)), Node("n1", "end", ("y",))
    edge = Edge("e0", "n0", "n1", "t0", value=Numbers(("1",)), label="h1")

    def look(name):
        quantity = Quantity("t0", name, (), "float64")
        title = cast_of(Picture(nodes, (edge,), (quantity,))).above["e0"].marks[0]
        return title.look

    assert (look(""), look("h1")) == ("quiet", "strong")
