"""Reductions: sums, means, extremes and products along axes."""

from __future__ import annotations

import builtins
from math import prod as product
from typing import TYPE_CHECKING

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind1, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import some_axes
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import fused, pointwise, reduce
from gradatim.types import Axis, Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


@door(np.sum, method=True)
def sum(
    a: TensorLike, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: bool = False
) -> Tensor:
    """Sum along axes.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; booleans and small integers are summed as int64.
    axis : int, tuple of int, or None
        Axes to sum over; negative counts from the last; None for all.
    dtype : dtype, optional
        Convert the elements to this first.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes; 0 where there are no elements. Gradient: ``g`` to every element.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([4., 6.])
    """
    given = lift(a) if dtype is None else lift(a).astype(dtype)
    axes = None if axis is None else some_axes("sum", axis, given.shape)
    return bind(reduce.sum_, given, axis=axes, keepdims=keepdims)


@door(np.mean, method=True)
def mean(
    a: TensorLike, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: bool = False
) -> Tensor:
    """Arithmetic mean along axes.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float; integers and booleans give float64.
    axis : int, tuple of int, or None
        Axes to average over; negative counts from the last; None for all.
    dtype : dtype, optional
        Convert the elements to this first.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes. Gradient: ``g / n`` to each of the n elements.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.mean([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([2., 3.])
    """
    given = lift(a) if dtype is None else lift(a).astype(dtype)
    axes = None if axis is None else some_axes("mean", axis, given.shape)
    total = bind(reduce.sum_, given, axis=axes, keepdims=keepdims)
    return total / _count(given.shape, axes)


@door(np.var, method=True)
def var(a: TensorLike, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """Variance along axes, ``sum((a - mean)**2) / (n - ddof)``.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float; integers give float64.
    axis : int, tuple of int, or None
        Axes to average over; negative counts from the last; None for all.
    ddof : float
        What is taken from the count before dividing: 1 for the estimate from a sample.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes, at least 0. Gradient: ``2 g (a - mean) / (n - ddof)``.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.var([1.0, 2.0, 3.0, 4.0])
    Tensor(1.25)
    """
    given = lift(a)
    axes = some_axes("var", axis, given.shape)
    gaps = given - mean(given, axes, keepdims=True)
    total = bind(reduce.sum_, bind1(pointwise.square, gaps), axis=axes, keepdims=keepdims)
    return total / builtins.max(_count(given.shape, axes) - ddof, 0)


@door(np.std, method=True)
def std(a: TensorLike, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """Standard deviation along axes, the square root of :func:`var`.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float; integers give float64.
    axis : int, tuple of int, or None
        Axes to average over; negative counts from the last; None for all.
    ddof : float
        What is taken from the count before dividing: 1 for the estimate from a sample.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes, at least 0. Gradient: ``g (a - mean) / (y (n - ddof))``; where the
        variance is 0 it is 0, to any order.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.std([1.0, 2.0, 3.0, 4.0])
    Tensor(1.11803399)
    """
    spread = var(a, axis, ddof=ddof, keepdims=keepdims)
    still = spread == 0
    return where(still, 0, bind1(pointwise.sqrt_, where(still, 1, spread)))


@door(np.max, np.amax, method=True)
def max(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Largest element along axes; NaN if one is NaN.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype.
    axis : int, tuple of int, or None
        Axes to look along; negative counts from the last; None for all.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes, same dtype. Gradient: ``g`` to the largest element; ties share it
        evenly.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.max([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([5., 3.])
    """
    given = lift(a)
    axes = some_axes("max", axis, given.shape)
    _check_elements("max", given.shape, axes)
    return bind(reduce.max_, given, axis=axes, keepdims=keepdims)


amax = max


@door(np.min, np.amin, method=True)
def min(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Smallest element along axes; NaN if one is NaN.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype.
    axis : int, tuple of int, or None
        Axes to look along; negative counts from the last; None for all.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes, same dtype. Gradient: ``g`` to the smallest element; ties share it
        evenly.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.min([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1., 2.])
    """
    given = lift(a)
    axes = some_axes("min", axis, given.shape)
    _check_elements("min", given.shape, axes)
    return bind(reduce.min_, given, axis=axes, keepdims=keepdims)


amin = min


@door(np.ptp, method=True)
def ptp(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Range along axes, largest less smallest element.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float or integer.
    axis : int, tuple of int, or None
        Axes to look along; negative counts from the last; None for all.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes, same dtype. Gradient: that of ``max(a) - min(a)``.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.ptp([1.0, 5.0, 3.0])
    Tensor(4.)
    """
    given = lift(a)
    return max(given, axis, keepdims=keepdims) - min(given, axis, keepdims=keepdims)


@door(np.prod, method=True)
def prod(
    a: TensorLike, axis: Axis = None, *, dtype: DTypeLike | None = None, keepdims: bool = False
) -> Tensor:
    """Product along axes.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; booleans and small integers are multiplied as int64.
    axis : int, tuple of int, or None
        Axes to multiply over; negative counts from the last; None for all.
    dtype : dtype, optional
        Convert the elements to this first.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes; 1 where there are no elements. Gradient: ``g`` times the product of
        all others, right also where elements are 0.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.prod([1.0, 2.0, 3.0])
    Tensor(6.)
    """
    given = lift(a) if dtype is None else lift(a).astype(dtype)
    axes = some_axes("prod", axis, given.shape)
    whole = reduce.reduced(given.shape, axes, keepdims=keepdims)
    if axes is None or (isinstance(axes, tuple) and len(axes) == given.ndim):
        given, axes = given.reshape((given.size,)), 0
    if isinstance(axes, int):
        result = bind(reduce.prod, given, axis=axes, keepdims=False)
    else:
        result = given if axes else given * 1
        for each in sorted(axes, reverse=True):
            result = bind(reduce.prod, result, axis=each, keepdims=False)
    return result if result.shape == whole else result.reshape(whole)


@door(np.average)
def average(
    a: TensorLike,
    axis: Axis = None,
    weights: TensorLike | None = None,
    *,
    keepdims: bool = False,
) -> Tensor:
    """Weighted mean along axes, ``sum(a * weights) / sum(weights)``.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float; integers give float64.
    axis : int, tuple of int, or None
        Axes to average over; negative counts from the last; None for all.
    weights : Tensor or array_like, optional
        Of the shape of a, or one for each place along the only axis; equal if not given.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes. Gradient: to a and to the weights.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or the weights do not fit.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.average([1.0, 5.0], weights=[3.0, 1.0])
    Tensor(2.)
    """
    given = lift(a)
    if weights is None:
        return mean(given, axis, keepdims=keepdims)
    axes = some_axes("average", axis, given.shape)
    parts = lift(weights)
    if parts.shape != given.shape:
        if not isinstance(axes, int) or parts.shape != (given.shape[axes],):
            raise ShapeError(
                f"average: the weights have shape {parts.shape}; they must have that of a, "
                f"{given.shape}, or be one for each place along one axis.\n"
                "  Try axis=0, or gd.broadcast_to(weights, a.shape)."
            )
        behind = given.ndim - axes - 1
        parts = parts.reshape(parts.shape + (1,) * behind).broadcast_to(given.shape)
    total = sum(given * parts, axes, keepdims=keepdims)
    return total / sum(parts, axes, keepdims=keepdims)


@door(method=True)
def logsumexp(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Logarithm of the sum of exponentials along axes, without overflow.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float; integers give float64.
    axis : int, tuple of int, or None
        Axes to sum over; negative counts from the last; None for all.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes; -inf where all elements are -inf. Gradient: ``g * softmax(a)``.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logsumexp([1000.0, 1000.0])
    Tensor(1000.69314718)
    """
    given = lift(a) if lift(a).dtype.kind == "f" else lift(a) * 1.0
    axes = some_axes("logsumexp", axis, given.shape)
    _check_elements("logsumexp", given.shape, axes)
    return bind(fused.logsumexp, given, axis=axes, keepdims=keepdims)


@door(np.count_nonzero)
def count_nonzero(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Count the elements that are not 0, along axes.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype.
    axis : int, tuple of int, or None
        Axes to count over; negative counts from the last; None for all.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes, int64. No gradient.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.count_nonzero([0.0, 2.0, 3.0])
    Tensor(2)
    """
    return sum(lift(a) != 0, axis, keepdims=keepdims)


def _count(shape: Shape, axes: Axis) -> int:
    """How many elements one result is made of."""
    if axes is None:
        return product(shape)
    return product(shape[each] for each in (axes if isinstance(axes, tuple) else (axes,)))


def _check_elements(called: str, shape: Shape, axes: Axis) -> None:
    if _count(shape, axes) == 0 and 0 not in reduce.reduced(shape, axes):
        raise ShapeError(
            f"{called}: the shape {shape} has no elements along axis {axes}, so there is nothing "
            f"to choose from; one is needed.\n  Try a.size > 0 before {called}."
        )
