"""Stored numbers as floats, scaled: to the last bit what NumPy makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.native import arithmetic as on
from gradatim.native.ir import Function, Index, Kind, Register, element_of

READABLE = frozenset({"uint8", "uint16", "int64", "float32", "float64"})
"""Types of stored data that machine code reads."""

LINE_BYTES, MOST_FETCHED = 64, 1 << 12
"""Of a line of the cache, and how much of a sample is asked for early."""

TURNS = 4
"""Vectors that are converted in one turn of the loop."""

COPIED = 32
"""Bytes that are copied at a time."""

_UNSIGNED = {"uint8": "i8", "uint16": "i16"}
_LARGEST = 1 << 16
"""Divisor of whole numbers up to which it is sure that nothing is rounded but the quotient."""

_FUSED = 8
"""Lanes of a vector from which on the processor surely multiplies and adds in one."""


def read(
    f: Function, pointer: str, offset: Index, source: np.dtype[Any], element: str, lanes: int
) -> Register:
    """Write a reading of stored numbers and return them as floats.

    Parameters
    ----------
    f : Function
        Where it goes.
    pointer : str
        Where the numbers lie.
    offset : int or str
        How many of them come before.
    source : dtype
        As which they are stored; one of :data:`READABLE`.
    element : str
        What they become.
    lanes : int
        How many are read.
    """
    narrow = _UNSIGNED.get(source.name)
    if narrow is None:
        return on.convert(f, f.load(pointer, offset, Kind(element_of(source), lanes)), element)
    kind = Kind(narrow, lanes)
    wide = kind.of("i32")
    x = f.op(f"zext {f.load(pointer, offset, kind)} to {wide}", wide)
    return on.convert(f, x, element)


def scaled(
    f: Function, x: Register, source: np.dtype[Any], factor: float, divisor: int | None
) -> Register:
    """Write a product with a factor, or a quotient, and return it.

    Parameters
    ----------
    f : Function
        Where it goes.
    x : Register
        Floats.
    source : dtype
        As which they are stored.
    factor : float
        What they are multiplied by; 1 leaves them as they are.
    divisor : int, optional
        What they are divided by instead.
    """
    if divisor is None:
        return x if factor == 1.0 else on.multiply(f, x, f.number(factor, x.kind))
    by = f.number(divisor, x.kind)
    if x.kind.lanes < _FUSED or source.name not in _UNSIGNED or divisor > _LARGEST:
        return f.op(f"fdiv {x}, {by.name}", x.kind)
    # A product with the reciprocal, and its error put right: the very quotient, three times as
    # fast as a division. Markstein, IBM Journal of Research and Development 34 (1990). Of infinity
    # and -0 it makes something else, but those are no whole numbers.
    inverse = f.number(1 / divisor, x.kind)
    guess = f.op(f"fmul {x}, {inverse.name}", x.kind)
    turned = f.op(f"fneg {guess}", x.kind)
    error = f.intrinsic("fma", turned, by, x)
    return f.intrinsic("fma", error, inverse, guess)


def convert_span(f: Function, span: tuple[int, int], convert: Callable[[Index, int], None]) -> None:
    """Write loops over a row: vectors, several at a time, then what is left.

    Parameters
    ----------
    f : Function
        Where they go.
    span : tuple of int
        Where the row begins and ends.
    convert : callable
        ``convert(at, lanes)`` writes what is done with so many numbers from one on.
    """
    lanes = f.lanes["float"]
    start, end = span
    for wide, turns in ((lanes, TURNS), (lanes, 1), (1, 1)):
        stop = end - (end - start) % (wide * turns)
        if start < stop:
            with f.loop(start, stop, wide * turns) as i:
                for turn in range(turns):
                    convert(f.plus(i, turn * wide), wide)
        start = stop


def copy_bytes(f: Function, source: str, begin: Index, target: str, at: Index, count: int) -> None:
    """Write a copy of bytes, several at a time, then what is left.

    Parameters
    ----------
    f : Function
        Where it goes.
    source, target : str
        Pointers.
    begin, at : int or str
        The first byte there, and where it goes.
    count : int
        How many.
    """
    start = 0
    for wide in (COPIED, 1):
        stop = count - count % wide
        if start < stop:
            with f.loop(start, stop, wide) as i:
                x = f.load(source, f.plus(begin, i), Kind("i8", wide))
                f.store(x, target, f.plus(at, i))
        start = stop


def fetch_early(f: Function, pointer: str, begin: Index, nbytes: int) -> None:
    """Write that memory is asked for before its turn, as samples lie all over the data.

    Parameters
    ----------
    f : Function
        Where it goes.
    pointer : str
        Of the data.
    begin : int or str
        The first byte.
    nbytes : int
        How many; of many only the first are asked for, the processor sees the others coming.
    """
    if nbytes < LINE_BYTES:
        return
    f.declarations.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
    with f.loop(0, min(nbytes, MOST_FETCHED), LINE_BYTES) as i:
        at = f.name_for(f"getelementptr i8, ptr {pointer}, i64 {f.plus(begin, i)}")
        f.do(f"call void @llvm.prefetch.p0(ptr {at}, i32 0, i32 3, i32 1)")
