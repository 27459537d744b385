"""A step that is called with ever new shapes does not fill the memory."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler import compile, shelf


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(shelf, "MOST_PROGRAMS", 3)
    monkeypatch.setattr(shelf, "MOST_NOTES", 3)


def sizes(program):
    return [p.arguments[0].shape[0] for p in program.programs]


def test_programs_unused_for_longest_go(few):
    program = compile(lambda x: x * 2, backend="numpy")
    for size in (1, 2, 3):
        for _ in range(2):
            program(np.ones(size))
    program(np.ones(1))
    for _ in range(3):
        np.testing.assert_array_equal(program(np.ones(4)).numpy(), np.full(4, 2.0))
    assert sorted(sizes(program)) == [1, 3, 4]
    assert "3 programs; 1 more, unused for longest, had to make room" in program.explain()
    for _ in range(3):
        np.testing.assert_array_equal(program(np.ones(2)).numpy(), np.full(2, 2.0))


def test_the_programs_of_one_kind_of_call_are_limited_too(few):
    scale = [0.0]
    program = compile(lambda x: x * scale[0], backend="numpy")
    for number in range(6):
        scale[0] = float(number)
        for _ in range(3):
            assert program(np.ones(1)).item() == number
    assert len(program.programs) == 3


def test_notes_of_first_calls_are_limited(few):
    program = compile(lambda x: x * 2, backend="numpy")
    for size in (1, 2, 3, 4, 5, 1, 5, 4):
        program(np.ones(size))
    assert sizes(program) == [5, 4]


def test_a_note_does_not_hold_what_was_computed():
    def held():
        gc.collect()
        return sum(type(x) is gd.Tensor and x.shape == (977,) for x in gc.get_objects())

    before = held()
    program = compile(lambda x: gd.exp(x * 2).sum(), backend="numpy")
    program(np.ones(977))
    assert held() - before <= 1  # the argument


def test_every_step_has_room_for_many_shapes():
    assert shelf.MOST_PROGRAMS >= 32
    assert shelf.MOST_NOTES >= 32
