"""Primitives that do at once what a few others do, because it pays in speed and in accuracy.

Each is tested equal to its plain form in value, gradient and second order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.primitives.bounds import within
from gradatim.primitives.primitive import first_shape, fused, inexact
from gradatim.primitives.reduce import axes_put_back, reduced
from gradatim.types import Axis


def _shifted(x: Any, axis: Axis) -> tuple[Any, Any]:
    """``x - max`` and the max; an infinite max is taken as 0, else inf - inf would be NaN."""
    top = np.maximum.reduce(x, axis=axis, keepdims=True)
    finite = np.isfinite(top)
    if not np.logical_and.reduce(finite, axis=None):
        top = np.where(finite, top, 0).astype(top.dtype, copy=False)
    return x - top, top


def _logsumexp(x: Any, axis: Axis, keepdims: bool) -> Any:
    shifted, top = _shifted(x, axis)
    total = np.add.reduce(np.exp(shifted), axis=axis, keepdims=True)
    with np.errstate(divide="ignore"):  # log 0 = -inf is the right answer for all -inf
        result = np.log(total) + top
    return result if keepdims else result.reshape(reduced(x.shape, axis))


def _softmax(x: Any, axis: int) -> Any:
    grown = np.exp(_shifted(x, axis)[0])
    return grown / np.add.reduce(grown, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: int) -> Any:
    shifted, _ = _shifted(x, axis)
    return shifted - np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))


def _cross_entropy(x: Any, t: Any) -> Any:
    """Loss of each sample: ``logsumexp(x) - x[t]``, with labels t of the shape of x without C."""
    classes = x.shape[-1]
    within(t, 0, classes - 1)
    shifted, _ = _shifted(x, -1)
    rows = shifted.reshape(-1, classes)
    picked = rows[np.arange(len(rows)), t.reshape(-1)].reshape(t.shape)
    return np.log(np.add.reduce(np.exp(shifted), axis=-1)) - picked


def _cross_entropy_rule(g: Any, y: Any, x: Any, t: Any) -> Any:
    return (x.softmax(-1) - t.one_hot(x.shape[-1], x.dtype)) * g.reshape((*g.shape, 1))


def _logsumexp_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    wide = reduced(x.shape, axis, keepdims=True)
    level = y.reshape(wide)
    # Where all are -inf, x - y would be NaN; exp(x - 0) = 0 is the limit.
    return g.reshape(wide) * (x - level.isfinite().where(level, 0)).exp()


def _logsumexp_words(axis: Axis, keepdims: bool) -> str:
    g, y = axes_put_back("g", axis, keepdims), axes_put_back("y", axis, keepdims)
    return f"{g} * exp(x - {y})"


logsumexp = fused(
    "logsumexp",
    _logsumexp,
    "logsumexp({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=inexact,
    x=_logsumexp_rule,
    formulas={"y": "log(sum(exp(x), axis=axis, keepdims=keepdims))", "x": _logsumexp_words},
)
softmax = fused(
    "softmax",
    _softmax,
    "softmax({x}, axis={axis})",
    shape=first_shape,
    dtype=inexact,
    x=lambda g, y, x, axis: y * (g - (g * y).sum(axis, keepdims=True)),
    formulas={"y": "exp(x) / sum(exp(x), axis=axis, keepdims=True)"},
)
log_softmax = fused(
    "log_softmax",
    _log_softmax,
    "log_softmax({x}, axis={axis})",
    shape=first_shape,
    dtype=inexact,
    x=lambda g, y, x, axis: g - y.exp() * g.sum(axis, keepdims=True),
    formulas={"y": "x - log(sum(exp(x), axis=axis, keepdims=True))"},
)
cross_entropy = fused(
    "cross_entropy",
    _cross_entropy,
    "cross_entropy({x}, {t})",
    shape=lambda _, t: t,
    dtype=lambda x, _: inexact(x),
    x=_cross_entropy_rule,
    formulas={"y": "-sum(one_hot(t, x.shape[-1]) * log(softmax(x, axis=-1)), axis=-1)"},
    t=None,
)
