"""A picture is played leaf by leaf, forward, round the end and backward."""

from __future__ import annotations

from dataclasses import replace

from gradatim.draw.form.step import steps_of
from gradatim.draw.picture.picture import Edge, Group, Node, Numbers, Picture, Quantity


def told(text):
    return Numbers((text,), text)


def shared(note=""):
    """The picture of x·x + x at 3, where three parts meet in x: 3 + 3 + 1."""
    nodes = (
        Node("n0", "variable", ("x",), "t0"),
        Node("n1", "fork", (), "t0"),
        Node("n2", "primitive", ("×",), "t1", "multiply", born=0),
        Node("n3", "primitive", ("+",), "t2", "add", born=1),
        Node("n4", "end", ("y",), "t2"),
    )
    edges = (
        Edge("e0", "n0", "n1", "t0", "trunk", told("3"), told("7")),
        Edge("e1", "n1", "n2", "t0", "branch", None, told("3"), 0),
        Edge("e2", "n1", "n2", "t0", "branch", None, told("3"), 1),
        Edge("e3", "n2", "n3", "t1", "whole", told("9"), told("1"), 0),
        Edge("e4", "n1", "n3", "t0", "branch", None, told("1"), 1),
        Edge("e5", "n3", "n4", "t2", "whole", told("12"), told("1")),
    )
    quantities = (
        Quantity("t0", "x", (), "float64", True, told("3"), told("7")),
        Quantity("t1", "", (), "float64", True, told("9"), told("1")),
        Quantity("t2", "y", (), "float64", True, told("12"), told("1")),
    )
    return Picture(nodes, edges, quantities, note=note)


class Formulas:
    """Words that only say which result they are asked for."""

    def forward(self, born):
        return [("rule", f"forward {born}")]

    def backward(self, born):
        return [("rule", f"backward {born}")]

    def learned(self, members):
        return [("rule", f"learned {born}") for born in members]

    def gradients(self):
        return ["dx = 7", "dw = 2"]


def texts(step):
    return [text for _, text in step.lines]


def at(steps, phase, node):
    return next(step for step in steps if (step.phase, step.node) == (phase, node))


def test_forward_comes_in_order_and_backward_the_other_way_round():
    assert [(step.phase, step.node) for step in steps_of(shared())] == [
        ("given", ""),
        ("forward", "n2"),
        ("forward", "n3"),
        ("turn", "n4"),
        ("backward", "n3"),
        ("backward", "n2"),
        ("done", ""),
    ]


def test_all_edges_are_reached_once_and_every_gradient_arrives_once():
    steps, picture = steps_of(shared()), shared()
    edges = sorted(edge.key for edge in picture.edges)

    assert sorted(key for step in steps for key in step.edges) == edges
    assert sorted(key for step in steps for key in step.gradients) == edges
    nodes = sorted(key for step in steps for key in step.nodes)
    assert nodes == sorted(node.key for node in picture.nodes)


def test_given_leaves_are_known_up_to_the_nodes_that_use_them():
    given = steps_of(shared())[0]

    assert given.nodes == ("n0", "n1")
    assert set(given.values) == {"e0", "e1", "e2", "e4"}
    assert texts(given) == ["x = 3"]


def test_a_number_that_nobody_named_is_no_equation():
    bare = shared()
    nodes = (replace(bare.nodes[0], kind="constant", lines=("3",)), *bare.nodes[1:])
    quantities = (replace(bare.quantities[0], name=""), *bare.quantities[1:])

    assert texts(steps_of(replace(bare, nodes=nodes, quantities=quantities))[0]) == []


def test_a_total_is_known_when_its_last_part_has_arrived():
    steps = steps_of(shared())

    assert "e0" not in at(steps, "backward", "n3").gradients
    assert "e0" in at(steps, "backward", "n2").gradients


def test_where_paths_meet_the_sum_is_told():
    backward = at(steps_of(shared()), "backward", "n2")

    assert [text for kind, text in backward.lines if kind == "sum"] == [
        "dx = 3 + 3 + 1 = 7   added, where 3 paths meet"
    ]


def test_the_part_from_inside_the_node_is_in_the_sum():
    bare = shared()
    edges = (replace(bare.edges[0], gradient=told("9"), inside=told("2")), *bare.edges[1:])
    backward = at(steps_of(replace(bare, edges=edges)), "backward", "n2")

    assert backward.lines[-1][1].startswith("dx = 3 + 3 + 1 + 2 (inside) = 9 ")


def test_names_and_numbers_stand_where_no_formula_is_known():
    steps = steps_of(shared())

    assert texts(at(steps, "forward", "n2")) == ["(×) = 9"]
    assert texts(at(steps, "backward", "n3")) == ["d(×) = 1", "dx += 1   part 1 of 3"]
    assert texts(at(steps, "turn", "n4"))[0] == "dy = 1"
    assert texts(steps[-1]) == ["dx = 7"]


def test_a_branch_without_a_name_is_called_by_what_made_its_tensor():
    bare = shared()
    quantities = (replace(bare.quantities[0], name=""), *bare.quantities[1:])
    nodes = (replace(bare.nodes[0], kind="module", lines=("Linear",)), *bare.nodes[1:])
    steps = steps_of(replace(bare, nodes=nodes, quantities=quantities))

    assert texts(at(steps, "backward", "n3")) == ["d(×) = 1", "d(Linear) += 1   part 1 of 3"]


def test_a_step_says_what_its_result_is_called_if_it_has_a_name():
    steps = steps_of(shared())

    assert at(steps, "forward", "n2").title == "×"
    assert at(steps, "forward", "n3").title == "+ → y"
    assert at(steps, "backward", "n3").title == "+ ← dy"


def test_a_step_of_a_program_says_in_which_part_it_is():
    outer, inner = Group("g0", "update", "phase"), Group("g1", "layer", "module", "g0")
    nodes = tuple(replace(node, group="g1" * (node.key == "n3")) for node in shared().nodes)
    steps = steps_of(replace(shared(), nodes=nodes, groups=(outer, inner)))

    assert at(steps, "forward", "n3").part == "update"
    assert at(steps, "forward", "n2").part == ""


def test_formulas_are_asked_for_by_the_place_of_the_result():
    steps = steps_of(shared(), Formulas())

    assert texts(at(steps, "forward", "n3")) == ["forward 1"]
    assert texts(at(steps, "backward", "n2"))[0] == "backward 0"


def test_each_part_says_which_it_is_before_the_sum_is_known():
    assert texts(at(steps_of(shared()), "backward", "n2"))[:2] == [
        "dx += 3   part 2 of 3",
        "dx += 3   part 3 of 3",
    ]


def boxed(members, words=None):
    """The same with a box instead of the product, which computes with weights of its own."""
    bare = shared()
    box = replace(bare.nodes[2], kind="module", lines=("Layer",), members=members)
    return steps_of(replace(bare, nodes=(*bare.nodes[:2], box, *bare.nodes[3:])), words)


def test_a_small_box_is_told_primitive_by_primitive():
    steps = boxed((3, 4), Formulas())

    assert texts(at(steps, "forward", "n2")) == ["forward 3", "forward 4"]
    assert texts(at(steps, "backward", "n2")) == ["backward 4", "backward 3"]


def test_a_large_box_tells_what_goes_in_and_out_and_what_it_learns():
    steps = boxed(tuple(range(9)), Formulas())

    assert texts(at(steps, "forward", "n2")) == ["(Layer) = 9"]
    told = texts(at(steps, "backward", "n2"))
    assert told[0] == "dx += 3   part 2 of 3"
    assert told[-2:] == ["learned 7", "learned 8"]


def test_a_box_that_only_learns_has_its_step_on_the_way_back():
    bare = shared()
    box = Node("n1", "module", ("Layer",), "t1", members=(0, 1))
    nodes = replace(bare.nodes[0], kind="constant"), box, replace(bare.nodes[4], key="n2")
    edges = (
        Edge("e0", "n0", "n1", "t0", value=told("3")),
        Edge("e1", "n1", "n2", "t1", value=told("9"), gradient=told("1")),
    )
    picture = Picture(nodes, edges, bare.quantities)

    phases = [step.phase for step in steps_of(picture, Formulas())]
    assert phases == ["given", "forward", "turn", "backward", "done"]
    assert "backward" not in [step.phase for step in steps_of(picture)]


def test_the_end_lists_all_gradients_those_within_boxes_too():
    assert texts(boxed((3, 4), Formulas())[-1]) == ["dx = 7", "dw = 2"]


def test_without_gradients_it_plays_forward_only_and_says_why():
    bare = shared("no gradient yet: call backward()")
    edges = tuple(Edge(e.key, e.source, e.target, e.quantity, e.role, e.value) for e in bare.edges)
    steps = steps_of(Picture(bare.nodes, edges, bare.quantities, note=bare.note))

    assert [step.phase for step in steps] == ["given", "forward", "forward", "done"]
    assert texts(steps[-1]) == ["no gradient yet: call backward()"]


def test_an_empty_picture_has_a_beginning_and_an_end():
    assert [step.phase for step in steps_of(Picture(()))] == ["given", "done"]


def test_until_all_parts_have_arrived_the_trunk_has_their_sum_so_far():
    steps = steps_of(shared())

    assert at(steps, "backward", "n3").partial == (("e0", "1"),)
    assert at(steps, "backward", "n2").partial == (("e0", "4"),)


def test_of_arrays_no_sum_so_far_is_told():
    bare = shared()
    wide = Numbers(("(9,)", "0 … 1"), "float64 (9,): 0 … 1")
    edges = tuple(replace(edge, gradient=wide) for edge in bare.edges)

    assert not any(step.partial for step in steps_of(replace(bare, edges=edges)))


def test_a_sum_of_many_parts_is_cut():
    nodes = [Node("n0", "variable", ("x",), "t0"), Node("n1", "fork", (), "t0")]
    nodes += [Node("n2", "primitive", ("Σ",), "t1"), Node("n3", "end", ("y",), "t1")]
    edges = [Edge("e0", "n0", "n1", "t0", "trunk", told("1"), told("40"))]
    edges += [Edge(f"e{i}", "n1", "n2", "t0", "branch", None, told("1")) for i in range(1, 41)]
    edges += [Edge("e41", "n2", "n3", "t1", "whole", told("40"), told("1"))]
    picture = Picture(tuple(nodes), tuple(edges), shared().quantities)

    assert "dx = 1 + ... + 1 = 40   added, where 40 paths meet" in texts(
        at(steps_of(picture), "backward", "n2")
    )
