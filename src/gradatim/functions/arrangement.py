"""The same elements in another order, or each of them several times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import SupportsIndex

import numpy as np

from gradatim.autograd.key import positions
from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import axis_tuple, one_axis
from gradatim.functions.door import door
from gradatim.functions.shaping import broadcast_to, ravel, swapaxes
from gradatim.functions.sizes import plain_shape
from gradatim.primitives import index as indices
from gradatim.primitives import shape as shapes
from gradatim.types import Axis

Counts = SupportsIndex | Sequence[SupportsIndex]


@door(np.flip, method=True)
def flip(m: TensorLike, axis: Axis = None) -> Tensor:
    """Put the elements in reverse order.

    Parameters
    ----------
    m : Tensor or array_like of any shape and dtype
        The elements.
    axis : int or sequence of int, optional
        Axes that run backwards; all if not given.

    Returns
    -------
    Tensor
        Of the same shape and dtype. Gradient: ``g`` flipped back.

    Raises
    ------
    ShapeError
        If there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.flip([1.0, 2.0, 3.0])
    Tensor([3., 2., 1.])
    """
    x = lift(m)
    return bind(shapes.flip, x, axis=axis_tuple("flip", axis, x.shape))


@door(np.flipud)
def flipud(m: TensorLike) -> Tensor:
    """Turn an array upside down: axis 0 runs backwards.

    Parameters
    ----------
    m : Tensor or array_like with one or more axes
        The elements.

    Returns
    -------
    Tensor
        Of the same shape and dtype. Gradient: ``g`` flipped back.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.flipud([[1.0], [2.0]])
    Tensor([[2.],
            [1.]])
    """
    return bind(shapes.flip, m, axis=(one_axis("flipud", 0, lift(m).shape),))


@door(np.fliplr)
def fliplr(m: TensorLike) -> Tensor:
    """Mirror left and right: axis 1 runs backwards.

    Parameters
    ----------
    m : Tensor or array_like with two or more axes
        The elements.

    Returns
    -------
    Tensor
        Of the same shape and dtype. Gradient: ``g`` flipped back.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.fliplr([[1.0, 2.0]])
    Tensor([[2., 1.]])
    """
    return bind(shapes.flip, m, axis=(one_axis("fliplr", 1, lift(m).shape),))


@door(np.rot90)
def rot90(m: TensorLike, k: int = 1, axes: Sequence[SupportsIndex] = (0, 1)) -> Tensor:
    """Turn by 90 degrees, from the first of two axes towards the second.

    Parameters
    ----------
    m : Tensor or array_like with two or more axes
        The elements.
    k : int
        How many times.
    axes : two int
        The plane in which to turn.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: ``g`` turned back.

    Raises
    ------
    ShapeError
        If ``axes`` are not two different axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.rot90([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[2., 4.],
            [1., 3.]])
    """
    x = lift(m)
    plane = axis_tuple("rot90", axes, x.shape)
    if len(plane) != 2:
        raise ShapeError(f"rot90: the axes are {tuple(axes)}; a plane has two different ones.")
    if k % 4 == 0:
        return x.reshape(x.shape)
    if k % 4 == 2:
        return flip(x, plane)
    if k % 4 == 1:
        return swapaxes(flip(x, plane[1]), *plane)
    return flip(swapaxes(x, *plane), plane[1])


@door(np.roll, method=True)
def roll(a: TensorLike, shift: Counts, axis: Axis = None) -> Tensor:
    """Move elements along an axis; what falls off at one end enters at the other.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    shift : int or sequence of int
        How far, for each axis.
    axis : int or sequence of int, optional
        Along which; over all elements, row by row, if not given.

    Returns
    -------
    Tensor
        Of the same shape and dtype. Gradient: ``g`` rolled back.

    Raises
    ------
    ShapeError
        If there is no such axis, or the numbers of shifts and axes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.roll([1.0, 2.0, 3.0], 1)
    Tensor([3., 1., 2.])
    """
    x = lift(a)
    if axis is None:
        return roll(ravel(x), sum(plain_shape(shift)), 0).reshape(x.shape)
    steps = plain_shape(shift)
    given = axis if isinstance(axis, Iterable) else (axis,)
    places = [one_axis("roll", i, x.shape) for i in given]
    count = max(len(steps), len(places))
    if {len(steps), len(places)} - {1, count}:
        raise ShapeError(
            f"roll: {len(steps)} shifts {steps} and {len(places)} axes {tuple(places)} arrived; "
            "there must be one for each, or a single one."
        )
    pairs = list(zip(range(count), cycle(steps), cycle(places)))
    return bind(
        shapes.roll, x, shift=tuple(s for _, s, _ in pairs), axis=tuple(p for _, _, p in pairs)
    )


@door(np.repeat, method=True)
def repeat(a: TensorLike, repeats: Counts, axis: int | None = None) -> Tensor:
    """Repeat each element, one after another.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    repeats : int or sequence of int
        How many times: one number for all, or one for each position of the axis.
    axis : int, optional
        Along which axis; all elements are put on one axis first if not given.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: ``g`` summed over the repetitions.

    Raises
    ------
    ShapeError
        If a number is negative, or there are not as many as the axis is long.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.repeat([1.0, 2.0], 2)
    Tensor([1., 1., 2., 2.])
    """
    if axis is None:
        return repeat(ravel(a), repeats, 0)
    x = lift(a)
    place = one_axis("repeat", axis, x.shape)
    size = x.shape[place]
    counts = plain_shape(repeats)
    if any(n < 0 for n in counts) or len(counts) not in (1, size):
        raise ShapeError(
            f"repeat: repeats are {counts}; there must be one number, or one for each of the "
            f"{size} positions of axis {place}, and none below 0."
        )
    before, after = x.shape[:place], x.shape[place + 1 :]
    if len(counts) == 1:
        column = x.reshape((*before, size, 1, *after))
        wide = broadcast_to(column, (*before, size, counts[0], *after))
        return wide.reshape((*before, size * counts[0], *after))
    places = [i for i, n in enumerate(counts) for _ in range(n)]
    return chosen(x, places, place)


def chosen(x: Tensor, places: list[int], axis: int) -> Tensor:
    """Elements at the given places of an axis."""
    key = (*(slice(None),) * axis, indices.HOLE)
    return bind(indices.index, x, positions(places), key=key)


@door(np.tile)
def tile(A: TensorLike, reps: Counts) -> Tensor:
    """Repeat a whole array along its axes.

    Parameters
    ----------
    A : Tensor or array_like of any shape and dtype
        The tile.
    reps : int or sequence of int
        How many times along each axis, the last number for the last axis.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: ``g`` summed over the tiles.

    Raises
    ------
    ShapeError
        If a number is negative.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.tile([1.0, 2.0], 2)
    Tensor([1., 2., 1., 2.])
    """
    x = lift(A)
    counts = plain_shape(reps)
    if any(n < 0 for n in counts):
        raise ShapeError(f"tile: reps are {counts}; none may be below 0.")
    width = max(len(counts), x.ndim)
    sizes = (1,) * (width - x.ndim) + x.shape
    counts = (1,) * (width - len(counts)) + counts
    apart = x.reshape(tuple(m for n in sizes for m in (1, n)))
    wide = broadcast_to(apart, tuple(m for c, n in zip(counts, sizes) for m in (c, n)))
    return wide.reshape(tuple(c * n for c, n in zip(counts, sizes)))
