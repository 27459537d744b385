"""Arithmetic: the operators as functions, powers and roots, signs and remainders."""

from __future__ import annotations

from math import pi

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind1, bind2, lift
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import pointwise


@door(np.add)
def add(a: TensorLike, b: TensorLike) -> Tensor:
    """Sum of two Tensors, ``a + b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to both.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.add([1.0, 2.0], 10.0)
    Tensor([11., 12.])
    """
    return bind2(pointwise.add, a, b)


@door(np.subtract)
def subtract(a: TensorLike, b: TensorLike) -> Tensor:
    """Difference of two Tensors, ``a - b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g`` to a, ``-g`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.subtract([1.0, 2.0], 10.0)
    Tensor([-9., -8.])
    """
    return bind2(pointwise.subtract, a, b)


@door(np.multiply)
def multiply(a: TensorLike, b: TensorLike) -> Tensor:
    """Product of two Tensors element by element, ``a * b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g * b`` to a, ``g * a`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.multiply([1.0, 2.0], 10.0)
    Tensor([10., 20.])
    """
    return bind2(pointwise.multiply, a, b)


@door(np.divide)
def divide(a: TensorLike, b: TensorLike) -> Tensor:
    """Quotient of two Tensors, ``a / b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float; of integers float64. Gradient: ``g / b`` to a, ``-g * a / b**2``
        to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.divide([1.0, 2.0], 10.0)
    Tensor([0.1, 0.2])
    """
    return bind2(pointwise.divide, a, b)


true_divide = divide


@door(np.floor_divide)
def floor_divide(a: TensorLike, b: TensorLike) -> Tensor:
    """Largest whole number below the quotient, ``a // b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Piecewise constant: no gradient.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.floor_divide([7.0, -7.0], 2.0)
    Tensor([ 3., -4.])
    """
    return bind2(pointwise.floor_divide, a, b)


@door(np.remainder)
def remainder(a: TensorLike, b: TensorLike) -> Tensor:
    """Remainder of the division, ``a % b``, with the sign of b.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient as between two jumps: ``g`` to a,
        ``-g * (a // b)`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.remainder([7.0, -7.0], 3.0)
    Tensor([1., 2.])
    """
    return bind2(pointwise.remainder, a, b)


mod = remainder


@door(np.fmod)
def fmod(a: TensorLike, b: TensorLike) -> Tensor:
    """Remainder of the division, with the sign of a, as in C.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient as between two jumps: ``g`` to a,
        ``-g * trunc(a / b)`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.fmod([7.0, -7.0], 3.0)
    Tensor([ 1., -1.])
    """
    first = lift(a, b if isinstance(b, Tensor) else None)
    size = bind2(pointwise.remainder, bind1(pointwise.abs_, first), abs(lift(b, first)))
    return where(bind2(pointwise.less, first, 0), -size, size)


@door(np.power)
def power(a: TensorLike, b: TensorLike) -> Tensor:
    """Power of two Tensors, ``a ** b``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast. A negative base needs whole exponents.

    Returns
    -------
    Tensor
        Broadcast shape, promoted dtype. Gradient: ``g * b * a**(b-1)`` to a,
        ``g * a**b * log(a)`` to b. The derivatives of ``a**0`` by a, and of ``0**b`` by b, are 0
        at every order, never NaN.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.power([1.0, 2.0, 3.0], 2)
    Tensor([1., 4., 9.])
    """
    return a**b if isinstance(a, Tensor) else bind2(pointwise.power, a, b)


pow = power


@door(np.float_power)
def float_power(a: TensorLike, b: TensorLike) -> Tensor:
    """Power of two Tensors, at least in float64.

    Parameters
    ----------
    a, b : Tensor or array_like
        Any dtype; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float64. Gradient as that of :func:`power`.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.float_power([1, 2, 4], -1)
    Tensor([1.  , 0.5 , 0.25])
    """
    return power(lift(a).astype("float64"), lift(b).astype("float64"))


@door(np.hypot)
def hypot(a: TensorLike, b: TensorLike) -> Tensor:
    """Length of the hypotenuse, ``sqrt(a**2 + b**2)``, without overflow.

    Parameters
    ----------
    a, b : Tensor or array_like
        Float; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float. Gradient: ``g * a / y`` to a, ``g * b / y`` to b, 0 where both
        are 0.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.hypot(3.0, [4.0, 0.0])
    Tensor([5., 3.])
    """
    return bind2(pointwise.hypot, a, b)


@door(np.copysign)
def copysign(a: TensorLike, b: TensorLike) -> Tensor:
    """Size of a with the sign of b.

    Parameters
    ----------
    a, b : Tensor or array_like
        Float; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float. Gradient: ``g`` to a where the sign stays, ``-g`` where it
        changes, 0 at 0; none to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.copysign([1.0, -2.0], [-1.0, -1.0])
    Tensor([-1., -2.])
    """
    return bind2(pointwise.copysign, a, b)


@door(np.heaviside)
def heaviside(a: TensorLike, b: TensorLike) -> Tensor:
    """Step from 0 to 1: 0 below 0, ``b`` at 0, 1 above.

    Parameters
    ----------
    a, b : Tensor or array_like
        Float; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float. Gradient: none to a (piecewise constant), ``g`` to b where a
        is 0.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.heaviside([-1.0, 0.0, 2.0], 0.5)
    Tensor([0. , 0.5, 1. ])
    """
    first = lift(a, b if isinstance(b, Tensor) else None)
    step = where(first > 0, 1.0, where(first < 0, 0.0, lift(b, first)))
    return where(bind1(pointwise.isnan, first), first, step)


@door(np.negative, method=True)
def negative(x: TensorLike) -> Tensor:
    """Negative, ``-x``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: ``-g``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.negative([1.0, -2.0])
    Tensor([-1.,  2.])
    """
    return bind1(pointwise.negative, x)


@door(np.positive, method=True)
def positive(x: TensorLike) -> Tensor:
    """The same values, ``+x``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: ``g``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.positive([1.0, -2.0])
    Tensor([ 1., -2.])
    """
    return +lift(x)


@door(np.abs, np.fabs, method=True)
def abs(x: TensorLike) -> Tensor:
    """Size without the sign, ``|x|``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: ``g * sign(x)``, so 0 at 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.abs([1.0, -2.0])
    Tensor([1., 2.])
    """
    return bind1(pointwise.abs_, x)


absolute = fabs = abs


@door(np.sign, method=True)
def sign(x: TensorLike) -> Tensor:
    """Sign: -1, 0 or 1.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape and dtype. Piecewise constant: no gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sign([3.0, 0.0, -2.0])
    Tensor([ 1.,  0., -1.])
    """
    return bind1(pointwise.sign, x)


@door(np.square, method=True)
def square(x: TensorLike) -> Tensor:
    """Square, ``x * x``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: ``2 * g * x``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.square([1.0, -2.0])
    Tensor([1., 4.])
    """
    return bind1(pointwise.square, x)


@door(np.sqrt, method=True)
def sqrt(x: TensorLike) -> Tensor:
    """Square root.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        At least 0. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (2 * y)``, infinite at 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sqrt([1.0, 4.0, 9.0])
    Tensor([1., 2., 3.])
    """
    return bind1(pointwise.sqrt_, x)


@door(np.cbrt, method=True)
def cbrt(x: TensorLike) -> Tensor:
    """Cube root, of negative numbers too.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (3 * y**2)``, infinite at 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cbrt([8.0, -27.0])
    Tensor([ 2., -3.])
    """
    return bind1(pointwise.cbrt, x)


@door(np.reciprocal, method=True)
def reciprocal(x: TensorLike) -> Tensor:
    """One over x.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float, not 0; an integer gives the whole part, as in NumPy.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: ``-g * y**2``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.reciprocal([2.0, -4.0])
    Tensor([ 0.5 , -0.25])
    """
    return bind1(pointwise.reciprocal, x)


@door(np.deg2rad, np.radians, method=True)
def deg2rad(x: TensorLike) -> Tensor:
    """Degrees to radians, ``x * pi / 180``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * pi / 180``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.deg2rad([0.0, 180.0])
    Tensor([0.        , 3.14159265])
    """
    return lift(x) * (pi / 180)


radians = deg2rad


@door(np.rad2deg, np.degrees, method=True)
def rad2deg(x: TensorLike) -> Tensor:
    """Radians to degrees, ``x * 180 / pi``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * 180 / pi``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.rad2deg([0.0, 3.141592653589793])
    Tensor([  0., 180.])
    """
    return lift(x) * (180 / pi)


degrees = rad2deg
