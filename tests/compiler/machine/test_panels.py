"""Copies of factors: turned in squares of vectors, in memory that is counted beforehand."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from gradatim.compiler.machine.blocking import Blocking, Run
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.panels import Room, multiple, transposed
from gradatim.native.engine import Code
from gradatim.native.ir import Function, Kind


@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
def test_a_square_of_vectors_is_transposed(lanes):
    f = Function("turn", "ptr %x, ptr %y", {"float": lanes})
    kind = Kind("float", lanes)
    rows = [f.load("%x", i * lanes, kind) for i in range(lanes)]
    for i, column in enumerate(transposed(f, rows)):
        f.store(column, "%y", i * lanes)
    x = np.arange(lanes * lanes, dtype="f4").reshape(lanes, lanes)
    y = np.zeros_like(x)
    code = Code(f.text() + "attributes #0 = { nounwind }")
    code.function("turn", ctypes.c_void_p, ctypes.c_void_p)(x.ctypes.data, y.ctypes.data)
    np.testing.assert_array_equal(y, x.T)


def test_multiples_are_known_early_or_computed():
    f = Function("f", "i64 %n", {})
    assert multiple(f, 17, 5) == 15
    assert multiple(f, 4, 5) == 0
    assert multiple(f, "%n", 5) not in f.text().splitlines()
    assert "udiv i64 %n, 5" in f.text()


def test_room_is_counted_for_what_is_copied_only():
    kernel = Product((12, 20), inner=30)
    cut = Blocking(8, (Run(0, 1, 3),), 0, 4, 8, 10, True, True, False, False)
    room = Room.of(kernel, cut)
    assert (room.right, room.left, room.sums) == (24 * 30, 8 * 10, 8 * 24)
    assert room.elements(3) == 24 * 30 + 3 * (8 * 10 + 8 * 24)
    own = cut._replace(own_right=True)
    assert Room.of(kernel, own).elements(3) == 3 * (24 * 30 + 8 * 10 + 8 * 24)
    plain = Blocking(8, (Run(0, 1, 3),), 0, 4, 8, 30, False, False, False, False)
    assert Room.of(kernel, plain).elements(3) == 0
