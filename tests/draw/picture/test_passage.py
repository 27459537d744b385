"""A loss is folded by the modules that it passed through."""

from __future__ import annotations

import gc
import threading
from types import SimpleNamespace

import numpy as np

import gradatim as gd
from gradatim.autograd.modes import MOST_CALLS, current

X, T = np.ones((2, 3)), np.array([0, 1])


def boxes(picture):
    return [node.lines[0] for node in picture.nodes if node.kind in ("module", "primitive")]


def loss_of(model):
    loss = gd.cross_entropy(model(X), T)
    loss.backward()
    return loss


def test_a_loss_shows_the_layers_it_came_through_with_their_gradients():
    model = gd.nn.MLP([3, 4, 2], rng=0)
    picture = gd.draw(loss_of(model)).picture
    relu = next(node for node in picture.nodes if node.lines[0] == "ReLU")

    assert boxes(picture) == [
        "Linear(3, 4)", "ReLU", "Linear(4, 2)", "cross entropy", "Σ", "÷",
    ]  # fmt: skip
    assert picture.arriving[relu.key][0].gradient is not None
    assert [group.name for group in picture.groups] == ["model: MLP"]


def test_data_is_shown_and_what_a_layer_owns_is_not():
    model = gd.nn.MLP([3, 4, 2], rng=0)
    leaves = [node.lines[0] for node in gd.draw(loss_of(model)).picture.nodes if node.is_leaf]

    assert leaves == ["X", "T", "2"]


def test_masks_that_a_layer_drew_are_not_shown():
    model = gd.nn.Sequential(gd.nn.Linear(3, 2, rng=0), gd.nn.Dropout(0.5, rng=0))
    leaves = [node.lines[0] for node in gd.draw(loss_of(model)).picture.nodes if node.is_leaf]

    assert leaves == ["X", "T", "2"]


def test_every_depth_can_be_had():
    model = gd.nn.MLP([3, 4, 2], rng=0)
    loss = loss_of(model)

    assert boxes(gd.draw(loss, depth=0).picture)[0] == "MLP"
    assert boxes(gd.draw(loss, depth="all").picture)[:3] == ["@", "+", "relu"]


def test_parameters_are_called_by_their_path_even_if_no_variable_holds_the_model():
    hidden = SimpleNamespace(model=gd.nn.MLP([3, 2], rng=0))
    picture = gd.draw(loss_of(hidden.model), depth="all").picture

    assert "layers.0.weight" in {quantity.name for quantity in picture.quantities}


def test_of_a_model_that_is_gone_the_primitives_are_drawn():
    loss = loss_of(gd.nn.MLP([3, 4, 2], rng=0))
    gc.collect()

    assert boxes(gd.draw(loss).picture)[:3] == ["@", "+", "relu"]


def test_what_was_computed_between_two_calls_stands_outside_of_both():
    first, second = gd.nn.Linear(3, 3, rng=0), gd.nn.Linear(3, 3, rng=1)
    gd.draw(second(gd.tanh(first(X))).sum())
    picture = gd.draw(second(gd.tanh(first(X))).sum()).picture
    groups = {node.lines[0]: node.group for node in picture.nodes if node.kind == "primitive"}

    assert groups["tanh"] == ""
    assert len(picture.groups) == 2


def test_two_calls_of_a_model_are_two_frames():
    model = gd.nn.MLP([3, 3, 3], rng=0)
    y = model(model(X)).sum()

    assert [g.name for g in gd.draw(y).picture.groups] == ["model: MLP"] * 2


def test_no_call_is_remembered_without_a_tape():
    model = gd.nn.Linear(3, 2, rng=0)
    before = list(current().calls)
    with gd.no_grad():
        model(X)

    assert list(current().calls) == before


def test_a_model_is_not_kept_alive_by_its_calls():
    model = gd.nn.Linear(3, 2, rng=0)
    model(X)
    entry = current().calls[-1][0]
    del model
    gc.collect()

    assert entry() is None


def test_a_graph_of_which_calls_are_forgotten_is_drawn_by_primitives():
    class Plain(gd.nn.Module):
        def forward(self, x):
            return x

    model, plain = gd.nn.MLP([3, 4, 2], rng=0), Plain()
    loss = loss_of(model)
    for _ in range(MOST_CALLS - 2):  # two of the four calls of the model are forgotten
        plain(X)

    picture = gd.draw(loss).picture
    assert boxes(picture)[:5] == ["@", "+", "relu", "@", "+"]
    assert picture.groups == ()


def test_calls_of_other_threads_are_not_mixed_in():
    model = gd.nn.MLP([3, 4, 2], rng=0)
    thread = threading.Thread(target=lambda: loss_of(model))
    before = len(current().calls)
    thread.start()
    thread.join()

    assert len(current().calls) == before
