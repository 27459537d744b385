"""Fused primitives taken apart, so that forward and backward share what both need.

Softmax and its relatives all begin with ``x - max`` and ``exp``; the loss and its gradient ask
for them in turn. Taken apart they are equal lines, which :func:`share` joins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.compiler.passes.rewriting import Change, call, literal, rewrite
from gradatim.compiler.program import Line, Program, Value
from gradatim.primitives import Primitive, bounds, fused, index, pointwise, reduce, shape
from gradatim.types import Array


def plain(program: Program) -> Program:
    """Return the program without fused primitives."""
    literals: dict[Value, Array] = dict(program.literals)

    def change(line: Line) -> Change:
        parts = PARTS.get(line.primitive)
        if parts is None or line.inputs[0].dtype.kind != "f":
            return None
        writing = _Writing(line, literals)
        parts(writing, *line.inputs, **line.settings)
        return writing.lines

    return rewrite(program, change).changed(literals=literals)


class _Writing:
    """Lines that are being written in place of one."""

    def __init__(self, like: Line, literals: dict[Value, Array]) -> None:
        self.like, self.literals = like, literals
        self.lines: list[Line] = []

    def __call__(self, primitive: Primitive, *inputs: Value, **settings: Any) -> Value:
        self.lines.append(call(self.like, primitive, *inputs, **settings))
        return self.lines[-1].output

    def number(self, number: float, dtype: np.dtype[Any]) -> Value:
        array = np.array(number, dtype)
        value = literal(array)
        self.literals[value] = array
        return value


def _shifted(w: _Writing, x: Value, axis: Any) -> tuple[Value, Value]:
    top = w(reduce.max_, x, axis=axis, keepdims=True)
    zero = w.number(0, x.dtype)
    level = w(pointwise.where, w(pointwise.isfinite, top), top, zero)
    return w(pointwise.subtract, x, level), level


def _sum(w: _Writing, x: Value, axis: Any, keepdims: bool) -> Value:
    return w(reduce.sum_, x, axis=axis, keepdims=keepdims)


def _softmax(w: _Writing, x: Value, axis: int) -> None:
    grown = w(pointwise.exp, _shifted(w, x, axis)[0])
    w(pointwise.divide, grown, _sum(w, grown, axis, keepdims=True))


def _log_softmax(w: _Writing, x: Value, axis: int) -> None:
    shifted = _shifted(w, x, axis)[0]
    total = _sum(w, w(pointwise.exp, shifted), axis, keepdims=True)
    w(pointwise.subtract, shifted, w(pointwise.log_, total))


def _logsumexp(w: _Writing, x: Value, axis: Any, keepdims: bool) -> None:
    shifted, level = _shifted(w, x, axis)
    total = _sum(w, w(pointwise.exp, shifted), axis, keepdims=True)
    result = w(pointwise.add, w(pointwise.log_, total), level)
    if not keepdims:
        w(shape.reshape, result, shape=reduce.reduced(x.shape, axis))


def _cross_entropy(w: _Writing, x: Value, t: Value) -> None:
    axis = len(x.shape) - 1
    known = w(bounds.within_, t, low=0, high=x.shape[-1] - 1)
    shifted = _shifted(w, x, axis)[0]
    total = _sum(w, w(pointwise.exp, shifted), axis, keepdims=True)
    column = w(shape.reshape, known, shape=(*t.shape, 1))
    picked = w(index.take_along_axis, shifted, column, axis=axis)
    loss = w(pointwise.subtract, w(pointwise.log_, total), picked)
    w(shape.reshape, loss, shape=t.shape)


PARTS: dict[Primitive, Callable[..., None]] = {
    fused.softmax: _softmax,
    fused.log_softmax: _log_softmax,
    fused.logsumexp: _logsumexp,
    fused.cross_entropy: _cross_entropy,
}
"""How each fused primitive is taken apart."""
