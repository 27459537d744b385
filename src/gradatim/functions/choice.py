"""Choosing between values: where, the larger, the smaller, a range."""

from __future__ import annotations

from math import inf

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind2, lift
from gradatim.errors import DtypeError
from gradatim.functions.door import door
from gradatim.primitives import pointwise


@door(np.where, method=True)
def where(c: TensorLike, a: TensorLike, b: TensorLike) -> Tensor:
    """Take a where c is true, else b.

    Both are computed; a NaN in the one that is not taken does not come through, but its
    gradient may: ``0 * NaN`` is NaN. Make both safe before choosing.

    Parameters
    ----------
    c : Tensor or array_like
        The condition; boolean, or numbers of which 0 is false.
    a, b : Tensor or array_like
        Any dtype. All three shapes broadcast. A Python number takes the dtype of the other.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to the one that was taken, 0 to the
        other, none to c.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.where([True, False], [1.0, 2.0], 0)
    Tensor([1., 0.])
    """
    if isinstance(b, Tensor):
        return bind(pointwise.where, c, lift(a, b), b)
    first = lift(a)
    if isinstance(a, (int, float)) and not isinstance(b, (int, float)):
        second = lift(b)
        return bind(pointwise.where, c, lift(a, second), second)
    return bind(pointwise.where, c, first, lift(b, first))


@door(np.maximum)
def maximum(a: TensorLike, b: TensorLike) -> Tensor:
    """The larger of two, element by element; NaN if one is NaN.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to the larger; a tie gives one half to
        each.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.maximum([1.0, 5.0], 3.0)
    Tensor([3., 5.])
    """
    return bind2(pointwise.maximum, a, b)


@door(np.minimum)
def minimum(a: TensorLike, b: TensorLike) -> Tensor:
    """The smaller of two, element by element; NaN if one is NaN.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to the smaller; a tie gives one half to
        each.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.minimum([1.0, 5.0], 3.0)
    Tensor([1., 3.])
    """
    return bind2(pointwise.minimum, a, b)


@door(np.fmax)
def fmax(a: TensorLike, b: TensorLike) -> Tensor:
    """The larger of two, element by element; the number if the other is NaN.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to the one that was taken; a tie gives
        one half to each.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.fmax([1.0, float("nan")], 3.0)
    Tensor([3., 3.])
    """
    return bind2(pointwise.fmax, a, b)


@door(np.fmin)
def fmin(a: TensorLike, b: TensorLike) -> Tensor:
    """The smaller of two, element by element; the number if the other is NaN.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to the one that was taken; a tie gives
        one half to each.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.fmin([1.0, float("nan")], 3.0)
    Tensor([1., 3.])
    """
    return bind2(pointwise.fmin, a, b)


@door(np.clip, method=True)
def clip(
    a: TensorLike,
    a_min: TensorLike | None = None,
    a_max: TensorLike | None = None,
    *,
    min: TensorLike | None = None,
    max: TensorLike | None = None,
) -> Tensor:
    """Keep a between two bounds.

    Parameters
    ----------
    a : Tensor or array_like
        Any dtype.
    a_min, a_max : Tensor, array_like or None
        The bounds; they broadcast against a. None: no bound on that side. Where the lower one
        is above the upper one, the upper one counts.
    min, max : Tensor, array_like or None
        Other names for the bounds, as in NumPy.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to a between the bounds and at them,
        else to the bound that was taken.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    DtypeError
        If a bound is given under both names.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.clip([-2.0, 0.5, 2.0], -1, 1)
    Tensor([-1. ,  0.5,  1. ])
    """
    given = lift(a)
    low, high = _bound("min", a_min, min), _bound("max", a_max, max)
    if low is None and high is None:
        return given
    if given.dtype.kind != "f" and low is None:
        return bind2(pointwise.minimum, given, high)
    if given.dtype.kind != "f" and high is None:
        return bind2(pointwise.maximum, given, low)
    below = lift(-inf if low is None else low, given)
    above = lift(inf if high is None else high, given)
    return bind(pointwise.clip, given, below, above)


def _bound(name: str, old: TensorLike | None, new: TensorLike | None) -> TensorLike | None:
    if old is not None and new is not None:
        raise DtypeError(
            f"clip: a_{name} and {name} are names of one bound, and both were given; leave one out."
        )
    return old if new is None else new
