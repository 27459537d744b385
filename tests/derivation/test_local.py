"""Inside a function that has returned, Tensors are called as its lines call them."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation import local
from gradatim.derivation.flow import flow_of
from gradatim.derivation.local import local_names


def leaf(value=1.0):
    return gd.Tensor(value, requires_grad=True)


def called(y, known=()):
    """The names that are found, in the order of birth; nothing for who has none."""
    flow = flow_of(y)
    found = local_names(flow.results, dict(known))
    return [found.get(id(t), "") for t in flow.tensors]


def neuron():
    x1, x2, w1, w2, b = (leaf(i + 0.5) for i in range(5))
    s = x1 * w1 + x2 * w2 + b
    return s.tanh()


def test_leaves_and_what_is_assigned_have_their_names():
    assert called(neuron()) == ["x1", "w1", "", "x2", "w2", "", "", "b", "s", ""]


def unary(a):
    return -a


def indexed(a):
    return a[0]


def method(a):
    return a.reshape(len(a.shape), -1)


def door(a):
    return gd.exp(a)


def power(a):
    return a**2


def twice(a):
    b = a  # a is b by now
    return 2 * b + a


@pytest.mark.parametrize(
    "function", [unary, indexed, method, door, power], ids=lambda function: function.__name__
)
def test_every_way_of_writing_a_call_is_read(function):
    assert called(function(leaf([1.0, 2.0])))[0] == "a"


def test_two_inputs_of_a_door_are_read_if_it_is_the_primitives_own():
    def both(a, b):
        return gd.maximum(a, b)

    def turned(a, b):
        return both(b, a) * 1

    assert called(both(leaf(), leaf(2.0)))[:2] == ["a", "b"]
    assert called(turned(leaf(), leaf(2.0)))[:2] == ["a", "b"]  # in the line that computes


def test_the_first_line_counts():
    assert called(twice(leaf())) == ["", "b", "", ""]


def test_plain_numbers_have_no_names_and_arrays_have():
    def scaled(x, rate, data):
        return x * rate * data

    assert called(scaled(leaf(), 0.5, np.ones(2))) == ["x", "", "", "data", ""]


def test_what_stands_over_several_lines_is_read():
    def long(first, second):
        return (first *
                second)  # fmt: skip

    assert called(long(leaf(), leaf())) == ["first", "second", ""]


def test_a_weight_is_not_called_as_what_a_layer_is_given():
    def through(x):
        layer = gd.nn.Linear(2, 1, rng=0)
        return layer(x * 1)

    found = local_names(flow_of(through(leaf([[1.0, 2.0]]))).results, {})

    assert set(found.values()) == {"x"}


def test_names_that_are_known_are_neither_changed_nor_taken():
    def line(x):
        total = x * 2
        return total + 1

    x, other = leaf(), leaf()
    y = line(x)

    assert called(y, {id(x): "price", id(other): "total"}) == ["", "", "", "", ""]


def test_lines_that_cannot_be_read_give_no_names():
    space = {"gd": gd}
    exec("def f(x):\n    return x * 2\n", space)

    assert called(space["f"](leaf())) == ["", "", ""]


@pytest.mark.parametrize("said", ["# a comment", "", "x \0 = 2", ") (", "total"])
def test_a_file_that_says_something_else_by_now_gives_no_wrong_names(tmp_path, said):
    file, space = tmp_path / "mine.py", {}
    written = "def f(x):\n    return x * 2\n"
    file.write_text(written, "utf-8")
    exec(compile(written, str(file), "exec"), space)
    y = space["f"](leaf())

    assert called(y) == ["x", "", ""]
    file.write_text(f"def f(x):\n    return {said}     # once more\n", "utf-8")
    local._reading.cache_clear()
    assert called(y) == ["", "", ""]


def test_pictures_and_explanations_call_them_alike():
    y = neuron()
    drawn = {node.lines[0] for node in gd.draw(y).picture.nodes if node.is_leaf}

    assert drawn == {"x1", "x2", "w1", "w2", "b"}
    assert {name for t, name in gd.explain(y).names.items() if t.origin is None} == drawn
