"""The program of a compiled step is drawn with a frame for each phase."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import RecordingError


@pytest.fixture(scope="module")
def step():
    model = gd.nn.Linear(3, 2, rng=0)
    optimizer = gd.optim.Momentum(model.parameters(), lr=0.1)

    @gd.compile(backend="numpy")
    def step(x, t):
        loss = ((model(x) - t) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    x, t = gd.Tensor(np.ones((4, 3), np.float32)), gd.Tensor(np.ones((4, 2), np.float32))
    for _ in range(3):
        step(x, t)
    return step


def test_phases_are_frames(step):
    picture = step.draw().picture

    assert [(group.name, group.kind) for group in picture.groups] == [
        ("forward", "phase"),
        ("backward", "phase"),
        ("update", "phase"),
    ]
    assert picture.title == "program of step"


def test_every_line_is_a_node_with_the_name_of_its_primitive(step):
    drawn = [node.primitive for node in step.draw().picture.nodes if node.kind == "primitive"]

    assert drawn == [line.primitive.name for line in step.program.lines]


def test_leaves_are_told_by_what_becomes_of_them(step):
    kinds = {node.lines[0]: node.kind for node in step.draw().picture.nodes if node.is_leaf}

    assert kinds["x"] == kinds["t"] == "input"
    assert kinds["weight"] == kinds["bias"] == "parameter"
    assert "state" in kinds.values()


def test_what_is_written_comes_out_with_a_prime(step):
    picture = step.draw().picture
    ends = {node.lines[0] for node in picture.nodes if node.kind == "end"}

    assert {"loss", "weight′", "bias′"} <= ends


def test_a_leaf_stands_in_the_phase_in_which_it_is_used_first(step):
    picture = step.draw().picture
    name = {group.key: group.name for group in picture.groups}
    phase = {node.lines[0]: name[node.group] for node in picture.nodes if node.is_leaf}

    assert phase["x"] == phase["weight"] == phase["t"] == "forward"
    assert "update" in phase.values()


def test_shapes_stand_at_the_edges(step):
    picture = step.draw().picture
    x = next(node for node in picture.nodes if node.lines[:1] == ("x",))

    assert picture.leaving[x.key][0].value.lines == ("(4, 3)",)


def test_the_place_of_a_line_is_told(step):
    notes = [node.note for node in step.draw().picture.nodes if node.kind == "primitive"]

    assert any("loss.backward()" in note for note in notes)


def test_a_step_without_a_program_is_told_so():
    with pytest.raises(RecordingError, match="has no program yet"):
        gd.compile(lambda x: x * 2).draw()
