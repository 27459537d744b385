"""exp, log and what is made of them, for vectors of any width.

Each has a relative error of about one unit in the last place: argument reduction by multiples of
ln 2 in two parts, then a polynomial. Source of the reduction: Cody and Waite, Software Manual for
the Elementary Functions, 1980; of the float32 coefficients: Moshier's Cephes; the float64
polynomial is the Taylor series, whose 13 terms suffice on [-ln 2 / 2, ln 2 / 2].
"""

from __future__ import annotations

from math import factorial, inf

from gradatim.compiler.machine import arithmetic as on
from gradatim.compiler.machine.ir import Function, Kind, Register

_SINGLE = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5)
_DOUBLE = tuple(1 / factorial(n) for n in range(13, 1, -1))
_TANH = (
    -5.70498872745e-3,
    2.06390887954e-2,
    -5.37397155531e-2,
    1.33314422036e-1,
    -3.33332819422e-1,
)
_LIMITS = {"float": (-104.0, 88.72283935546875), "double": (-746.0, 709.782712893384)}
_LN2 = {
    "float": (0.693359375, -2.12194440e-4),
    "double": (0.693147180369123816490, 1.90821492927058770002e-10),
}
_BIAS = {"float": (127, 23), "double": (1023, 52)}


def exp(f: Function, x: Register) -> Register:
    """Return e**x."""
    kind = x.kind
    low, high = (f.number(limit, kind) for limit in _LIMITS[kind.element])
    inside = on.minimum(f, on.maximum(f, x, low), high)
    n = f.intrinsic("rint", on.multiply(f, inside, f.number(1.4426950408889634, kind)))
    high_part, low_part = _LN2[kind.element]
    r = on.fused(f, n, f.number(-high_part, kind), inside)
    r = on.fused(f, n, f.number(-low_part, kind), r)
    p = _polynomial(f, r, _SINGLE if kind.element == "float" else _DOUBLE)
    y = on.fused(f, on.multiply(f, r, r), p, on.add(f, r, f.number(1, kind)))
    # Two factors: 2**n itself can overflow or be subnormal where the result is neither.
    half = f.intrinsic("floor", on.multiply(f, n, f.number(0.5, kind)))
    y = on.multiply(
        f, on.multiply(f, y, _power_of_two(f, half)), _power_of_two(f, on.subtract(f, n, half))
    )
    return on.where(f, on.compare(f, ">", x, high), f.number(inf, kind), y)


def _polynomial(f: Function, x: Register, coefficients: tuple[float, ...]) -> Register:
    p = f.number(coefficients[0], x.kind)
    for c in coefficients[1:]:
        p = on.fused(f, p, x, f.number(c, x.kind))
    return p


def _power_of_two(f: Function, n: Register) -> Register:
    bias, shift = _BIAS[n.kind.element]
    whole = n.kind.of(on.halves(n.kind))
    i = on.convert(f, n, whole.element)
    i = on.add(f, i, f.number(bias, whole))
    i = f.op(f"shl {i}, {f.number(shift, whole).name}", whole)
    return f.op(f"bitcast {i} to {n.kind}", n.kind)


def log(f: Function, x: Register) -> Register:
    """Return the natural logarithm, by the C library."""
    return f.intrinsic("log", x)


def sigmoid(f: Function, x: Register) -> Register:
    """Return 1 / (1 + exp(-x)) with one exp of a number that is not positive."""
    one = f.number(1, x.kind)
    e = exp(f, on.negative(f, on.absolute(f, x)))
    right = on.divide(f, one, on.add(f, one, e))
    return on.where(f, on.compare(f, "<", x, f.number(0, x.kind)), on.multiply(f, e, right), right)


def tanh(f: Function, x: Register) -> Register:
    """Return the hyperbolic tangent; float64 by the C library."""
    if x.kind.element != "float":
        return library(f, "tanh", x)
    z = on.multiply(f, x, x)
    p = _polynomial(f, z, _TANH)
    small = on.fused(f, on.multiply(f, p, z), x, x)
    e = exp(f, on.multiply(f, on.absolute(f, x), f.number(2, x.kind)))
    one = f.number(1, x.kind)
    big = on.subtract(f, one, on.divide(f, f.number(2, x.kind), on.add(f, e, one)))
    big = on.where(f, on.compare(f, "<", x, f.number(0, x.kind)), on.negative(f, big), big)
    return on.where(f, on.compare(f, "<", on.absolute(f, x), f.number(0.625, x.kind)), small, big)


def library(f: Function, name: str, *xs: Register) -> Register:
    """Call a function of the C library on every lane."""
    kind = xs[0].kind
    called = f"{name}f" if kind.element == "float" else name
    one = Kind(kind.element)
    if kind.lanes == 1:
        return f.call(called, one, *xs)
    result = Register("poison", kind)
    for i in range(kind.lanes):
        parts = [f.op(f"extractelement {x}, i32 {i}", one) for x in xs]
        y = f.call(called, one, *parts)
        result = f.op(f"insertelement {result}, {y}, i32 {i}", kind)
    return result
