"""What a sample should be: a label, or a row with 1 at its class; told apart by the shape alone.

The books tell them apart by the number of elements, which takes N labels for one-hot rows where
there is one class, and subtracts labels from a square batch without complaint.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.types import Array, Shape


def one_hot(called: str, t: Any, scores: Shape) -> Array:
    """Return the target as rows (N, C) of float64, for scores of shape (..., C).

    Labels are integers of the shape of the scores without its last axis, rows have the shape of
    the scores; a single label may be an int or have shape (1,).
    """
    target = np.asarray(t)
    if not scores:
        raise ShapeError(
            f"{called}: the scores are a single number; they must be (classes,) or (N, classes)."
        )
    if target.shape == scores:
        return _rows(called, target).reshape(-1, scores[-1])
    single = math.prod(scores[:-1]) == 1 and target.size == 1 and target.ndim < 2
    if target.shape != scores[:-1] and not single:
        raise ShapeError(_mismatch(called, target.shape, scores))
    return _spread(called, target.reshape(-1), scores[-1])


def labels(called: str, t: Any, scores: Shape) -> Array:
    """Return the target as labels (N,), for scores of shape (..., C)."""
    return one_hot(called, t, scores).argmax(axis=1)


def _rows(called: str, target: Array) -> Array:
    if target.dtype.kind not in "fiub":
        raise DtypeError(
            f"{called}: the target is of dtype {target.dtype}; one-hot rows must hold numbers."
        )
    return target.astype(np.float64)


def _spread(called: str, target: Array, classes: int) -> Array:
    if target.dtype.kind not in "iu":
        raise DtypeError(
            f"{called}: a target of shape {target.shape} holds labels, but its dtype is "
            f"{target.dtype}; labels must be integers.\n  Try t.astype(int)."
        )
    if target.size and not 0 <= target.min() <= target.max() < classes:
        raise DataError(
            f"{called}: the labels go from {target.min()} to {target.max()}; with {classes} "
            f"scores a sample they must lie between 0 and {classes - 1}.\n"
            "  Do they count from 1? Then try t - 1."
        )
    return np.eye(classes)[target]


def _mismatch(called: str, given: Shape, scores: Shape) -> str:
    hint = "Do the scores and the target come from the same batch?"
    if given == (*scores[:-1], 1):
        hint = "Did you mean t.reshape(-1)?"
    return (
        f"{called}: the scores are {scores} and the target is {given}; the target must be labels "
        f"of shape {scores[:-1]} or one-hot rows of shape {scores}.\n  {hint}"
    )
