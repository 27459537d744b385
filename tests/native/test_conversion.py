"""Conversion: what is written where little is to be done. Numbers: see test_picking."""

from __future__ import annotations

import numpy as np

from gradatim.native.conversion import fetch_early, scaled
from gradatim.native.ir import Function, Kind

BYTES = np.dtype("u1")


def quotient(source, lanes, divisor=255):
    f, kind = Function("f", "", {"float": lanes}), Kind("float", lanes)
    x = f.op(f"fadd {kind} zeroinitializer, zeroinitializer", kind)
    scaled(f, x, source, 1.0, divisor)
    return f.text()


def test_one_is_no_factor():
    f = Function("f", "<8 x float> %x", {"float": 8})
    x = f.number(3, Kind("float", 8))
    assert scaled(f, x, BYTES, 1.0, None) is x


def test_where_products_and_sums_are_not_surely_fused_it_is_divided():
    assert "fdiv" in quotient(BYTES, 4)
    assert "fdiv" not in quotient(BYTES, 8)


def test_only_whole_numbers_take_the_short_way():
    """Of infinity it would make NaN."""
    assert "fdiv" in quotient(np.dtype("f4"), 8)
    assert "fdiv" in quotient(np.dtype("i8"), 8)
    assert "fdiv" in quotient(BYTES, 8, divisor=10**39)


def test_little_is_not_asked_for_early():
    f = Function("f", "ptr %x", {})
    fetch_early(f, "%x", 0, 60)
    assert "prefetch" not in f.text()
    fetch_early(f, "%x", 0, 64)
    assert "prefetch" in f.text()
