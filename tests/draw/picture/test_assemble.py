"""What a picture says of a graph: nodes, edges, forks, frames."""

from __future__ import annotations

import random

import numpy as np
import pytest

import gradatim as gd


def leaf(value, **about):
    return gd.Tensor(value, requires_grad=True, **about)


def apples():
    price = leaf(100.0, name="apple") * leaf(2.0, name="number") * leaf(1.1, name="tax")
    price.backward()
    return gd.draw(price).picture


def edge_from(picture, text):
    source = next(node for node in picture.nodes if node.lines[:1] == (text,))
    return picture.leaving[source.key][0]


def test_values_stand_above_and_gradients_below_each_edge():
    picture = apples()

    told = {
        name: (edge.value.lines, edge.gradient.lines)
        for name in ("apple", "number", "tax")
        for edge in [edge_from(picture, name)]
    }
    assert told == {
        "apple": (("100",), ("2.2",)),
        "number": (("2",), ("110",)),
        "tax": (("1.1",), ("200",)),
    }


def test_the_end_is_reached_with_the_gradient_one():
    picture = apples()
    end = picture.nodes[-1]
    (edge,) = picture.arriving[end.key]

    assert end.kind == "end"
    assert (edge.value.lines, edge.gradient.lines) == (("220",), ("1",))


def test_a_folded_module_holds_the_parameters_that_only_it_reads():
    model = gd.nn.MLP([2, 3, 1], rng=0)
    loss = (model(np.ones((1, 2))) * model.layers[2].bias).sum()
    loss.backward()
    picture = gd.draw(loss).picture
    held = [
        [picture.quantity[key].name for key in node.holds]
        for node in picture.nodes
        if node.kind == "module"
    ]

    assert held == [["layers.0.weight", "layers.0.bias"], [], ["layers.2.weight"]]
    assert all(picture.quantity[key].gradient for node in picture.nodes for key in node.holds)
    assert [each.key for each in picture.quantities] == [
        f"t{i}" for i in range(len(picture.quantities))
    ]


def test_every_node_stands_after_those_it_reads():
    x = leaf([1.0, 2.0])
    picture = gd.draw(((x * x).exp() + x).sum()).picture
    place = {node.key: i for i, node in enumerate(picture.nodes)}

    assert all(place[edge.source] < place[edge.target] for edge in picture.edges)


def test_the_same_graph_gives_the_same_keys():
    assert apples() == apples()
    assert [node.key for node in apples().nodes] == ["n0", "n1", "n2", "n3", "n4", "n5"]


def test_edges_know_which_input_they_are():
    picture = gd.draw(leaf(6.0, name="a") / leaf(2.0, name="b")).picture
    divide = next(node for node in picture.nodes if node.kind == "primitive")

    assert [edge.position for edge in picture.arriving[divide.key]] == [0, 1]


def test_a_tensor_that_is_used_twice_forks_and_its_branches_add_up():
    x = leaf(3.0, name="x")
    y = x * x + x
    y.backward()
    picture = gd.draw(y).picture
    (fork,) = [node for node in picture.nodes if node.kind == "fork"]
    (trunk,) = picture.arriving[fork.key]
    branches = picture.leaving[fork.key]

    assert (trunk.role, trunk.value.lines, trunk.gradient.lines) == ("trunk", ("3",), ("7",))
    assert [each.role for each in branches] == ["branch"] * 3
    assert [each.value for each in branches] == [None] * 3
    assert [each.gradient.lines for each in branches] == [("3",), ("3",), ("1",)]


def test_a_number_that_nobody_named_is_written_in_its_box_at_each_use():
    numbers = (gd.Tensor(2.0) for _ in range(1))  # not in a variable, which would name it
    picture = gd.draw((lambda two: leaf(3.0) * two + two)(next(numbers))).picture

    assert [node.lines for node in picture.nodes if node.kind == "constant"] == [("2",), ("2",)]


def test_a_number_in_a_box_is_not_told_again_at_its_edge():
    picture = gd.draw(leaf(3.0) * 2).picture

    assert edge_from(picture, "2").value is None
    assert edge_from(picture, "2").gradient is None


def test_constants_have_no_gradient():
    weights = gd.Tensor([1.0, 2.0, 3.0], name="weights")
    loss = (leaf([1.0, 1.0, 1.0]) * weights).sum()
    loss.backward()

    assert edge_from(gd.draw(loss).picture, "weights").gradient is None


def test_the_names_of_results_stand_at_their_edges():
    total = leaf(2.0) * leaf(3.0)
    price = total * leaf(1.1)
    picture = gd.draw(price).picture

    assert [edge.label for edge in picture.edges if edge.label] == ["total"]
    assert picture.nodes[-1].lines == ("price",)
    assert picture.title == "price"


def test_a_single_tensor_is_a_leaf_and_an_end():
    for tensor in (gd.Tensor(3.0), gd.Tensor([1.0, 2.0]), leaf(3.0), gd.Parameter(3.0)):
        picture = gd.draw(tensor).picture

        assert len(picture.nodes) == 2
        assert picture.edges[0].value is not None


def test_what_is_left_out_is_counted():
    y = leaf(0.5)
    for _ in range(2000):
        y = y.tanh()
    picture = gd.draw(y).picture
    (rest,) = [node for node in picture.nodes if node.kind == "rest"]

    assert picture.left_out == rest.count == 1901
    assert rest.lines == ("⋯", "1901 left out")
    assert sum(node.count for node in picture.nodes) == 2000
    assert len(gd.draw(y, nodes=None).picture.nodes) == 2002


def test_the_gradient_of_many_uses_in_the_rest_is_their_sum():
    x = leaf(1.0, name="x")
    y = x * 1.0
    for _ in range(10):
        y = y + x
    y.backward()
    picture = gd.draw(y, nodes=5).picture
    rest = next(node for node in picture.nodes if node.kind == "rest")
    parts = {
        picture.node[e.target].kind: e.gradient.lines for e in picture.edges if e.role == "branch"
    }

    assert rest.count == 7
    assert parts["rest"] == ("7",)


def test_a_fork_stands_where_its_uses_are_and_not_where_its_tensor_was_made():
    layer = gd.nn.Linear(2, 2, rng=0)
    y = layer(np.ones((1, 2)))
    picture = gd.draw((y * y).sum(), depth="all").picture
    (fork,) = [node for node in picture.nodes if node.kind == "fork"]

    assert picture.node[picture.arriving[fork.key][0].source].group == picture.groups[0].key
    assert fork.group == ""


class Pair(gd.nn.Module):
    """Gives what it has used itself."""

    def forward(self, x):
        h = x * 2
        return h, h * h


def test_what_a_box_uses_of_its_own_result_is_told_beside_what_comes_from_outside():
    pair, x = Pair(), leaf(3.0, name="x")
    h, s = pair(x)
    loss = h + h * s
    loss.backward()
    picture = gd.draw(loss, depth=0).picture
    (trunk,) = [edge for edge in picture.edges if edge.role == "trunk"]

    assert (trunk.gradient.lines, trunk.inside.lines) == (("109",), ("72",))
    assert [each.gradient.lines for each in picture.leaving[trunk.target]] == [("36",), ("1",)]
    assert all(edge.inside is None for edge in gd.draw(loss, depth="all").picture.edges)


def test_of_a_result_that_leaves_once_the_part_inside_is_told_as_well():
    pair, x = Pair(), leaf(3.0, name="x")
    loss = sum(pair(x)) * 1.0
    both = gd.draw(loss, depth=0, gradients=True).picture
    inside = [edge.inside.lines for edge in both.edges if edge.inside is not None]

    assert inside == [("12",)]


@pytest.mark.parametrize("seed", range(4))
def test_branches_and_what_is_inside_add_up_to_the_trunk_however_much_is_left_out(seed):
    choose = random.Random(seed)
    made = [leaf(float(choose.randint(1, 3))) for _ in range(3)]
    for _ in range(16):
        a, b = choose.choice(made[-6:]), choose.choice(made[-6:])
        made.append(a + b if choose.random() < 0.7 else a - b)
    y = sum(made[-6:])
    forks = 0
    for nodes in (*range(3, 13), None):
        picture = gd.draw(y, nodes=nodes, gradients=True).picture
        for trunk in (edge for edge in picture.edges if edge.role == "trunk"):
            parts = [edge.gradient for edge in picture.leaving[trunk.target]]
            told = [float(part.exact) for part in (*parts, trunk.inside) if part is not None]
            assert float(trunk.gradient.exact) == sum(told)
            forks += 1
    assert forks > 20


def test_names_are_put_on_one_line():
    picture = gd.draw(leaf(1.0, name="a\nb") * 2).picture

    assert picture.nodes[0].lines == ("a b",)
    assert picture.quantities[0].name == "a b"


def test_numbers_of_any_kind_are_told():
    x = leaf([np.nan, np.inf, 1e300], name="x")
    with np.errstate(all="ignore"):
        y = (x * 1e300).sum()
        y.backward()
        picture = gd.draw(y).picture

    assert edge_from(picture, "x").value.lines == ("[NaN  ∞  1e300]",)
    assert picture.edges[-1].value.lines == ("NaN",)


def test_a_folded_box_knows_the_results_that_are_computed_in_it():
    model = gd.nn.Sequential(gd.nn.Linear(2, 2, rng=np.random.default_rng(0)))
    loss = gd.sum(model(np.ones((1, 2))))

    drawn = gd.draw(loss, depth=0).picture
    members = {node.kind: node.members for node in drawn.nodes}
    assert members["module"] == (0, 1)
    assert members["primitive"] == ()
