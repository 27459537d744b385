"""jvp, vjp, jacobian, hessian, hvp against formulas and against each other."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import ShapeError

A = np.random.default_rng(0).standard_normal((3, 4))
X = np.random.default_rng(1).standard_normal(4)
V = np.random.default_rng(2).standard_normal(4)
U = np.random.default_rng(3).standard_normal(3)


def field(x: gd.Tensor) -> gd.Tensor:
    return gd.tanh(A @ x)


def field_jacobian(x: np.ndarray) -> np.ndarray:
    return (1 - np.tanh(A @ x) ** 2)[:, None] * A


def bowl(x: gd.Tensor) -> gd.Tensor:
    return gd.exp(field(x)).sum()


class TestVjp:
    def test_is_the_vector_times_the_jacobian(self) -> None:
        value, pull = gd.vjp(field, X)
        np.testing.assert_allclose(value.numpy(), np.tanh(A @ X))
        np.testing.assert_allclose(pull(U)[0].numpy(), U @ field_jacobian(X), rtol=1e-12)

    def test_can_be_pulled_again(self) -> None:
        _, pull = gd.vjp(field, X)
        np.testing.assert_array_equal(pull(U)[0].numpy(), pull(U)[0].numpy())

    def test_several_primals(self) -> None:
        _, pull = gd.vjp(lambda a, b: a * b, 2.0, 5.0)
        assert [g.item() for g in pull(1.0)] == [5.0, 2.0]

    def test_a_wrong_vector_is_refused(self) -> None:
        _, pull = gd.vjp(field, X)
        with pytest.raises(
            ShapeError, match=r"vjp: the vector has shape \(4,\); it must have \(3,\)"
        ):
            pull(X)


class TestJvp:
    def test_is_the_jacobian_times_the_vector(self) -> None:
        value, slope = gd.jvp(field, (X,), (V,))
        np.testing.assert_allclose(value.numpy(), np.tanh(A @ X))
        np.testing.assert_allclose(slope.numpy(), field_jacobian(X) @ V, rtol=1e-12)

    def test_several_primals_add_up(self) -> None:
        _, slope = gd.jvp(lambda a, b: a * b, (2.0, 5.0), (1.0, 10.0))
        assert slope.item() == 25.0

    def test_a_constant_has_none(self) -> None:
        value, slope = gd.jvp(lambda x: gd.Tensor([1.0, 2.0]), (X,), (V,))
        assert value.tolist() == [1.0, 2.0]
        assert slope.tolist() == [0.0, 0.0]

    def test_can_be_differentiated(self) -> None:
        got = gd.grad(lambda x: gd.jvp(lambda z: z**3, (x,), (1.0,))[1])(2.0)
        assert got.item() == 12.0

    def test_wrong_tangents_are_refused(self) -> None:
        with pytest.raises(ShapeError, match="1 primals and 2 tangents"):
            gd.jvp(field, (X,), (V, V))
        with pytest.raises(ShapeError, match="jvp: the vector has shape"):
            gd.jvp(field, (X,), (U,))


class TestJacobian:
    def test_of_a_field(self) -> None:
        got = gd.jacobian(field)(X)
        np.testing.assert_allclose(got.numpy(), field_jacobian(X), rtol=1e-12)

    def test_shape_is_that_of_the_value_then_that_of_the_argument(self) -> None:
        got = gd.jacobian(lambda x: x.reshape(3, 2) * 2)(np.ones((2, 3)))
        assert got.shape == (3, 2, 2, 3)
        assert gd.jacobian(lambda x: x * 2)(1.0).shape == ()
        assert gd.jacobian(lambda x: x * 2)(np.ones(0)).shape == (0, 0)

    def test_of_another_argument(self) -> None:
        assert gd.jacobian(lambda a, b: a * b, argnum=1)(2.0, [1.0, 1.0]).tolist() == [
            [2.0, 0.0],
            [0.0, 2.0],
        ]

    def test_keeps_float32(self) -> None:
        assert gd.jacobian(lambda x: x * x)(np.ones(2, np.float32)).dtype == np.float32


class TestHessian:
    def test_of_a_quadratic_form(self) -> None:
        q = A.T @ A
        np.testing.assert_allclose(
            gd.hessian(lambda x: x @ q @ x / 2)(X).numpy(), q, rtol=1e-12, atol=1e-12
        )

    def test_is_symmetric_and_agrees_with_hvp(self) -> None:
        h = gd.hessian(bowl)(X).numpy()
        np.testing.assert_allclose(h, h.T, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(gd.hvp(bowl, X, V).numpy(), h @ V, rtol=1e-11)

    def test_of_a_plane_is_zero(self) -> None:
        assert gd.hessian(lambda x: (x * 3).sum())([1.0, 2.0]).tolist() == [[0.0, 0.0], [0.0, 0.0]]

    def test_of_a_sum_of_powers_matches_differences_of_the_gradient(self) -> None:
        h, step = gd.hessian(bowl)(X).numpy(), 1e-5
        for i in range(4):
            e = step * np.eye(4)[i]
            slope = (gd.grad(bowl)(X + e).numpy() - gd.grad(bowl)(X - e).numpy()) / (2 * step)
            np.testing.assert_allclose(h[i], slope, rtol=1e-6, atol=1e-8)


def test_hvp_refuses_a_wrong_vector() -> None:
    with pytest.raises(ShapeError, match="hvp: the vector has shape"):
        gd.hvp(bowl, X, U)
