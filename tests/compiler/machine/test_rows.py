"""Loops over rows: pointwise lines and reductions, for every width and number of threads."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import WIDTHS, Crew, recorded
from gradatim.compiler.machine.kernel import Rows

SHAPES = [(1, 1), (1, 9), (5, 1), (3, 7), (4, 8), (7, 33), (70, 65)]
STEPS = {
    "softmax": lambda x: gd.softmax(x),
    "log_softmax": lambda x: gd.log_softmax(x),
    "centred": lambda x: x - x.mean(axis=1, keepdims=True),
    "least and most": lambda x: x.max(axis=1) - x.min(axis=1),
    "product": lambda x: (x * 0.5 + 1).prod(axis=-1),
    "any": lambda x: (x > 1).any(axis=1),
    "all": lambda x: (x > -1).all(axis=1),
    "flat": lambda x: gd.maximum(x, 0) * 2 - x,
    "twice": lambda x: (x / (1 + (x * x).sum(axis=1, keepdims=True))).sum(axis=1),
    "whole": lambda x: (x * x).sum(),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
@pytest.mark.parametrize(("threads", "bits"), [(1, 128), (1, 512), (2, 256), (3, 128)])
def test_steps(step, dtype, threads, bits):
    for shape in SHAPES:
        x = np.random.default_rng(1).standard_normal(shape).astype(dtype)
        expected = step(gd.Tensor(x)).data
        program, _ = recorded(step, x)
        (found,) = Crew(program, threads, bits)(x)
        assert found.dtype == expected.dtype
        tolerance = 2e-5 if dtype == "float32" else 1e-12
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 3, 17)])
def test_integers_and_booleans(shape, bits):
    x = np.random.default_rng(0).integers(-5, 5, shape)
    y = x.ravel()[::-1].reshape(shape).copy()
    steps = [
        lambda x, y: x * y - x,
        lambda x, y: gd.where(x > y, x, y).sum(axis=-1),
        lambda x, y: gd.maximum(x, y).max(axis=-1),
        lambda x, y: ((x > 0) & (y > 0)).sum(),
    ]
    for step in steps:
        expected = step(gd.Tensor(x), gd.Tensor(y)).data
        (found,) = Crew(recorded(step, x, y)[0], 1, bits)(x, y)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_labels_choose_one_of_a_row(threads):
    for rows, classes in ((1, 2), (5, 3), (600, 10)):
        random = np.random.default_rng(rows)
        x, t = random.standard_normal((rows, classes)), random.integers(0, classes, rows)
        program, _ = recorded(lambda x, t: gd.cross_entropy(x, t), x, t)
        expected = gd.cross_entropy(gd.Tensor(x), gd.Tensor(t)).data
        np.testing.assert_allclose(Crew(program, threads)(x, t)[0], expected, rtol=1e-12)


def test_one_loop_does_what_belongs_together():
    x = np.ones((4, 6))
    program, _ = recorded(lambda x: gd.softmax(gd.tanh(x)), x)
    (kernel,) = Crew(program).module.schedule.kernels
    assert isinstance(kernel, Rows)
    assert len(kernel.lines) == len(program.lines)


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_handed_on(special):
    x = np.ones((3, 9))
    x[1, 8] = special
    with np.errstate(all="ignore"):
        for step in (STEPS["centred"], STEPS["least and most"], STEPS["flat"]):
            expected = step(gd.Tensor(x)).data
            np.testing.assert_array_equal(Crew(recorded(step, x)[0])(x)[0], expected)


def test_an_operand_for_each_row_column_and_for_all():
    x, row, column = np.ones((5, 7)), np.arange(7.0), np.arange(5.0).reshape(5, 1)

    def step(x, row, column, one):
        return (x * row + column) * one

    one = np.array(3.0)
    (found,) = Crew(recorded(step, x, row, column, one)[0])(x, row, column, one)
    np.testing.assert_array_equal(found, (x * row + column) * 3)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_row_of_one_element_is_not_taken_for_the_number_of_its_row(threads):
    def step(x):
        y = x.reshape(1)
        return y * 2.0 + (y / (y * y + 1.0)).reshape(()) * 3.0

    x = np.array(2.0)
    program, _ = recorded(step, x)
    np.testing.assert_allclose(Crew(program, threads)(x)[0], step(gd.Tensor(x)).data, rtol=1e-12)


def test_a_gradient_that_returns_to_a_single_number():
    w = gd.Parameter(2.0)

    def step():
        y = w.reshape(-1)
        v = y / (y * y + 1)
        (y.sum() + v.sum() + w.sum()).backward()
        gradient, w.grad = w.grad, None
        return gradient

    compiled = gd.compile(step, backend="llvm")
    assert [compiled().item() for _ in range(4)] == [step().item()] * 4
