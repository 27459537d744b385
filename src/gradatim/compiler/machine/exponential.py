"""exp, log and what is made of them, for vectors of any width.

Measured against 80 bit arithmetic over all magnitudes, in units of the last place:

==========  =======  =======
function    float32  float64
==========  =======  =======
exp, exp2   1.1      1.1
expm1       1.5      1.8
log         0.9      0.8
log1p       1.5      1.5
sigmoid     2.3      2.3
tanh        2.3      2.5
==========  =======  =======

exp takes out multiples of ln 2 in two parts and puts a polynomial in what is left; log takes out
the power of 2 and divides once. Source of the reduction: Cody and Waite, Software Manual for the
Elementary Functions, 1980; of the float32 coefficients: Moshier's Cephes; of log in float64: Sun's
fdlibm. The float64 polynomial of exp is the Taylor series, whose 13 terms suffice on
[-ln 2 / 2, ln 2 / 2].
"""

from __future__ import annotations

import struct
from math import factorial, inf, nan, sqrt
from math import log as logarithm

from gradatim.native import arithmetic as on
from gradatim.native.ir import Function, Kind, Register

_SINGLE = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5)
_DOUBLE = tuple(1 / factorial(n) for n in range(13, 1, -1))
_LOG_SINGLE = (
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1),
    *(-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
)
_LOG_DOUBLE = (
    *(1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01),
    *(2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01),
    6.666666666666735130e-01,
)
_LIMITS = {"float": (-104.0, 88.72283935546875), "double": (-746.0, 709.782712893384)}
_LIMITS_OF_2 = {"float": (-151.0, 128.0), "double": (-1076.0, 1024.0)}
_LN2 = {
    "float": (0.693359375, -2.12194440e-4),
    "double": (0.693147180369123816490, 1.90821492927058770002e-10),
}
_BIAS = {"float": (127, 23), "double": (1023, 52)}
_LEAST_NORMAL = {"float": 2.0**-126, "double": 2.0**-1022}


def exp(f: Function, x: Register) -> Register:
    """Return e**x."""
    inside = _clipped(f, x, *_LIMITS[x.kind.element])
    n, r = _reduced(f, inside)
    y = _times_power(f, on.add(f, _less_one(f, r), f.number(1, x.kind)), n)
    return on.where(f, on.compare(f, ">", x, _limit(f, x)), f.number(inf, x.kind), y)


def exp2(f: Function, x: Register) -> Register:
    """Return 2**x."""
    low, high = _LIMITS_OF_2[x.kind.element]
    inside = _clipped(f, x, low, high)
    n = f.intrinsic("rint", inside)
    r = on.multiply(f, on.subtract(f, inside, n), f.number(logarithm(2), x.kind))
    y = _times_power(f, on.add(f, _less_one(f, r), f.number(1, x.kind)), n)
    over = on.compare(f, ">=", x, f.number(high, x.kind))
    return on.where(f, over, f.number(inf, x.kind), y)


def expm1(f: Function, x: Register) -> Register:
    """Return e**x - 1, which is accurate near 0 too."""
    kind = x.kind
    n, r = _reduced(f, _clipped(f, x, -80.0, _LIMITS[kind.element][1]))
    half, two = f.number(0.5, kind), f.number(2, kind)
    power = _power_of_two(f, on.subtract(f, n, f.number(1, kind)))  # 2**n may be too large
    y = on.fused(f, power, _less_one(f, r), on.subtract(f, power, half))
    y = f.intrinsic("copysign", on.multiply(f, y, two), x)
    return on.where(f, on.compare(f, ">", x, _limit(f, x)), f.number(inf, kind), y)


def _clipped(f: Function, x: Register, low: float, high: float) -> Register:
    inside = on.maximum(f, x, f.number(low, x.kind))
    return on.minimum(f, inside, f.number(high, x.kind))


def _limit(f: Function, x: Register) -> Register:
    return f.number(_LIMITS[x.kind.element][1], x.kind)


def _reduced(f: Function, x: Register) -> tuple[Register, Register]:
    """``n, r`` with x = n ln 2 + r and n whole."""
    n = f.intrinsic("rint", on.multiply(f, x, f.number(1 / logarithm(2), x.kind)))
    high, low = _LN2[x.kind.element]
    r = on.fused(f, n, f.number(-high, x.kind), x)
    return n, on.fused(f, n, f.number(-low, x.kind), r)


def _less_one(f: Function, r: Register) -> Register:
    """e**r - 1 for small r."""
    p = _polynomial(f, r, _SINGLE if r.kind.element == "float" else _DOUBLE)
    return on.fused(f, on.multiply(f, r, r), p, r)


def _polynomial(f: Function, x: Register, coefficients: tuple[float, ...]) -> Register:
    p = f.number(coefficients[0], x.kind)
    for c in coefficients[1:]:
        p = on.fused(f, p, x, f.number(c, x.kind))
    return p


def _times_power(f: Function, y: Register, n: Register) -> Register:
    # Two factors: 2**n itself can overflow or be subnormal where the result is neither.
    half = f.intrinsic("floor", on.multiply(f, n, f.number(0.5, n.kind)))
    y = on.multiply(f, y, _power_of_two(f, half))
    return on.multiply(f, y, _power_of_two(f, on.subtract(f, n, half)))


def _power_of_two(f: Function, n: Register) -> Register:
    # Beside a number this large the last bit counts ones: no conversion to integers is needed,
    # which AVX2 does not have for 64 bits.
    bias, shift = _BIAS[n.kind.element]
    whole = n.kind.of(on.halves(n.kind))
    large = on.add(f, n, f.number(1.5 * 2**shift + bias, n.kind))
    i = f.op(f"bitcast {large} to {whole}", whole)
    i = f.op(f"shl {i}, {f.number(shift, whole).name}", whole)
    return f.op(f"bitcast {i} to {n.kind}", n.kind)


def log(f: Function, x: Register) -> Register:
    """Return the natural logarithm."""
    kind, one = x.kind, f.number(1, x.kind)
    small = on.compare(f, "<", x, f.number(_LEAST_NORMAL[kind.element], kind))
    shift = _BIAS[kind.element][1] + 1
    normal = on.where(f, small, on.multiply(f, x, f.number(2.0**shift, kind)), x)
    e, m = _taken_apart(f, normal)
    e = on.where(f, small, on.subtract(f, e, f.number(shift, kind)), e)
    series = _log_single if kind.element == "float" else _log_double
    y = series(f, e, on.subtract(f, m, one))
    y = on.where(f, on.compare(f, "<", x, f.number(inf, kind)), y, x)  # of inf and NaN themselves
    y = on.where(f, on.compare(f, "<", x, f.number(0, kind)), f.number(nan, kind), y)
    return on.where(f, on.compare(f, "==", x, f.number(0, kind)), f.number(-inf, kind), y)


def _taken_apart(f: Function, x: Register) -> tuple[Register, Register]:
    """``e, m`` with x = 2**e m, and m between sqrt(1/2) and sqrt(2)."""
    bias, shift = _BIAS[x.kind.element]
    whole = x.kind.of(on.halves(x.kind))
    low = _bits(sqrt(0.5), x.kind)
    i = f.op(f"bitcast {x} to {whole}", whole)
    i = on.add(f, i, f.number((bias << shift) - low, whole))
    e = f.op(f"lshr {i}, {f.number(shift, whole).name}", whole)
    e = f.op(f"or {e}, {f.number(_bits(2.0**shift, x.kind), whole).name}", whole)
    e = f.op(f"bitcast {e} to {x.kind}", x.kind)
    m = f.op(f"and {i}, {f.number((1 << shift) - 1, whole).name}", whole)
    m = on.add(f, m, f.number(low, whole))
    m = f.op(f"bitcast {m} to {x.kind}", x.kind)
    return on.subtract(f, e, f.number(2**shift + bias, x.kind)), m


def _bits(value: float, kind: Kind) -> int:
    floats, integers = ("<f", "<i") if kind.element == "float" else ("<d", "<q")
    return int(struct.unpack(integers, struct.pack(floats, value))[0])


def _log_single(f: Function, e: Register, r: Register) -> Register:
    """e ln 2 + log(1 + r)."""
    high, low = (f.number(part, r.kind) for part in _LN2["float"])
    z = on.multiply(f, r, r)
    y = on.multiply(f, on.multiply(f, r, z), _polynomial(f, r, _LOG_SINGLE))
    y = on.fused(f, e, low, y)
    y = on.fused(f, z, f.number(-0.5, r.kind), y)
    return on.fused(f, e, high, on.add(f, r, y))


def _log_double(f: Function, e: Register, r: Register) -> Register:
    """e ln 2 + log(1 + r)."""
    high, low = (f.number(part, r.kind) for part in _LN2["double"])
    s = on.divide(f, r, on.add(f, r, f.number(2, r.kind)))
    z = on.multiply(f, s, s)
    half = on.multiply(f, f.number(0.5, r.kind), on.multiply(f, r, r))
    y = on.add(f, half, on.multiply(f, z, _polynomial(f, z, _LOG_DOUBLE)))
    y = on.fused(f, s, y, on.multiply(f, e, low))
    y = on.subtract(f, on.subtract(f, half, y), r)
    return on.subtract(f, on.multiply(f, e, high), y)


def log1p(f: Function, x: Register) -> Register:
    """Return log(1 + x), which is accurate near 0 too."""
    one = f.number(1, x.kind)
    u = on.add(f, x, one)
    lost = on.subtract(f, x, on.subtract(f, u, one))
    rough = log(f, u)
    y = on.add(f, rough, on.divide(f, lost, u))
    y = on.where(f, on.compare(f, "==", u, one), x, y)
    # log(0) and log(inf) are exact, and what was lost beside them is no number.
    exact = on.compare(f, "==", on.multiply(f, u, f.number(0, x.kind)), f.number(0, x.kind))
    exact = on.both(f, exact, on.compare(f, "!=", u, f.number(0, x.kind)))
    return on.where(f, exact, y, rough)


def sigmoid(f: Function, x: Register) -> Register:
    """Return 1 / (1 + exp(-x)) with one exp of a number that is not positive."""
    one = f.number(1, x.kind)
    e = exp(f, on.negative(f, on.absolute(f, x)))
    left = on.compare(f, "<", x, f.number(0, x.kind))
    return on.divide(f, on.where(f, left, e, one), on.add(f, one, e))


def tanh(f: Function, x: Register) -> Register:
    """Return the hyperbolic tangent: y / (y + 2) with y = exp(2x) - 1."""
    two = f.number(2, x.kind)
    inside = on.minimum(f, on.absolute(f, x), f.number(20, x.kind))
    y = expm1(f, on.multiply(f, inside, two))
    return f.intrinsic("copysign", on.divide(f, y, on.add(f, y, two)), x)


def power(f: Function, a: Register, b: Register) -> Register:
    """Return a**b; by the C library unless b is a small number known beforehand."""
    known = f.known(b)
    if known == 1:
        return a
    if known in (2, 3, 4):
        square = on.multiply(f, a, a)
        return square if known == 2 else on.multiply(f, square, a if known == 3 else square)
    if known == -1:
        return on.divide(f, f.number(1, a.kind), a)
    if known == 0.5:
        return f.intrinsic("sqrt", a)
    return library(f, "pow", a, b)


def library(f: Function, name: str, *xs: Register) -> Register:
    """Call a function of the C library on every lane."""
    kind = xs[0].kind
    called = f"{name}f" if kind.element == "float" else name
    one = Kind(kind.element)
    if kind.lanes == 1:
        return f.call(called, one, *xs)
    results = []
    for i in range(kind.lanes):
        parts = [f.op(f"extractelement {x}, i32 {i}", one) for x in xs]
        results.append(f.call(called, one, *parts))
    return f.joined(results)
