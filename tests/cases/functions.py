"""Rows of the public functions that are composed of others."""

from __future__ import annotations

import math

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import GradatimError, ShapeError

try:
    import torch
except ImportError:
    torch = None

X = np.array([[[1.3, -0.4], [2.1, 0.7], [-0.9, 1.8]], [[0.2, 3.1], [-1.7, 0.6], [0.5, -2.2]]])
ROW = Sample([-2.3, -0.7, 0.4, 1.9])
AXES = [
    Sample(X),
    Sample(X, axis=1),
    Sample(X, axis=-1, keepdims=True),
    Sample(X, axis=(0, 2)),
]
ONE = [*AXES[:3], Sample(X[0, 0])]
NO_AXIS = Bad((X,), {"axis": 3}, ShapeError, "axis 3 does not exist: the shape (2, 3, 2)")
EMPTY = Bad((np.ones((2, 0)),), {"axis": 1}, ShapeError, "has no elements along axis 1")
WEIGHTS = X[::-1] ** 2 + 0.5

error_function = np.vectorize(math.erf, otypes=[float])


def all_axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else axis


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gelu(x, approximate="none"):
    if approximate == "none":
        return x * (1 + error_function(x / np.sqrt(2))) / 2
    return x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2


def largest(x, k, axis=-1):
    order = np.argsort(-x, axis, kind="stable")
    indices = np.take(order, np.arange(k), axis)
    return np.take_along_axis(x, indices, axis), indices


def pointwise(name, door, reference, samples=(ROW,), same=None, **more):
    """A row of a function that treats every element on its own."""
    return Case(name, door, reference, samples, elementwise=True, torch=same, **more)


CASES = [
    Case(
        "mean",
        gd.mean,
        np.mean,
        AXES,
        torch=lambda x, axis=None, keepdims=False: x.mean(all_axes(x, axis), keepdim=keepdims),
        kinks=[Sample([1, 2]), Sample([True, False]), Sample([1, 2], dtype=np.float32)],
        bad=[NO_AXIS],
    ),
    Case(
        "var",
        gd.var,
        np.var,
        [*AXES, Sample(X, ddof=1), Sample(X, axis=1, ddof=0.5)],
        torch=lambda x, axis=None, ddof=0, keepdims=False: x.var(
            all_axes(x, axis), correction=ddof, keepdim=keepdims
        ),
        kinks=[Sample([1, 2, 4]), Sample([3.0, 3.0])],
        bad=[NO_AXIS],
    ),
    Case(
        "std",
        gd.std,
        np.std,
        [*AXES, Sample(X, ddof=1), Sample(X, axis=1, ddof=0.5)],
        torch=lambda x, axis=None, ddof=0, keepdims=False: x.std(
            all_axes(x, axis), correction=ddof, keepdim=keepdims
        ),
        kinks=[Sample([1, 2, 4]), Sample([3.0, 3.0]), Sample([3.0, np.nan])],
        bad=[NO_AXIS],
    ),
    Case("ptp", gd.ptp, np.ptp, AXES, kinks=[Sample([1, 5, 2])], bad=[NO_AXIS, EMPTY]),
    Case(
        "average",
        gd.average,
        lambda a, w=None, axis=None, keepdims=False: np.average(a, axis, w, keepdims=keepdims),
        AXES,
    ),
    Case(
        "average with weights",
        lambda a, w, axis=None, keepdims=False: gd.average(a, axis, w, keepdims=keepdims),
        lambda a, w, axis=None, keepdims=False: np.average(a, axis, w, keepdims=keepdims),
        [
            Sample(X, WEIGHTS),
            Sample(X, WEIGHTS, axis=1, keepdims=True),
            Sample(X, [1.0, 2.0, 0.5], axis=1),
            Sample(X, [1.0, 2.0], axis=-1),
        ],
        wrt=(0, 1),
        bad=[Bad((X, np.ones(3)), {}, ShapeError, "average: the weights have shape (3,)")],
    ),
    Case(
        "count_nonzero",
        gd.count_nonzero,
        lambda x, **settings: np.asarray(np.count_nonzero(x, **settings)),
        AXES,
        wrt=(),
        kinks=[Sample([0, 2, 3]), Sample([0.0, -0.0, np.nan])],
    ),
    Case(
        "sort",
        gd.sort,
        np.sort,
        [Sample(X), Sample(X, axis=1), Sample(X, axis=None), Sample(np.ones((2, 0)))],
        torch=lambda x, axis=-1: (
            torch.sort(x.reshape(-1)) if axis is None else torch.sort(x, axis)
        ).values,
        kinks=[Sample([2.0, 1.0, np.nan, 2.0]), Sample([3, 1, 2]), Sample([True, False])],
        bad=[NO_AXIS, Bad((np.array(1.0),), {}, ShapeError, "the shape is (), a single number")],
    ),
    Case(
        "partition",
        lambda x, kth, axis: gd.partition(x, kth, axis)[(slice(None), kth)],
        lambda x, kth, axis: np.partition(x, kth, axis)[(slice(None), kth)],
        [Sample(X, kth=1, axis=1), Sample(X, kth=-1, axis=1)],
        bad=[Bad((X,), {"kth": 3, "axis": 1}, ShapeError, "kth is 3, axis 1 of shape (2, 3, 2)")],
    ),
    Case(
        "topk",
        gd.topk,
        largest,
        [Sample(X, k=2, axis=1), Sample(X, k=1), Sample(X, k=0, axis=0)],
        torch=lambda x, k, axis=-1: torch.topk(x, k, axis),
        kinks=[Sample([2.0, 3.0, 3.0, 2.0], k=3), Sample([1, 3, 2], k=2)],
        bad=[Bad((X,), {"k": 4, "axis": 1}, ShapeError, "topk: k is 4; it must lie")],
    ),
    Case(
        "median",
        gd.median,
        np.median,
        [*ONE, Sample(X, axis=0)],
        kinks=[Sample([1, 3, 2]), Sample([1.0, np.inf, np.inf]), Sample([1.0, np.nan])],
        bad=[NO_AXIS, EMPTY],
    ),
    pointwise("positive", gd.positive, np.positive),
    pointwise("identity", gd.identity, lambda x: x),
    pointwise("deg2rad", gd.deg2rad, np.deg2rad, same=lambda x: torch.deg2rad(x)),
    pointwise("rad2deg", gd.rad2deg, np.rad2deg, same=lambda x: torch.rad2deg(x)),
    pointwise(
        "sinc",
        gd.sinc,
        np.sinc,
        same=lambda x: torch.sinc(x),
        tolerance=1e-15,
    ),
    # PyTorch's second derivative has lost 9 of 16 digits here.
    pointwise("sinc near 0", gd.sinc, np.sinc, [Sample([0.0, 0.1, 0.2229, -0.23, 0.01])]),
    pointwise("round", gd.round, np.round, wrt=(), kinks=[
        Sample([1.255, -0.5, 2.5], decimals=1),
        Sample([1255.0, -35.0], decimals=-1),
        Sample([1255, -35], decimals=-1),
        Sample([12, -35], decimals=1),
    ]),
    pointwise(
        "nan_to_num",
        gd.nan_to_num,
        np.nan_to_num,
        same=lambda x: torch.nan_to_num(x),
        kinks=[
            Sample([np.nan, np.inf, -np.inf, 1.0]),
            Sample([np.nan, np.inf, -np.inf], nan=1.0, posinf=2.0, neginf=-2.0),
            Sample([1, 2]),
        ],
    ),
    pointwise(
        "fmod",
        gd.fmod,
        np.fmod,
        [Sample([5.3, -5.3, 1.7, -1.7], [3.1, 3.1, -0.7, -0.7]), Sample([5.3, -5.3], 2.1)],
        wrt=(0, 1),
        same=lambda a, b: torch.fmod(a, b),
        kinks=[Sample([7, -7], 3)],
    ),
    pointwise(
        "float_power",
        gd.float_power,
        np.float_power,
        [Sample([0.5, 2.0], [1.5, -2.0])],
        wrt=(0, 1),
        float32=False,
        kinks=[Sample([1, 2], -1)],
    ),
    pointwise(
        "heaviside",
        gd.heaviside,
        np.heaviside,
        [Sample([-1.0, 1.0], [0.5, 0.3]), Sample([-1.0, 2.0], 0.5)],
        wrt=(1,),
        kinks=[Sample([0.0, np.nan], 0.5)],
    ),
    pointwise("signbit", gd.signbit, np.signbit, wrt=(), kinks=[Sample([-0.0, 0.0, -np.inf])]),
    pointwise(
        "isclose",
        gd.isclose,
        np.isclose,
        [Sample([1.0, 1.1, 0.0], [1.0 + 1e-9, 1.0, 1e-9])],
        wrt=(),
        float32=False,
        kinks=[
            Sample([np.inf, -np.inf, np.nan, 1.0], [np.inf, np.inf, np.nan, np.inf]),
            Sample([np.nan, 1.0], [np.nan, np.nan], equal_nan=True),
            Sample([1, 2], [1, 3]),
        ],
    ),
    pointwise(
        "silu",
        gd.silu,
        lambda x: x * sigmoid(x),
        same=lambda x: torch.nn.functional.silu(x),
        bad=[Bad((np.array(["a"]),), {}, GradatimError, "cannot hold <U1")],
    ),
    pointwise("log_sigmoid", gd.log_sigmoid, lambda x: np.log(sigmoid(x)),
              same=lambda x: torch.nn.functional.logsigmoid(x)),
    pointwise(
        "gelu",
        gd.gelu,
        gelu,
        [ROW, Sample(ROW.inputs[0], approximate="tanh")],
        same=lambda x, approximate="none": torch.nn.functional.gelu(x, approximate=approximate),
        bad=[Bad((X,), {"approximate": "erf"}, GradatimError, "approximate is 'erf'; it must be")],
    ),
    pointwise(
        "elu",
        gd.elu,
        lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
        [ROW, Sample(ROW.inputs[0], alpha=0.3)],
        same=lambda x, alpha=1.0: torch.nn.functional.elu(x, alpha),
        kinks=[Sample([0.0, -800.0])],
    ),
    pointwise(
        "leaky_relu",
        gd.leaky_relu,
        lambda x, slope=0.01: np.where(x > 0, x, slope * x),
        [ROW, Sample(ROW.inputs[0], slope=0.3)],
        same=lambda x, slope=0.01: torch.nn.functional.leaky_relu(x, slope),
    ),
]  # fmt: skip
