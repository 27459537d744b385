"""All sides learn the same from the same batches, so their times may be compared."""

from __future__ import annotations

import importlib

import pytest
from sides.catalogue import SIDES
from sides.process import Process
from sides.work import WORKS, Work

SIGMOID = Work("small", sizes=(784, 6, 10), batch=10, activation="sigmoid")
ADAM = Work("small", sizes=(784, 6, 5, 10), batch=10, optimizer="Adam", rate=1e-3)
OURS = ("run", "call", "printed", "eager")


def answer(name, work, folder, steps=5):
    entry = SIDES[name]
    pytest.importorskip(entry.needs)
    side = importlib.import_module(f"sides.{entry.module}").make(work, folder, entry.form)
    side.run(steps)
    return side.answer()


@pytest.mark.parametrize("work", [SIGMOID, ADAM], ids=["SGD", "Adam"])
@pytest.mark.parametrize("name", [*OURS, "autograd"])
def test_sides_learn_what_numpy_by_hand_learns(name, work, folder):
    assert answer(name, work, folder) == pytest.approx(answer("numpy", work, folder), rel=1e-5)


def test_the_notebook_learns_what_numpy_by_hand_learns(folder):
    work = Work("small", sizes=(784, 6, 10), batch=10)

    assert answer("notebook", work, folder) == pytest.approx(
        answer("numpy", work, folder), rel=1e-4
    )


@pytest.mark.parametrize("kind", ["W6", "W7"])
@pytest.mark.parametrize("name", OURS[1:])
def test_graphs_have_the_gradients_of_autograd(name, kind, folder):
    found = answer(name, WORKS[kind], folder)

    assert found == pytest.approx(answer("autograd", WORKS[kind], folder), rel=1e-5)


def test_micrograd_agrees(folder):
    expected = answer("autograd", WORKS["W6"], folder, steps=1)

    assert answer("micrograd", WORKS["W6"], folder, steps=1) == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, entry in SIDES.items() if entry.peer])
def test_a_peer_in_its_process_learns_what_ours_learns(name, folder, tmp_path):
    if SIDES[name].missing:
        pytest.skip(f"{SIDES[name].needs} is not installed")
    if not SIDES[name].does("network", "W1"):
        pytest.skip("it has no networks")
    work = Work("W1", sizes=(784, 6, 10), batch=10)

    with Process(name, work, folder, 1, tmp_path) as process:
        process.go(20)
        found = process.answer()

    side = importlib.import_module("sides.by_numpy").make(work, folder, "")
    for steps in (3, 20):
        side.run(steps)
    assert found == pytest.approx(side.answer(), rel=1e-4)
