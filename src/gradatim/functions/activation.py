"""Activation functions: what a layer applies to every element of its sum."""

from __future__ import annotations

from math import pi, sqrt
from typing import Literal

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind1, lift
from gradatim.errors import GradatimError
from gradatim.functions.axis import one_axis
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import fused, pointwise


def identity(x: TensorLike) -> Tensor:
    """The same values: the activation of a layer that has none.

    Not NumPy's function of that name, which makes a matrix: that is :func:`eye` here.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Any dtype.

    Returns
    -------
    Tensor
        The same Tensor. Gradient: ``g``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.identity([1.0, -2.0])
    Tensor([ 1., -2.])
    """
    return lift(x)


@door(method=True)
def relu(x: TensorLike) -> Tensor:
    """Rectifier, ``max(x, 0)``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape and dtype, at least 0. Gradient: ``g`` where x is above 0, else 0, so 0 at 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.relu([-1.0, 0.0, 2.0])
    Tensor([0., 0., 2.])
    """
    return bind1(pointwise.relu, x)


@door(np.tanh, method=True)
def tanh(x: TensorLike) -> Tensor:
    """Hyperbolic tangent, ``(e**x - e**-x) / (e**x + e**-x)``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * (1 - y**2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.tanh([0.0, 1.0])
    Tensor([0.        , 0.76159416])
    """
    return bind1(pointwise.tanh, x)


@door(method=True)
def sigmoid(x: TensorLike) -> Tensor:
    """Logistic function, ``1 / (1 + e**-x)``.

    Never computes the exponential of a positive number, so it neither overflows nor loses
    accuracy in either tail.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float, between 0 and 1. Gradient: ``g * y * (1 - y)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sigmoid([-1000.0, 0.0, 1000.0])
    Tensor([0. , 0.5, 1. ])
    """
    return bind1(pointwise.sigmoid, x)


@door(method=True)
def log_sigmoid(x: TensorLike) -> Tensor:
    """Logarithm of the logistic function, ``-softplus(-x)``, exact in both tails.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float, below 0. Gradient: ``g * sigmoid(-x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.log_sigmoid([-1000.0, 0.0, 1000.0])
    Tensor([-1.00000000e+03, -6.93147181e-01, -0.00000000e+00])
    """
    return -bind1(pointwise.softplus, -lift(x))


@door(method=True)
def softplus(x: TensorLike) -> Tensor:
    """Smooth rectifier, ``log(1 + e**x)``, without overflow.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float, above 0. Gradient: ``g * sigmoid(x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.softplus([-1000.0, 0.0, 1000.0])
    Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return bind1(pointwise.softplus, x)


@door(method=True)
def erf(x: TensorLike) -> Tensor:
    """Error function, ``2 / sqrt(pi) * integral of exp(-t**2) from 0 to x``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float, between -1 and 1. Gradient: ``g * 2 / sqrt(pi) * exp(-x**2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.erf([0.0, 0.5])
    Tensor([0.        , 0.52049988])
    """
    return bind1(pointwise.erf, x)


@door(method=True)
def silu(x: TensorLike) -> Tensor:
    """Sigmoid linear unit, ``x * sigmoid(x)``, also called swish.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g * (s + y * (1 - s))`` with ``s = sigmoid(x)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.silu([-1.0, 0.0, 1.0])
    Tensor([-0.26894142,  0.        ,  0.73105858])
    """
    given = lift(x)
    return given * bind1(pointwise.sigmoid, given)


@door(method=True)
def gelu(x: TensorLike, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """Gaussian error linear unit, ``x * (1 + erf(x / sqrt(2))) / 2``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.
    approximate : "none" or "tanh"
        The exact form, or ``x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2``.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: that of the form that was chosen.

    Raises
    ------
    GradatimError
        If ``approximate`` is another word.

    Source: Hendrycks and Gimpel (2016), Gaussian error linear units, section 2.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.gelu([-1.0, 0.0, 1.0])
    Tensor([-0.15865525,  0.        ,  0.84134475])
    """
    given = lift(x)
    if approximate == "none":
        return given * (bind1(pointwise.erf, given * sqrt(0.5)) + 1) * 0.5
    if approximate == "tanh":
        inner = given + given * given * given * 0.044715
        return given * (bind1(pointwise.tanh, inner * sqrt(2 / pi)) + 1) * 0.5
    raise GradatimError(
        f'gelu: approximate is {approximate!r}; it must be "none" (exact) or "tanh".'
    )


@door(method=True)
def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit: x above 0, ``alpha * (e**x - 1)`` below.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.
    alpha : float
        How far below 0 it goes.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g`` above 0, ``g * alpha * e**x`` at 0 and below.

    Source: Clevert, Unterthiner and Hochreiter (2016), equation 15.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.elu([-1.0, 0.0, 1.0])
    Tensor([-0.63212056,  0.        ,  1.        ])
    """
    given = lift(x)
    above = given > 0
    # The exponential is kept from positive numbers, whose infinity would make 0 * inf = NaN.
    return where(above, given, bind1(pointwise.expm1, where(above, 0, given)) * alpha)


@door(method=True)
def leaky_relu(x: TensorLike, slope: float = 0.01) -> Tensor:
    """Rectifier that leaks: x above 0, ``slope * x`` below.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.
    slope : float
        Gradient below 0.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``g`` above 0, ``g * slope`` at 0 and below.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.leaky_relu([-1.0, 0.0, 1.0])
    Tensor([-0.01,  0.  ,  1.  ])
    """
    given = lift(x)
    return where(given > 0, given, given * slope)


@door(method=True)
def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """Exponentials that add up to 1 along an axis, ``e**x / sum(e**x)``.

    The largest element is taken off first, so nothing overflows.

    Parameters
    ----------
    x : Tensor or array_like of at least one axis
        Float; integers become float64.
    axis : int
        Axis along which the sum is 1.

    Returns
    -------
    Tensor
        Same shape, float. Gradient: ``y * (g - sum(g * y))``.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.softmax([1000.0, 1000.0])
    Tensor([0.5, 0.5])
    """
    given = _float(x)
    return bind(fused.softmax, given, axis=one_axis("softmax", axis, given.shape))


@door(method=True)
def log_softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """Logarithm of :func:`softmax`, ``x - logsumexp(x)``, exact where softmax is 0.

    Parameters
    ----------
    x : Tensor or array_like of at least one axis
        Float; integers become float64.
    axis : int
        Axis along which the sum of the exponentials is 1.

    Returns
    -------
    Tensor
        Same shape, float, at most 0. Gradient: ``g - e**y * sum(g)``.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.log_softmax([1000.0, 0.0])
    Tensor([    0., -1000.])
    """
    given = _float(x)
    return bind(fused.log_softmax, given, axis=one_axis("log_softmax", axis, given.shape))


@door(method=True)
def stop_gradient(x: TensorLike) -> Tensor:
    """The same values, through which no gradient flows back.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Any dtype.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: none.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.stop_gradient([1.0, 2.0])
    Tensor([1., 2.])
    """
    return bind1(pointwise.stop_gradient, x)


def _float(x: TensorLike) -> Tensor:
    given = lift(x)
    return given if given.dtype.kind == "f" else given * 1.0
