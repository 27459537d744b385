"""Exponentials and logarithms."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind1, bind2
from gradatim.functions.door import door
from gradatim.primitives import pointwise


@door(np.exp, method=True)
def exp(x: TensorLike) -> Tensor:
    """Exponential, ``e ** x``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * y``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.exp([0.0, 1.0])
    Tensor([1.        , 2.71828183])
    """
    return bind1(pointwise.exp, x)


@door(np.exp2, method=True)
def exp2(x: TensorLike) -> Tensor:
    """Power of two, ``2 ** x``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * y * log(2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.exp2([0.0, 3.0])
    Tensor([1., 8.])
    """
    return bind1(pointwise.exp2, x)


@door(np.expm1, method=True)
def expm1(x: TensorLike) -> Tensor:
    """Exponential less one, ``e ** x - 1``, accurate near 0.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * (y + 1)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.expm1([0.0, 1e-20])
    Tensor([0.e+00, 1.e-20])
    """
    return bind1(pointwise.expm1, x)


@door(np.log, method=True)
def log(x: TensorLike) -> Tensor:
    """Natural logarithm.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Above 0. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / x``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.log([1.0, 2.0])
    Tensor([0.        , 0.69314718])
    """
    return bind1(pointwise.log_, x)


@door(np.log2, method=True)
def log2(x: TensorLike) -> Tensor:
    """Logarithm to base 2.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Above 0. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (x * log(2))``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.log2([1.0, 8.0])
    Tensor([0., 3.])
    """
    return bind1(pointwise.log2, x)


@door(np.log10, method=True)
def log10(x: TensorLike) -> Tensor:
    """Logarithm to base 10.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Above 0. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (x * log(10))``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.log10([1.0, 100.0])
    Tensor([0., 2.])
    """
    return bind1(pointwise.log10, x)


@door(np.log1p, method=True)
def log1p(x: TensorLike) -> Tensor:
    """Logarithm of one more, ``log(1 + x)``, accurate near 0.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Above -1. Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g / (x + 1)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.log1p([0.0, 1e-20])
    Tensor([0.e+00, 1.e-20])
    """
    return bind1(pointwise.log1p, x)


@door(np.logaddexp)
def logaddexp(a: TensorLike, b: TensorLike) -> Tensor:
    """Logarithm of a sum of exponentials, ``log(e**a + e**b)``, without overflow.

    Parameters
    ----------
    a, b : Tensor or array_like
        Float; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float. Gradient: ``g * exp(a - y)`` to a, ``g * exp(b - y)`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logaddexp([1000.0, -1000.0], 1000.0)
    Tensor([1000.69314718, 1000.        ])
    """
    return bind2(pointwise.logaddexp, a, b)


@door(np.logaddexp2)
def logaddexp2(a: TensorLike, b: TensorLike) -> Tensor:
    """Logarithm of a sum of powers of two, ``log2(2**a + 2**b)``, without overflow.

    Parameters
    ----------
    a, b : Tensor or array_like
        Float; the shapes broadcast.

    Returns
    -------
    Tensor
        Broadcast shape, float. Gradient: ``g * 2**(a - y)`` to a, ``g * 2**(b - y)`` to b.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.logaddexp2([3.0, -1000.0], 3.0)
    Tensor([4., 3.])
    """
    return bind2(pointwise.logaddexp2, a, b)
