"""What can be drawn, by function and by method, and what cannot."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError


def test_a_tensor_draws_itself():
    x = gd.Tensor(3.0, requires_grad=True)
    y = x * x

    assert y.draw().picture == gd.draw(y).picture
    assert y.draw().picture.title == "y"


def test_a_model_draws_itself():
    model = gd.nn.MLP([2, 3, 1], rng=0)
    x = np.ones((1, 2))

    assert model.draw(x, depth=0).picture == gd.draw(model, x, depth=0).picture


def test_a_module_may_have_a_draw_of_its_own():
    class Artist(gd.nn.Module):
        def draw(self):
            return "mine"

    assert Artist().draw() == "mine"


def test_modules_are_folded_and_opened_by_name():
    model = gd.nn.MLP([2, 3, 1], rng=0)
    loss = model(np.ones((1, 2))).sum()

    def drawn(**how):
        nodes = gd.draw(loss, **how).picture.nodes
        return [node.lines[0] for node in nodes if node.kind in ("module", "primitive")]

    assert drawn(fold="MLP") == ["MLP", "Σ"]
    assert drawn(unfold="layers.0") == ["@", "+", "ReLU", "Linear(3, 1)", "Σ"]
    assert drawn(depth="all", fold="Linear") == ["Linear(2, 3)", "relu", "Linear(3, 1)", "Σ"]
    assert drawn(unfold="Linear", fold=["ReLU"]) == ["@", "+", "ReLU", "@", "+", "Σ"]


def test_phases_of_a_step_are_folded_by_name():
    @gd.compile(backend="numpy")
    def step(x):
        loss = (x * x).sum()
        loss.backward()
        return loss

    x = gd.Parameter(np.ones(3))
    for _ in range(3):
        step(x)
    whole, short = step.draw().picture, step.draw(fold="backward").picture

    assert {group.name for group in whole.groups} == {"forward", "backward"}
    assert [group.name for group in short.groups] == ["forward"]
    assert [node.lines for node in short.nodes if node.kind == "module"] == [("backward",)]


def area(width, height):
    return width * height


@pytest.mark.parametrize(
    ("subject", "inputs", "told", "tried"),
    [
        (3.0, (), "float cannot be drawn; it must be a Tensor, a model or a function", "(loss)"),
        ("loss", (), "str cannot be drawn; it must be a Tensor", "step.draw()"),
        (
            gd.nn.Linear(2, 1, rng=0),
            (),
            "Linear is a model and was given without inputs; it must be given what it is called",
            "gd.draw(model, x)",
        ),
        (area, (), "area is a function and was given without inputs; it must", "gd.draw(f, x)"),
        (
            gd.Tensor(1.0),
            (gd.Tensor(2.0),),
            "2 things were given, the first of them a Tensor; a Tensor is drawn by itself",
            "gd.draw(a + b) for both in one picture",
        ),
        (gd.nn.ReLU, (2.0,), "ReLU is a class; it must be a model made", "gd.draw(ReLU(...), x)"),
        (gd.nn.ReLU, (), "ReLU is a class; it must be a model made", "gd.draw(ReLU(...), x)"),
    ],
)
def test_anything_else_is_refused_with_what_can_be_drawn(subject, inputs, told, tried):
    with pytest.raises(DtypeError) as caught:
        gd.draw(subject, *inputs)

    message = str(caught.value)
    assert message.startswith(f"draw: {told}")
    assert "\n  Try " in message
    assert tried in message


@pytest.mark.parametrize(
    ("names", "told"),
    [(3, "int"), ([gd.Tensor(1.0)], "list"), ({3: gd.Tensor(1.0)}, "a mapping of int")],
)
def test_names_are_names_of_tensors(names, told):
    with pytest.raises(DtypeError) as caught:
        gd.draw(gd.Tensor(1.0), names=names)

    message = str(caught.value)
    assert message.startswith(f"draw: names is {told}; it must be a mapping of names to Tensors.")
    assert 'Try names={"price": y}' in message


def test_a_compiled_step_is_not_run_to_be_drawn():
    calls = []

    @gd.compile(backend="numpy")
    def step(x):
        calls.append(x)
        return x * 2

    with pytest.raises(DtypeError, match="the step step was given with inputs; it must be given"):
        gd.draw(step, gd.Tensor(1.0))
    assert calls == []


def test_a_sentence_can_stand_below_the_picture():
    x = gd.Tensor(2.0, requires_grad=True)
    y = x * x
    waiting = gd.draw(y, note="the square\nof two").picture.note
    y.backward()

    assert waiting == "the square of two; no gradient yet: backward was not called"
    assert gd.draw(y, note="the square").picture.note == "the square"
    assert gd.draw(lambda x: x * 2, 3.0, note="twice").text().endswith("\ntwice")
