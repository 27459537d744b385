"""Arithmetic on registers: what NumPy's operators and functions are in machine code.

The argument of every function is a register of any width. Floats follow NumPy: NaN goes through
``maximum`` and ``minimum``, a comparison with NaN is false, division by zero is infinite.
"""

from __future__ import annotations

from collections.abc import Callable

from gradatim.native.ir import Function, Kind, Register

_COMPARE = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
_COMPARE_INTEGERS = {"<": "slt", "<=": "sle", ">": "sgt", ">=": "sge", "==": "eq", "!=": "ne"}
_RANK = {"i1": 0, "i32": 1, "i64": 2, "float": 3, "double": 4}


class Unlowered(Exception):
    """There is no machine code for this yet; NumPy must do it."""


def convert(f: Function, x: Register, element: str) -> Register:
    """Return ``x`` as another element type, as astype does it."""
    here = x.kind.element
    kind = x.kind.of(element)
    if here == element:
        return x
    if element == "i1":
        return compare(f, "!=", x, f.number(0, x.kind))
    if here == "i1":
        if kind.is_float:
            return f.op(f"uitofp {x} to {kind}", kind)
        return f.op(f"zext {x} to {kind}", kind)
    if x.kind.is_float and kind.is_float:
        return f.op(f"{'fpext' if element == 'double' else 'fptrunc'} {x} to {kind}", kind)
    if kind.is_float:
        return f.op(f"sitofp {x} to {kind}", kind)
    if x.kind.is_float:
        return _whole(f, x, kind)
    return f.op(f"{'sext' if element == 'i64' else 'trunc'} {x} to {kind}", kind)


def _whole(f: Function, x: Register, kind: Kind) -> Register:
    """Towards 0; what is too large, or NaN, becomes the least integer, as x86 has it."""
    least = -(1 << (int(kind.element[1:]) - 1))
    above = compare(f, ">=", x, f.number(least, x.kind))
    fits = both(f, above, compare(f, "<", x, f.number(-least, x.kind)))
    return where(f, fits, f.op(f"fptosi {x} to {kind}", kind), f.number(least, kind))


def matched(f: Function, a: Register, b: Register) -> tuple[Register, Register]:
    """Return two registers of one kind: the wider type, the larger number of lanes."""
    lanes = max(a.kind.lanes, b.kind.lanes)
    a, b = f.spread(a, lanes), f.spread(b, lanes)
    element = max(a.kind.element, b.kind.element, key=lambda e: _RANK[e])
    if {a.kind.element, b.kind.element} == {"i64", "float"}:
        element = "double"
    return convert(f, a, element), convert(f, b, element)


def add(f: Function, a: Register, b: Register) -> Register:
    """Return a + b."""
    return _binary(f, "add", a, b)


def subtract(f: Function, a: Register, b: Register) -> Register:
    """Return a - b."""
    return _binary(f, "sub", a, b)


def multiply(f: Function, a: Register, b: Register) -> Register:
    """Return a * b; a product with a boolean is a choice."""
    for x, y in ((a, b), (b, a)):
        if y.kind.element == "i1" and x.kind.is_float:
            lanes = max(x.kind.lanes, y.kind.lanes)
            x, y = f.spread(x, lanes), f.spread(y, lanes)
            return _masked(f, x, y)
    return _binary(f, "mul", a, b)


def _masked(f: Function, x: Register, keep: Register) -> Register:
    # Not a select with 0: NaN * False is NaN. x * 1.0 or 0.0 costs the same.
    return _binary(f, "mul", x, convert(f, keep, x.kind.element))


def divide(f: Function, a: Register, b: Register) -> Register:
    """Return a / b."""
    a, b = matched(f, a, b)
    if not a.kind.is_float:
        a, b = convert(f, a, "double"), convert(f, b, "double")
    return f.op(f"fdiv {a.kind} {a.name}, {b.name}", a.kind)


def negative(f: Function, x: Register) -> Register:
    """Return -x."""
    if x.kind.is_float:
        return f.op(f"fneg {x}", x.kind)
    return subtract(f, f.number(0, x.kind), x)


def compare(f: Function, sign: str, a: Register, b: Register) -> Register:
    """Return a < b and the like."""
    a, b = matched(f, a, b)
    if a.kind.is_float:
        return f.op(f"fcmp {_COMPARE[sign]} {a.kind} {a.name}, {b.name}", a.kind.of("i1"))
    if a.kind.element == "i1":
        a, b = convert(f, a, "i64"), convert(f, b, "i64")
    return f.op(f"icmp {_COMPARE_INTEGERS[sign]} {a.kind} {a.name}, {b.name}", a.kind.of("i1"))


def where(f: Function, c: Register, a: Register, b: Register) -> Register:
    """Return a where c, else b."""
    a, b = matched(f, a, b)
    c = convert(f, c, "i1")
    lanes = max(a.kind.lanes, c.kind.lanes)
    c, a, b = f.spread(c, lanes), f.spread(a, lanes), f.spread(b, lanes)
    return f.op(f"select {c}, {a}, {b}", a.kind)


def maximum(f: Function, a: Register, b: Register) -> Register:
    """Return the larger; NaN if one is NaN."""
    return _extreme(f, a, b, ">", "maximum", "smax")


def minimum(f: Function, a: Register, b: Register) -> Register:
    """Return the smaller; NaN if one is NaN."""
    return _extreme(f, a, b, "<", "minimum", "smin")


def _extreme(
    f: Function, a: Register, b: Register, sign: str, floats: str, integers: str
) -> Register:
    a, b = matched(f, a, b)
    if a.kind.element == "i1":
        raise Unlowered("maximum of booleans")
    if not a.kind.is_float:
        return f.intrinsic(integers, a, b)
    for x, known in ((a, b), (b, a)):
        number = f.known(known)
        if number is not None and number == number:  # no NaN: one instruction does it
            return where(f, compare(f, sign, known, x), known, x)
    return f.intrinsic(floats, a, b)


def absolute(f: Function, x: Register) -> Register:
    """Return \\|x\\|."""
    if not x.kind.is_float:
        return maximum(f, x, negative(f, x))
    return f.intrinsic("fabs", x)


def sign(f: Function, x: Register) -> Register:
    """Return -1, 0 or 1; NaN of NaN."""
    zero, one = f.number(0, x.kind), f.number(1, x.kind)
    up = where(f, compare(f, ">", x, zero), one, x)
    up = where(f, compare(f, "==", x, zero), zero, up)
    return where(f, compare(f, "<", x, zero), negative(f, one), up)


def both(f: Function, a: Register, b: Register) -> Register:
    """Return a and b."""
    return _bits(f, "and", a, b)


def either(f: Function, a: Register, b: Register) -> Register:
    """Return a or b."""
    return _bits(f, "or", a, b)


def differ(f: Function, a: Register, b: Register) -> Register:
    """Return a xor b."""
    return _bits(f, "xor", a, b)


def _bits(f: Function, how: str, a: Register, b: Register) -> Register:
    a, b = matched(f, convert(f, a, "i1"), convert(f, b, "i1"))
    return f.op(f"{how} {a.kind} {a.name}, {b.name}", a.kind)


def is_nan(f: Function, x: Register) -> Register:
    """Return whether it is NaN."""
    return compare(f, "!=", x, x)


def is_finite(f: Function, x: Register) -> Register:
    """Return whether it is neither infinite nor NaN."""
    return compare(f, "<", absolute(f, x), f.number(float("inf"), x.kind))


def is_infinite(f: Function, x: Register) -> Register:
    """Return whether it is infinite."""
    return compare(f, "==", absolute(f, x), f.number(float("inf"), x.kind))


def fused(f: Function, a: Register, b: Register, c: Register) -> Register:
    """Return a * b + c, rounded once where the processor can."""
    if not c.kind.is_float:
        return add(f, multiply(f, a, b), c)
    product = f.op(f"fmul contract {a.kind} {a.name}, {b.name}", a.kind)
    return f.op(f"fadd contract {a.kind} {product.name}, {c.name}", a.kind)


def _binary(f: Function, name: str, a: Register, b: Register) -> Register:
    a, b = matched(f, a, b)
    if a.kind.element == "i1":
        raise Unlowered(f"{name} of booleans")
    word = f"f{name} contract" if a.kind.is_float else name
    return f.op(f"{word} {a.kind} {a.name}, {b.name}", a.kind)


def rounded(how: str) -> Callable[[Function, Register], Register]:
    """Return one of floor, ceil, trunc, rint."""
    return lambda f, x: f.intrinsic(how, x) if x.kind.is_float else x


def halves(kind: Kind) -> str:
    """Return the integer type as wide as a float type."""
    return "i32" if kind.element == "float" else "i64"
