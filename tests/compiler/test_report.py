"""What became of a step, in words, and what its values are called."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler import compile
from gradatim.compiler.emit.names import name_values
from gradatim.compiler.program import Line, Program, Value
from gradatim.compiler.report import flops
from gradatim.errors import RecordingError
from gradatim.primitives import effect, pointwise, product

F8 = np.dtype(np.float64)


def step_of(backend):
    w = gd.Parameter(np.ones((4, 3)), name="w")
    program = compile(lambda x: gd.relu(x @ w).sum(), backend=backend)
    for rows in (5, 5, 2, 2):
        program(np.ones((rows, 4)))
    return program


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_each_program_says_why_it_was_made(backend):
    text = step_of(backend).explain()
    assert text.startswith("<lambda>: 2 programs")
    assert f"program 1 ({backend}): the first" in text
    assert f"program 2 ({backend}): other shapes, dtypes or settings" in text
    assert "x (5, 4) float64" in text
    assert "state        1 arrays, 0.1 kB" in text
    assert "plain 3 -> 3" in text
    assert "kB with arguments and state, " in text


def test_a_number_of_python_is_told_as_what_makes_a_program():
    program = compile(lambda x, rate, power: (x * rate) ** power, backend="numpy")
    x = np.ones(3)
    for rate in (0.1, 0.2):
        for _ in range(2):
            program(x, rate, 2)
    program(np.ones(4), 0.1, 2)
    program(np.ones(4), 0.1, 2)
    text = program.explain()
    assert "rate was 0.1, 0.2: each number of Python makes a program of its own." in text
    assert "Try np.float32(...) or an array" in text
    assert "program 2 (numpy): rate is 0.2 and was 0.1, a number of Python, which is a" in text
    assert "program 3 (numpy): other shapes" in text
    assert "constants    rate = 0.1, power = 2" in text
    assert text.count("was") == 2


def test_an_array_without_axes_is_an_input():
    program = compile(lambda x, rate: x * rate, backend="numpy")
    x = np.ones(3, np.float32)
    for rate in (0.1, 0.2, 0.3, 0.4):
        np.testing.assert_array_equal(program(x, np.float32(rate)).numpy(), x * np.float32(rate))
    assert len(program.programs) == 1
    assert "number of Python" not in program.explain()


def test_where_a_number_is_another_one_in_each_call_that_is_said():
    program = compile(lambda x, rate: x * rate, backend="numpy")
    for rate in (0.1, 0.2, 0.3, 0.4):
        program(np.ones(3), rate=rate)
    with pytest.raises(
        RecordingError, match=r"rate was 0\.1, 0\.2, 0\.3, \.\.\.\. Try np\.float32"
    ):
        program.explain()


def test_machine_code_tells_its_kernels_and_memory():
    text = step_of("llvm").explain()
    assert "machine code made in" in text
    assert "5x3, inner 4" in text


@pytest.mark.parametrize(
    ("draw", "row"),
    [
        (gd.uniform, "Draw     50x3: random"),
        (gd.normal, "NumPy    standard_normal 50x3: kernels draw float64 from a PCG64"),
    ],
)
def test_it_is_told_who_draws_random_numbers(draw, row):
    rng = np.random.default_rng(0)
    program = compile(lambda: draw(size=(50, 3), rng=rng), backend="llvm")
    for _ in range(2):
        program()
    assert row in program.explain()


def test_operations_of_a_product_count_twice():
    x, w = Value("x", (5, 4), F8), Value("w", (4, 3), F8)
    y = Value("", (5, 3), F8)
    z = Value("", (5, 3), F8)
    lines = (Line(y, product.matmul, (x, w)), Line(z, pointwise.exp, (y,)))
    assert flops(Program((x,), (w,), {}, lines, (z,))) == 2 * 5 * 3 * 4 + 15


def test_names_are_unique_valid_and_shared_by_versions():
    x, s = Value("x", (2,), F8), Value("layers.0.weight", (2,), F8)
    new = Value("", (2,), F8, s)
    odd = [Value(name, (2,), F8) for name in ("if", "0.out", "x", "x", "np", "sum", "")]
    lines = (Line(new, effect.assign, (s, x)), *(Line(v, pointwise.exp, (x,)) for v in odd))
    names = name_values(Program((x,), (s,), {}, lines, ()), ["x"])
    assert names[s] == names[new] == "layers_0_weight"
    assert [names[v] for v in odd] == ["if_2", "_0_out", "x_2", "x_3", "np_2", "sum_2", "exp"]


def test_memory_is_all_that_a_call_needs_at_most():
    program = compile(lambda x: gd.exp(x) @ x.T, backend="numpy")
    x = np.zeros((500, 250))
    for _ in range(2):
        program(x)
    nbytes = x.nbytes / 1e6  # exp(x) is kept, as large as x
    text = program.explain()
    assert (
        f"memory       {2 * nbytes:.1f} MB with arguments and state, {nbytes:.1f} MB of it" in text
    )
    assert "for what lies between the lines, kept in 1 array" in text
