"""A side lives in a process of its own; what is not there or fails is said."""

from __future__ import annotations

import dataclasses

import pytest
from sides.catalogue import SIDES
from sides.process import Process, SideError, environment, installed, reason
from sides.work import Work

WORK = Work("small", sizes=(784, 5, 10), batch=10)


def test_a_process_makes_steps_and_tells_what_it_learned(folder, tmp_path):
    with Process("numpy", WORK, folder, 1, tmp_path) as process:
        before = process.answer()
        seconds, cpu = process.go(20)
        after = process.answer()
        held = process.peak_bytes()

    assert after != before
    assert 0 < seconds < process.first_step + 60
    assert cpu >= 0
    assert held > 1_000_000


def test_a_process_that_fails_is_quoted(folder, tmp_path):
    wrong = dataclasses.replace(WORK, optimizer="Nonesuch")

    with pytest.raises(SideError, match=r"module 'gradatim\.optim' has no attribute 'Nonesuch'"):
        Process("eager", wrong, folder, 1, tmp_path)


def test_the_reason_is_the_line_that_names_an_error():
    words = ["Traceback:", "  File x", "OSError: no compiler", "    more", "try again"]

    assert reason(words) == "OSError: no compiler"
    assert reason(["killed"]) == "killed"


def test_each_library_is_told_how_many_threads_it_may_use(tmp_path):
    one, two = environment(1, tmp_path), environment(2, tmp_path)

    assert one["OPENBLAS_NUM_THREADS"] == one["OMP_NUM_THREADS"] == "1"
    assert two["OPENBLAS_NUM_THREADS"] == "2"
    assert "multi_thread_eigen=false" in one["XLA_FLAGS"]
    assert "multi_thread_eigen=false" not in two.get("XLA_FLAGS", "")


def test_what_is_not_installed_is_said_once_for_all_its_forms(monkeypatch):
    for name in ("torch", "torch-u8"):
        absent = dataclasses.replace(SIDES[name], needs="nothing_of_this_name")
        monkeypatch.setitem(SIDES, name, absent)

    there, sentences = installed(["numpy", "torch", "torch-u8"])

    assert there == ["numpy"]
    assert sentences == ["not installed: nothing_of_this_name (torch, eager; torch, eager, bytes)"]
