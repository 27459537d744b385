"""Programs of random primitives: as NumPy and as machine code they do what the step does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradatim as gd
from compiler.twin import assert_alike
from gradatim.compiler import compile

ONE = [
    gd.tanh,
    gd.relu,
    gd.sigmoid,
    gd.sin,
    gd.abs,
    lambda x: gd.tanh(x * x),  # what could grow without end is held back
    lambda x: x * 0.5 + 1,
    lambda x: gd.exp(gd.tanh(x)),
]
TWO = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: gd.tanh(a * b),
    lambda a, b: a / (b * b + 1),
    gd.maximum,
    lambda a, b: gd.where(a > b, a, b * 0.5),
]
MOVES = [
    lambda x: x.T,
    lambda x: x.reshape(x.shape[::-1]),
    lambda x: x.sum(axis=0, keepdims=True),
    lambda x: x.sum(axis=-1, keepdims=True),
    lambda x: x.max(axis=-1, keepdims=True),
    lambda x: x.sum() + x * 0,
    lambda x: gd.softmax(x),
    lambda x: gd.flip(x),
    lambda x: x.detach(),
]
instruction = st.tuples(
    st.sampled_from(["one", "one", "two", "two", "move", "matmul", "write", "add", "take"]),
    st.integers(0, 8),
    st.integers(0, 40),
    st.integers(0, 40),
)


PROGRAMS = st.lists(instruction, min_size=5, max_size=40)


def run(program, values, states):
    """Follow the instructions on Tensors of two axes."""
    values = [*values, *states]
    for kind, which, i, j in program:
        recent = values[-6:]  # so that most of what is computed is read again
        a, b = recent[i % len(recent)], (recent if j % 4 else values)[j % len(recent)]
        fits = np.broadcast_shapes(a.shape, b.shape) if _fit(a, b) else None
        if kind == "one":
            new = ONE[which % len(ONE)](a)
        elif kind == "two" and fits:
            new = TWO[which % len(TWO)](a, b)
        elif kind == "move":
            new = MOVES[which](a)
        elif kind == "matmul" and a.shape[1] == b.shape[0]:
            new = gd.tanh(a @ b)
        elif kind in ("write", "add"):
            state = states[which % len(states)]
            if not _fit(state, a) or np.broadcast_shapes(state.shape, a.shape) != state.shape:
                continue
            state.assign(gd.tanh(state + a * 0.5) if kind == "add" else gd.tanh(a * 2) + 0 * state)
            continue
        elif kind == "take":
            new = a[: max(1, a.shape[0] - 1)]
        else:
            continue
        values.append(new)
    return values[-3:]


def _fit(a, b):
    return all(n == m or 1 in (n, m) for n, m in zip(a.shape, b.shape))


def world(seed, sizes):
    random = np.random.default_rng(seed)
    states = [
        gd.Tensor(random.uniform(-1, 1, sizes)),
        gd.Tensor(random.uniform(-1, 1, sizes[::-1])),
    ]
    return states, [
        [random.uniform(-1, 1, sizes), random.uniform(-1, 1, (1, sizes[1]))] for _ in range(4)
    ]


def compare(program, sizes, seed, backend):
    states, batches = world(seed, sizes)
    twins, _ = world(seed, sizes)
    compiled = compile(lambda x, y: run(program, [x, y], states), backend=backend)
    for x, y in batches:
        expected = run(program, [gd.Tensor(x), gd.Tensor(y)], twins)
        found = compiled(x.copy(), y.copy())
        for one, other in zip([*found, *states], [*expected, *twins]):
            if backend == "numpy":
                np.testing.assert_array_equal(
                    one.numpy(), other.numpy(), compiled.source if compiled.programs else ""
                )
            else:
                assert_alike(one, other.detach())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(instruction, min_size=5, max_size=40),
    st.sampled_from([(3, 4), (1, 5), (2, 2)]),
    st.integers(0, 9),
)
def test_numpy_gives_the_same_bits(program, sizes, seed):
    compare(program, sizes, seed, "numpy")


@settings(max_examples=20, deadline=None)
@given(PROGRAMS, st.integers(0, 9))
def test_numpy_gives_the_same_bits_where_memory_is_kept(program, seed):
    compare(program, (90, 80), seed, "numpy")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(instruction, min_size=5, max_size=40),
    st.sampled_from([(3, 4), (17, 5), (1, 9)]),
    st.integers(0, 9),
)
def test_machine_code_gives_the_same_numbers(program, sizes, seed):
    compare(program, sizes, seed, "llvm")
