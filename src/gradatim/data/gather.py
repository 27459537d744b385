"""From stored numbers to the arrays that a step is given: checked indices, scaled floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from gradatim.errors import DataError, DtypeError
from gradatim.native.backend import chosen
from gradatim.native.picking import Picking
from gradatim.types import Array

_NARROW = np.dtype(np.uint8).char + np.dtype(np.uint16).char
"""Types that machine code converts on the way, where NumPy makes a pass of its own."""

_LEAST, _LEAST_ROW = 1 << 14, 64
"""Numbers of a batch and of a sample below which a call costs more than it gains."""

_WORTH = 1 << 25
"""Numbers after which machine code is made, which takes as long as gathering a few times these."""

_picked: dict[Picking, float] = {}


def checked_rows(indices: ArrayLike, n: int) -> Array:
    """Return indices of samples as integers from 0 to n - 1, or say what is wrong with them.

    Parameters
    ----------
    indices
        Shape (B,), integers from -n to n - 1.
    n
        Number of samples.

    Returns
    -------
    Array
        Shape (B,), dtype intp; `indices` itself if nothing had to change.

    Raises
    ------
    DataError
        An index is out of range, or `indices` is not one row of integers.

    Examples
    --------
    >>> checked_rows([0, -1], 10)
    array([0, 9])
    """
    rows = np.asarray(indices)
    # Read as unsigned, what is negative is far too large: one pass finds that all is well.
    usual = rows.dtype == np.intp and rows.ndim == 1 and rows.size > 0
    if usual and np.maximum.reduce(rows.view(np.uintp)) < n:
        return rows
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        raise DataError(
            f"Dataset: indices are {rows.dtype} of shape {rows.shape}.\n"
            "  They must be one row of integers. For a mask, try np.flatnonzero(mask)?"
        )
    low, high = (int(rows.min()), int(rows.max())) if rows.size else (0, 0)
    if low < -n or high >= n:
        raise DataError(
            f"Dataset: index {low if low < -n else high} is out of range.\n"
            f"  There are {n} samples: try 0 to {n - 1}, or -{n} to -1."
        )
    rows = rows.astype(np.intp, copy=False)
    return np.where(rows < 0, rows + n, rows) if low < 0 else rows


def gathered(array: Array, rows: Array) -> Array:
    """Return a fresh array of the samples `rows`, which must be within range already.

    Parameters
    ----------
    array
        Shape (N, ...).
    rows
        Shape (B,), integers from 0 to N - 1.

    Returns
    -------
    Array
        Shape (B, ...), dtype of `array`.

    Examples
    --------
    >>> gathered(np.array([5, 6, 7]), np.array([2, 0]))
    array([7, 5])
    """
    # "clip" leaves out a buffered second pass over the result: 10 us for 100 images of bytes,
    # where array[rows] takes 22. The method is called since np.take costs 1 us more.
    return array.take(rows, 0, None, "clip")


def gathered_floats(
    array: Array, rows: Array, dtype: np.dtype[Any], scale: float | None = None
) -> Array:
    """Return ``as_floats(gathered(array, rows), dtype, scale)``.

    Where many bytes have been gathered, machine code does it in one pass, if there is any: the
    same numbers to the last bit, in half the time.

    Parameters
    ----------
    array
        Shape (N, ...).
    rows
        Shape (B,), intp from 0 to N - 1.
    dtype
        A floating dtype.
    scale
        As in `as_floats`.

    Returns
    -------
    Array
        Shape (B, ...), dtype `dtype`, fresh.

    Examples
    --------
    >>> pixels = np.array([[0, 51], [102, 255]], dtype=np.uint8)
    >>> gathered_floats(pixels, np.array([1]), np.dtype(np.float32), 1 / 255)
    array([[0.4, 1. ]], dtype=float32)
    """
    row = math.prod(array.shape[1:])
    if len(rows) * row >= _LEAST and row >= _LEAST_ROW and _is_plain(array, rows):
        picking = _picking(array.dtype, row, dtype, scale)
        if _is_due(picking, len(rows)):
            return picking(array, rows)
    return as_floats(gathered(array, rows), dtype, scale)


def _is_plain(array: Array, rows: Array) -> bool:
    """Whether machine code can read an array and the numbers of its samples where they lie."""
    if array.dtype.char not in _NARROW or not array.dtype.isnative:
        return False
    return array.flags.c_contiguous and rows.flags.c_contiguous


def _picking(source: np.dtype[Any], row: int, dtype: np.dtype[Any], scale: float | None) -> Picking:
    divisor = None if scale is None else whole_divisor(scale)
    factor = 1.0 if scale is None or divisor is not None else scale
    return Picking(source, row, dtype, factor, divisor)


def _is_due(picking: Picking, count: int) -> bool:
    """Whether so much has been picked like this that compiling it pays."""
    seen = _picked.get(picking, 0)
    if seen == math.inf:
        return True
    if picking.target.char not in "fd":
        return False
    if seen <= _WORTH:
        _picked[picking] = seen + count * picking.row
        return False
    is_wanted = chosen(None) == "llvm"
    if is_wanted:
        _picked[picking] = math.inf  # decided; asking takes as long as ten images
    return is_wanted


def as_floats(array: Array, dtype: np.dtype[Any], scale: float | None = None) -> Array:
    """Return a fresh array of floats, scaled in the same pass.

    Parameters
    ----------
    array
        Any shape, booleans, integers or floats.
    dtype
        A floating dtype.
    scale
        Factor. If it is one over a whole number, the numbers are divided by that: ``x / 255`` and
        ``x * (1 / 255)`` differ in the last bit for 126 of the 256 bytes in float32.

    Returns
    -------
    Array
        The shape of `array`, dtype `dtype`, sharing no memory with it unless it owned its memory.

    Examples
    --------
    >>> as_floats(np.array([0, 51, 255], dtype=np.uint8), np.dtype(np.float32), 1 / 255)
    array([0. , 0.2, 1. ], dtype=float32)
    """
    if scale is None:
        return owned(array.astype(dtype, copy=False))
    divisor = whole_divisor(scale)
    if divisor is None:
        return np.asarray(np.multiply(array, dtype.type(scale), dtype=dtype))
    # Two passes of 25 us each for 240 images of 784. Converting inside the division goes through a
    # buffer and takes no less; a table of the 256 quotients takes four times as long; and no single
    # product has the bits of the quotient. Gathering from floats kept instead of bytes takes more
    # than gathering and converting, for memory is slower than the division.
    result = array.astype(dtype)
    return np.divide(result, dtype.type(divisor), out=result)


def whole_divisor(scale: float) -> int | None:
    """Return n where `scale` is 1 / n as nearly as floats can say it, else None.

    Parameters
    ----------
    scale
        A positive number.

    Returns
    -------
    int or None
        The whole number to divide by.

    Examples
    --------
    >>> whole_divisor(1 / 255), whole_divisor(0.3)
    (255, None)
    """
    divisor = round(1 / scale)
    return divisor if divisor and 1 / divisor == scale else None


def owned(array: Array) -> Array:
    """Return `array` if it owns its memory, as a fresh one does, else a copy.

    Parameters
    ----------
    array
        Anything.

    Returns
    -------
    Array
        Never a view.

    Examples
    --------
    >>> a = np.arange(3)
    >>> owned(a) is a, owned(a[:]) is a
    (True, False)
    """
    return array if array.flags.owndata else array.copy()


def floating(dtype: DTypeLike, caller: str) -> np.dtype[Any]:
    """Return a floating dtype, or say that it is none.

    Parameters
    ----------
    dtype
        What was asked for.
    caller
        Begins the message.

    Returns
    -------
    numpy.dtype
        Of kind "f".

    Raises
    ------
    DtypeError
        The dtype is not floating.

    Examples
    --------
    >>> floating("float32", "Loader")
    dtype('float32')
    """
    wanted = np.dtype(dtype)
    if wanted.kind != "f":
        raise DtypeError(
            f"{caller}: dtype is {wanted}.\n"
            "  Samples are handed out in a floating dtype. Try np.float32 or np.float64?"
        )
    return wanted
