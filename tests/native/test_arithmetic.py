"""Operators on registers do what NumPy's do, at the edges too."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.machine.crew import applied
from gradatim.native import arithmetic as on
from gradatim.native.ir import Function, Kind, Register

EDGES = [0.0, -0.0, 1.0, -1.5, 1e-45, -1e-310, 1e38, np.inf, -np.inf, np.nan]
WHOLE = [0, 1, -1, 7, -8, 2**31, 2**62, 2**63 - 1, -(2**63), 3]

floats = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def pairs(numbers, dtype):
    x = np.array(numbers, dtype)
    return np.repeat(x, x.size), np.tile(x, x.size)


BINARY = {
    "add": (on.add, np.add),
    "subtract": (on.subtract, np.subtract),
    "multiply": (on.multiply, np.multiply),
    "divide": (on.divide, np.divide),
    "maximum": (on.maximum, np.maximum),
    "minimum": (on.minimum, np.minimum),
}
COMPARISONS = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


@floats
@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize(("how", "plain"), BINARY.values(), ids=BINARY.keys())
def test_floats(how, plain, dtype, lanes):
    a, b = pairs(EDGES, dtype)
    np.testing.assert_array_equal(applied(how, a, b, lanes=lanes), plain(a, b))


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize(("how", "plain"), BINARY.values(), ids=BINARY.keys())
def test_integers_wrap_around_and_divide_to_floats(how, plain, lanes):
    a, b = pairs(WHOLE, np.int64)
    np.testing.assert_array_equal(applied(how, a, b, lanes=lanes), plain(a, b))


@pytest.mark.parametrize("types", [("f4", "f8"), ("i8", "f8"), ("?", "f4"), ("i8", "?")])
@pytest.mark.parametrize(("how", "plain"), BINARY.values(), ids=BINARY.keys())
def test_mixed_types_meet_in_the_wider(how, plain, types):
    a, b = (x.astype(kind) for x, kind in zip(pairs([0, 1, -2, 3, 5], "f8"), types))
    found = applied(how, a, b)
    np.testing.assert_array_equal(found, plain(a, b))


def test_integer_beside_a_small_float_is_a_wide_float():
    a, b = np.array([2**53 + 1, 3, 5]), np.array([0.5, 1, 2], "f4")
    found = applied(on.add, a, b)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, a + b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.bool_])
@pytest.mark.parametrize(("sign", "plain"), COMPARISONS.items())
def test_comparisons(sign, plain, dtype):
    a, b = pairs(EDGES if dtype(0.5) == 0.5 else WHOLE[:4], dtype)
    found = applied(lambda f, x, y: on.compare(f, sign, x, y), a, b)
    np.testing.assert_array_equal(found, plain(a, b))


@floats
@pytest.mark.parametrize("constant", [0.0, -1.5, np.inf, np.nan])
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_extremes_beside_a_constant(name, constant, dtype):
    how, plain = BINARY[name]
    x = np.array(EDGES, dtype)
    for turned in (False, True):

        def beside(f, a, turned=turned):
            c = f.number(constant, a.kind)
            return how(f, c, a) if turned else how(f, a, c)

        np.testing.assert_array_equal(applied(beside, x), plain(x, dtype(constant)))


@floats
def test_negative_absolute_and_sign(dtype):
    x = np.array(EDGES, dtype)
    for how, plain in ((on.negative, np.negative), (on.absolute, np.abs), (on.sign, np.sign)):
        found = applied(how, x)
        np.testing.assert_array_equal(found, plain(x))
        signed = ~np.isnan(x)
        if how is not on.sign:
            np.testing.assert_array_equal(np.signbit(found[signed]), np.signbit(plain(x)[signed]))


def test_negative_absolute_and_sign_of_integers():
    x = np.array(WHOLE)
    for how, plain in ((on.negative, np.negative), (on.absolute, np.abs), (on.sign, np.sign)):
        np.testing.assert_array_equal(applied(how, x), plain(x))


@floats
def test_what_kind_of_number_it_is(dtype):
    x = np.array(EDGES, dtype)
    for how, plain in (
        (on.is_nan, np.isnan),
        (on.is_finite, np.isfinite),
        (on.is_infinite, np.isinf),
    ):
        np.testing.assert_array_equal(applied(how, x), plain(x))


@floats
@pytest.mark.parametrize("how", ["floor", "ceil", "trunc", "rint"])
def test_rounding(how, dtype):
    x = np.array([*EDGES, 0.5, 1.5, 2.5, -0.5, -2.5, 2.0**60], dtype)
    np.testing.assert_array_equal(applied(on.rounded(how), x), getattr(np, how)(x))


def test_logic_takes_any_numbers():
    a, b = pairs([0.0, 2.0, np.nan], "f8")
    for how, plain in (
        (on.both, np.logical_and),
        (on.either, np.logical_or),
        (on.differ, np.logical_xor),
    ):
        np.testing.assert_array_equal(applied(how, a, b), plain(a, b))


@pytest.mark.parametrize("types", [("f4", "f4"), ("f4", "f8"), ("i8", "f8"), ("?", "f4")])
def test_where_chooses_between_mixed_types(types):
    a, b = (np.array(x).astype(kind) for x, kind in zip(([1, 2, 0], [3.5, 0, 5]), types))
    c = np.array([True, False, True])
    np.testing.assert_array_equal(applied(on.where, c, a, b), np.where(c, a, b))
    numbers = np.array([2.0, 0.0, np.nan])
    np.testing.assert_array_equal(applied(on.where, numbers, a, b), np.where(numbers, a, b))


def test_what_is_chosen_against_does_not_matter():
    c, a, b = np.array([True, False]), np.array([1.0, np.nan]), np.array([np.inf, 2.0])
    np.testing.assert_array_equal(applied(on.where, c, a, b), [1.0, 2.0])


TARGETS = {"float": "f4", "double": "f8", "i64": "i8", "i1": "?"}


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", [np.float32, np.float64, np.int64, np.bool_])
def test_conversions(source, target, lanes):
    x = np.array([0, 1, -1, 2.7, -2.7, 1e9, 16777217, 1 / 3], source)
    found = applied(lambda f, a: on.convert(f, a, target), x, lanes=lanes)
    np.testing.assert_array_equal(found, x.astype(TARGETS[target]))


@floats
@pytest.mark.parametrize("lanes", [1, 8])
def test_floats_that_are_no_integers_are_not_undefined(dtype, lanes):
    x = np.array([np.nan, np.inf, -np.inf, 2.0**63, -(2.0**63), 1e30, -1e30, 2.0**62], dtype)
    found = applied(lambda f, a: on.convert(f, a, "i64"), x, lanes=lanes)
    least = np.iinfo(np.int64).min
    assert found.tolist() == [*[least] * 7, 2**62]


def test_nan_times_false_is_nan():
    found = applied(on.multiply, np.array([np.nan, 2.0, 2.0]), np.array([False, False, True]))
    np.testing.assert_array_equal(found, [np.nan, 0, 2])


def test_fused_products_of_integers_are_exact():
    a, b = pairs(WHOLE, np.int64)
    np.testing.assert_array_equal(applied(on.fused, a, b, a), a * b + a)


@pytest.mark.parametrize("how", [on.add, on.multiply, on.subtract, on.maximum])
def test_booleans_are_left_to_numpy(how):
    f = Function("trial", "", {})
    x = Register("%x", Kind("i1"))
    with pytest.raises(on.Unlowered, match="of booleans"):
        how(f, x, x)
