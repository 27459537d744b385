"""Rows of the primitives that treat every element on its own."""

from __future__ import annotations

import math

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.autograd.tensor import bind1
from gradatim.errors import DtypeError, ShapeError
from gradatim.primitives import pointwise

try:
    import torch
except ImportError:
    torch = None

ANY = Sample([[-1.3, 0.4, 2.1], [0.7, -0.2, 1.9]])
POSITIVE = Sample([[0.3, 1.4, 2.1], [0.7, 5.2, 0.9]])
INSIDE = Sample([[-0.8, 0.4, 0.1], [0.7, -0.2, 0.9]])
ABOVE_ONE = Sample([[1.3, 1.4, 2.1], [7.0, 5.2, 1.9]])
PAIR = Sample([[-1.3, 0.4, 2.1], [0.7, -0.2, 1.9]], [[0.5, -1.4, 1.2], [-2.3, 0.8, 3.1]])
POSITIVE_PAIR = Sample([[0.3, 1.4, 2.1], [0.7, 5.2, 0.9]], [[0.5, -1.4, 1.2], [-2.3, 0.8, 3.1]])
TIES = Sample([-0.0, 0.0, 2.0, -1.0, np.inf, np.nan], [0.0, 0.0, 2.0, -3.0, np.inf, 1.0])
WIDE = Sample([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e-300])
WHOLE = Sample([3, 0, -2])
UNEQUAL = Bad(
    (np.ones((2, 3)), np.ones((2,))), {}, ShapeError, "a is (2, 3), b is (2,): sizes must be equal"
)
COMPLEX = Bad((np.array([1j]),), {}, DtypeError, "cannot hold complex128")

error_function = np.vectorize(math.erf, otypes=[float])


def in_torch(name):
    """PyTorch's function of that name, which takes numbers as well."""

    def function(*inputs):
        like = next(x for x in inputs if isinstance(x, torch.Tensor))
        lifted = [torch.as_tensor(x, dtype=like.dtype) for x in inputs]
        return getattr(torch, name)(*lifted)

    return function


def one(name, *samples, door=None, reference=None, primitive=None, same=None, **more):
    """A row of one input; NumPy and PyTorch have the function under its own name."""
    return Case(
        name,
        door or getattr(gd, name),
        reference or getattr(np, name),
        samples or (ANY,),
        primitive=primitive or name,
        torch=more.pop("torch", in_torch(same or name) if same is not False else None),
        bad=more.pop("bad", (COMPLEX,)),
        **more,
    )


def two(name, *samples, same=None, **more):
    """A row of two inputs."""
    return Case(
        name,
        getattr(gd, name),
        getattr(np, name),
        samples or (PAIR, Sample(PAIR.inputs[0], 1.7), Sample(0.3, PAIR.inputs[1])),
        primitive=name,
        wrt=more.pop("wrt", (0, 1)),
        torch=in_torch(same or name) if same is not False else None,
        bad=more.pop("bad", (UNEQUAL,)),
        **more,
    )


CASES = [
    two("add", kinks=[TIES, Sample([1, 2], 3), Sample([True, False], [True, True])]),
    two("subtract", kinks=[Sample([1, 2], 0.5)]),
    two("multiply", kinks=[Sample([1, 2], 3), Sample(np.float32([1, 2]), 3.0)]),
    two("divide", kinks=[Sample([1, 2], 3)]),
    two("power", POSITIVE_PAIR, Sample([-1.5, 2.0], 3), Sample([0.5, 2.0], -1.5),
        Sample([0.0, 2.0], 1), Sample(2.5, [-1.0, 0.0, 3.0]), Sample([-1.5, 0.0], 2),
        same="pow", kinks=[Sample([1, 2], 3), Sample([0.0, 0.0], [0.0, 1.0])]),
    two("remainder", Sample([5.3, -5.3, 1.7], [3.1, 3.1, -0.7]), Sample([5.3, -5.3], 2.1),
        same="remainder", kinks=[Sample([7, -7], 3), Sample([6.0], [3.0])]),
    two("floor_divide", wrt=(), kinks=[Sample([7, -7], 3)], same=False),
    two("hypot", kinks=[Sample([0.0, 3.0], [0.0, 4.0]), Sample([1e300], [1e300])]),
    two("arctan2", same="atan2", kinks=[Sample([-0.0, 0.0], [-1.0, -1.0])]),
    two("logaddexp", kinks=[Sample([-np.inf, 1e4, np.inf], [-np.inf, -1e4, 0.0])]),
    two("logaddexp2", kinks=[Sample([-np.inf, 1e4], [-np.inf, -1e4])]),
    two("maximum", kinks=[TIES, Sample([1, 5], 3)]),
    two("minimum", kinks=[TIES, Sample([1, 5], 3)]),
    two("fmax", kinks=[TIES]),
    two("fmin", kinks=[TIES]),
    two("copysign", PAIR, Sample(PAIR.inputs[0], -1.0), wrt=(0,), kinks=[TIES]),
    two("equal", PAIR, TIES, wrt=(), same="eq"),
    two("not_equal", PAIR, TIES, wrt=(), same="ne"),
    two("less", PAIR, TIES, wrt=()),
    two("less_equal", PAIR, TIES, wrt=()),
    two("greater", PAIR, TIES, wrt=()),
    two("greater_equal", PAIR, TIES, wrt=()),
    two("logical_and", PAIR, TIES, wrt=(), kinks=[Sample([True, False], [True, True])]),
    two("logical_or", PAIR, TIES, wrt=()),
    two("logical_xor", PAIR, TIES, wrt=()),
    one("negative", kinks=[WIDE, WHOLE]),
    one("square", kinks=[WHOLE]),
    one("sqrt", POSITIVE, kinks=[Sample([0.0, np.inf]), Sample([4, 9])]),
    one("cbrt", POSITIVE, Sample([-8.0, -0.3]), kinks=[WIDE],
        torch=lambda x: x.sign() * x.abs() ** (1 / 3)),
    one("reciprocal", PAIR.with_inputs(PAIR.inputs[1])),
    one("exp", kinks=[Sample([-np.inf, np.inf, np.nan, -800.0]), WHOLE]),
    one("exp2"),
    one("expm1", ANY, Sample([1e-10, -1e-10])),
    one("log", POSITIVE, kinks=[Sample([np.inf, np.nan])]),
    one("log2", POSITIVE),
    one("log10", POSITIVE),
    one("log1p", POSITIVE, Sample([1e-10, -1e-10, -0.5])),
    one("sin", kinks=[WHOLE]),
    one("cos"),
    one("tan"),
    one("arcsin", INSIDE),
    one("arccos", INSIDE),
    one("arctan"),
    one("sinh"),
    one("cosh"),
    one("tanh", ANY, Sample([1e-8, 20.0, -20.0]), kinks=[Sample([-np.inf, np.inf, 1000.0])]),
    one("arcsinh"),
    one("arccosh", ABOVE_ONE),
    one("arctanh", INSIDE),
    one("relu", reference=lambda x: np.maximum(x, 0), kinks=[WHOLE, Sample([0.0, np.inf])]),
    one("sigmoid", ANY, Sample([-30.0, 30.0]), reference=lambda x: 1 / (1 + np.exp(-x))),
    Case("softplus", gd.softplus, lambda x: np.log1p(np.exp(x)), [ANY, Sample([-15.0, 15.0])],
         primitive="softplus",
         torch=lambda x: torch.nn.functional.softplus(x, threshold=1e9)),
    one("erf", ANY, Sample([-0.5, 0.86, 1.3, 2.9, -3.5, 5.0]), reference=error_function,
        kinks=[Sample([-np.inf, np.inf, 0.0, 6.5, 0.84375, 1.25])]),
    one("abs", kinks=[WIDE, WHOLE]),
    one("sign", wrt=(), kinks=[WIDE, WHOLE]),
    one("floor", wrt=(), kinks=[WIDE]),
    one("ceil", wrt=(), kinks=[WIDE]),
    one("trunc", wrt=(), kinks=[WIDE]),
    one("rint", wrt=(), same="round", kinks=[Sample([0.5, 1.5, -2.5])]),
    one("logical_not", wrt=(), kinks=[WIDE, Sample([True, False])]),
    one("isnan", wrt=(), kinks=[WIDE]),
    one("isinf", wrt=(), kinks=[WIDE]),
    one("isfinite", wrt=(), kinks=[WIDE]),
    one("alias", door=lambda x: bind1(pointwise.alias, x), reference=lambda x: x,
        torch=lambda x: x.clone()),
    one("stop_gradient", reference=lambda x: x, wrt=(), same=False, kinks=[WHOLE]),
    Case(
        "where",
        gd.where,
        np.where,
        [
            Sample(ANY.inputs[0] > 0, *PAIR.inputs),
            Sample(ANY.inputs[0] > 0, ANY.inputs[0], 0.0),
            Sample(ANY.inputs[0] > 0, 0, ANY.inputs[0]),
        ],
        primitive="where",
        wrt=(1, 2),
        torch=lambda c, a, b: torch.where(torch.as_tensor(c), a, b),
        kinks=[Sample([1.0, 0.0], 1, 2), Sample(True, [1, 2], 0.5)],
        bad=[Bad((np.ones(3) > 0, np.ones(2), 0.0), {}, ShapeError, "c is (3,), a is (2,)")],
    ),
    Case(
        "clip",
        gd.clip,
        lambda x, a=None, b=None, min=None, max=None: np.clip(
            x, a if min is None else min, b if max is None else max
        ),
        [
            Sample(ANY.inputs[0], -0.5, 1.5),
            Sample(ANY.inputs[0], -0.5, None),
            Sample(ANY.inputs[0], None, 1.5),
            Sample(ANY.inputs[0], min=-0.5, max=1.5),
            Sample(ANY.inputs[0], PAIR.inputs[1] - 1.15, PAIR.inputs[1] + 1.75),
            Sample([1.0, 2.0, 3.0], [2.5, 2.5, 2.5], [1.5, 1.5, 1.5]),  # bounds the wrong way round
        ],
        primitive="clip",
        wrt=(0, 1, 2),
        torch=lambda x, a=None, b=None, min=None, max=None: torch.clip(
            x, a if min is None else min, b if max is None else max
        ),
        kinks=[Sample([1, 5, 9], 2, 6), Sample([1, 5, 9], 2), Sample([1, 5], max=3), Sample([1.5])],
        bad=[
            Bad((np.ones(3), np.zeros(2), 1.0), {}, ShapeError, "x is (3,), low is (2,)"),
            Bad((np.ones(3), 0.0), {"min": 0.0}, DtypeError, "a_min and min are names of one"),
        ],
    ),
]  # fmt: skip
