"""Rows of the primitives that shorten an axis or run along one."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import DtypeError, ShapeError

try:
    import torch
except ImportError:
    torch = None

X = np.array([[[1.3, -0.4], [2.1, 0.7], [-0.9, 1.8]], [[0.2, 3.1], [-1.7, 0.6], [0.5, -2.2]]])
AXES = [
    Sample(X),
    Sample(X, axis=1),
    Sample(X, axis=-1, keepdims=True),
    Sample(X, axis=(0, 2)),
    Sample(X, axis=(-1, 0), keepdims=True),
    Sample(X, axis=()),
    Sample(X[0, 0], axis=0),
    Sample(np.array(1.5)),
    Sample(np.array(1.5), axis=None, keepdims=True),
    Sample(X, keepdims=True),
]
SOME_AXES = [s for s in AXES if s.settings.get("axis") != ()]
ONE_AXIS = [s for s in AXES if not isinstance(s.settings.get("axis"), tuple)]
NO_ELEMENTS = [
    Sample(np.ones((0,))),
    Sample(np.ones((2, 0)), axis=1),
    Sample(np.ones((2, 0)), axis=0),
]
EMPTY_RESULT = Sample(np.ones((2, 0)), axis=0)
WHOLE = [Sample([[1, 2], [3, 4]], axis=0), Sample([[True, False], [True, True]], axis=1)]
TIES = Sample([[2.0, 2.0, 1.0], [np.nan, 1.0, 0.0]], axis=1)
NO_AXIS = Bad((X,), {"axis": 3}, ShapeError, "axis 3 does not exist: the shape (2, 3, 2)")
NUMBER = Bad((np.array(1.0),), {"axis": 0}, ShapeError, "the shape is (), a single number")
TWICE = Bad((X,), {"axis": (0, -3)}, ShapeError, "names an axis of shape (2, 3, 2) twice")
HALF = Bad((X,), {"axis": 0.5}, DtypeError, "axis is 0.5; it must be an integer")
BAD = (NO_AXIS, NUMBER, TWICE, HALF)
EMPTY = Bad((np.ones((2, 0)),), {"axis": 1}, ShapeError, "has no elements along axis 1")
RUN = [
    Sample(X, axis=1),
    Sample(X, axis=-1),
    Sample(X),
    Sample(np.array(1.5)),
    Sample([1.2], axis=0),
]
ZEROS = [Sample([[2.0, 0.0, 3.0], [0.0, 0.0, 5.0]], axis=a) for a in (0, 1)]


def all_axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else axis


def torch_run(function):
    def run(x, axis=None):
        return function(x.reshape(-1), 0) if axis is None else function(x, axis)

    return run


def torch_recurrence(b, a, axis):
    terms, factors = b.unbind(axis), a.unbind(axis)
    rows = [terms[0]]
    for term, factor in zip(terms[1:], factors[1:]):
        rows.append(term + factor * rows[-1])
    return torch.stack(rows, axis)


def torch_prod(x, axis=None, keepdims=False):
    if axis is None:
        axis = tuple(range(x.ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for each in sorted((a % x.ndim for a in axes), reverse=True):
        x = x.prod(each, keepdim=keepdims)
    return x


def solved(b, a, axis):
    """The recurrence, element by element."""
    terms, factors = np.moveaxis(b, axis, 0), np.moveaxis(a, axis, 0)
    rows = [terms[0]]
    for k in range(1, len(terms)):
        rows.append(terms[k] + factors[k] * rows[-1])
    return np.moveaxis(np.array(rows), 0, axis)


CASES = [
    Case(
        "sum",
        gd.sum,
        np.sum,
        [*AXES, *NO_ELEMENTS],
        primitive="sum",
        torch=lambda x, axis=None, keepdims=False: (
            x * 1 if axis == () else torch.sum(x, all_axes(x, axis), keepdim=keepdims)
        ),
        kinks=WHOLE,
        bad=BAD,
    ),
    Case(
        "sum in another dtype",
        gd.sum,
        np.sum,
        [Sample(X, dtype=np.float32)],
        float32=False,
        second_order=False,
        slope_tolerance=1e-2,
        kinks=[Sample([1, 2], dtype=float)],
    ),
    Case(
        "max",
        gd.max,
        np.max,
        [*AXES, EMPTY_RESULT],
        primitive="max",
        torch=lambda x, axis=None, keepdims=False: (
            x * 1 if axis == () else torch.amax(x, all_axes(x, axis), keepdim=keepdims)
        ) if x.numel() else x.sum(axis),
        kinks=[*WHOLE, TIES],
        bad=(*BAD, EMPTY),
    ),
    Case(
        "min",
        gd.min,
        np.min,
        [*AXES, EMPTY_RESULT],
        primitive="min",
        torch=lambda x, axis=None, keepdims=False: (
            x * 1 if axis == () else torch.amin(x, all_axes(x, axis), keepdim=keepdims)
        ) if x.numel() else x.sum(axis),
        kinks=[*WHOLE, TIES],
        bad=(*BAD, EMPTY),
    ),
    Case(
        "prod",
        gd.prod,
        np.prod,
        [*SOME_AXES, *NO_ELEMENTS, *ZEROS, Sample([[2.0, 0.0], [0.0, 3.0]])],
        primitive="prod",
        torch=torch_prod,
        kinks=[*WHOLE, Sample([1, 2, 3]), Sample(X, axis=())],
        bad=BAD,
    ),
    Case("argmax", gd.argmax, np.argmax, ONE_AXIS, primitive="argmax", wrt=(), kinks=[*WHOLE, TIES],
         bad=(NO_AXIS, HALF, EMPTY)),
    Case("argmin", gd.argmin, np.argmin, ONE_AXIS, primitive="argmin", wrt=(), kinks=[*WHOLE, TIES],
         bad=(NO_AXIS, HALF, EMPTY)),
    Case("all", gd.all, np.all, [*AXES, *NO_ELEMENTS], primitive="all", wrt=(), kinks=WHOLE,
         bad=BAD),
    Case("any", gd.any, np.any, [*AXES, *NO_ELEMENTS], primitive="any", wrt=(), kinks=WHOLE,
         bad=BAD),
    Case(
        "cumsum",
        gd.cumsum,
        np.cumsum,
        [*RUN, Sample(np.ones((2, 0)), axis=1)],
        primitive="cumsum",
        torch=torch_run(lambda x, axis: torch.cumsum(x, axis)),
        kinks=[*WHOLE, Sample([1, 2], dtype=np.float32)],
        bad=(NO_AXIS, NUMBER, HALF),
    ),
    Case(
        "cumprod",
        gd.cumprod,
        np.cumprod,
        [*RUN, *ZEROS, Sample(np.ones((2, 0)), axis=1)],
        primitive="cumprod",
        torch=torch_run(lambda x, axis: torch.cumprod(x, axis)),
        kinks=WHOLE,
        bad=(NO_AXIS, NUMBER, HALF),
    ),
    Case(
        "recurrence",
        lambda b, a, axis: gd.Tensor.recurrence(b, a, axis),
        solved,
        [Sample(X, X[::-1] + 0.3, axis=1), Sample(X, X[::-1] + 0.3, axis=0)],
        primitive="recurrence",
        torch=torch_recurrence,
        wrt=(0, 1),
        bad=[Bad((X, X), {"axis": 3}, ShapeError, "recurrence: axis 3 does not exist")],
    ),
    Case(
        "argsort",
        gd.argsort,
        lambda x, axis=-1: np.argsort(x, axis, kind="stable"),
        [Sample(X, axis=1), Sample(X), Sample(X, axis=None)],
        primitive="argsort",
        wrt=(),
        kinks=[Sample([2.0, 1.0, 2.0, 1.0, np.nan]), Sample([3, 1, 2]), Sample(np.ones((0,)))],
        bad=(NO_AXIS, NUMBER, HALF),
    ),
    Case(
        "positions",
        lambda x, axis: gd.Tensor.positions(x, axis),
        lambda x, axis: np.indices(x.shape)[axis],
        [Sample(X, axis=1), Sample(X, axis=-1), Sample(X[0, 0], axis=0)],
        primitive="positions",
        wrt=(),
        bad=(NO_AXIS,),
    ),
]  # fmt: skip
