"""Activations of the book as functions of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.book.number import floats
from gradatim.errors import ShapeError
from gradatim.types import Array, Raw


def sigmoid(x: Any) -> Raw:
    """Return ``1 / (1 + e^-x)`` of every element.

    Parameters
    ----------
    x : array_like of any shape
        Integers count as float64.

    Returns
    -------
    array or scalar
        Of the shape of ``x``, between 0 and 1.

    Notes
    -----
    Right here: no overflow and no warning at -1000, where the notebooks' formula takes e^1000.
    Of e^x and e^-x only the one that is at most 1 is computed.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    z = floats("sigmoid", x)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))[()]


def sigmoid_grad(x: Any) -> Raw:
    """Return the slope of the sigmoid, ``s (1 - s)`` with ``s = sigmoid(x)``.

    Parameters
    ----------
    x : array_like of any shape
        Integers count as float64.

    Returns
    -------
    array or scalar
        Of the shape of ``x``.

    Examples
    --------
    >>> float(sigmoid_grad(0.0))
    0.25
    """
    s = sigmoid(x)
    return (1.0 - s) * s


def ReLU(x: Any) -> Raw:
    """Return ``x`` where it is positive and 0 elsewhere.

    Parameters
    ----------
    x : array_like of any shape
        Not changed.

    Returns
    -------
    array or scalar
        Of the shape and dtype of ``x``.

    Notes
    -----
    Right here: the notebook's ``x * (x > 0)`` gives -0.0 for negative numbers and NaN for minus
    infinity; this gives 0.0 for both. NaN stays NaN.

    Examples
    --------
    >>> ReLU(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    out = np.array(x)
    out[out <= 0] = 0
    return out[()]


def relu_grad(x: Any) -> Raw:
    """Return the slope of the relu: 1 where ``x`` is positive, 0 elsewhere, also at 0.

    Parameters
    ----------
    x : array_like of any shape
        Integers count as float64.

    Returns
    -------
    array or scalar
        Of the shape of ``x``.

    Examples
    --------
    >>> relu_grad(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    z = floats("relu_grad", x)
    return (z > 0).astype(z.dtype)[()]


def no_activation(x: Any) -> Any:
    """Return ``x`` itself.

    Parameters
    ----------
    x : anything
        Not changed.

    Returns
    -------
    anything
        The same object.

    Examples
    --------
    >>> no_activation(3.0)
    3.0
    """
    return x


def step_function(x: Any) -> Raw:
    """Return 1 where ``x`` is positive and 0 elsewhere; its slope is 0, so nothing learns by it.

    Parameters
    ----------
    x : array_like of any shape
        Not changed.

    Returns
    -------
    array or scalar of int
        Of the shape of ``x``.

    Examples
    --------
    >>> step_function(np.array([-1.0, 0.0, 2.0]))
    array([0, 0, 1])
    """
    return (np.asarray(x) > 0).astype(int)[()]


def softmax(x: Any, axis: int = -1) -> Array:
    """Return ``e^x / sum(e^x)`` along an axis.

    Parameters
    ----------
    x : array_like, (C,) or (N, C) or more axes
        Scores. Integers count as float64.
    axis : int
        The axis along which the result sums to 1; the last one if not given.

    Returns
    -------
    array
        Probabilities, of the shape of ``x``.

    Raises
    ------
    ShapeError
        If ``x`` is a single number.

    Notes
    -----
    Right here: each row has its own maximum and sum, where notebook `mlp` takes those of the whole
    batch (two rows then sum to 0.5 each) and its ``softmax_temp`` gives NaN at 1000.

    Examples
    --------
    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    exponentials = np.exp(_below_maximum("softmax", x, axis))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def log_softmax(x: Any, axis: int = -1) -> Array:
    """Return the logarithm of :func:`softmax`, ``x - log(sum(e^x))``, without computing that.

    Parameters
    ----------
    x : array_like, (C,) or (N, C) or more axes
        Scores. Integers count as float64.
    axis : int
        The axis along which the probabilities sum to 1; the last one if not given.

    Returns
    -------
    array
        Of the shape of ``x``; finite for any finite scores, where the logarithm of a softmax that
        has become 0 is minus infinity.

    Raises
    ------
    ShapeError
        If ``x`` is a single number.

    Examples
    --------
    >>> log_softmax([[1000.0, 0.0]])
    array([[    0., -1000.]])
    """
    shifted = _below_maximum("log_softmax", x, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _below_maximum(called: str, x: Any, axis: int) -> Array:
    scores = floats(called, x)
    if not scores.ndim:
        raise ShapeError(
            f"{called}: a single number arrived; it must be the scores of several classes, of "
            "shape (C,) or (N, C)."
        )
    return scores - scores.max(axis=axis, keepdims=True)


relu = ReLU
identity_function = no_activation
softmax_temp = softmax
