"""A plan makes only what is asked for."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

import gradatim as gd
from gradatim.compiler import compile, plan


def test_a_program_of_machine_code_is_printed_only_when_somebody_asks(monkeypatch):
    asked = []
    monkeypatch.setattr(plan, "listing", lambda *_: asked.append(1))
    program = compile(lambda x: gd.tanh(x) * 2, backend="llvm")
    for _ in range(4):
        program(np.ones(3))
    assert not asked
    with suppress(AttributeError):
        program.source  # noqa: B018
    assert asked
