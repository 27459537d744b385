"""How one number is written, and how an array stands in a formula."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradatim.types import Raw

DIGITS = 5
"""Significant digits of a number that is shown."""

FEW_NUMBERS = 6
"""An array of so many numbers is written out; a larger one goes by its shape."""


def number_text(x: float, digits: int = DIGITS) -> str:
    """Write a number so that it is read at a glance.

    Parameters
    ----------
    x : float, int or bool
        Any, NaN and infinity included.
    digits : int
        Significant digits of a float, three of a power of ten if no more than :data:`DIGITS` are
        asked for; integers keep all theirs up to a thousand million.

    Returns
    -------
    str
        Without trailing zeros, round-off or a sign of zero.

    Examples
    --------
    >>> [number_text(x) for x in (220.00000000000003, 1.1, -0.0, 1 / 3, 6.02214e23, 1e-7)]
    ['220', '1.1', '0', '0.33333', '6.02e23', '1e-7']
    >>> [number_text(x) for x in (float("nan"), float("-inf"), 60000, True)]
    ['NaN', '-∞', '60000', 'true']
    """
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    if x == 0:
        return "0"
    if isinstance(x, (int, np.integer)) and abs(x) < 10**9:
        return str(x)
    if digits > DIGITS:
        return _precise(x, digits)
    text = f"{x:.{digits}g}"
    size = abs(float(text))
    if 10.0 ** -min(digits, 4) <= size < 10**digits:
        return text
    if size < 1e7 and size >= 1:
        return f"{x:.0f}"
    mantissa, _, power = f"{x:.2e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(power)}"


def _precise(x: float, digits: int) -> str:
    """The shortest text of a number that is rounded to many digits."""
    mantissa, _, power = repr(float(f"{x:.{digits - 1}e}")).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(power)}" if power else mantissa.removesuffix(".0")


def read(x: float, digits: int) -> float:
    """Return the number that stands there if ``x`` is written with so many digits."""
    return float(number_text(x, digits)) if math.isfinite(x) else x


def array_text(raw: Raw, digits: int = DIGITS) -> str:
    """Write an array: one number, a few numbers, or what is common to many.

    Parameters
    ----------
    raw : array or NumPy scalar of any shape
        What is written. It is only read.
    digits : int
        Significant digits of a float.

    Returns
    -------
    str
        In one line.

    Examples
    --------
    >>> array_text(np.float64(2.2)), array_text(np.array([[1.0, -0.5]]))
    ('2.2', '[[1, -0.5]]')
    >>> array_text(np.zeros((100, 50))), array_text(np.arange(100))
    ('shape (100, 50), all 0', 'shape (100,)')
    """
    array = np.asarray(raw)
    if 0 < array.size <= FEW_NUMBERS:
        return _nested(array.tolist(), digits)
    shape = f"shape {array.shape}"
    first = array.reshape(-1)[:1]
    if array.size and bool((array == first).all()):
        return f"{shape}, all {number_text(first.item())}"
    return shape


def _nested(numbers: list[Any] | float, digits: int) -> str:
    if isinstance(numbers, list):
        return f"[{', '.join(_nested(part, digits) for part in numbers)}]"
    return number_text(numbers, digits)
