"""Arrays made of one number, or of numbers at equal distances."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from numpy import dtype as dtype_of

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import one_axis
from gradatim.functions.door import door
from gradatim.functions.joining import concatenate
from gradatim.functions.shaping import (
    astype,
    broadcast_arrays,
    broadcast_to,
    expand_dims,
    moveaxis,
)
from gradatim.functions.sizes import Sizes, plain_shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def full(shape: Sizes, fill_value: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Fill an array with a value.

    Parameters
    ----------
    shape : int or sequence of int
        Sizes.
    fill_value : Tensor or array_like
        The value, of any shape that broadcasts to ``shape``.
    dtype : dtype, optional
        That of the value if not given.

    Returns
    -------
    Tensor
        Of the shape. Gradient: ``g`` summed to the shape of the value.

    Raises
    ------
    ShapeError
        If the value does not broadcast to the shape.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.full(3, 0.5)
    Tensor([0.5, 0.5, 0.5])
    """
    value = lift(fill_value)
    whole = broadcast_to(value if dtype is None else astype(value, dtype), plain_shape(shape))
    # A constant is made a leaf of its own, so that it can be written in place.
    return whole if whole.wanted else Tensor(whole)


@door(np.full_like)
def full_like(
    a: TensorLike,
    fill_value: TensorLike,
    dtype: DTypeLike | None = None,
    *,
    shape: Sizes | None = None,
) -> Tensor:
    """Fill an array of the shape and dtype of another with a value.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        The other array; it has no gradient here.
    fill_value : Tensor or array_like
        The value, of any shape that broadcasts.
    dtype : dtype, optional
        That of ``a`` if not given.
    shape : int or sequence of int, optional
        That of ``a`` if not given.

    Returns
    -------
    Tensor
        Gradient: ``g`` summed to the shape of the value.

    Raises
    ------
    ShapeError
        If the value does not broadcast to the shape.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.full_like([1.0, 2.0], 7)
    Tensor([7., 7.])
    """
    like = lift(a)
    return full(like.shape if shape is None else shape, fill_value, dtype or like.dtype)


@door(np.zeros_like)
def zeros_like(
    a: TensorLike, dtype: DTypeLike | None = None, *, shape: Sizes | None = None
) -> Tensor:
    """Zeros of the shape and dtype of another array.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        The other array; it has no gradient here.
    dtype : dtype, optional
        That of ``a`` if not given.
    shape : int or sequence of int, optional
        That of ``a`` if not given.

    Returns
    -------
    Tensor
        A constant.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.zeros_like([1.0, 2.0])
    Tensor([0., 0.])
    """
    return full_like(a, 0, dtype, shape=shape)


@door(np.ones_like)
def ones_like(
    a: TensorLike, dtype: DTypeLike | None = None, *, shape: Sizes | None = None
) -> Tensor:
    """Ones of the shape and dtype of another array.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        The other array; it has no gradient here.
    dtype : dtype, optional
        That of ``a`` if not given.
    shape : int or sequence of int, optional
        That of ``a`` if not given.

    Returns
    -------
    Tensor
        A constant.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.ones_like([1.0, 2.0])
    Tensor([1., 1.])
    """
    return full_like(a, 1, dtype, shape=shape)


@door(np.linspace)
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Tensor | tuple[Tensor, Tensor]:
    """Numbers at equal distances, ``start + i * step``.

    Parameters
    ----------
    start, stop : Tensor or array_like of float
        The ends, of any shapes that broadcast.
    num : int
        How many numbers.
    endpoint : bool
        Whether the last number is ``stop``; else ``stop`` would be the next one.
    retstep : bool
        Whether to return the step as well.
    dtype : dtype, optional
        That of the ends if not given; float64 for integers.
    axis : int
        Where the new axis stands in the result.

    Returns
    -------
    Tensor, or (Tensor, Tensor) with ``retstep``
        ``num`` numbers along ``axis``. Gradient: a share of each element goes to either end.

    Raises
    ------
    ShapeError
        If ``num`` is negative, or the ends do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linspace(0.0, 1.0, 5)
    Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    count = num.__index__()
    if count < 0:
        raise ShapeError(f"linspace: num is {count}; it must be 0 or more.")
    first, last = broadcast_arrays(
        lift(start, stop if isinstance(stop, Tensor) else None),
        lift(stop, start if isinstance(start, Tensor) else None),
    )
    steps = count - 1 if endpoint else count
    span = last - first
    step = span / steps if steps else span * float("nan")
    places = lift([float(i) for i in range(count)]).astype(step.dtype)
    column = places.reshape((count, *(1 for _ in step.shape)))
    numbers = first + (column * step if steps else column)
    if endpoint and count > 1:  # exactly, not up to rounding
        numbers = concatenate([numbers[:-1], expand_dims(last, 0)])
    place = one_axis("linspace", axis, numbers.shape)
    numbers = moveaxis(numbers, 0, place) if place else numbers
    numbers = numbers if dtype is None else astype(numbers, dtype_of(dtype))
    return (numbers, step) if retstep else numbers
