"""Expressions of primitives as machine code: each equals its own text in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.machine.crew import applied
from gradatim.compiler.machine.expression import can_lower, lower
from gradatim.native.arithmetic import Unlowered
from gradatim.native.ir import Function, Kind, Register
from gradatim.primitives import TABLE

POINTWISE = {name: p for name, p in TABLE.items() if p.kind == "pointwise"}
LOWERED = {n: p for n, p in POINTWISE.items() if can_lower(p, ("double",) * len(p.inputs))}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOWERED)
def test_equals_numpy(name, dtype):
    primitive = LOWERED[name]
    random = np.random.default_rng(len(name))
    start = 1 if name == "arccosh" else 0
    inputs = [random.uniform(0.1, 0.9, 37).astype(dtype) + start for _ in primitive.inputs]
    expected = primitive.forward(*inputs)
    found = applied(lambda f, *xs: lower(f, primitive, xs), *inputs)
    assert found.dtype == expected.dtype
    if found.dtype == bool:
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=16 * np.finfo(dtype).eps, atol=1e-300)


def test_what_networks_are_made_of_is_lowered():
    wanted = "add subtract multiply divide negative exp log tanh sigmoid maximum where sqrt power"
    assert not [name for name in wanted.split() if name in POINTWISE and name not in LOWERED]
    assert len(LOWERED) > 0.7 * len(POINTWISE)


@pytest.mark.parametrize("name", ["sum", "matmul", "reshape"])
def test_only_pointwise_primitives_have_expressions(name):
    primitive = TABLE[name]
    assert not can_lower(primitive, ("double",) * len(primitive.inputs))


@pytest.mark.parametrize("name", ["exp", "log", "power"])
def test_functions_of_integers_are_left_to_numpy(name):
    primitive = TABLE[name]
    kinds = ("i64",) * len(primitive.inputs)
    assert not can_lower(primitive, kinds)
    f = Function("trial", "", {})
    with pytest.raises(Unlowered, match="integers"):
        lower(f, primitive, tuple(Register(f"%x{i}", Kind("i64")) for i in range(len(kinds))))
