"""Every real function that HIPS autograd differentiates is here, under its name, with its slope."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import gradatim as gd

X = np.array([[0.31, -0.74, 0.52], [0.93, 0.17, -0.28], [-0.66, 0.45, 0.81]])
Y = np.array([[1.4, 0.6, -1.9], [0.7, 2.2, 1.1], [-0.8, 1.3, 2.7]])
P = np.abs(X) + 0.4
SPD = X @ X.T + 2 * np.eye(3)
CUBE = np.arange(24.0).reshape(2, 3, 4) ** 1.5 / 20

ONE = [
    "absolute",
    "abs",
    "arcsinh",
    "arctan",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "negative",
    "rad2deg",
    "radians",
    "sin",
    "sinc",
    "sinh",
    "square",
    "tan",
    "tanh",
    "nan_to_num",
]
POSITIVE = ["log", "log2", "log10", "log1p", "reciprocal", "sqrt"]
TWO = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "arctan2",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "hypot",
    "logaddexp",
    "logaddexp2",
    "remainder",
    "mod",
]
REDUCED = ["amax", "amin", "max", "min", "mean", "prod", "std", "sum", "var"]

CALLS = [
    *[(name, (X,), {}) for name in ONE],
    *[(name, (P,), {}) for name in POSITIVE],
    *[(name, (X,), {}) for name in ("arcsin", "arccos", "arctanh")],
    ("arccosh", (P + 1,), {}),
    *[(name, (X, Y), {}) for name in TWO],
    ("power", (P, Y), {}),
    *[(name, (X,), {}) for name in REDUCED],
    *[(name, (X,), {"axis": 0, "keepdims": True}) for name in REDUCED],
    ("clip", (X, -0.5, 0.6), {}),
    ("where", (Y > 1, X, Y), {}),
    ("cumsum", (X,), {"axis": 1}),
    ("sort", (X[0],), {}),
    ("partition", (X[0], 2), {}),
    ("diff", (X,), {"n": 2, "axis": 0}),
    ("gradient", (Y.reshape(-1),), {}),
    ("reshape", (X, (9,)), {}),
    ("ravel", (X,), {}),
    ("transpose", (CUBE, (2, 0, 1)), {}),
    ("moveaxis", (CUBE, 0, 2), {}),
    ("swapaxes", (CUBE, 0, 2), {}),
    ("rollaxis", (CUBE, 2), {}),
    ("expand_dims", (X, 1), {}),
    ("squeeze", (X[:, None],), {}),
    ("broadcast_to", (X[:1], (2, 3)), {}),
    ("atleast_1d", (X[0, 0],), {}),
    ("atleast_2d", (X[0],), {}),
    ("atleast_3d", (X,), {}),
    ("fliplr", (X,), {}),
    ("flipud", (X,), {}),
    ("rot90", (X,), {}),
    ("roll", (X, 2), {"axis": 1}),
    ("repeat", (X, 2), {"axis": 1}),
    ("tile", (X, (2, 1)), {}),
    ("pad", (X, ((1, 0), (0, 2)), "constant"), {}),
    ("diag", (X,), {}),
    ("diagonal", (X,), {"axis1": -1, "axis2": -2}),
    ("trace", (X,), {}),
    ("tril", (X,), {"k": -1}),
    ("triu", (X,), {"k": 1}),
    ("full", ((2, 3), X[0, 0]), {}),
    ("linspace", (X[0, 0], X[0, 1], 5), {}),
    ("array_split", (X[0], 2), {}),
    ("split", (X, 3), {}),
    ("vsplit", (X, 3), {}),
    ("hsplit", (X, 3), {}),
    ("dsplit", (CUBE, 2), {}),
    ("dot", (X, Y), {}),
    ("inner", (X, Y), {}),
    ("outer", (X[0], Y[0]), {}),
    ("matmul", (X, Y), {}),
    ("tensordot", (X, Y), {"axes": 1}),
    ("einsum", ("ij,jk->ik", X, Y), {}),
    ("cross", (X, Y), {}),
    ("kron", (X, Y), {}),
    ("linalg.inv", (SPD,), {}),
    ("linalg.pinv", (X,), {}),
    ("linalg.det", (X,), {}),
    ("linalg.slogdet", (SPD,), {}),
    ("linalg.solve", (SPD, Y), {}),
    ("linalg.norm", (X,), {}),
    ("linalg.norm", (X,), {"axis": 1}),
    ("linalg.cholesky", (SPD,), {}),
    ("linalg.eigh", (SPD,), {}),
    ("linalg.svd", (X,), {"full_matrices": False}),
]
"""Each function with arguments; the floats among them are differentiated."""

JOINED = ["concatenate", "stack", "vstack", "hstack", "dstack", "column_stack", "append"]
ELSEWHERE = {"astype"}  # a method
COMPLEX = {"angle", "conjugate", "imag", "real", "real_if_close", "eig"}


def function(module, name):
    for part in name.split("."):
        module = getattr(module, part)
    return module


def total(result, reduce):
    """One number out of one result or several: each weighed in its own way."""
    several = [result] if hasattr(result, "shape") else result
    found = 0.0
    for i in range(len(several)):
        y = several[i]
        found = found + reduce(y * y * (i + 1) + y)
    return found


def places(args):
    return [i for i, x in enumerate(args) if getattr(x, "dtype", None) == np.float64]


@pytest.mark.parametrize(
    ("name", "args", "settings"),
    CALLS,
    ids=[f"{name}-{i}" for i, (name, *_) in enumerate(CALLS)],
)
def test_gradient_is_that_of_autograd(name, args, settings):
    theirs = pytest.importorskip("autograd.numpy")
    peer = importlib.import_module("autograd")
    wanted = places(args)

    def of(library, reduce):
        return lambda *xs: total(
            function(library, name)(*fill(args, wanted, xs), **settings), reduce
        )

    points = [args[i] for i in wanted]
    for n in range(len(points)):
        expected = peer.grad(of(theirs, theirs.sum), n)(*points)
        found = gd.grad(of(gd, gd.sum), n)(*points)
        if name == "linalg.cholesky":  # theirs shares between both triangles, ours reads one
            found = (found + found.mT) / 2
        np.testing.assert_allclose(found.data, expected, rtol=1e-9, atol=1e-9)


def fill(args, wanted, xs):
    given = list(args)
    for i, x in zip(wanted, xs):
        given[i] = x
    return given


def test_every_real_function_of_autograd_is_here():
    core = pytest.importorskip("autograd.core")
    importlib.import_module("autograd.numpy.linalg")
    missing = []
    for primitive in core.primitive_vjps:
        plain = getattr(primitive, "fun", None)
        module = getattr(plain, "__module__", None)
        name = getattr(primitive, "__name__", "")
        if module == "numpy" and name not in COMPLEX | ELSEWHERE and not hasattr(gd, name):
            missing.append(name)
        if module == "numpy.linalg" and name not in COMPLEX and not hasattr(gd.linalg, name):
            missing.append(f"linalg.{name}")

    assert not missing, f"autograd differentiates these: {missing}"


@pytest.mark.parametrize("name", JOINED)
def test_what_joins_is_here(name):
    assert callable(getattr(gd, name))


@pytest.mark.parametrize(
    "name", sorted({name for name, *_ in CALLS if "." not in name and name != "full"})
)
def test_numpys_function_on_a_tensor_is_ours(name):
    """``np.exp(tensor)`` arrives at ``gd.exp``."""
    args = next(args for n, args, _ in CALLS if n == name)
    settings = next(settings for n, _, settings in CALLS if n == name)
    lifted = fill(args, places(args), [gd.Tensor(args[i]) for i in places(args)])
    ours = function(gd, name)(*args, **settings)
    theirs = function(np, name)(*lifted, **settings)

    several = isinstance(ours, (tuple, list))
    for y, reference in zip(theirs if several else [theirs], ours if several else [ours]):
        assert isinstance(y, gd.Tensor)
        np.testing.assert_array_equal(y.data, reference.data)
