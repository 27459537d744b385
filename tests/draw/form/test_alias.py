"""Every name that a formula uses is seen in the picture of the page."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.draw.form.alias import aliased


def leaf(value, name=None):
    return gd.Tensor(value, requires_grad=True, name=name)


def labels(drawn):
    return [edge.label for edge in aliased(drawn.picture).edges if edge.label]


def leaves(drawn):
    return [node.lines for node in aliased(drawn.picture).nodes if node.is_leaf]


def test_a_result_without_a_name_gets_its_alias_and_one_with_a_name_keeps_it():
    x = leaf(3.0, "x")
    double = x * 2

    assert labels(gd.draw(gd.exp(double) * 2 * 1)) == ["double", "h1", "h2", "L"]
    assert labels(gd.draw(gd.exp(double))) == ["double", "L"]


def test_the_end_that_says_its_name_needs_no_other():
    x = leaf(3.0, "x")
    y = x * 2

    assert labels(gd.draw(y)) == []


def test_where_a_tensor_forks_its_trunk_is_named_once():
    x = leaf(3.0, "x")

    assert labels(gd.draw((lambda h: h * h)(gd.exp(x)))) == ["h1", "L"]


def test_leaves_say_what_they_are_called_if_it_is_something_else():
    product = leaf(1.0, "w") * leaf(2.0, "w") * leaf(3.0, "사과 가격")

    assert leaves(gd.draw(product)) == [("w",), ("w", "w_2"), ("사과 가격", "사과_가격")]
    assert leaves(gd.draw(leaf([1.0, 2.0]) * np.array([1.0, 2.0]))) == [
        ("variable", "x"),
        ("constant", "c"),
    ]


def test_a_number_that_stands_for_itself_has_no_alias():
    assert leaves(gd.draw(leaf(1.0, "w") * 2)) == [("w",), ("2",)]


def test_a_name_that_formulas_write_otherwise_has_both():
    x = leaf(1.0, "x")
    apples = x * 2
    apples.name = "사과 가격"

    assert labels(gd.draw(gd.exp(apples))) == ["사과 가격 (사과_가격)", "L"]


def test_keys_stay():
    picture = gd.draw(leaf(1.0) * 2).picture

    assert [node.key for node in aliased(picture).nodes] == [node.key for node in picture.nodes]
    assert [edge.key for edge in aliased(picture).edges] == [edge.key for edge in picture.edges]
