"""A graph of Tensors is told as it is: kinds, names, lines, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd


def leaf(value, **about):
    return gd.Tensor(value, requires_grad=True, **about)


def kinds(picture):
    return {node.lines[0]: node.kind for node in picture.nodes if node.is_leaf}


def test_leaves_are_told_by_what_becomes_of_them():
    weight, x, scale = gd.Parameter(2.0), leaf(3.0), gd.Tensor([1.0, 2.0])
    picture = gd.draw((weight * x * scale).sum()).picture

    assert kinds(picture) == {"weight": "parameter", "x": "variable", "scale": "constant"}


def test_a_name_of_its_own_comes_before_that_of_the_variable():
    x = leaf(3.0, name="거리")

    assert gd.draw(x * 2).picture.nodes[0].lines == ("거리",)


def test_names_given_come_before_those_of_variables():
    x = leaf(3.0)

    assert gd.draw(x * 2, names={"length": x}).picture.nodes[0].lines == ("length",)


def test_arrays_are_called_as_the_variables_that_hold_them():
    images, labels = np.ones((4, 3)), np.array([0, 1, 1, 0])
    logits = gd.Tensor(images) @ gd.Parameter(np.ones((3, 2)))
    picture = gd.draw(gd.cross_entropy(logits, labels)).picture

    assert "labels" in kinds(picture)


def test_the_users_line_is_told_where_it_is_known():
    x = leaf(3.0)
    y = x * 2  # a line to be found

    notes = [node.note for node in gd.draw(y).picture.nodes if node.kind == "primitive"]
    assert len(notes) == 1
    assert notes[0].startswith("test_trace.py:")
    assert notes[0].endswith("y = x * 2 # a line to be found")


@pytest.mark.parametrize("gradients", [None, True])
def test_nothing_is_changed_and_no_gradient_is_stored(gradients):
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    seen = []
    with gd.listen(lambda *call: seen.append(call)):
        drawing = gd.draw(y, gradients=gradients)
        drawing.text()

    assert seen == []
    assert x.grad is None
    assert y.grad is None
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_gradients_can_be_asked_for_before_backward():
    picture = gd.draw(leaf(3.0) * 2, gradients=True).picture

    assert picture.edges[0].gradient.lines == ("2",)
    assert picture.note == ""


def test_gradients_can_be_left_away():
    y = leaf(3.0) * 2
    y.backward()
    picture = gd.draw(y, gradients=False).picture

    assert all(edge.gradient is None for edge in picture.edges)
    assert picture.note == ""


def test_the_seed_of_backward_is_what_arrives_at_the_end():
    x = leaf([1.0, 2.0])
    y = x * 3
    y.backward([1.0, 10.0])
    picture = gd.draw(y).picture

    assert picture.edges[-1].gradient.lines == ("[1  10]",)
    assert picture.edges[0].gradient.lines == ("[3  30]",)


def overwritten():
    x = leaf(2.0)
    y = x * x
    x.assign(5.0)
    return y


@pytest.mark.parametrize(
    ("made", "note"),
    [
        (lambda: leaf(2.0) * 2, "no gradient yet: backward was not called"),
        (lambda: gd.Tensor(2.0) * 2, "no gradient: nothing here requires one"),
        (
            overwritten,
            "x was overwritten after use: no value, no gradients; draw before the update",
        ),
    ],
)
def test_it_is_said_once_why_there_is_no_gradient(made, note):
    picture = gd.draw(made()).picture

    assert picture.note == note
    assert all(edge.gradient is None for edge in picture.edges)


def test_what_was_overwritten_does_not_show_the_new_number_beside_old_results():
    x, scale, b = leaf(2.0, name="x"), gd.Tensor([3.0, 4.0], name="scale"), leaf(1.0)
    y = (x * scale + b).sum()
    y.backward()
    x.assign(10.0)
    scale.assign(0.0)
    picture = gd.draw(y).picture

    assert {q.alias: q.value and q.value.lines for q in picture.quantities} == {
        "x": None,
        "scale": ("(2,)",),
        "h1": ("[6  8]",),
        "b": ("1",),
        "h2": ("[7  9]",),
        "y": ("16",),
    }
    assert picture.note.startswith("x and 1 more were overwritten after use: no value, no grad")
    assert gd.draw(y, gradients=False).picture.note == picture.note


def test_what_is_overwritten_before_use_is_as_it_was_used():
    x = leaf(2.0)
    x.assign(5.0)
    y = x * 2
    y.backward()

    assert gd.draw(y).picture.edges[0].value.lines == ("5",)
    assert gd.draw(y).picture.note == ""


def twice(x, data):
    y = (x * data).sum()
    (x * 2).backward()
    y.backward()
    return y


def changed(x, data):
    y = (x * data).sum()
    y.backward()
    data[:] = 100.0  # an array of the user's: nobody is told
    return y


@pytest.mark.parametrize("computed", [twice, changed])
def test_it_is_said_if_a_leaf_holds_another_gradient_than_is_shown(computed):
    x, data = leaf(2.0, name="x"), np.array([1.0, 2.0])
    y = computed(x, data)

    assert gd.draw(y).picture.note == (
        "x.grad holds something else than is shown: there was another backward, or numbers were "
        "changed since"
    )
    assert gd.draw(y, gradients=False).picture.note == ""


def test_nothing_is_said_of_gradients_that_are_alike_or_not_a_number():
    x, z = leaf([0.1, 0.2]), leaf(np.nan)
    y = (x * 3 * z + x).sum()
    y.backward()

    assert gd.draw(y).picture.note == ""


def test_several_elements_have_no_gradient_of_their_own():
    note = gd.draw(leaf([1.0, 2.0]) * 2, gradients=True).picture.note

    assert note == "no gradient: the result has several elements, and no gradient arrives there"


def test_results_are_numbered_in_the_order_of_computing():
    x = leaf(3.0)
    picture = gd.draw(x.exp() * x.sin()).picture

    assert [n.born for n in picture.nodes if n.kind == "primitive"] == [0, 1, 2]
    assert [quantity.alias for quantity in picture.quantities] == ["x", "h1", "h2", "L"]


def test_every_form_and_depth_shows_the_weights_as_they_were_before_the_step():
    model = gd.nn.Sequential(gd.nn.Linear(2, 2, rng=np.random.default_rng(0)))
    loss = gd.sum(model(np.ones((1, 2))))
    loss.backward()
    late, early = gd.draw(loss), gd.draw(loss)
    pages = early.levels, early.html()

    gd.optim.SGD(model, lr=1.0).step()

    assert (late.levels, late.html()) == pages
