"""A program as one text: what runs in which order, and what NumPy does between."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import recorded
from gradatim.compiler.machine.module import write_module
from gradatim.compiler.program import Line
from gradatim.native.engine import host, llvm


def module_of(step, *arrays, threads=1, **settings):
    program, _ = recorded(step, *arrays)
    return program, write_module(program, host().lanes, threads, host().is_x86, **settings)


def layered(x):
    return gd.softmax(gd.tanh(x @ x.T) @ x)


X = np.random.default_rng(0).standard_normal((40, 40))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("checked", [False, True])
def test_the_text_is_sound(threads, checked):
    _, module = module_of(layered, X, threads=threads, checked=checked)
    llvm().parse_assembly(module.text).verify()
    assert module.parts == ("part0",)
    assert ("@barrier" in module.text) is (threads > 1)
    assert bool(module.accesses) is checked


def test_numpy_does_what_has_no_code_between_two_parts():
    _, module = module_of(lambda x: gd.sort(x * 2.0, axis=1) @ x, X)
    kinds = [part.primitive.name if isinstance(part, Line) else part for part in module.parts]
    assert kinds[0].startswith("part")
    assert kinds[-1].startswith("part")
    assert len({part for part in kinds if part.startswith("part")}) == kinds.count(kinds[0]) + 1
    assert all(f"@{part}(" in module.text for part in module.parts if isinstance(part, str))


def test_the_same_program_is_the_same_text():
    texts = {module_of(layered, X)[1].text for _ in range(2)}
    assert len(texts) == 1
