"""Order: sorted values, their positions, the largest few, the middle one."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind1, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import one_axis
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import pointwise, reduce


@door(np.sort, method=True)
def sort(a: TensorLike, axis: int | None = -1) -> Tensor:
    """Sort along an axis, smallest first; equal elements keep their order.

    Unlike NumPy's method, which sorts in place, ``a.sort()`` gives a new Tensor.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; NaN comes last.
    axis : int or None
        Axis to sort along; None sorts all elements in one row.

    Returns
    -------
    Tensor
        Same shape (one axis for None) and dtype. Gradient: that of each element goes back to
        where it came from.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sort([3.0, 1.0, 2.0])
    Tensor([1., 2., 3.])
    """
    given, along = _row(lift(a), axis, "sort")
    return given.take_along_axis(bind(reduce.argsort, given, axis=along), along)


@door(np.argsort, method=True)
def argsort(a: TensorLike, axis: int | None = -1) -> Tensor:
    """Positions that would sort along an axis; equal elements keep their order.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; NaN comes last.
    axis : int or None
        Axis to sort along; None sorts all elements in one row.

    Returns
    -------
    Tensor
        Same shape (one axis for None), integer. No gradient.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.argsort([3.0, 1.0, 2.0])
    Tensor([1, 2, 0])
    """
    given, along = _row(lift(a), axis, "argsort")
    return bind(reduce.argsort, given, axis=along)


@door(np.partition)
def partition(a: TensorLike, kth: int, axis: int | None = -1) -> Tensor:
    """Put the k-th smallest element in its place, smaller ones before it, larger ones behind.

    The rest, which NumPy leaves in any order, comes sorted.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; NaN comes last.
    kth : int
        Place that must be right, from 0; negative counts from the last.
    axis : int or None
        Axis to sort along; None sorts all elements in one row.

    Returns
    -------
    Tensor
        Same shape (one axis for None) and dtype. Gradient: as of :func:`sort`.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or the axis no such place.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.partition([3.0, 1.0, 2.0], 1)
    Tensor([1., 2., 3.])
    """
    given, along = _row(lift(a), axis, "partition")
    size = given.shape[along]
    if not -size <= kth < size:
        raise ShapeError(
            f"partition: kth is {kth}, axis {along} of shape {given.shape} has {size} places; kth "
            f"must lie in {-size} to {size - 1}.\n  Try kth={size // 2} for the middle."
        )
    return sort(given, along)


@door(method=True)
def topk(a: TensorLike, k: int, axis: int = -1) -> tuple[Tensor, Tensor]:
    """Largest k elements along an axis, the largest first, and where they are.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float or integer; of equal elements the first ones are taken.
    k : int
        How many, at most the size of the axis.
    axis : int
        Axis to look along.

    Returns
    -------
    values : Tensor
        Of size k along the axis, same dtype. Gradient: goes back to where each came from.
    indices : Tensor
        Of the same shape, integer: positions along the axis. No gradient.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or the axis fewer elements.

    Examples
    --------
    >>> import gradatim as gd
    >>> values, indices = gd.topk([3.0, 9.0, 5.0], 2)
    >>> values, indices
    (Tensor([9., 5.]), Tensor([1, 2]))
    """
    given = lift(a)
    along = one_axis("topk", axis, given.shape)
    if not 0 <= k <= given.shape[along]:
        raise ShapeError(
            f"topk: k is {k}; it must lie in 0 to {given.shape[along]}, the size of axis {along} "
            f"of shape {given.shape}."
        )
    # Sorting the negatives, and not backwards, keeps equal elements in their order.
    key = given if given.dtype.kind == "f" else given.astype(float)
    order = bind(reduce.argsort, bind1(pointwise.negative, key), axis=along)
    indices = order[(slice(None),) * along + (slice(0, k),)]
    return given.take_along_axis(indices, along), indices


@door(np.median)
def median(a: TensorLike, axis: int | None = None, *, keepdims: bool = False) -> Tensor:
    """Middle element along an axis; between the two middle ones if their number is even.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float or integer; NaN if one is NaN.
    axis : int or None
        Axis to look along; None for all elements.
    keepdims : bool
        Whether the axis stays, with size 1.

    Returns
    -------
    Tensor
        Without the axis, float. Gradient: ``g`` to the middle element, one half to each of two.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.median([3.0, 1.0, 2.0, 10.0])
    Tensor(2.5)
    """
    given = lift(a)
    whole = reduce.reduced(given.shape, axis, keepdims=keepdims)
    ordered, along = _row(given, axis, "median")
    size = ordered.shape[along]
    if not size:
        raise ShapeError(
            f"median: the shape {given.shape} has no elements along axis {axis}, so there is "
            "nothing to choose from; one is needed."
        )
    ordered = sort(ordered, along)
    before = (slice(None),) * along
    first, second = ordered[(*before, (size - 1) // 2)], ordered[(*before, size // 2)]
    last = ordered[(*before, size - 1)]
    middle = where(bind1(pointwise.isnan, last), last, (first + second) / 2)
    return middle.reshape(whole)


@door(np.argmax, method=True)
def argmax(a: TensorLike, axis: int | None = None, *, keepdims: bool = False) -> Tensor:
    """Position of the largest element along an axis; the first of equal ones.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; a NaN counts as largest.
    axis : int or None
        Axis to look along; None for the position in one row of all elements.
    keepdims : bool
        Whether the axis stays, with size 1.

    Returns
    -------
    Tensor
        Without the axis, integer. No gradient.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.argmax([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([1, 0])
    """
    given = lift(a)
    along = _place("argmax", given, axis)
    return bind(reduce.argmax, given, axis=along, keepdims=keepdims)


@door(np.argmin, method=True)
def argmin(a: TensorLike, axis: int | None = None, *, keepdims: bool = False) -> Tensor:
    """Position of the smallest element along an axis; the first of equal ones.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; a NaN counts as smallest.
    axis : int or None
        Axis to look along; None for the position in one row of all elements.
    keepdims : bool
        Whether the axis stays, with size 1.

    Returns
    -------
    Tensor
        Without the axis, integer. No gradient.

    Raises
    ------
    ShapeError
        If the shape has no such axis, or there are no elements to choose from.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.argmin([[1.0, 5.0], [3.0, 2.0]], axis=1)
    Tensor([0, 1])
    """
    given = lift(a)
    along = _place("argmin", given, axis)
    return bind(reduce.argmin, given, axis=along, keepdims=keepdims)


def _row(a: Tensor, axis: int | None, called: str) -> tuple[Tensor, int]:
    """The Tensor and the axis to go along; all elements in one row if there is no axis."""
    if axis is None:
        return a.reshape((a.size,)), 0
    return a, one_axis(called, axis, a.shape)


def _place(called: str, a: Tensor, axis: int | None) -> int | None:
    along = None if axis is None else one_axis(called, axis, a.shape)
    size = a.size if along is None else a.shape[along]
    if not size and 0 not in reduce.reduced(a.shape, along):
        raise ShapeError(
            f"{called}: the shape {a.shape} has no elements along axis {axis}, so there is "
            "nothing to choose from; one is needed."
        )
    return along
