"""Axes as a caller names them, made plain: counted from the front, each once, all in range."""

from __future__ import annotations

from operator import index
from typing import Any

from gradatim.errors import DtypeError, ShapeError
from gradatim.types import Axis, Shape


def one_axis(called: str, axis: Any, shape: Shape) -> int:
    """Return one axis, counted from the front.

    Parameters
    ----------
    called : str
        The function that was called, for the error.
    axis : int
        Negative counts from the last one.
    shape : tuple of int
        Shape that must have the axis.

    Returns
    -------
    int
        From 0 to ``len(shape) - 1``.

    Raises
    ------
    ShapeError
        If the shape has no such axis.
    DtypeError
        If the axis is not an integer.

    Examples
    --------
    >>> one_axis("sort", -1, (2, 3))
    1
    """
    try:
        place = index(axis)
    except TypeError:
        raise DtypeError(
            f"{called}: axis is {axis!r}; it must be an integer.\n  Try axis=0 or axis=-1."
        ) from None
    if not -len(shape) <= place < len(shape):
        raise ShapeError(f"{called}: axis {place} does not exist: {_told(shape)}")
    return place % len(shape)


def some_axes(called: str, axis: Any, shape: Shape) -> Axis:
    """Return the axes, counted from the front, as one integer, a tuple, or None for all.

    Parameters
    ----------
    called : str
        The function that was called, for the error.
    axis : int, sequence of int, or None
        Negative counts from the last one.
    shape : tuple of int
        Shape that must have the axes.

    Returns
    -------
    int, tuple of int, or None
        As it came, but none negative.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or one is named twice.
    DtypeError
        If an axis is not an integer.

    Examples
    --------
    >>> some_axes("sum", (0, -1), (2, 3, 4))
    (0, 2)
    """
    if axis is None:
        return None
    if not isinstance(axis, (tuple, list)):
        return one_axis(called, axis, shape)
    axes = tuple(one_axis(called, each, shape) for each in axis)
    if len(set(axes)) < len(axes):
        raise ShapeError(
            f"{called}: axis {tuple(axis)} names an axis of shape {shape} twice; each may come "
            "once.\n  Negative axes count from the last one."
        )
    return axes


def axis_tuple(called: str, axis: Any, shape: Shape) -> tuple[int, ...]:
    """Return the axes, counted from the front, always as a tuple; all of them for None.

    Parameters
    ----------
    called : str
        The function that was called, for the error.
    axis : int, sequence of int, or None
        Negative counts from the last one.
    shape : tuple of int
        Shape that must have the axes.

    Returns
    -------
    tuple of int
        None negative, none twice.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or one is named twice.
    DtypeError
        If an axis is not an integer.

    Examples
    --------
    >>> axis_tuple("flip", None, (2, 3))
    (0, 1)
    """
    axes = some_axes(called, axis, shape)
    if axes is None:
        return tuple(range(len(shape)))
    return axes if isinstance(axes, tuple) else (axes,)


def _told(shape: Shape) -> str:
    if not shape:
        return "the shape is (), a single number.\n  Try axis=None."
    last = len(shape) - 1
    return f"the shape {shape} has axes 0 to {last}, or {-last - 1} to -1 from the last one."
