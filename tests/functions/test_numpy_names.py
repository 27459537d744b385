"""What HIPS autograd differentiates is here, under NumPy's name and with NumPy's keywords."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd.numpy_call import DOORS

COMPLEX = {"angle", "conj", "conjugate", "eig", "imag", "real", "real_if_close"}
# Where results go, which elements take part, and what only NumPy's own arrays have.
WITHOUT_HISTORY = {
    "casting", "device", "initial", "kind", "like", "order", "out", "signature", "stable",
    "subok", "where", "axes", "kwargs",
}  # fmt: skip
SEQUENCES = {
    "append", "column_stack", "concatenate", "hstack", "select", "stack", "vstack",
}  # fmt: skip


def differentiated():
    """Name, NumPy's function and ours of all that HIPS autograd differentiates."""
    core = pytest.importorskip("autograd.core")
    numpy = pytest.importorskip("autograd.numpy")
    spaces = [(vars(numpy), np, gd), (vars(numpy.linalg), np.linalg, gd.linalg)]
    for known, theirs, ours in spaces:
        for name, function in known.items():
            if (
                callable(function)
                and getattr(function, "__hash__", None)
                and (function in core.primitive_vjps or name in SEQUENCES)
                and hasattr(theirs, name)
                and name not in COMPLEX
            ):
                yield name, getattr(theirs, name), getattr(ours, name, None)


def test_every_function_is_here():
    found = list(differentiated())

    assert len(found) > 100
    assert [name for name, _, ours in found if ours is None] == []


def test_every_function_has_numpys_keywords():
    lacking = {}
    for name, theirs, ours in differentiated():
        if not isinstance(theirs, np.ufunc) and ours is not None:
            wanted = set(inspect.signature(theirs).parameters) - WITHOUT_HISTORY
            missing = wanted - set(inspect.signature(ours).parameters)
            lacking |= {name: missing} if missing else {}

    assert lacking == {}


def test_numpys_own_function_arrives_at_every_function():
    shut = [name for name, theirs, _ in differentiated() if theirs not in DOORS]

    assert shut == ["full"]  # NumPy asks nobody here: np.full(shape, tensor) is np.full


def test_numpys_functions_of_a_tensor_give_tensors_with_a_history():
    x = gd.Tensor([[4.0, 1.0], [1.0, 3.0]], requires_grad=True)
    results = [
        np.concatenate([x, x]),
        np.linalg.inv(x),
        np.linalg.eigh(x).eigenvalues,
        np.einsum("ij->j", x),
        np.matmul(x, np.ones(2)),
        np.ones(2) @ x,
        np.linalg.norm(x, axis=0),
        np.pad(x, 1),
        np.take(x, [0, 0], axis=1),
        np.linalg.svd(x).S,
        np.linspace(x, 2 * x, 3),
    ]

    assert all(isinstance(y, gd.Tensor) and y.requires_grad for y in results)
