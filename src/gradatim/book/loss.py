"""Losses of the book, of probabilities.

Here alone the order of arguments is that of the notebooks, and they do not agree: what the book
calls ``(y, t)`` is (predicted, true), what notebook `losses` calls ``(y, y_pred)`` is
(true, predicted). The losses of ``gd`` all take ``loss(predicted, true)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.book.activation import log_softmax
from gradatim.book.number import floats
from gradatim.book.target import one_hot
from gradatim.errors import ShapeError
from gradatim.types import Array, Raw

EPSILON = 1e-7
"""What the book adds to a probability before it takes the logarithm."""


def sse(y: Any, y_pred: Any) -> Raw:
    """Return the sum of squared errors, ``sum((y_pred - y)^2)``, without a factor.

    Parameters
    ----------
    y : array_like
        What is right.
    y_pred : array_like of the same shape
        What was predicted.

    Returns
    -------
    scalar
        The sum over all elements.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would compare everything with everything.

    Examples
    --------
    >>> float(sse([0, 0, 1], [0.1, 0.3, 0.6]))
    0.26
    """
    right, predicted = floats("sse", y), floats("sse", y_pred)
    _check_alike("sse", right, predicted)
    return np.sum((predicted - right) ** 2)


def sum_squared_error(y: Any, t: Any) -> Raw:
    """Return half the sum of squared errors, ``sum((y - t)^2) / 2``, as the book defines it.

    Parameters
    ----------
    y : array_like
        What was predicted.
    t : array_like of the same shape
        What is right.

    Returns
    -------
    scalar
        Half of :func:`sse`. The book's first printing calls it ``mean_squared_error``, though it
        takes no mean; that name is here too.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> float(sum_squared_error([0.1, 0.3, 0.6], [0, 0, 1]))
    0.13
    """
    return 0.5 * sse(t, y)


def cross_entropy_error(y: Any, t: Any, *, book_epsilon: bool = False) -> Raw:
    """Return the cross entropy ``-sum(t log y)`` of probabilities, averaged over the samples.

    Parameters
    ----------
    y : array_like, (C,) or (N, C)
        Predicted probabilities; (C,) is a batch of one.
    t : array_like
        Labels (N,), an int for a single sample, or one-hot rows of the shape of ``y``.
    book_epsilon : bool
        Add 1e-7 to each probability, as the book does. Its layers give the gradient of the exact
        loss, so a check of the gradient then differs by 1e-7; this is here to show that.

    Returns
    -------
    scalar
        The mean over the samples.

    Raises
    ------
    ShapeError
        If the target fits neither as labels nor as rows, or the batch is empty.
    DtypeError
        If labels are no integers.
    DataError
        If a label lies outside of the classes.

    Notes
    -----
    Right here: labels and rows are told apart by shape, not by the number of elements; a label
    may be a Python int; classes whose target is 0 do not take part, so that 0 log 0 is no NaN. A
    probability of exactly 0 counts as the smallest positive number: the loss is large, not
    infinite. ``SoftmaxWithLoss`` takes scores and needs no such care.

    Source: K. Saitoh, "Deep Learning from Scratch", section 4.2.

    Examples
    --------
    >>> y = [[0.25, 0.75], [0.5, 0.5]]
    >>> float(cross_entropy_error(y, [1, 0])), float(cross_entropy_error(y, [[0, 1], [1, 0]]))
    (0.4904146265058631, 0.4904146265058631)
    """
    return _entropy("cross_entropy_error", y, t, book_epsilon)


def cross_entropy(y: Any, y_pred: Any, *, book_epsilon: bool = False) -> Raw:
    """Return :func:`cross_entropy_error` with the arguments as notebook `losses` has them.

    Parameters
    ----------
    y : array_like
        What is right: labels (N,), an int for a single sample, or one-hot rows.
    y_pred : array_like, (C,) or (N, C)
        Predicted probabilities.
    book_epsilon : bool
        Add 1e-7 to each probability, as the notebook does.

    Returns
    -------
    scalar
        The mean over the samples.

    Raises
    ------
    ShapeError
        If the target fits neither as labels nor as rows, or the batch is empty.

    Notes
    -----
    The notebook defines this name twice, for one-hot vectors and then for labels; this takes
    both. Nothing is printed.

    Examples
    --------
    >>> round(float(cross_entropy([0, 0, 1], [0.1, 0.3, 0.6])), 6)
    0.510826
    >>> round(float(cross_entropy(2, [0.1, 0.3, 0.6])), 6)
    0.510826
    """
    return _entropy("cross_entropy", y_pred, y, book_epsilon)


def cross_entropy_ohe(y: Any, y_pred: Any, *, book_epsilon: bool = False) -> Raw:
    """Return :func:`cross_entropy` of one-hot rows, and of nothing else.

    Parameters
    ----------
    y : array_like, (C,) or (N, C)
        What is right, one-hot.
    y_pred : array_like of the same shape
        Predicted probabilities.
    book_epsilon : bool
        Add 1e-7 to each probability, as the notebook does.

    Returns
    -------
    scalar
        The mean over the samples.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> round(float(cross_entropy_ohe([0, 0, 1], [0.1, 0.3, 0.6])), 6)
    0.510826
    """
    _check_alike("cross_entropy_ohe", np.asarray(y), np.asarray(y_pred))
    return _entropy("cross_entropy_ohe", y_pred, y, book_epsilon)


def cross_entropy_loss(y: Any, y_hat: Any) -> Raw:
    """Return ``-sum(y log y_hat)``, the cross entropy of notebook `mlp`: a sum, not a mean.

    Parameters
    ----------
    y : array_like, (C,) or (N, C)
        What is right: one-hot rows or labels.
    y_hat : array_like, (C,) or (N, C)
        Predicted probabilities.

    Returns
    -------
    scalar
        The sum over the samples.

    Raises
    ------
    ShapeError
        If the target fits neither as labels nor as rows.

    Notes
    -----
    Right here: 0 log 0 is 0, where the notebook gets NaN for a network that is sure of itself.

    Examples
    --------
    >>> abs(float(cross_entropy_loss([0, 1], [0.0, 1.0])))
    0.0
    """
    return np.sum(_surprises("cross_entropy_loss", y_hat, y, 0.0))


def softmax_loss(X: Any, t: Any) -> Raw:
    """Return the cross entropy of the softmax of scores, averaged over the samples.

    Parameters
    ----------
    X : array_like, (C,) or (N, C)
        Scores.
    t : array_like
        Labels (N,) or one-hot rows.

    Returns
    -------
    scalar
        The mean over the samples.

    Raises
    ------
    ShapeError
        If the target fits neither as labels nor as rows, or the batch is empty.

    Examples
    --------
    >>> float(softmax_loss([1000.0, 0.0], 1))
    1000.0
    """
    scores = floats("softmax_loss", X)
    target = one_hot("softmax_loss", t, scores.shape)
    check_some("softmax_loss", target)
    return mean_product(target, log_softmax(scores).reshape(target.shape))


def check_some(called: str, target: Array) -> None:
    """Raise if there is no sample: a mean of nothing is NaN."""
    if not len(target):
        raise ShapeError(
            f"{called}: the batch is empty; the mean needs one sample or more.\n"
            "  Did a slice or a mask select nothing?"
        )


def mean_product(t: Array, logarithms: Array) -> Raw:
    """Minus the sum of ``t log y`` over the classes, averaged over the rows."""
    return np.sum(surprise(t, logarithms)) / t.shape[0]


def surprise(t: Array, logarithms: Array) -> Array:
    """Minus the sum of ``t log y`` over the classes of each row; 0 times infinity is 0."""
    products = np.multiply(t, logarithms, where=t != 0, out=np.zeros(t.shape))
    return -products.sum(axis=1)


def _entropy(called: str, y: Any, t: Any, book_epsilon: bool) -> Raw:
    rows = _surprises(called, y, t, EPSILON if book_epsilon else 0.0)
    check_some(called, rows)
    return np.sum(rows) / len(rows)


def _surprises(called: str, y: Any, t: Any, epsilon: float) -> Array:
    predicted = floats(called, y)
    target = one_hot(called, t, predicted.shape)
    above_zero = np.maximum(predicted + epsilon, np.finfo(predicted.dtype).smallest_subnormal)
    return surprise(target, np.log(above_zero).reshape(target.shape))


def _check_alike(called: str, y: Array, y_pred: Array) -> None:
    if y.shape != y_pred.shape:
        raise ShapeError(
            f"{called}: what is right has shape {y.shape}, what was predicted {y_pred.shape}; "
            "they must be equal.\n  Try .reshape on one of them."
        )


mean_squared_error = sum_squared_error
