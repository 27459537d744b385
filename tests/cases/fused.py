"""Rows of the primitives that do at once what a few others do."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import ShapeError

try:
    import torch
except ImportError:
    torch = None

X = np.array([[1.3, -0.4, 2.1], [0.7, -0.9, 1.8]])
INFINITE = Sample([[-np.inf, 0.0], [-np.inf, -np.inf]], axis=1)
HALF_INFINITE = Sample([[-np.inf, 0.0], [1e4, -1e4]], axis=1)


def logsumexp(x, axis=None, keepdims=False):
    with np.errstate(divide="ignore"):
        top = np.max(x, axis, keepdims=True)
        top = np.where(np.isfinite(top), top, 0)
        found = np.log(np.sum(np.exp(x - top), axis, keepdims=True)) + top
    return found if keepdims else found.reshape(np.sum(x, axis).shape)


def softmax(x, axis=-1):
    grown = np.exp(x - np.max(x, axis, keepdims=True))
    return grown / grown.sum(axis, keepdims=True)


def plain_logsumexp(x, axis=None, keepdims=False):
    """The fused primitive out of others, where nothing overflows."""
    return gd.log(gd.sum(gd.exp(x), axis, keepdims=keepdims))


def plain_softmax(x, axis=-1):
    return gd.exp(x) / gd.sum(gd.exp(x), axis, keepdims=True)


SAMPLES = [Sample(X), Sample(X, axis=0), Sample(X + 500, axis=-1), Sample(X[0]), Sample(X[:, :1])]
NO_AXIS = Bad((X,), {"axis": 2}, ShapeError, "axis 2 does not exist: the shape (2, 3)")
NUMBER = Bad((np.array(1.0),), {"axis": -1}, ShapeError, "the shape is (), a single number")

CASES = [
    Case(
        "logsumexp",
        gd.logsumexp,
        logsumexp,
        [*SAMPLES, Sample(X, axis=(0, 1), keepdims=True), Sample(np.array(2.0)),
         Sample(np.ones((2, 0)), axis=0)],
        primitive="logsumexp",
        torch=lambda x, axis=None, keepdims=False: torch.logsumexp(
            x, tuple(range(x.ndim)) if axis is None else axis, keepdims
        ) if x.numel() else x.sum(axis),
        kinks=[INFINITE, HALF_INFINITE, Sample([1, 2])],
        bad=[NO_AXIS, Bad((np.ones((2, 0)),), {"axis": 1}, ShapeError, "has no elements along")],
    ),
    Case(
        "softmax",
        gd.softmax,
        softmax,
        SAMPLES,
        primitive="softmax",
        torch=lambda x, axis=-1: torch.softmax(x, axis),
        kinks=[HALF_INFINITE, Sample([1, 2])],
        bad=[NO_AXIS, NUMBER],
    ),
    Case(
        "log_softmax",
        gd.log_softmax,
        lambda x, axis=-1: x - logsumexp(x, axis, True),
        SAMPLES,
        primitive="log_softmax",
        torch=lambda x, axis=-1: torch.log_softmax(x, axis),
        kinks=[HALF_INFINITE, Sample([1, 2])],
        bad=[NO_AXIS, NUMBER],
    ),
    Case("logsumexp, plain", plain_logsumexp, logsumexp, [Sample(X, axis=1), Sample(X)]),
    Case("softmax, plain", plain_softmax, softmax, [Sample(X), Sample(X, axis=0)]),
]  # fmt: skip
