"""How one number is written, and how an array stands in a formula."""

from __future__ import annotations

import math

import numpy as np

from gradatim.types import Raw

DIGITS = 5
"""Significant digits of a number that is shown."""

MOST_NUMBERS = 6
"""An array of so many numbers is written out as a result; a larger one goes by its shape."""

FEW_NUMBERS = 4
"""An array of so many numbers is written out inside a formula."""


def number_text(x: float, digits: int = DIGITS) -> str:
    """Write a number so that it is read at a glance.

    Parameters
    ----------
    x : float, int or bool
        Any, NaN and infinity included.
    digits : int
        Significant digits of a float; integers keep all theirs up to a thousand million.

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


def array_text(raw: Raw, inside: bool = False) -> str:
    """Write an array: one number, a few numbers, or what is common to many.

    Parameters
    ----------
    raw : array or NumPy scalar of any shape
        What is written. It is only read.
    inside : bool
        Whether it stands in a formula, where a large array goes by its shape alone.

    Returns
    -------
    str
        In one line.

    Examples
    --------
    >>> array_text(np.float64(2.2)), array_text(np.array([[1.0, -0.5]]))
    ('2.2', '[[1, -0.5]]')
    >>> array_text(np.zeros((100, 50))), array_text(np.arange(100))
    ('(100, 50) of 0', '(100,)')
    """
    array = np.asarray(raw)
    if array.size and array.size <= (FEW_NUMBERS if inside else MOST_NUMBERS):
        return _nested(array.tolist())
    shape = str(array.shape)
    first = array.reshape(-1)[:1]
    if array.size and not inside and bool((array == first).all()):
        return f"{shape} of {number_text(first.item())}"
    return shape


def _nested(numbers: list[object] | float) -> str:
    if isinstance(numbers, list):
        return f"[{', '.join(_nested(part) for part in numbers)}]"  # type: ignore[arg-type]
    return number_text(numbers)
