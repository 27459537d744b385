"""Bounds-checked code: what would leave its array is refused, and says so."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler.machine import guard
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.native import Native
from gradatim.compiler.machine.writer import Writer
from gradatim.errors import GradatimError


def sums(x):
    return (x * 2.0).sum(axis=1)


def product(x):
    return x @ x.T


def columns(x):
    return x.sum(axis=0)


X = np.arange(60.0).reshape(6, 10)


def broken(monkeypatch, name, shift):
    """Let every access of one kind go wrong by some elements."""
    right = getattr(Writer, name)

    def wrong(self, *given):
        given = list(given)
        place = 1 if name == "load" else 2
        given[place] = self.f.plus(given[place], shift)
        return right(self, *given)

    monkeypatch.setattr(Writer, name, wrong)


@pytest.mark.parametrize("shift", [60, -1])
@pytest.mark.parametrize("how", ["load", "store"])
@pytest.mark.parametrize("step", [sums, product, columns])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_wrong_offset_is_refused_and_told(step, how, shift, threads, monkeypatch):
    program, _ = recorded(step, X)
    broken(monkeypatch, how, shift)
    crew = Crew(program, threads)
    before = crew.arena.copy()
    before[:512] = 0
    with pytest.raises(GradatimError, match="would have left its memory") as caught:
        crew(X.copy())
    told = str(caught.value)
    assert ("reads" if how == "load" else "writes") in told
    assert "float64" in told
    assert "Rows of" in told or "Columns of" in told or "Product of" in told
    assert "Try backend='numpy'" in told


def test_a_refused_write_changes_nothing(monkeypatch):
    program, _ = recorded(lambda x: x * 2.0, X)
    broken(monkeypatch, "store", 1000)
    crew = Crew(program)
    crew.arena[512:] = 7
    with pytest.raises(GradatimError, match="writes 4 double at value"):
        crew(X.copy())
    assert (crew.arena[512:] == 7).all()


def test_the_next_call_is_not_blamed(monkeypatch):
    x, t = np.ones((2, 3)), np.array([0, 2])
    program, _ = recorded(lambda x, t: gd.cross_entropy(x, t), x, t)
    crew = Crew(program)
    number = len(crew.module.accesses)
    crew.arena[guard.NOTE_BYTE : guard.NOTE_BYTE + 8].view("i8")[0] = number
    with pytest.raises(GradatimError, match="left its memory"):
        crew(x, t)
    crew(x, t)


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("0", False), ("", False)])
def test_the_environment_decides_when_a_program_is_made(value, wanted, monkeypatch):
    monkeypatch.setenv("GRADATIM_CHECK_BOUNDS", value)
    program, _ = recorded(sums, X)
    native = Native(program)
    assert bool(native.module.accesses) is wanted
    np.testing.assert_array_equal(native(X)[0], sums(gd.Tensor(X)).data)


def test_native_tells_a_fault(monkeypatch):
    monkeypatch.setenv("GRADATIM_CHECK_BOUNDS", "1")
    program, _ = recorded(sums, X)
    broken(monkeypatch, "load", 1)
    with pytest.raises(GradatimError, match=r"reads \d double at"):
        Native(program)(X)


def test_an_index_outside_the_data_is_refused():
    x = np.zeros((4, 10), "f4")
    program, _ = recorded(lambda x: (x * 2.0).sum(), x)
    data = np.arange(200, dtype="u1").reshape(20, 10)
    feed = Feed(program.arguments[0], data.dtype, 0.5)
    crew = Crew(program, run=Run((feed,), notes=program.results))
    losses = np.zeros(2, "f4")
    good = np.array([[0, 19, 5, 1], [2, 3, 4, 5]])
    crew.run([x], [good, data, losses], 2)
    np.testing.assert_array_equal(losses, data[good].sum((1, 2)))
    for bad in (20, -1):
        with pytest.raises(GradatimError, match="array 1 of the feed"):
            crew.run([x], [np.array([[0, 19, 5, bad], [2, 3, 4, 5]]), data, losses], 2)
    with pytest.raises(GradatimError, match="array 0 of the feed"):
        crew.run([x], [good, data, np.zeros(3, "f4")], 3)
