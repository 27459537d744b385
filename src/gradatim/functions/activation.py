"""Activation functions: what a layer applies to every element of its sum."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind1
from gradatim.functions.door import door
from gradatim.primitives import pointwise


@door(np.tanh, method=True)
def tanh(x: TensorLike) -> Tensor:
    """Hyperbolic tangent, ``(e^x - e^-x) / (e^x + e^-x)``.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Angles in radians; float. Integers become float64.

    Returns
    -------
    Tensor
        Same shape and dtype, between -1 and 1. Gradient: ``g * (1 - y**2)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.tanh([0.0, 1.0])
    Tensor([0.        , 0.76159416])
    """
    return bind1(pointwise.tanh, x)


@door(method=True)
def sigmoid(x: TensorLike) -> Tensor:
    """Logistic function, ``1 / (1 + e^-x)``.

    Never computes the exponential of a positive number, so it neither overflows nor loses
    accuracy in either tail.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float. Integers become float64.

    Returns
    -------
    Tensor
        Same shape and dtype, between 0 and 1. Gradient: ``g * y * (1 - y)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sigmoid([-1000.0, 0.0, 1000.0])
    Tensor([0. , 0.5, 1. ])
    """
    return bind1(pointwise.sigmoid, x)
