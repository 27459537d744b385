"""Python's operators, with numbers and arrays on either side."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError, ShapeError

ARITHMETIC = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
COMPARISON = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
OTHERS = [2, 2.5, np.float32(2), np.float64(2), np.int64(2), np.array([2.0, 3.0]), [2.0, 3.0]]
X = np.array([1.5, 4.0])


@pytest.mark.parametrize("op", ARITHMETIC + COMPARISON, ids=lambda op: op.__name__)
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_equals_numpy_with_anything_on_either_side(op: Callable[..., Any], other: Any) -> None:
    for x in (X, X.astype(np.float32), np.array(3.0)):
        right, left = op(gd.Tensor(x), other), op(other, gd.Tensor(x))
        plain = np.asarray(other) if isinstance(other, list) else other
        for got, want in ((right, op(x, plain)), (left, op(plain, x))):
            assert isinstance(got, gd.Tensor)
            assert got.dtype == np.asarray(want).dtype
            np.testing.assert_array_equal(got.numpy(), want)


def test_a_python_number_does_not_widen_float32() -> None:
    x = gd.Tensor(np.float32(1.5), requires_grad=True)
    y = (2.0 * x + 1) / 3 - x**3
    assert y.dtype == np.float32
    y.backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32


def test_a_float64_array_widens_the_result_but_not_the_gradient() -> None:
    x = gd.Tensor(np.ones(2, np.float32), requires_grad=True)
    y = (x * np.array([1.0, 2.0])).sum()
    assert y.dtype == np.float64
    y.backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [1.0, 2.0]


def test_integers_promote_as_in_numpy() -> None:
    assert (gd.Tensor([1, 2]) / 2).dtype == np.float64
    assert (gd.Tensor([1, 2]) * 2).dtype == np.int64
    assert (gd.Tensor([1, 2]) * 2.5).tolist() == [2.5, 5.0]


def test_the_sign_operators() -> None:
    x = gd.Tensor([-1.5, 2.0])
    assert (-x).tolist() == [1.5, -2.0]
    assert (+x).tolist() == [-1.5, 2.0]
    assert abs(x).tolist() == [1.5, 2.0]


def test_booleans_are_joined_by_and_or_xor_not() -> None:
    a, b = gd.Tensor([True, True, False]), gd.Tensor([True, False, False])
    assert (a & b).tolist() == [True, False, False]
    assert (a | b).tolist() == [True, True, False]
    assert (a ^ b).tolist() == [False, True, False]
    assert (~a).tolist() == [False, False, True]
    assert (np.array([True, True, True]) & a).tolist() == [True, True, False]


def test_floats_are_not() -> None:
    with pytest.raises(DtypeError, match="Try a comparison first"):
        gd.Tensor([1.0]) & gd.Tensor([True])


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)),
     ((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((3,), (4, 3, 2)), ((0, 3), (3, 2))],
)  # fmt: skip
def test_matmul_of_any_ranks(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(a), rng.standard_normal(b)
    np.testing.assert_allclose((gd.Tensor(x) @ y).numpy(), x @ y, rtol=1e-13)
    np.testing.assert_allclose((x @ gd.Tensor(y)).numpy(), x @ y, rtol=1e-13)


@pytest.mark.parametrize(
    ("a", "b", "hint"),
    [
        ((2, 4), (3, 4), "Did you mean a @ b.mT?"),
        ((4, 2), (4, 3), "Did you mean a.mT @ b?"),
        ((2, 4), (3, 5), r"The last axis of a \(4\) must equal the second to last of b \(3\)"),
        ((4,), (3,), "the only axis of b"),
        ((), (3,), "both need at least one axis"),
        ((2, 2, 3), (5, 3, 4), r"the leading \(batch\) axes must be equal or 1"),
    ],
)
def test_a_wrong_matmul_says_what_to_do(a: Any, b: Any, hint: str) -> None:
    with pytest.raises(ShapeError, match=hint):
        gd.Tensor(np.ones(a)) @ gd.Tensor(np.ones(b))


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ShapeError, match=r"add: a is \(2,\), b is \(3,\): sizes must be equal"):
        gd.Tensor([1.0, 2.0]) + np.ones(3)
    with pytest.raises(ShapeError, match=r"x\[:, None\]"):
        gd.Tensor(np.ones((4, 2))) * np.ones(4)
