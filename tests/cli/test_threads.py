"""NumPy multiplies on one thread while the program runs, unless told otherwise."""

from __future__ import annotations

import pytest

from gradatim.cli import main
from gradatim.cli.threads import VARIABLES, numpy_threads

control = pytest.importorskip("threadpoolctl")


def threads():
    return {pool["num_threads"] for pool in control.threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def _three(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with control.threadpool_limits(3, "blas"):
        if threads() != {3}:
            pytest.skip("NumPy's products have no threads here")
        yield


def test_one_inside_and_as_many_as_before_outside():
    with numpy_threads():
        assert threads() == {1}
    assert threads() == {3}


def test_the_environment_has_the_last_word(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with numpy_threads():
        assert threads() == {3}


def test_the_program_runs_so(monkeypatch, capsys):
    seen = []
    monkeypatch.setattr("gradatim.cli.app._run", lambda *_: seen.append(threads()) or 0)
    assert main([]) == 0
    assert seen == [{1}]
