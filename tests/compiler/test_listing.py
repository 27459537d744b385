"""The source of a program: Python that runs by itself, gives the same bits, and reads well."""

from __future__ import annotations

import ast
import copy
import re

import numpy as np
import pytest

import gradatim as gd
from compiler.models import GOLDEN, MODELS, recorded
from compiler.twin import assert_alike
from gradatim.compiler import compile
from gradatim.compiler.agreement import agree
from gradatim.compiler.emit.listing import loaded
from gradatim.compiler.emit.phrase import tidy
from gradatim.compiler.recorder import Recording

RANDOM = np.random.default_rng(3)


def source_of(step, *arguments):
    program = compile(step, backend="numpy")
    program(*arguments)
    program(*arguments)
    return program.source


def alone(source):
    space = {}
    exec(source, space)
    return space["step"]


@pytest.mark.parametrize("name", MODELS)
def test_sources_are_those_that_were_read_by_people(name):
    assert recorded(name)[0].source == (GOLDEN / f"{name}.py.txt").read_text()


@pytest.mark.parametrize("name", MODELS)
def test_a_source_runs_by_itself_and_gives_the_same_bits(name):
    program, model, x, t = recorded(name)
    given = [np.array(v) for v in _state(program)]
    given += copy.deepcopy(program.program.generators())
    step = alone(program.source)
    for _ in range(3):
        expected = program(x, t).numpy()
        assert step(x, t, *given)[0].tobytes() == expected.tobytes()
    for array, p in zip(given, model.parameters()):
        assert array.tobytes() == p.data.tobytes()


def _state(program):
    plan = program._latest
    return [t.data for t in plan._tensors]


@pytest.mark.parametrize("name", MODELS)
def test_a_source_has_three_headed_sections_and_short_rows(name):
    text = (GOLDEN / f"{name}.py.txt").read_text()
    assert re.findall(r"# --- (\w+) ---", text) == ["forward", "backward", "update"]
    assert all(len(row) <= 100 for row in text.splitlines() if "sigmoid" not in name)
    assert "# models.py:" in text
    assert "loss = gd.cross_entropy(model(x), t)" in text
    assert "return (loss,)" in text
    ast.parse(text)


@pytest.mark.parametrize("name", MODELS)
def test_a_source_has_no_needless_parentheses(name):
    for row in (GOLDEN / f"{name}.py.txt").read_text().splitlines():
        code = row.partition("#")[0].strip()
        if " = " in code and "def " not in code:
            expression = code.partition(" = ")[2]
            assert tidy(expression) == expression


@pytest.mark.parametrize(
    ("returning", "name"),
    [
        (lambda y: {"y": y, "total": y.sum()}, "total"),
        (lambda y: (y, y.sum()), "sum"),
    ],
)
def test_results_have_the_names_of_the_dict(returning, name):
    assert re.search(rf"\b{name}\w* = np\.sum", source_of(lambda x: returning(x * 2), np.ones(3)))


def test_results_have_the_names_of_the_return():
    def step(x):
        double = x * 2
        whole = double.sum()
        return whole, [double]

    assert "return (whole, double)" in source_of(step, np.ones(3))


def test_a_broken_program_shows_its_line_in_the_traceback():
    step = loaded("def step():\n    return 1 / 0\n", "mine")
    with pytest.raises(ZeroDivisionError) as caught:
        step()
    assert "return 1 / 0" in str(caught.traceback[-1].statement)


# --- nothing is read after it was overwritten ---------------------------------------------------
def same_bits(step, *states, size=(100, 90)):
    """Compare three calls with the step itself, large enough for memory that is kept."""
    twins = [gd.Tensor(s.data) for s in states]
    program = compile(lambda x: step(x, *states), backend="numpy")
    for _ in range(4):
        x = RANDOM.uniform(-1, 1, size)
        found, expected = program(x), step(gd.Tensor(x), *twins)
        for one, other in zip([*found, *states], [*expected, *twins]):
            assert one.numpy().tobytes() == other.numpy().tobytes(), program.source
    return program.source


def test_memory_is_taken_over_by_the_last_reader():
    source = same_bits(lambda x: (gd.exp(gd.tanh(x)).sum(), gd.sqrt(gd.exp(x)).sum()))
    assert "out=" in source
    assert re.search(r"np\.exp\((\w+), out=\1\)", source)


def test_memory_of_a_view_is_not_taken_over():
    def step(x):
        y = gd.tanh(x)
        view = y.reshape((90, 100))
        z = gd.exp(y)
        return z.sum(), (view * 2).sum(), (view * 3).sum()

    same_bits(step)


def test_memory_of_a_turned_view_is_not_taken_over():
    def step(x):
        y = gd.tanh(x)
        turned = y.T
        z = gd.exp(y)
        z = gd.sin(z)
        return (turned @ z).sum(), turned.sum(axis=0).sum()

    same_bits(step)


def test_memory_of_a_view_of_a_view_is_not_taken_over():
    def step(x):
        y = gd.tanh(x)
        view = y.reshape(-1)[10:].reshape((10, 899))
        z = gd.sin(gd.exp(y))
        return z.sum(), (view * 2).sum(), view.sum()

    same_bits(step)


def test_memory_of_a_result_is_not_taken_over():
    def step(x):
        y = gd.tanh(x)
        return gd.exp(y).sum(), y, y.T

    same_bits(step)


def test_an_old_number_is_read_before_it_is_overwritten():
    def step(x, s):
        old = s * 2
        s.assign(x[0])
        return (old + 1,)

    source = same_bits(step, gd.Tensor(np.ones(90)))
    assert source.index("* 2.0") < source.index("[...]")


def test_a_state_is_renewed_early_only_if_nobody_wants_the_old_numbers():
    def step(x, s):
        new = gd.tanh(x[0])
        old = gd.exp(s)
        s.assign(new)
        return (old * new,)

    same_bits(step, gd.Tensor(np.ones(90)))


def test_a_state_is_renewed_early_only_if_nobody_wants_a_view_of_the_old_numbers():
    def step(x, s):
        view = s.reshape((9, 10))
        new = gd.tanh(x[0])
        old = gd.exp(view)
        s.assign(new)
        return (old.sum() * new,)

    same_bits(step, gd.Tensor(np.ones(90)))


def test_a_state_that_is_written_twice():
    def step(x, s):
        new = gd.tanh(x[0])
        s.assign(new)
        first = s * 2
        s.assign(first + new)
        return (first, new * 1.5)

    same_bits(step, gd.Tensor(np.ones(90)))


def test_two_states_that_change_places():
    def step(x, s, r):
        one, two = s * 1.0, r * 1.0
        s.assign(two)
        r.assign(one)
        return (x[0] + s,)

    same_bits(step, gd.Tensor(np.ones(90)), gd.Tensor(np.full(90, 2.0)))


# --- constants ----------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int64])
@pytest.mark.parametrize("number", [2, 0.1, -0.0, 1e30, np.inf, -np.inf, np.nan, 3])
def test_numbers_keep_dtype_and_bits(dtype, number):
    def step(x):
        return x * number, x + number, number - x, x > number, gd.maximum(x, number), x**2

    x = np.arange(1, 5).astype(dtype)
    program = compile(step, backend="numpy")
    with np.errstate(all="ignore"):
        for _ in range(3):
            found = program(x)
        for one, other in zip(found, step(gd.Tensor(x))):
            assert one.dtype == other.dtype
            assert one.numpy().tobytes() == other.numpy().tobytes()


def test_arrays_that_never_change_stand_at_the_head():
    table = np.array([[1.0, np.nan], [np.inf, -0.0]])
    source = source_of(lambda x: x * (table * 1) + np.full(2, 0.5), np.ones((2, 2)))
    assert "np.array([[1.0, np.nan], [np.inf, -0.0]], np.float64)" in source
    assert_alike(gd.Tensor(alone(source)(np.ones((2, 2)))[0]), gd.Tensor(table + np.full(2, 0.5)))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("(a * b) + (c)", "a * b + c"),
        ("a - (b + c)", "a - (b + c)"),
        ("(a ** b) ** c", "(a ** b) ** c"),
        ("-(a * b)", "-(a * b)"),
        ("(np.exp(x)).sum((0))", "np.exp(x).sum(0)"),
        ("(a @ b).T", "(a @ b).T"),
    ],
)
def test_parentheses(written, read):
    assert tidy(written) == read


def test_a_recording_without_arguments_is_printed():
    one, two = Recording([]), Recording([])
    for recording in (one, two):
        recording.run(lambda: None)
    assert agree(one, two).program.lines == ()
