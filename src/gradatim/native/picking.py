"""Samples of an array picked by number, and converted on the way, in one pass of machine code."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gradatim.native.conversion import convert_span, fetch_early, read, scaled
from gradatim.native.engine import Code, host
from gradatim.native.ir import Function, Kind, element_of
from gradatim.types import Array

AHEAD = 8
"""How many samples before its turn one is asked for."""

ATTRIBUTES = "attributes #0 = { nounwind }\n"


@dataclass(frozen=True)
class Picking:
    """What becomes of the samples.

    Parameters
    ----------
    source : dtype
        As which they are stored.
    row : int
        Numbers of a sample.
    target : dtype
        float32 or float64.
    factor : float
        What each number is multiplied by.
    divisor : int, optional
        What it is divided by instead.
    """

    source: np.dtype[Any]
    row: int
    target: np.dtype[Any]
    factor: float = 1.0
    divisor: int | None = None

    def __call__(self, array: Array, rows: Array) -> Array:
        """Return samples of an array.

        Parameters
        ----------
        array : array of shape (N, ...)
            In one piece, of the type and the size of a sample that are named above.
        rows : array of shape (B,), intp
            In one piece; from 0 to N - 1, which nobody checks here.

        Returns
        -------
        array of shape (B, ...)
            Fresh.
        """
        out = np.empty((len(rows), *array.shape[1:]), self.target)
        _code(self)(array.ctypes.data, rows.ctypes.data, len(rows), out.ctypes.data)
        return out


@cache
def _code(picking: Picking) -> Any:
    """The compiled function ``pick(source, rows, count, out)``."""
    types = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p
    return Code(_text(picking)).function("pick", *types)


def _text(picking: Picking) -> str:
    f = Function("pick", "ptr %source, ptr %rows, i64 %count, ptr %out", host().lanes)
    element, row, number = element_of(picking.target), picking.row, Kind("i64")
    last = f.plus("%count", -1)
    with f.loop(0, "%count") as i:
        coming = f.load("%rows", f.smaller(f.plus(i, AHEAD), last), number).name
        nbytes = row * picking.source.itemsize
        fetch_early(f, "%source", f.times(coming, nbytes), nbytes)
        here, there = f.times(f.load("%rows", i, number).name, row), f.times(i, row)

        def convert(at: int | str, lanes: int) -> None:
            x = read(f, "%source", f.plus(here, at), picking.source, element, lanes)
            x = scaled(f, x, picking.source, picking.factor, picking.divisor)
            f.store(x, "%out", f.plus(there, at))

        convert_span(f, (0, row), convert)
    return "\n".join([*sorted(f.declarations), f.text(), ATTRIBUTES])
