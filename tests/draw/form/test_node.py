"""Nodes: circles with signs, boxes as wide as their words, dots where ways fork."""

from __future__ import annotations

import pytest

from gradatim.draw.form.mark import Circle, Frame, Words
from gradatim.draw.form.node import outline_of
from gradatim.draw.form.paint import LOOKS
from gradatim.draw.layout.sheet import Place
from gradatim.draw.picture.picture import LEAVES, Node, Numbers, Quantity


def marks(node):
    outline = outline_of(node)
    return outline.at(Place(50, 50, outline.width, outline.height))


@pytest.mark.parametrize("sign", ["×", "+", "@", "exp", "log"])
def test_a_primitive_with_a_short_sign_is_a_circle(sign):
    circle, word = marks(Node("n0", "primitive", (sign,)))
    assert isinstance(circle, Circle)
    assert (circle.x, word.x, word.text) == (50, 50, sign)
    assert abs(word.y - 50) < circle.radius


@pytest.mark.parametrize(
    "node",
    [
        Node("n0", "primitive", ("cross entropy",)),
        Node("n0", "primitive", ("Σ",), settings="axis=0, keepdims=True"),
        Node("n0", "module", ("Linear(784, 50)", "layers.0")),
        Node("n0", "variable", ("a name that is rather long 사과",)),
        Node("n0", "end", ("loss",)),
    ],
)
def test_a_box_is_as_wide_as_its_words(node):
    frame, *words = marks(node)
    assert isinstance(frame, Frame)
    assert [word.text for word in words][:1] == [node.lines[0]]
    outline = outline_of(node)
    assert outline.text.width + 8 < frame.width
    assert outline.text.height <= frame.height
    for word in words:
        assert frame.top < word.y < frame.top + frame.height


def test_a_folded_module_tells_the_gradients_of_what_it_learns():
    module = Node("n0", "module", ("Linear(784, 50)", "layers.0"))
    told = Numbers(("(784, 50)", "-0.1 … 0.2")), Numbers(("[0.5  -1]",)), None
    held = [
        Quantity(f"t{n}", f"layers.0.{name}", shape, "float32", gradient=numbers)
        for n, (name, shape, numbers) in enumerate(
            zip(("weight", "bias", "scale"), ((784, 50), (2,), (2,)), told)
        )
    ]
    words = [mark for mark in outline_of(module, held).text.marks if isinstance(mark, Words)]

    assert [mark.text for mark in words[2:]] == ["∂weight -0.1 … 0.2", "∂bias [0.5 -1]"]
    assert {mark.look for mark in words[2:]} == {"gradient"}
    assert outline_of(module, held).height > outline_of(module).height


def test_of_many_parameters_a_few_are_told_and_the_others_counted():
    numbers = Numbers(("[" + "  ".join(["0.12345"] * 6) + "]",))
    held = [Quantity(f"t{n}", f"w{n}", (6,), "float32", gradient=numbers) for n in range(5)]
    outline = outline_of(Node("n0", "module", ("MLP",)), held)
    lines = [mark.text for mark in outline.text.marks if isinstance(mark, Words)][1:]

    assert lines[0] == "∂w0 [0.12345 0.12345 0.12345 0.12…"
    assert lines[3:] == ["∂ of 2 more"]


def test_settings_stand_below_the_sign():
    words = list(marks(Node("n0", "primitive", ("Σ",), settings="axis=0"))[1:])
    assert [word.text for word in words] == ["Σ", "axis=0"]
    assert words[0].y < words[1].y


def test_a_fork_and_a_node_without_words_are_dots():
    for node in (Node("n0", "fork"), Node("n0", "variable")):
        (dot,) = marks(node)
        assert isinstance(dot, Circle)
        assert dot.radius < 6


def test_every_kind_of_leaf_looks_different():
    looks = {LOOKS[marks(Node("n0", kind, ("x",)))[0].look] for kind in LEAVES}
    assert len(looks) == len(LEAVES)


def test_words_are_painted_as_words():
    for kind in ("module", "end", "rest", "constant"):
        words = [m for m in marks(Node("n0", kind, ("a", "b"))) if isinstance(m, Words)]
        assert [word.text for word in words] == ["a", "b"]
        assert all(LOOKS[word.look].fill for word in words)
