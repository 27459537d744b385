"""Which backend is meant, and that a call costs little beside its program."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler import compile, plan
from gradatim.compiler.machine import engine
from gradatim.compiler.plan import VARIABLE, chosen
from gradatim.errors import BackendError


def test_the_argument_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv(VARIABLE, "nonsense")
    assert chosen("numpy") == "numpy"
    with pytest.raises(BackendError, match="'nonsense'; it must be 'llvm'"):
        chosen(None)
    monkeypatch.setenv(VARIABLE, "")
    assert chosen(None) in ("llvm", "numpy")


def test_without_llvmlite_numpy_is_taken(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(engine, "is_there", lambda: False)
    assert chosen(None) == "numpy"
    monkeypatch.setattr(engine, "is_there", lambda: True)
    assert chosen(None) == "llvm"


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
