"""Comparisons and tests; what they give is boolean and has no gradient."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind1, bind2, lift
from gradatim.functions.axis import some_axes
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import pointwise, reduce
from gradatim.types import Axis


@door(np.equal)
def equal(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether two Tensors are equal, element by element, ``a == b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.equal([1.0, 2.0], 2.0)
    Tensor([False,  True])
    """
    return bind2(pointwise.equal, a, b)


@door(np.not_equal)
def not_equal(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether two Tensors differ, element by element, ``a != b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.not_equal([1.0, 2.0], 2.0)
    Tensor([ True, False])
    """
    return bind2(pointwise.not_equal, a, b)


@door(np.less)
def less(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether a is less than b, ``a < b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.less([1.0, 2.0], 2.0)
    Tensor([ True, False])
    """
    return bind2(pointwise.less, a, b)


@door(np.less_equal)
def less_equal(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether a is at most b, ``a <= b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.less_equal([1.0, 2.0], 2.0)
    Tensor([ True,  True])
    """
    return bind2(pointwise.less_equal, a, b)


@door(np.greater)
def greater(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether a is greater than b, ``a > b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.greater([1.0, 2.0], 1.0)
    Tensor([False,  True])
    """
    return bind2(pointwise.greater, a, b)


@door(np.greater_equal)
def greater_equal(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether a is at least b, ``a >= b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.greater_equal([1.0, 2.0], 2.0)
    Tensor([False,  True])
    """
    return bind2(pointwise.greater_equal, a, b)


@door(np.logical_and)
def logical_and(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether both are true; 0 is false.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logical_and([True, False], True)
    Tensor([ True, False])
    """
    return bind2(pointwise.logical_and, a, b)


@door(np.logical_or)
def logical_or(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether at least one is true; 0 is false.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logical_or([True, False], True)
    Tensor([ True,  True])
    """
    return bind2(pointwise.logical_or, a, b)


@door(np.logical_xor)
def logical_xor(a: TensorLike, b: TensorLike) -> Tensor:
    """Whether exactly one is true; 0 is false.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logical_xor([True, False], True)
    Tensor([False,  True])
    """
    return bind2(pointwise.logical_xor, a, b)


@door(np.logical_not)
def logical_not(x: TensorLike) -> Tensor:
    """Whether x is false; 0 is false.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Any dtype.

    Returns
    -------
    Tensor
        Same shape, boolean.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logical_not([True, False])
    Tensor([False,  True])
    """
    return bind1(pointwise.logical_not, x)


@door(np.isnan, method=True)
def isnan(x: TensorLike) -> Tensor:
    """Whether x is not a number.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Any dtype.

    Returns
    -------
    Tensor
        Same shape, boolean.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.isnan([1.0, float("inf"), float("nan")])
    Tensor([False, False,  True])
    """
    return bind1(pointwise.isnan, x)


@door(np.isinf, method=True)
def isinf(x: TensorLike) -> Tensor:
    """Whether x is infinite.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Any dtype.

    Returns
    -------
    Tensor
        Same shape, boolean.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.isinf([1.0, float("inf"), float("nan")])
    Tensor([False,  True, False])
    """
    return bind1(pointwise.isinf, x)


@door(np.isfinite, method=True)
def isfinite(x: TensorLike) -> Tensor:
    """Whether x is neither infinite nor NaN.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Any dtype.

    Returns
    -------
    Tensor
        Same shape, boolean.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.isfinite([1.0, float("inf"), float("nan")])
    Tensor([ True, False, False])
    """
    return bind1(pointwise.isfinite, x)


@door(np.signbit)
def signbit(x: TensorLike) -> Tensor:
    """Whether x has a minus sign; so has -0.0.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape, boolean.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.signbit([1.0, -0.0, -2.0])
    Tensor([False,  True,  True])
    """
    return bind2(pointwise.copysign, 1.0, x) < 0


@door(np.isclose)
def isclose(
    a: TensorLike,
    b: TensorLike,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Tensor:
    """Whether two Tensors are nearly equal, ``|a - b| <= atol + rtol * |b|``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.
    rtol, atol : float
        Error allowed relative to b, and in any case.
    equal_nan : bool
        Whether NaN equals NaN.

    Returns
    -------
    Tensor
        Broadcast shape, boolean.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.isclose([1.0, 1.1], 1.0 + 1e-9)
    Tensor([ True, False])
    """
    first = lift(a).detach()
    second = lift(b).detach()
    finite = isfinite(first) & isfinite(second)
    # An infinity less itself would be NaN with a warning.
    gap = abs(where(finite, first, 0) - where(finite, second, 0))
    near = gap <= where(finite, abs(second * 1.0), 0) * rtol + atol
    close = (finite & near) | (first == second)
    return close | (isnan(first) & isnan(second)) if equal_nan else close


@door(np.allclose)
def allclose(
    a: TensorLike,
    b: TensorLike,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> bool:
    """Whether all elements are nearly equal, as :func:`isclose` says.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.
    rtol, atol : float
        Error allowed relative to b, and in any case.
    equal_nan : bool
        Whether NaN equals NaN.

    Returns
    -------
    bool
        The answer as a Python truth value.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.allclose([1.0, 2.0], [1.0, 2.0 + 1e-9])
    True
    """
    return bool(all(isclose(a, b, rtol, atol, equal_nan)))


@door(np.array_equal)
def array_equal(a: TensorLike, b: TensorLike) -> bool:
    """Whether two Tensors have the same shape and the same elements.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype and shape.

    Returns
    -------
    bool
        The answer as a Python truth value.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.array_equal([1.0, 2.0], [1.0, 2.0])
    True
    """
    first, second = lift(a), lift(b)
    return first.shape == second.shape and bool(all(first == second))


@door(np.all, method=True)
def all(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Whether all elements along the axes are true.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; 0 is false.
    axis : int, tuple of int, or None
        Where to look; None for everywhere.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Boolean, without the axes; true where there are no elements.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.all([[True, False], [True, True]], axis=1)
    Tensor([False,  True])
    """
    given = lift(a)
    return bind(reduce.all_, given, axis=some_axes("all", axis, given.shape), keepdims=keepdims)


@door(np.any, method=True)
def any(a: TensorLike, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """Whether some element along the axes is true.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; 0 is false.
    axis : int, tuple of int, or None
        Where to look; None for everywhere.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Boolean, without the axes; false where there are no elements.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.any([[True, False], [False, False]], axis=1)
    Tensor([ True, False])
    """
    given = lift(a)
    return bind(reduce.any_, given, axis=some_axes("any", axis, given.shape), keepdims=keepdims)


@door(np.bitwise_and)
def _both(a: TensorLike, b: TensorLike) -> Tensor:
    """``array & tensor``, which NumPy calls bitwise_and; booleans only."""
    return lift(a) & b


@door(np.bitwise_or)
def _either(a: TensorLike, b: TensorLike) -> Tensor:
    """``array | tensor``; booleans only."""
    return lift(a) | b


@door(np.bitwise_xor)
def _one(a: TensorLike, b: TensorLike) -> Tensor:
    """``array ^ tensor``; booleans only."""
    return lift(a) ^ b


@door(np.invert)
def _opposite(x: TensorLike) -> Tensor:
    """``np.invert(tensor)``; booleans only."""
    return ~lift(x)
