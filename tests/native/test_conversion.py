"""Conversion: what is written where little is to be done. Numbers: see test_picking."""

from __future__ import annotations

from gradatim.native.conversion import fetch_early, scaled
from gradatim.native.ir import Function, Kind


def test_one_is_no_factor():
    f = Function("f", "<8 x float> %x", {"float": 8})
    x = f.number(3, Kind("float", 8))
    assert scaled(f, x, 1.0, None) is x


def test_where_products_and_sums_are_not_surely_fused_it_is_divided():
    f = Function("f", "", {"float": 4})
    scaled(f, f.op("fadd <4 x float> zeroinitializer, zeroinitializer", Kind("float", 4)), 1.0, 255)
    assert "fdiv" in f.text()


def test_little_is_not_asked_for_early():
    f = Function("f", "ptr %x", {})
    fetch_early(f, "%x", 0, 60)
    assert "prefetch" not in f.text()
    fetch_early(f, "%x", 0, 64)
    assert "prefetch" in f.text()
