"""What linear algebra takes for a derivative where there is none, and how it names results."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import GraphError

TWINS = np.eye(3)
SYMMETRIC = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 5.0]])


@pytest.mark.parametrize("ord", [None, 1, 2, 3, np.inf])
def test_the_slope_of_a_norm_at_zero_is_zero(ord):
    def f(x):
        return gd.linalg.norm(x, ord)

    assert gd.grad(f)(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    assert gd.hessian(f)(np.zeros(3)).tolist() == np.zeros((3, 3)).tolist()


def test_the_slope_of_a_matrix_of_zeros_is_zero():
    assert gd.grad(gd.linalg.norm)(np.zeros((2, 2))).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_one_row_of_zeros_leaves_the_others_their_slopes():
    x = [[0.0, 0.0], [2.0, 0.0]]

    assert gd.grad(lambda x: gd.linalg.norm(x, axis=1).sum())(x).tolist() == [
        [0.0, 0.0],
        [1.0, 0.0],
    ]


def test_a_symmetric_matrix_gets_its_gradient_in_the_triangle_that_is_read():
    lower = gd.grad(lambda x: gd.linalg.cholesky(x).sum())(SYMMETRIC).numpy()
    upper = gd.grad(lambda x: gd.linalg.cholesky(x, upper=True).sum())(SYMMETRIC).numpy()
    values = gd.grad(lambda x: (gd.linalg.eigvalsh(x) ** 2).sum())(SYMMETRIC).numpy()

    assert not np.triu(lower, 1).any()
    assert not np.tril(upper, -1).any()
    np.testing.assert_allclose(values, np.tril(4 * SYMMETRIC, -1) + 2 * np.diag(np.diag(SYMMETRIC)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: gd.linalg.eigh(x).eigenvectors.sum(),
        lambda x: gd.linalg.svd(x).U.sum(),
        lambda x: gd.linalg.norm(x, "nuc"),
    ],
    ids=["eigh", "svd", "nuc"],
)
def test_equal_values_give_no_nan(f):
    assert np.isfinite(gd.grad(f)(TWINS).numpy()).all()


def test_a_singular_matrix_has_a_slope_of_its_determinant_but_no_curvature():
    singular = [[1.0, 2.0], [2.0, 4.0]]

    slope = gd.grad(gd.linalg.det)(singular).numpy()
    np.testing.assert_allclose(slope, [[4.0, -2.0], [-2.0, 1.0]], atol=1e-12)
    with pytest.raises(GraphError, match=r"inv: x is .*the matrix is singular"):
        gd.hessian(gd.linalg.det)([[1.0, 1.0], [1.0, 1.0]])


def test_the_logarithm_of_a_determinant_of_zero_has_no_slope():
    assert gd.linalg.slogdet(np.zeros((2, 2))).logabsdet.item() == -np.inf
    with pytest.raises(GraphError, match="has no inverse"):
        gd.grad(lambda x: gd.linalg.slogdet(x).logabsdet)(np.zeros((2, 2)))


def test_results_have_numpys_names():
    assert gd.linalg.slogdet(SYMMETRIC)._fields == ("sign", "logabsdet")
    assert gd.linalg.eigh(SYMMETRIC)._fields == ("eigenvalues", "eigenvectors")
    assert gd.linalg.svd(SYMMETRIC)._fields == ("U", "S", "Vh")
    assert gd.linalg.qr(SYMMETRIC)._fields == ("Q", "R")


def test_a_decomposition_is_computed_once():
    names = []
    with gd.listen(lambda primitive, *call: names.append(primitive.name)):
        u, s, vh = gd.linalg.svd(SYMMETRIC)

    assert names.count("svd") == 1
    np.testing.assert_allclose(((u * s) @ vh).numpy(), SYMMETRIC, atol=1e-12)


def test_only_a_vector_of_one_axis_is_a_vector_to_solve_for():
    stack = np.stack([SYMMETRIC, TWINS])
    right = np.arange(6.0).reshape(2, 3, 1)

    assert gd.linalg.solve(stack, np.ones(3)).shape == (2, 3)
    assert gd.linalg.solve(stack, right).shape == (2, 3, 1)


def test_many_matrices_are_multiplied_in_the_cheapest_order():
    a, b, c = np.ones((2, 30)), np.ones((30, 30)), np.ones((30, 1))
    shapes = []
    with gd.listen(lambda primitive, inputs, settings, output: shapes.append(output.shape)):
        gd.linalg.multi_dot([a, b, c])

    assert (30, 1) in shapes
    assert (2, 30) not in shapes


def test_the_identity_learns_nothing():
    x = gd.Tensor(SYMMETRIC, requires_grad=True)

    assert gd.linalg.matrix_power(x, 0).tolist() == np.eye(3).tolist()
    assert not gd.linalg.matrix_power(x, 0).requires_grad


def test_float32_stays_float32_through_every_decomposition():
    x = gd.Tensor(SYMMETRIC.astype(np.float32), requires_grad=True)
    results = [
        gd.linalg.inv(x), gd.linalg.cholesky(x), gd.linalg.eigh(x)[1], gd.linalg.svd(x)[0],
        gd.linalg.qr(x)[0], gd.linalg.pinv(x), gd.linalg.det(x), gd.linalg.matrix_power(x, 3),
        gd.linalg.norm(x, "nuc"), gd.linalg.cond(x),
    ]  # fmt: skip

    for y in results:
        x.grad = None
        y.sum().backward()
        assert y.dtype == np.float32
        assert x.grad.dtype == np.float32
