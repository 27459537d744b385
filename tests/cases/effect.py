"""Rows of the primitives that write into their first input; the door writes into a copy."""

from __future__ import annotations

import operator

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import DtypeError, ShapeError

X = np.array([[1.3, -0.4, 2.1], [0.7, -0.9, 1.8]])
V = np.array([[0.5], [2.5]])
PAIRS = [Sample(X, V), Sample(X, 1.5), Sample(X, X[::-1]), Sample(np.array(2.0), 3.0)]
TOO_WIDE = Bad((V, X), {}, ShapeError, "target is (2, 1), value is (2, 3)")
NO_FIT = Bad((np.array([1, 2]), 0.5), {}, DtypeError, "float64 does not fit into int64")


def changed(x, change):
    """A copy after a change in place."""
    copy = np.array(x)
    change(copy)
    return copy


def written(target, value, *positions, key=None):
    """A Tensor with a value written at the positions, or at the key."""
    t = gd.Tensor(target)
    t[tuple(positions) if key is None else key] = value
    return t


def in_place(change):
    """A leaf outside the tape after ``+=`` or ``-=``, as a plain Tensor."""

    def door(target, value):
        t = gd.Tensor(target, requires_grad=True)
        with gd.no_grad():
            t = change(t, value)
        return t.detach()

    return door


def row(name, door, reference, samples, bad=(TOO_WIDE,)):
    return Case(name, door, reference, samples, primitive=name, wrt=(), bad=bad)


CASES = [
    row("assign", lambda x, v: gd.Tensor(x).assign(v),
        lambda x, v: np.broadcast_to(v, x.shape).astype(x.dtype),
        [*PAIRS, Sample(np.ones((0, 2)), 1.0)], bad=(TOO_WIDE, NO_FIT)),
    row("put", written,
        lambda x, v, *p, key=None: changed(
            x, lambda copy: copy.__setitem__(p if key is None else key, v)
        ),
        [Sample(X, 5.0, key=0), Sample(X, [7.0, 8.0], key=(slice(None), -1)),
         Sample(X, 5.0, np.array([0, 1]), np.array([2, 0])), Sample(X, 0.0, X > 1)]),
    row("add_into", in_place(operator.iadd), np.add, PAIRS),
    row("subtract_from", in_place(operator.isub), np.subtract, PAIRS),
]  # fmt: skip
