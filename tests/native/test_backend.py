"""Which backend is meant: by the caller, the environment, or what is installed."""

from __future__ import annotations

import pytest

from gradatim.errors import BackendError
from gradatim.native import engine
from gradatim.native.backend import VARIABLE, chosen


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
