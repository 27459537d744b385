"""Each kernel says why it is one of its own."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler import compile
from gradatim.compiler.fusion import reasons
from gradatim.native import engine

pytestmark = pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")


def told(step, *given):
    """The reasons in the program of a step, each behind the name of what its kernel makes last."""
    program = compile(step, backend="llvm")
    for _ in range(2):
        program(*given)
    plan = program.known(*given)
    schedule = plan.native.module.schedule
    rows = zip(schedule.kernels, reasons(schedule, plan.names), strict=True)
    return {plan.names.get(kernel.lines[-1].output, "half"): reason for kernel, reason in rows}


X = np.random.default_rng(0).random((6, 5))


def test_a_step_of_a_network_tells_every_boundary():
    model = gd.nn.MLP([5, 7, 3], rng=0, dtype="float64")
    optimizer = gd.optim.SGD(model, lr=0.1)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    found = told(step, X, np.arange(6) % 3)
    whole = "a product reads whole rows and columns, over and over"
    assert found["layers_2"] == f"apart from layers_1: {whole}"
    assert (
        found["d_layers_2"] == "apart from layers_2: its rows are looked along, and must be whole"
    )
    assert "loops of 6 and of 6x3 do not fit into each other" in found["loss"]
    assert found["layers_2_bias"] == "apart from d_layers_2: a sum over rows needs all of them"
    assert found["layers_0_weight"] == f"apart from d_layers_0: {whole}"
    assert found["step_count"] == ""  # it reads nothing that another one makes


def test_what_numpy_makes_is_named():
    found = told(lambda x: gd.exp(gd.sort(x)) * 2, X)
    assert "apart from take_along_axis: NumPy makes it" in found.values()


def test_halves_of_a_product_meet():
    model = gd.nn.MLP([784, 50, 10], rng=0)
    optimizer = gd.optim.SGD(model)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    found = told(step, np.zeros((100, 784), np.float32), np.zeros(100, int))
    assert "apart from half of a sum: both halves of a product must be there" in found.values()


def test_explain_tells_them_below_their_kernels():
    program = compile(lambda x: gd.exp(x @ x.T).sum(axis=0), backend="llvm")
    for _ in range(2):
        program(X)
    assert "\n             apart from exp: a sum over rows needs all of them" in program.explain()
