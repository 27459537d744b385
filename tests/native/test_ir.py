"""IR as text: constants, loops, vectors, memory."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from compiler.machine.crew import applied
from gradatim.native.engine import Code
from gradatim.native.ir import Function, Kind, element_of, has_code, stored


def run(write, size=32, dtype="f8"):
    """Let ``write(f)`` fill the array ``%x``."""
    f = Function("fill", "ptr %x, i64 %n", {})
    write(f)
    x = np.zeros(size, dtype)
    text = "\n".join([*sorted(f.declarations), f.text(), "attributes #0 = { nounwind }"])
    Code(text).function("fill", ctypes.c_void_p, ctypes.c_int64)(x.ctypes.data, size)
    return x


@pytest.mark.parametrize("value", [0.0, -0.0, 1.5, 1e-310, 1e300, np.inf, -np.inf, np.nan, 0.1])
@pytest.mark.parametrize(("element", "dtype"), [("float", "f4"), ("double", "f8")])
@pytest.mark.parametrize("lanes", [1, 4])
def test_constants_keep_their_bits(value, element, dtype, lanes):
    kind = Kind(element, lanes)
    found = run(lambda f: f.store(f.number(value, kind), "%x", 0), lanes, dtype)
    with np.errstate(over="ignore"):
        assert found.tobytes() == np.full(lanes, value, dtype).tobytes()


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_constant_is_known(lanes):
    f = Function("f", "", {})
    assert f.known(f.number(2.5, Kind("float", lanes))) == 2.5
    assert f.known(f.spread(f.number(0.5, Kind("double")), 4)) == 0.5
    assert f.known(f.number(3, Kind("i64", lanes))) is None
    assert f.known(f.op("fadd double 0.0, 0.0", Kind("double"))) is None


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0, 5, 1), [0, 1, 2, 3, 4]),
        ((2, 9, 3), [2, 5, 8]),
        ((3, 4, 8), [3]),
        ((3, 3, 1), []),
        ((0, "%n", 7), [0, 7, 14, 21, 28]),
    ],
)
def test_loops(bounds, expected):
    def write(f):
        with f.loop(*bounds) as i:
            f.store(f.number(1, Kind("double")), "%x", i)

    assert np.flatnonzero(run(write)).tolist() == expected


def test_loops_in_loops_and_conditions():
    def write(f):
        with f.loop(0, 4) as i, f.loop(0, 4) as j:
            below = f.name_for(f"icmp slt i64 {j}, {i}")
            with f.when(below):
                f.store(f.number(1, Kind("double")), "%x", f.plus(f.times(i, 4), j))

    np.testing.assert_array_equal(run(write, 16).reshape(4, 4), np.tri(4, k=-1))


def test_variables_change():
    def write(f):
        total = f.variable(f.number(0, Kind("i64")))
        with f.loop(0, 10) as i:
            total.set(f.op(f"add {total.get()}, {i}", Kind("i64")))
        f.store(total.get(), "%x", 0)

    assert run(write, 1, "i8").tolist() == [45]


def test_integers_known_beforehand_are_not_computed():
    f = Function("f", "", {})
    assert (f.plus(2, 3), f.times(2, 3), f.minus(2, 3), f.smaller(2, 3)) == (5, 6, -1, 2)
    assert (f.plus("%a", 0), f.times("%a", 1), f.minus("%a", 0)) == ("%a", "%a", "%a")
    assert f.times("%a", 0) == 0
    assert "%t" not in f.text()


@pytest.mark.parametrize("count", range(1, 5))
def test_masks_let_the_first_lanes_through(count):
    def write(f):
        kind = Kind("double", 4)
        mask = f.first_lanes(count, 4)
        f.store_masked(f.number(3, kind), "%x", 0, mask)
        f.store(f.load_masked("%x", 0, kind, mask), "%x", 8)

    found = run(write)
    assert found[:4].tolist() == [3.0] * count + [0.0] * (4 - count)
    assert found[8:12].tolist() == found[:4].tolist()


def test_booleans_are_bytes_in_memory():
    def write(f):
        f.store(f.number(True, Kind("i1", 4)), "%x", 2)
        f.store(f.load("%x", 1, Kind("i1", 4)), "%x", 8)

    assert np.flatnonzero(run(write, 16, "?")).tolist() == [2, 3, 4, 5, 9, 10, 11]
    assert (stored("i1"), stored("float")) == ("i8", "float")


def test_counting_and_spreading():
    def write(f):
        n = f.name_for("add i64 %n, 0")
        f.store(f.counting(n, 4), "%x", 0)
        f.store(f.spread(f.load("%x", 1, Kind("i64")), 4), "%x", 4)
        f.store(f.counting(n, 1), "%x", 8)

    assert run(write, 9, "i8").tolist() == [9, 10, 11, 12, 10, 10, 10, 10, 9]


@pytest.mark.parametrize(("how", "plain"), [("add", np.sum), ("mul", np.prod), ("max", np.max)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_lanes_are_reduced(how, plain, dtype):
    x = np.array([3, -1, 2, 5] * 2).astype(dtype)
    found = applied(lambda f, a: f.spread(f.across(how, a), 4), x, lanes=4)
    np.testing.assert_array_equal(found, plain(x[:4]))


def test_types_with_machine_code():
    assert [element_of(np.dtype(t)) for t in ("f4", "f8", "i8", "?")] == [
        *("float", "double", "i64", "i1")
    ]
    assert not any(has_code(np.dtype(t)) for t in ("f2", "i4", "u1", "c16", "O"))
