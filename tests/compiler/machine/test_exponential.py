"""exp, log and their relatives, against 80 bit arithmetic over all magnitudes."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.machine.crew import applied
from gradatim.compiler.machine import exponential
from gradatim.compiler.machine.expression import FUNCTIONS
from gradatim.native.ir import Function

needs_long_double = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than float64 here"
)
both = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def plain_sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


ROWS = {
    "exp": (exponential.exp, np.exp, 1.1),
    "exp2": (exponential.exp2, np.exp2, 1.1),
    "expm1": (exponential.expm1, np.expm1, 1.8),
    "log": (exponential.log, np.log, 0.9),
    "log1p": (exponential.log1p, np.log1p, 1.5),
    "sigmoid": (exponential.sigmoid, plain_sigmoid, 2.3),
    "tanh": (exponential.tanh, np.tanh, 2.5),
    "sqrt": (FUNCTIONS["sqrt"], np.sqrt, 0.51),
}
LIBRARY = {
    "log2": np.log2,
    "log10": np.log10,
    "sin": np.sin,
    "arctan": np.arctan,
    "cosh": np.cosh,
    "cbrt": np.cbrt,
}


def points(dtype):
    """Numbers of every magnitude, subnormal ones too, and many where functions bend."""
    random = np.random.default_rng(0)
    unsigned, reach = ("u4", 120) if dtype is np.float32 else ("u8", 800)
    info = np.finfo(dtype)
    patterns = random.integers(0, np.iinfo(unsigned).max, 50_000, dtype=unsigned).view(dtype)
    parts = [random.uniform(-r, r, 50_000) for r in (reach, 3, 0.7)]
    near_one = 1 + random.uniform(-1e-3, 1e-3, 20_000)
    exact = [*range(-30, 31), info.max, info.smallest_normal, info.smallest_subnormal]
    others = np.concatenate([*parts, near_one, exact]).astype(dtype)
    return np.concatenate([patterns, others, edges(dtype)])


def edges(dtype):
    """Where results overflow, vanish or are special."""
    if dtype is np.float32:
        bounds = [88.72283, 88.72284, -87.33, -103.97, -103.98, 127.99999, -149.0, -150.0]
    else:
        bounds = [709.782712893384, 709.7827128933841, -708.4, -745.13, -745.14, 1023.99, -1075.0]
    return np.array([0.0, -0.0, np.inf, -np.inf, np.nan, *bounds, *(-b for b in bounds)], dtype)


def error(found, exact):
    """Units in the last place, of the exact number's own place; infinite where it is not one."""
    info = np.finfo(found.dtype)
    rounded = exact.astype(found.dtype)
    size = np.maximum(np.abs(exact), np.longdouble(info.smallest_normal))
    unit = np.exp2(np.floor(np.log2(size)) - info.nmant)
    same = (rounded == found) | (np.isnan(rounded) & np.isnan(found))
    both_finite = np.isfinite(rounded) & np.isfinite(found)
    return np.where(both_finite, np.abs(found - exact) / unit, np.where(same, 0, np.inf))


@needs_long_double
@both
@pytest.mark.parametrize(("how", "plain", "bound"), ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("lanes", [1, 8])
def test_within_units_of_the_last_place(how, plain, bound, dtype, lanes):
    x = points(dtype)
    with np.errstate(all="ignore"):
        exact = plain(x.astype(np.longdouble))
        found = applied(how, x, lanes=lanes)
        errors = error(found, exact)
    worst = int(np.argmax(errors))
    assert errors[worst] <= bound, f"{x[worst]!r} gave {found[worst]!r}, not {exact[worst]!r}"


@both
@pytest.mark.parametrize(("how", "plain", "bound"), ROWS.values(), ids=ROWS.keys())
def test_zeros_infinities_and_nan(how, plain, bound, dtype):
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0, 1.0], dtype)
    with np.errstate(all="ignore"):
        expected = plain(x).astype(dtype)
        found = applied(how, x)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    zero = (expected == 0) & (x == 0)
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@both
@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
def test_every_width_gives_the_same_bits(dtype, lanes):
    x = np.linspace(-5, 5, 101).astype(dtype)
    for how in (exponential.exp, exponential.tanh, exponential.sigmoid):
        assert applied(how, x, lanes=lanes).tobytes() == applied(how, x, lanes=1).tobytes()


@both
@pytest.mark.parametrize(("name", "plain"), LIBRARY.items())
def test_functions_of_the_c_library(name, plain, dtype):
    x = np.linspace(0.1, 3, 37).astype(dtype)
    np.testing.assert_allclose(applied(FUNCTIONS[name], x), plain(x), rtol=8 * np.finfo(dtype).eps)


@both
@pytest.mark.parametrize("exponent", [1, 2, 3, 4, -1, 0.5, 0.0, 2.5, -2.0, 7.0])
def test_powers_known_beforehand(exponent, dtype):
    x = np.array([0.0, -0.0, 0.5, 1, 3, 1e-20, 1e18, np.inf, -np.inf, np.nan, -2, -0.3], dtype)

    def how(f: Function, a):
        return exponential.power(f, a, f.number(exponent, a.kind))

    with np.errstate(all="ignore"):
        expected = np.power(x, dtype(exponent))
    found = applied(how, x)
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(np.signbit(found[:2]), np.signbit(expected[:2]))


@both
def test_powers_not_known_beforehand(dtype):
    random = np.random.default_rng(0)
    a, b = random.uniform(0, 5, 200).astype(dtype), random.uniform(-4, 4, 200).astype(dtype)
    found = applied(exponential.power, a, b)
    np.testing.assert_allclose(found, np.power(a, b), rtol=4 * np.finfo(dtype).eps)
