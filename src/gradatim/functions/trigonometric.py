"""Circular and hyperbolic functions, and their inverses."""

from __future__ import annotations

from math import factorial, pi

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind1, bind2, lift
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import pointwise

_SERIES = tuple((-1) ** k / factorial(2 * k + 1) for k in range(8))


@door(np.sin, method=True)
def sin(x: TensorLike) -> Tensor:
    """Sine.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Angles in radians. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * cos(x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sin([0.0, 1.0])
    Tensor([0.        , 0.84147098])
    """
    return bind1(pointwise.sin, x)


@door(np.cos, method=True)
def cos(x: TensorLike) -> Tensor:
    """Cosine.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Angles in radians. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``-g * sin(x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cos([0.0, 1.0])
    Tensor([1.        , 0.54030231])
    """
    return bind1(pointwise.cos, x)


@door(np.tan, method=True)
def tan(x: TensorLike) -> Tensor:
    """Tangent.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Angles in radians. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * (1 + y**2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.tan([0.0, 1.0])
    Tensor([0.        , 1.55740772])
    """
    return bind1(pointwise.tan, x)


@door(np.arcsin, np.asin, method=True)
def arcsin(x: TensorLike) -> Tensor:
    """Angle whose sine is x; also ``asin``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        From -1 to 1. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / sqrt(1 - x**2)``, infinite at -1 and 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arcsin([0.0, 1.0])
    Tensor([0.        , 1.57079633])
    """
    return bind1(pointwise.arcsin, x)


asin = arcsin


@door(np.arccos, np.acos, method=True)
def arccos(x: TensorLike) -> Tensor:
    """Angle whose cosine is x; also ``acos``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        From -1 to 1. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``-g / sqrt(1 - x**2)``, infinite at -1 and 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arccos([0.0, 1.0])
    Tensor([1.57079633, 0.        ])
    """
    return bind1(pointwise.arccos, x)


acos = arccos


@door(np.arctan, np.atan, method=True)
def arctan(x: TensorLike) -> Tensor:
    """Angle whose tangent is x; also ``atan``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (1 + x**2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arctan([0.0, 1.0])
    Tensor([0.        , 0.78539816])
    """
    return bind1(pointwise.arctan, x)


atan = arctan


@door(np.arctan2)
def arctan2(a: TensorLike, b: TensorLike) -> Tensor:
    """Angle of the point (b, a), from -pi to pi; also ``atan2``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Float; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float. Gradient: ``g * b / (a**2 + b**2)`` to a,
        ``-g * a / (a**2 + b**2)`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arctan2([1.0, -1.0], [1.0, -1.0])
    Tensor([ 0.78539816, -2.35619449])
    """
    return bind2(pointwise.arctan2, a, b)


atan2 = arctan2


@door(np.sinh, method=True)
def sinh(x: TensorLike) -> Tensor:
    """Hyperbolic sine, ``(e**x - e**-x) / 2``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * cosh(x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sinh([0.0, 1.0])
    Tensor([0.        , 1.17520119])
    """
    return bind1(pointwise.sinh, x)


@door(np.cosh, method=True)
def cosh(x: TensorLike) -> Tensor:
    """Hyperbolic cosine, ``(e**x + e**-x) / 2``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * sinh(x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cosh([0.0, 1.0])
    Tensor([1.        , 1.54308063])
    """
    return bind1(pointwise.cosh, x)


@door(np.arcsinh, np.asinh, method=True)
def arcsinh(x: TensorLike) -> Tensor:
    """Number whose hyperbolic sine is x; also ``asinh``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / sqrt(x**2 + 1)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arcsinh([0.0, 1.0])
    Tensor([0.        , 0.88137359])
    """
    return bind1(pointwise.arcsinh, x)


asinh = arcsinh


@door(np.arccosh, np.acosh, method=True)
def arccosh(x: TensorLike) -> Tensor:
    """Number whose hyperbolic cosine is x; also ``acosh``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        At least 1. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / sqrt(x**2 - 1)``, infinite at 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arccosh([1.0, 2.0])
    Tensor([0.       , 1.3169579])
    """
    return bind1(pointwise.arccosh, x)


acosh = arccosh


@door(np.arctanh, np.atanh, method=True)
def arctanh(x: TensorLike) -> Tensor:
    """Number whose hyperbolic tangent is x; also ``atanh``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Between -1 and 1. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (1 - x**2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.arctanh([0.0, 0.5])
    Tensor([0.        , 0.54930614])
    """
    return bind1(pointwise.arctanh, x)


atanh = arctanh


@door(np.sinc, method=True)
def sinc(x: TensorLike) -> Tensor:
    """Cardinal sine, ``sin(pi x) / (pi x)``, 1 at 0.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * (cos(pi x) - y) / x``, 0 at 0; to any order also there.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sinc([0.0, 0.5, 1.0])
    Tensor([1.00000000e+00, 6.36619772e-01, 3.89817183e-17])
    """
    given = lift(x) * pi
    # Near 0 the quotient's derivatives lose all digits; there the power series is as exact.
    near = abs(given) < 0.7
    small = where(near, given, 0.0)
    total = small * 0.0
    for coefficient in _SERIES[::-1]:
        total = total * (small * small) + coefficient
    large = where(near, 1.0, given)
    return where(near, total, bind1(pointwise.sin, large) / large)
