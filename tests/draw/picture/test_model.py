"""A model is drawn by running it once, and is left as it was."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import NoGradientError, ShapeError


class Counting(gd.nn.Module):
    """Changes itself whenever it is called."""

    def __init__(self):
        self.first = gd.nn.Linear(3, 4, rng=0)
        self.drop = gd.nn.Dropout(0.5, rng=0)
        self.calls = 0
        self.seen = gd.Tensor(0.0)

    def forward(self, x):
        self.calls += 1
        self.seen.assign(self.seen + 1)
        return self.drop(gd.relu(self.first(x)))


def boxes(picture):
    return [node.lines for node in picture.nodes if node.kind in ("module", "primitive")]


def test_layers_are_boxes_and_values_stand_between_them():
    model = gd.nn.MLP([3, 4, 2], rng=0)
    x = np.array([[1.0, 2.0, 3.0]], np.float32)
    picture = gd.draw(model, x).picture
    last = picture.arriving[picture.nodes[-1].key][0]

    assert boxes(picture) == [
        ("Linear(3, 4)", "layers.0"),
        ("ReLU", "layers.1"),
        ("Linear(4, 2)", "layers.2"),
    ]
    assert last.value.exact == str(model(x).tolist())
    assert [group.name for group in picture.groups] == ["model: MLP"]
    assert picture.title == "model: MLP"
    assert picture.note == ""


def test_every_depth_can_be_had():
    model = gd.nn.MLP([3, 4, 2], rng=0)
    x = np.ones((1, 3))

    assert boxes(gd.draw(model, x, depth=0).picture) == [("MLP", "model")]
    opened = gd.draw(model, x, depth="all").picture
    assert boxes(opened) == [("@",), ("+",), ("relu",), ("@",), ("+",)]
    assert len(opened.groups) == 4
    assert [len(each.nodes) for each in gd.draw(model, x).levels] == [3, 5, 11]


def test_parameters_are_called_by_their_path_and_in_a_frame_by_the_rest_of_it():
    model = gd.nn.MLP([3, 2], rng=0)
    picture = gd.draw(model, np.ones((1, 3)), depth="all").picture
    names = {quantity.name for quantity in picture.quantities}

    assert {"layers.0.weight", "layers.0.bias"} <= names
    assert {n.lines for n in picture.nodes if n.kind == "parameter"} == {("weight",), ("bias",)}
    assert all(parameter.name is None for parameter in model.layers[0].__dict__.values()
               if isinstance(parameter, gd.Parameter))  # fmt: skip


def test_a_box_keeps_its_parameters_and_counts_them():
    picture = gd.draw(gd.nn.MLP([3, 2], rng=0), np.ones((1, 3)), depth=0).picture
    (box,) = [node for node in picture.nodes if node.kind == "module"]

    assert "8 parameters in 2 arrays" in box.note
    assert len(picture.arriving[box.key]) == 1


def test_the_model_is_left_as_it_was():
    model = Counting()
    before = model.state_dict()
    chance = model.drop._rng.bit_generator.state
    drawn = gd.draw(model, np.ones((2, 3), np.float32))
    after = model.state_dict()

    assert drawn.picture.nodes
    assert model.calls == 0
    assert model.training
    assert model.drop._rng.bit_generator.state == chance
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_it_is_run_in_the_mode_it_is_in():
    model = Counting()
    x = np.ones((2, 3), np.float32)

    assert len(boxes(gd.draw(model, x, depth="all").picture)) > 4
    assert len(boxes(gd.draw(model.eval(), x, depth="all").picture)) == 3


def test_the_inputs_are_left_as_they_were():
    def spoiling(x):
        x.assign(0.0)
        return x * 2

    x = gd.Tensor([1.0, 2.0])
    gd.draw(spoiling, x)

    assert x.tolist() == [1.0, 2.0]


class Averaging(gd.nn.Module):
    """Writes the mean of what it sees into its state, and takes it off."""

    def __init__(self):
        self.mean = gd.Tensor([0.0, 0.0])

    def forward(self, x):
        self.mean[...] = x * 0.5
        return x - self.mean


def values(picture):
    return {each.name or each.alias: each.value.lines[0] for each in picture.quantities}


def test_state_shows_what_was_written_though_it_is_put_back():
    model = Averaging()
    picture = gd.draw(model, np.array([2.0, 4.0]), depth="all").picture

    assert values(picture) == {
        "x": "[2  4]",
        "h1": "[1  2]",
        "mean": "[0  0]",
        "mean′": "[1  2]",
        "h2": "[1  2]",
        "c1": "0.5",
    }
    assert model.mean.tolist() == [0.0, 0.0]


def test_an_input_shows_what_was_computed_with():
    def spoiling(a):
        b = a * 3
        a.data.fill(0.0)  # no primitive, so nobody is told
        return a * 2 + b

    a = gd.Tensor([1.0, 2.0])
    found = values(gd.draw(spoiling, a).picture)

    assert (found["a"], found["h1"]) == ("[1  2]", "[3  6]")
    assert (found["a′"], found["h2"], found["h3"]) == ("[0  0]", "[0  0]", "[3  6]")
    assert a.tolist() == [1.0, 2.0]


def test_what_is_drawn_later_shows_what_was_when_it_ran():
    model = gd.nn.Linear(1, 1, rng=0)
    drawing = gd.draw(model, np.ones((1, 1)), depth=0)
    weight = model.weight.item()
    model.weight.assign(100.0)
    (box,) = [q for q in drawing.levels[-1].quantities if q.name == "weight"]

    assert float(box.value.exact.strip("[]")) == pytest.approx(weight)


def test_a_function_that_asks_for_gradients_is_told_how_to_be_drawn():
    with pytest.raises(NoGradientError) as caught:
        gd.draw(lambda a: (a * a).backward(), gd.Tensor(3.0, requires_grad=True))

    assert "draw: <lambda> asks for gradients; a function that is given to draw runs forward" in (
        str(caught.value)
    )
    assert "Try y = f(x), then y.backward() and gd.draw(y)." in str(caught.value)


WEIGHT = gd.Tensor([1.0, 2.0])


def test_what_a_function_knows_from_outside_is_put_back_too():
    total = gd.Tensor(0.0)

    def writing(x):
        WEIGHT.assign(5.0)
        total.assign(x * WEIGHT.sum())
        return total + 1

    picture = gd.draw(writing, 2.0).picture

    assert values(picture)["WEIGHT"] == "[1  2]"
    assert values(picture)["WEIGHT′"] == "[5  5]"
    assert values(picture)["total′"] == "20"
    assert (WEIGHT.tolist(), total.item()) == ([1.0, 2.0], 0.0)


def test_tensors_may_come_in_lists_and_dicts():
    def area(sides, more):
        return sides[0] * sides[1] * more["depth"]

    sides, more = [gd.Tensor(2.0), gd.Tensor(3.0)], {"depth": gd.Tensor(4.0)}
    picture = gd.draw(area, sides, more).picture
    inputs = [node.lines[0] for node in picture.nodes if node.kind == "input"]

    assert len(inputs) == 3
    assert inputs == ["sides[0]", "sides[1]", "depth"]
    assert boxes(gd.draw(lambda x: x + 1, [1.0, 2.0]).picture) == [("+",)]


def test_a_model_may_be_given_to_a_function():
    def through(layer, x):
        return layer(x) * layer.bias

    picture = gd.draw(through, gd.nn.Linear(2, 2, rng=0), np.ones((1, 2)), depth=0).picture
    leaves = {node.lines[0]: node.kind for node in picture.nodes if node.is_leaf}

    assert leaves == {"x": "input", "bias": "parameter"}


def test_listeners_do_not_hear_of_it():
    heard = []
    with gd.listen(lambda primitive, *_: heard.append(primitive.name)):
        gd.draw(gd.nn.MLP([3, 2], rng=0), np.ones((1, 3)))

    assert heard == []


def test_inputs_are_called_as_the_arguments():
    def area(width, height):
        return width * height

    picture = gd.draw(area, 3.0, 4.0).picture

    assert [node.lines for node in picture.nodes if node.kind == "input"] == [
        ("width",),
        ("height",),
    ]
    assert picture.title == "area"


def test_a_layer_called_twice_is_two_boxes_that_share_nothing_visible():
    layer = gd.nn.Linear(2, 2, rng=0)
    net = gd.nn.Sequential(layer, layer)
    picture = gd.draw(net, np.ones((1, 2))).picture

    assert boxes(picture) == [("Linear(2, 2)", "layers.0")] * 2
    assert not [node for node in picture.nodes if node.kind == "parameter"]


def test_parameters_that_two_layers_share_are_shown():
    class Tied(gd.nn.Module):
        def __init__(self):
            self.a, self.b = gd.nn.Linear(2, 2, rng=0), gd.nn.Linear(2, 2, rng=0)
            self.b.weight = self.a.weight

        def forward(self, x):
            return self.b(self.a(x))

    picture = gd.draw(Tied(), np.ones((1, 2))).picture

    assert [n.lines for n in picture.nodes if n.kind == "parameter"] == [("a.weight",)]


def test_a_folded_box_was_computed_when_its_last_primitive_was():
    picture = gd.draw(gd.nn.MLP([3, 4, 2], rng=0), np.ones((1, 3))).picture

    assert [node.born for node in picture.nodes if node.kind == "module"] == [1, 2, 4]


def test_a_parameter_that_belongs_to_another_module_is_shown():
    class Borrower(gd.nn.Module):
        def forward(self, x):
            return x @ lender.weight.mT

    lender = gd.nn.Linear(2, 3, rng=0)
    picture = gd.draw(Borrower(), np.ones((1, 3)), depth=0).picture

    assert [n.lines for n in picture.nodes if n.kind == "parameter"] == [("weight",)]


def test_several_results_have_an_end_each():
    picture = gd.draw(lambda x: {"sum": x + 1, "product": x * 2}, 3.0).picture

    assert len([node for node in picture.nodes if node.kind == "end"]) == 2


def test_what_leads_to_no_result_is_not_drawn():
    def wasteful(x):
        gd.exp(x)
        return x + 1

    assert boxes(gd.draw(wasteful, 1.0).picture) == [("+",)]


def test_an_error_in_the_model_passes_and_the_model_is_put_back():
    def failing(x):
        raise ValueError("no such luck")

    with pytest.raises(ValueError, match="no such luck"):
        gd.draw(failing, 1.0)

    assert gd.Tensor(2.0, requires_grad=True).exp().requires_grad  # the tape is on again


def test_a_function_must_return_a_tensor():
    with pytest.raises(ShapeError) as caught:
        gd.draw(lambda x: 3.0, 1.0)

    assert "draw: <lambda> returned float; it must return a Tensor" in str(caught.value)
    assert "Try to return what was computed as a Tensor" in str(caught.value)
