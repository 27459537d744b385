"""Derivatives by differences, and descent along them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.book.number import floats
from gradatim.errors import ShapeError
from gradatim.types import Array

STEP = 1e-4
"""The step of the book's central difference."""


def numerical_diff(f: Callable[[Any], Any], x: Any) -> Any:
    """Return the central difference ``(f(x + h) - f(x - h)) / 2h`` with h = 1e-4.

    Parameters
    ----------
    f : callable
        A function of one number, or one that treats every element on its own.
    x : float or array_like
        Where. What is no float64 is converted to it: in float32, h is lost in rounding.

    Returns
    -------
    float or array
        As ``f`` returns it.

    Examples
    --------
    >>> numerical_diff(lambda x: x * x + 4.0**2, 3.0)
    6.00000000000378
    """
    at = x if isinstance(x, (float, int)) else floats("numerical_diff", x).astype(np.float64)[()]
    return (f(at + STEP) - f(at - STEP)) / (2 * STEP)


def numerical_gradient(f: Callable[[Any], Any], x: Any) -> Array:
    """Return the central difference of ``f`` in every element of ``x``, with h = 1e-4.

    Parameters
    ----------
    f : callable
        Takes an array like ``x`` and returns a number. It may also ignore its argument and read
        the array ``x`` itself from elsewhere, as the networks of the book do.
    x : array_like of any shape
        Where. Integers and float32 are converted to float64, in a copy.

    Returns
    -------
    array of float64
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If ``f`` does not return a single number.

    Warns
    -----
    UserWarning
        If ``f`` changes nowhere, and ``x`` could not be changed in place for it to see.

    Notes
    -----
    Right here: one notebook returns after the first element; integers are not rounded and float32
    is not taken with a step that it cannot hold. A writable float64 array is changed in place
    while ``f`` runs, an element at a time, since the book's networks rely on it; each element is
    put back bit for bit, also when ``f`` fails. Costs two calls of ``f`` an element.

    Examples
    --------
    >>> numerical_gradient(lambda x: np.sum(x**2), np.array([3, 4])).round(9)
    array([6., 8.])
    """
    at, is_seen = _changeable(x)
    gradient = np.empty(at.shape)
    for index in np.ndindex(at.shape):
        gradient[index] = _slope(f, at, index)
    if not is_seen and at.size and not gradient.any():
        warnings.warn(_UNSEEN.format(dtype=np.asarray(x).dtype), stacklevel=2)
    return gradient


_UNSEEN = (
    "numerical_gradient: f changed nowhere. x is {dtype} or read-only, so f was handed a float64 "
    "copy; an f that ignores its argument does not see that.\n"
    "  Try a writable float64 array, or an f that uses its argument."
)


def _changeable(x: Any) -> tuple[Array, bool]:
    """Return an array of float64 to change for a while, and whether it is the caller's own."""
    if isinstance(x, np.ndarray) and x.dtype == np.float64 and x.flags.writeable:
        return x, True
    return floats("numerical_gradient", x).astype(np.float64), False


def _slope(f: Callable[[Any], Any], at: Array, index: tuple[int, ...]) -> float:
    before = at[index]
    try:
        at[index] = before + STEP
        above = _number(f(at))
        at[index] = before - STEP
        below = _number(f(at))
    finally:
        at[index] = before
    return (above - below) / (2 * STEP)


def _number(value: Any) -> float:
    if np.size(value) != 1:
        raise ShapeError(
            f"numerical_gradient: f returned an array of shape {np.shape(value)}; it must return "
            "one number, the loss.\n  Try np.sum or np.mean of it."
        )
    return float(np.asarray(value).reshape(()))


def gradient_descent(
    f: Callable[[Any], Any], init_x: Any, lr: float = 0.01, step_num: int = 100
) -> Array:
    """Return where ``step_num`` steps ``x - lr * gradient`` lead from ``init_x``.

    Parameters
    ----------
    f : callable
        Takes an array like ``init_x`` and returns a number.
    init_x : array_like
        Where to begin. Not changed.
    lr : float
        Learning rate.
    step_num : int
        Number of steps.

    Returns
    -------
    array of float64
        The last position.

    Raises
    ------
    ShapeError
        If ``f`` does not return a single number.

    Notes
    -----
    Right here: the notebook walks in the caller's own array, along the first axis only.

    Examples
    --------
    >>> gradient_descent(lambda x: np.sum(x**2), [-3.0, 4.0], lr=0.1)
    array([-6.11110793e-10,  8.14814391e-10])
    """
    x = floats("gradient_descent", init_x).astype(np.float64)
    for _ in range(step_num):
        x -= lr * numerical_gradient(f, x)
    return x
