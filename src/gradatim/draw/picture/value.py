"""How the numbers of an array are told: as a number, as rows, or as shape, range and heat."""

from __future__ import annotations

import numpy as np

from gradatim.derivation.number import DIGITS, number_text
from gradatim.draw.picture.picture import Heat, Numbers
from gradatim.types import Array, Raw, Shape

MOST_ROWS, MOST_COLUMNS = 4, 4
"""An array up to this size is told by its numbers; one that is narrow may be longer."""

LONGEST_ROW = 6
"""Numbers of a single row, and rows of one or two numbers, that are told."""

HEAT_ROWS, HEAT_COLUMNS = 6, 14
"""Cells of a heat map, at most."""

PICTURE = 28
"""Cells of the map of a single picture, either way: an array of three axes or more."""

_MOST_SUMMED = 10**6
"""Elements up to which mean and deviation are told; the latter takes a copy of them."""


def shape_text(shape: Shape) -> str:
    """Write a shape as Python does.

    Examples
    --------
    >>> shape_text((100, 784)), shape_text((10,))
    ('(100, 784)', '(10,)')
    """
    return str(tuple(int(n) for n in shape))


def tell(raw: Raw, *, mapped: bool = True) -> Numbers:
    """Tell the numbers of an array.

    Parameters
    ----------
    raw : array or NumPy scalar of any shape; floats, integers or booleans
        What is told. It is only read.
    mapped : bool
        Whether a large array gets a heat map.

    Returns
    -------
    Numbers
        One number; the rows of a small array, in columns; else shape and range.

    Examples
    --------
    >>> tell(np.float64(2.2)).lines
    ('2.2',)
    >>> tell(np.array([[1.0, -0.5], [10.0, 0.25]])).lines
    ('[ 1  -0.5]', '[10  0.25]')
    >>> tell(np.linspace(0, 1, 78400).reshape(100, 784)).lines
    ('(100, 784)', '0 … 1')
    """
    array = np.asarray(raw)
    if array.size == 1:
        return _one(array)
    if array.size and _is_small(array.shape):
        return _small(array)
    return _large(array, mapped)


def _one(array: Array) -> Numbers:
    x = array.item()
    brackets = "[" * array.ndim, "]" * array.ndim
    exact = repr(x) if array.dtype != np.float32 else str(array.reshape(-1)[0])
    return Numbers((number_text(x).join(brackets),), exact)


def _is_small(shape: Shape) -> bool:
    if len(shape) == 1:
        return shape[0] <= LONGEST_ROW
    if len(shape) != 2:
        return False
    rows, columns = shape
    is_narrow = rows <= LONGEST_ROW and columns <= 2
    return is_narrow or (rows <= MOST_ROWS and columns <= MOST_COLUMNS)


def _small(array: Array) -> Numbers:
    rows = array.reshape(-1, array.shape[-1])
    cells = [[number_text(x, DIGITS - 1) for x in row] for row in rows.tolist()]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = [
        "[" + "  ".join(cell.rjust(width) for cell, width in zip(row, widths)) + "]"
        for row in cells
    ]
    if len(lines) == 1:
        outer = array.ndim - 1  # a row of a matrix is told apart from a vector
        lines = ["[" * outer + lines[0] + "]" * outer]
    exact, span = str(array.tolist()), _range(array)
    return Numbers(tuple(lines), exact, aligned=len(lines) > 1, span=span)


def _large(array: Array, mapped: bool) -> Numbers:
    lines = shape_text(array.shape), _range(array)
    exact = f"{array.dtype} {lines[0]}: {lines[1]}"
    if not array.size or array.dtype == bool:
        return Numbers(lines, exact)
    if array.size <= _MOST_SUMMED:
        with np.errstate(all="ignore"):
            mean, deviation = float(array.mean(dtype=float)), float(array.std(dtype=float))
        exact += f", mean {number_text(mean)}, standard deviation {number_text(deviation)}"
    return Numbers(lines, exact, heat=_heat(array) if mapped else None)


def _range(array: Array) -> str:
    if not array.size:
        return "empty"
    if array.dtype == bool:
        return f"{int(array.sum())} of {array.size} true"
    usual = np.isfinite(array)
    finite = array if usual.all() else array[usual]
    odd = [
        f"{count} {word}"
        for count, word in (
            (int(np.isnan(array).sum()), "NaN"),
            (int(np.isinf(array).sum()), "infinite"),
        )
        if count
    ]
    if not finite.size:
        return "all " + odd[0].partition(" ")[2] if len(odd) == 1 else ", ".join(odd)
    low, high = finite.min().item(), finite.max().item()
    if low == high:
        span = number_text(low) if odd else f"all {number_text(low)}"
    else:
        span = f"{number_text(low, 3)} … {number_text(high, 3)}"
    return ", ".join([span, *odd])


def _heat(array: Array) -> Heat | None:
    plane = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    is_picture = array.ndim > 2 and len(plane) == array.shape[-2]
    rows, columns = (PICTURE, PICTURE) if is_picture else (HEAT_ROWS, HEAT_COLUMNS)
    with np.errstate(all="ignore"):
        means = _averaged(_averaged(plane, rows).T, columns).T
        means[~np.isfinite(means)] = np.nan
        finite = np.abs(means[np.isfinite(means)])
        scale = float(finite.max(initial=0.0))
        levels = np.round(means / (scale or 1.0), 3)
    return Heat(tuple(tuple(row) for row in levels.tolist()), scale)


def _averaged(plane: Array, most: int) -> Array:
    """Means over at most so many stretches of rows, as equal as can be."""
    count = min(most, len(plane))
    starts = np.arange(count) * len(plane) // count
    sizes = np.diff([*starts, len(plane)])
    sums = np.add.reduceat(plane, starts, axis=0, dtype=np.float64)
    return np.asarray(sums / sizes[:, None])
