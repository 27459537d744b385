"""NumPy's own functions called on a Tensor."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError, GraphError

X = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    "call",
    [
        np.exp,
        np.tanh,
        np.abs,
        np.sum,
        lambda t: np.sum(t, axis=0, keepdims=True),
        lambda t: np.add(t, 1.0),
        lambda t: np.multiply(X, t),
        lambda t: X * t,
        lambda t: X @ t,
        lambda t: np.float32(2) * t,
        lambda t: np.float64(2) - t,
        lambda t: np.matmul(t, X),
        lambda t: np.dot(X, t),
        lambda t: np.concatenate([t, t], axis=1),
        lambda t: np.where(X > 2, t, 0.0),
        lambda t: np.maximum(t, 2.5),
        lambda t: np.mean(t, axis=-1),
        lambda t: np.transpose(t),
        lambda t: np.reshape(t, (4,)),
        lambda t: np.linalg.inv(t),
        lambda t: np.linalg.norm(t),
        lambda t: np.einsum("ij,jk->ik", t, X),
        lambda t: np.clip(t, 1.5, 3.5),
    ],
)
def test_arrives_at_the_primitive(call) -> None:  # type: ignore[no-untyped-def]
    t = gd.Tensor(X, requires_grad=True)
    got = call(t)
    assert isinstance(got, gd.Tensor)
    assert got.requires_grad
    np.testing.assert_allclose(got.numpy(), call(X))


def test_a_function_without_a_primitive_names_the_nearest() -> None:
    with pytest.raises(DtypeError, match=r"np\.cumulative_sum(?s:.)*Nearest: gd\.cumsum"):
        np.cumulative_sum(gd.Tensor(X), axis=0)
    with pytest.raises(DtypeError, match=r"np\.i0: .* has no primitive in gradatim"):
        np.i0(gd.Tensor(X))
    with pytest.raises(DtypeError) as caught:
        np.gcd(gd.Tensor([4]), 6)
    assert "Nearest" not in str(caught.value)


def test_what_needs_no_gradient_answers_as_for_an_array() -> None:
    t = gd.Tensor(X, requires_grad=True)
    assert (np.shape(t), np.ndim(t), np.size(t)) == ((2, 2), 2, 4)


def test_out_would_lose_the_history() -> None:
    with pytest.raises(DtypeError, match="out= cannot be used with a Tensor"):
        np.exp(gd.Tensor(X), out=np.empty((2, 2)))
    mine = X.copy()
    with pytest.raises(DtypeError, match="out="):
        mine += gd.Tensor(X)
    np.testing.assert_array_equal(mine, X)


def test_becoming_an_array_would_too() -> None:
    t = gd.Tensor(X, requires_grad=True)
    with pytest.raises(GraphError, match=r"Try x\.numpy\(\)"):
        np.asarray(t)
    np.testing.assert_array_equal(np.asarray(gd.Tensor(X)), X)
    with gd.no_grad():
        np.testing.assert_array_equal(np.asarray(t), X)
