"""Losses: how far predictions are from their targets, as one number.

They take logits, the sums before softmax or sigmoid, and never broadcast: a prediction of shape
(4, 1) against a target of shape (4,) would be a loss over 16 pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Literal

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind2, lift
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.functions.activation import log_softmax, softplus
from gradatim.functions.choice import clip, where
from gradatim.functions.reduction import sum
from gradatim.functions.shaping import reshape
from gradatim.primitives import Primitive, bounds, fused, index, pointwise
from gradatim.types import Shape

Reduction = Literal["mean", "sum", "none"]


def cross_entropy(logits: TensorLike, target: TensorLike, reduction: Reduction = "mean") -> Tensor:
    """Cross-entropy of softmax, ``-sum(target * log_softmax(logits))``.

    Parameters
    ----------
    logits : Tensor or array_like of shape (N, C) or (C,) or (..., C)
        Any real numbers, the last axis over the classes; (C,) is one sample.
    target : Tensor or array_like
        Integers of the shape without C: labels from 0 to C - 1. Floats of the same shape: one-hot
        or any probabilities.
    reduction : {"mean", "sum", "none"}
        Mean over the samples, their sum, or one loss for each.

    Returns
    -------
    Tensor
        0-d, or of the shape without C. Gradient: ``(softmax(logits) - target) / N`` times ``g``.

    Raises
    ------
    ShapeError
        If the shapes do not fit exactly.
    DtypeError
        If the target is boolean.
    DataError
        If a label is outside 0..C-1, or the logits came out of softmax.

    Notes
    -----
    Computed through log-softmax, without an epsilon: finite and exact for logits of any size.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cross_entropy([[1000.0, 0.0]], [1])
    Tensor(1000.)
    >>> gd.cross_entropy([[1000.0, 0.0]], [[0.0, 1.0]])
    Tensor(1000.)
    """
    scores, aim = _float(lift(logits)), lift(target)
    _refuse_output_of(fused.softmax, "cross_entropy", scores)
    _check_classes("cross_entropy", "logits", scores.shape)
    if aim.dtype.kind in "fb":
        return _likelihood("cross_entropy", "logits", log_softmax(scores), aim, reduction)
    _check_labels("cross_entropy", "logits", scores.shape, aim.shape)
    with _outside_explained("cross_entropy", scores.shape[-1] - 1):
        losses = bind2(fused.cross_entropy, scores, aim)
    return _reduced("cross_entropy", losses, reduction)


def nll(log_probabilities: TensorLike, target: TensorLike, reduction: Reduction = "mean") -> Tensor:
    """Negative log-likelihood, ``-sum(target * log_probabilities)``.

    Parameters
    ----------
    log_probabilities : Tensor or array_like of shape (N, C) or (C,) or (..., C)
        Logarithms, as log_softmax gives them.
    target : Tensor or array_like
        Integers of the shape without C: labels from 0 to C - 1. Floats of the same shape: one-hot
        or any probabilities; where one is 0, a logarithm of minus infinity does not count.
    reduction : {"mean", "sum", "none"}
        Mean over the samples, their sum, or one loss for each.

    Returns
    -------
    Tensor
        0-d, or of the shape without C. Gradient: ``-target / N`` times ``g``.

    Raises
    ------
    ShapeError
        If the shapes do not fit exactly.
    DtypeError
        If the target is boolean.
    DataError
        If a label is outside 0..C-1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nll(gd.log([[0.25, 0.75]]), [1])
    Tensor(0.28768207)
    """
    logs = _float(lift(log_probabilities))
    _check_classes("nll", "log_probabilities", logs.shape)
    return _likelihood("nll", "log_probabilities", logs, lift(target), reduction)


def binary_cross_entropy(
    logits: TensorLike, target: TensorLike, reduction: Reduction = "mean"
) -> Tensor:
    """Cross-entropy of sigmoid, ``target * softplus(-x) + (1 - target) * softplus(x)``.

    Parameters
    ----------
    logits : Tensor or array_like of any shape
        Any real numbers, before sigmoid; not probabilities.
    target : Tensor or array_like of the same shape
        Between 0 and 1; booleans, integers or floats.
    reduction : {"mean", "sum", "none"}
        Mean over all elements, their sum, or one loss for each.

    Returns
    -------
    Tensor
        0-d, or of the same shape. Gradient: ``(sigmoid(logits) - target) / n`` times ``g``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DataError
        If a target is not between 0 and 1, or the logits came out of sigmoid.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.binary_cross_entropy([-1000.0, 1000.0], [1, 1], "none")
    Tensor([1000.,    0.])
    """
    x, aim = _float(lift(logits)), lift(target)
    _refuse_output_of(pointwise.sigmoid, "binary_cross_entropy", x)
    _check_equal("binary_cross_entropy", "logits", x.shape, aim.shape)
    share = _within("binary_cross_entropy", aim, 1).astype(x.dtype)
    # Two softplus, for in softplus(x) - x * target the last digits of a small loss are lost.
    losses = share * softplus(-x) + (1 - share) * softplus(x)
    return _reduced("binary_cross_entropy", losses, reduction)


def mse(prediction: TensorLike, target: TensorLike, reduction: Reduction = "mean") -> Tensor:
    """Mean squared error, ``mean((prediction - target)**2)``.

    Parameters
    ----------
    prediction : Tensor or array_like of any shape
        Float; integers become float64.
    target : Tensor or array_like of the same shape
        Any dtype.
    reduction : {"mean", "sum", "none"}
        Mean over all elements, their sum, or one loss for each.

    Returns
    -------
    Tensor
        0-d, or of the same shape. Gradient: ``2 (prediction - target) / n`` times ``g``.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.mse([1.0, 2.0], [0.0, 4.0])
    Tensor(2.5)
    """
    return _reduced("mse", _difference("mse", prediction, target) ** 2, reduction)


def sse(prediction: TensorLike, target: TensorLike, half: bool = False) -> Tensor:
    """Sum of squared errors, ``sum((prediction - target)**2)``, or one half of it.

    Parameters
    ----------
    prediction : Tensor or array_like of any shape
        Float; integers become float64.
    target : Tensor or array_like of the same shape
        Any dtype.
    half : bool
        Whether to take one half, whose gradient is ``prediction - target``.

    Returns
    -------
    Tensor
        0-d. Gradient: ``2 (prediction - target)`` times ``g``.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.sse([1.0, 2.0], [0.0, 4.0]), gd.sse([1.0, 2.0], [0.0, 4.0], half=True)
    (Tensor(5.), Tensor(2.5))
    """
    total = sum(_difference("sse", prediction, target) ** 2)
    return total * 0.5 if half else total


def huber(
    prediction: TensorLike,
    target: TensorLike,
    delta: float = 1.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """Huber's loss: ``d**2 / 2`` for differences up to delta, ``delta (|d| - delta / 2)`` beyond.

    Parameters
    ----------
    prediction : Tensor or array_like of any shape
        Float; integers become float64.
    target : Tensor or array_like of the same shape
        Any dtype.
    delta : float
        Where the parabola goes over into the straight line; above 0.
    reduction : {"mean", "sum", "none"}
        Mean over all elements, their sum, or one loss for each.

    Returns
    -------
    Tensor
        0-d, or of the same shape. Gradient: the difference, kept within ``delta``, divided by n,
        times ``g``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DataError
        If ``delta`` is not above 0.

    Notes
    -----
    Source: Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.huber([0.5, 3.0], [0.0, 0.0], reduction="none")
    Tensor([0.125, 2.5  ])
    """
    if not (delta > 0 and isfinite(delta)):
        raise DataError(f"huber: delta is {delta!r}; it must be finite and above 0.")
    d = _difference("huber", prediction, target)
    near = clip(d, -delta, delta)
    return _reduced("huber", near * (d - near * 0.5), reduction)


# --- what they share --------------------------------------------------------------------------
def _likelihood(
    called: str, name: str, logs: Tensor, target: Tensor, reduction: Reduction
) -> Tensor:
    """``0 - x`` and not ``-x``: a loss of nothing is 0, not -0."""
    if target.dtype.kind == "b":
        raise DtypeError(
            f"{called}: the target is boolean; it must be integers (labels) or floats (one-hot).\n"
            "  Did you mean target.astype(int), labels 0 and 1?"
        )
    if target.dtype.kind == "f":
        _check_soft(called, name, logs.shape, target.shape)
        # Where the target is 0 the logarithm must not count, not even as 0 * inf = NaN.
        kept = where(target == 0, 0, logs)
        return 0 - _reduced(called, sum(kept * target.astype(logs.dtype), -1), reduction)
    _check_labels(called, name, logs.shape, target.shape)
    labels = _within(called, target, logs.shape[-1] - 1)
    at = reshape(labels, (*labels.shape, 1))
    picked = bind(index.take_along_axis, logs, at, axis=logs.ndim - 1)
    losses = 0 - _reduced(called, picked, reduction)
    return reshape(losses, labels.shape) if reduction == "none" else losses


def _within(called: str, target: Tensor, high: int) -> Tensor:
    """The target, once it is certain that it lies in 0..high."""
    given = target.astype(int) if target.dtype.kind == "b" else target
    with _outside_explained(called, high):
        return bind(bounds.within_, given, low=0, high=high)


@contextmanager
def _outside_explained(called: str, high: int) -> Iterator[None]:
    """Say of a target outside 0..high whose it is, and what may be the reason."""
    try:
        yield
    except DataError as error:
        hint = "Are the labels counted from 1?" if high != 1 else "Did you mean cross_entropy?"
        raise DataError(f"{called}: in the target {error.message}.\n  {hint}") from None


def _reduced(called: str, losses: Tensor, reduction: Reduction) -> Tensor:
    if reduction == "none":
        return losses
    if reduction == "sum":
        return sum(losses)
    if reduction != "mean":
        raise ShapeError(
            f"{called}: reduction is {reduction!r}; it must be 'mean', 'sum' or 'none'."
        )
    if losses.size == 0:
        raise ShapeError(
            f"{called}: the batch is empty, and nothing has no mean.\n  Try reduction='sum'."
        )
    return sum(losses) / losses.size


def _float(x: Tensor) -> Tensor:
    """Integers as float64: differences of unsigned ones would wrap around."""
    return x if x.dtype.kind == "f" else x.astype(float)


def _difference(called: str, prediction: TensorLike, target: TensorLike) -> Tensor:
    found, aim = _float(lift(prediction)), lift(target)
    _check_equal(called, "prediction", found.shape, aim.shape)
    return found - aim.astype(found.dtype)


def _check_equal(called: str, name: str, found: Shape, aim: Shape) -> None:
    if found == aim:
        return
    hint = ""
    for narrow, wide, cut, grow in ((aim, found, name, "target"), (found, aim, "target", name)):
        if wide == (*narrow, 1):
            front = ":, " * len(narrow)
            hint = f"\n  Did you mean {cut}[{front}0]? Or {grow}[{front}None]?"
        elif wide == (1, *narrow):
            hint = f"\n  Did you mean {cut}[0]? Or {grow}[None]?"
    raise ShapeError(
        f"{called}: {name} is {found}, target is {aim}; the shapes must be equal, for a loss "
        f"never broadcasts.{hint}"
    )


def _check_classes(called: str, name: str, shape: Shape) -> None:
    if not shape or shape[-1] == 0:
        raise ShapeError(
            f"{called}: {name} is {shape}; its last axis must be the classes, at least one.\n"
            "  Did you mean binary_cross_entropy, one number for each sample?"
        )


def _check_labels(called: str, name: str, shape: Shape, labels: Shape) -> None:
    if labels == shape[:-1]:
        return
    hint = ""
    if labels == shape:
        hint = (
            "\n  For one-hot targets: target.astype(float), or target.argmax(axis=-1) for labels."
        )
    elif labels == (*shape[:-1], 1):
        hint = f"\n  Did you mean target[{':, ' * (len(shape) - 1)}0]?"
    elif len(shape) == 1:
        hint = f"\n  Did you mean {name}[None], a batch of one?"
    raise ShapeError(
        f"{called}: {name} is {shape}, the target is {labels} integers; labels must be of shape "
        f"{shape[:-1]}, one for each sample.{hint}"
    )


def _check_soft(called: str, name: str, shape: Shape, target: Shape) -> None:
    if target == shape:
        return
    hint = ""
    if target in (shape[:-1], (*shape[:-1], 1)):
        hint = "\n  Are these labels? Labels must be integers: target.astype(int)."
    raise ShapeError(
        f"{called}: {name} is {shape}, the target is {target} floats; a target of floats "
        f"(one-hot) must have the same shape.{hint}"
    )


def _refuse_output_of(primitive: Primitive, called: str, x: Tensor) -> None:
    """Probabilities in place of logits learn badly, and nothing else would tell."""
    if x.origin is not None and x.origin[0] is primitive:
        raise DataError(
            f"{called}: the logits came out of {primitive.name}, so they are probabilities; the "
            f"loss takes {primitive.name} itself.\n  Try the numbers before {primitive.name}."
        )
