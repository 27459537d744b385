"""The legend says what is to be seen, and nothing that is not."""

from __future__ import annotations

from gradatim.draw.form.legend import legend_of
from gradatim.draw.form.mark import Frame, Words
from gradatim.draw.picture.picture import Edge, Heat, Node, Numbers, Picture

X = Node("n0", "variable", ("x",))
Y = Node("n1", "end", ("y",))
ONE = Numbers(("1",))


def said(picture, width=900):
    part, _, _ = legend_of(picture, 0, width)
    return [mark.text for mark in part.marks if isinstance(mark, Words)]


def test_values_and_gradients_are_told_apart():
    edge = Edge("e0", "n0", "n1", value=ONE, gradient=ONE)
    assert said(Picture((X, Y), (edge,))) == ["value, forward", "gradient, backward", "variable"]


def test_a_picture_without_gradients_has_none_in_its_legend():
    edge = Edge("e0", "n0", "n1", value=ONE)
    picture = Picture((X, Y), (edge,), note="no gradient yet")
    assert said(picture) == ["value, forward", "variable", "no gradient yet"]


def test_the_colours_of_maps_are_told_where_there_is_one():
    mapped = Numbers(("(9,)",), heat=Heat(((0.5, -1.0),), 1.0))
    picture = Picture((X, Y), (Edge("e0", "n0", "n1", gradient=mapped),))
    part, _, _ = legend_of(picture, 0, 900)

    assert "map: above 0, below 0; paler near it" in said(picture)
    assert {"positive", "negative"} <= {m.look for m in part.marks if isinstance(m, Frame)}


def test_items_that_do_not_fit_stand_in_the_next_row():
    picture = Picture((X, Node("n2", "parameter", ("W",))), note="a note " * 4)
    rows = {mark.y for mark in legend_of(picture, 0, 120)[0].marks if isinstance(mark, Words)}
    assert len(rows) == 3
    part, right, bottom = legend_of(picture, 0, 900)
    assert len({mark.y for mark in part.marks if isinstance(mark, Words)}) == 1
    assert right > 120 > bottom


def test_an_item_wider_than_the_legend_leaves_no_row_empty():
    part, _, bottom = legend_of(Picture((), note="a note"), 0, 1)
    assert bottom == 18
    assert 0 < part.marks[0].y < bottom


def test_an_empty_picture_has_no_legend():
    part, _, bottom = legend_of(Picture(()), 7, 100)
    assert part.marks == ()
    assert bottom == 7
