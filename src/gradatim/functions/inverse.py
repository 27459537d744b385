"""Inverses of matrices, determinants, and systems of linear equations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind1, bind2, lift
from gradatim.errors import ShapeError
from gradatim.functions.door import door
from gradatim.primitives import linalg as primitives


class SlogdetResult(NamedTuple):
    """Sign of a determinant, and the logarithm of its size.

    Attributes
    ----------
    sign : Tensor
        -1, 0 or 1; it has no gradient.
    logabsdet : Tensor
        ``log(abs(det))``.
    """

    sign: Tensor
    logabsdet: Tensor


def square_matrices(called: str, a: TensorLike) -> Tensor:
    """Matrices of floats, after checking that they are square."""
    x = matrices(called, a)
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(
            f"{called}: the shape is {x.shape}; a matrix must have as many rows as columns here, "
            "and these are the last two sizes."
        )
    return x


def matrices(called: str, a: TensorLike) -> Tensor:
    """Matrices of floats, after checking that there are two axes."""
    x = lift(a)
    if x.ndim < 2:
        raise ShapeError(
            f"{called}: the shape is {x.shape}; a matrix needs two axes, and leading ones are a "
            "batch.\n  Try x[:, None] for a column, x[None] for a row."
        )
    return x if x.dtype.kind == "f" else x.astype(float)


@door(np.linalg.inv)
def inv(a: TensorLike) -> Tensor:
    """Inverse of a matrix, ``inv(a) @ a = identity``.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Matrices; integers become float64.

    Returns
    -------
    Tensor
        Of the same shape. Gradient: ``-y.mT @ g @ y.mT``. Cost: 2 n^3 flops.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    GraphError
        If one is singular.

    Source: M. Giles (2008), Collected matrix derivative results for forward and reverse mode
    algorithmic differentiation, section 2.2.3.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.inv([[2.0, 0.0], [0.0, 4.0]])
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]])
    """
    return bind1(primitives.inv, square_matrices("inv", a))


@door(method="inv")
def _inv_method(self: Tensor) -> Tensor:
    """Inverse of a square matrix; see :func:`gradatim.linalg.inv`."""
    return inv(self)


@door(np.linalg.det)
def det(a: TensorLike) -> Tensor:
    """Determinant of a matrix.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Matrices; integers become float64.

    Returns
    -------
    Tensor
        Of shape (...). Gradient: ``g`` times the matrix of cofactors, also where the determinant
        is 0; second derivatives need an inverse. Cost: 2/3 n^3 flops.

    Raises
    ------
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.det([[2.0, 0.0], [0.0, 4.0]])
    Tensor(8.)
    """
    return bind1(primitives.det, square_matrices("det", a))


@door(method="cofactor")
def _cofactor(self: Tensor) -> Tensor:
    """Matrix of cofactors, ``det(x) * inv(x).mT``, also where there is no inverse."""
    return bind1(primitives.cofactor, self)


@door(np.linalg.slogdet)
def slogdet(a: TensorLike) -> SlogdetResult:
    """Sign of the determinant, and the logarithm of its size, where that would overflow.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Matrices; integers become float64.

    Returns
    -------
    SlogdetResult
        ``sign`` and ``logabsdet``, of shape (...). Gradient of ``logabsdet``: ``g * inv(a).mT``.
        Cost: 2/3 n^3 flops.

    Raises
    ------
    ShapeError
        If the matrices are not square.

    Examples
    --------
    >>> import gradatim as gd
    >>> sign, logabsdet = gd.linalg.slogdet([[-1.0, 0.0], [0.0, 1.0]])
    >>> sign, logabsdet
    (Tensor(-1.), Tensor(0.))
    """
    both = bind1(primitives.slogdet, square_matrices("slogdet", a))
    return SlogdetResult(both[..., 0], both[..., 1])


@door(np.linalg.solve)
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """Solution x of the linear equations ``a @ x = b``.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Coefficients; integers become float64.
    b : Tensor or array_like of shape (n,) or (..., n, k), float
        Right-hand sides; a vector only if it has one axis.

    Returns
    -------
    Tensor
        Of shape (..., n) or (..., n, k). Gradient: ``solve(a.mT, g)`` for b, and its product
        with ``-x.mT`` for a. Cost: 2/3 n^3 + 2 n^2 k flops.

    Raises
    ------
    ShapeError
        If the sizes do not fit.
    GraphError
        If a matrix is singular.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])
    Tensor([0.5 , 0.25])
    """
    left = square_matrices("solve", a)
    right = lift(b, left)
    columns = right.reshape(-1, 1) if right.ndim == 1 else matrices("solve", right)
    if columns.shape[-2] != left.shape[-1]:
        raise ShapeError(
            f"solve: a has shape {left.shape} and b {right.shape}; b must have "
            f"{left.shape[-1]} rows.\n  Many vectors b go in as columns: b.mT[...], shape (n, k)."
        )
    x = bind2(primitives.solve, left, columns)
    return x[..., 0] if right.ndim == 1 else x


@door(method="solve")
def _solve_method(self: Tensor, b: TensorLike) -> Tensor:
    """Solution x of ``self @ x = b``; see :func:`gradatim.linalg.solve`."""
    return solve(self, b)


@door(np.linalg.pinv)
def pinv(
    a: TensorLike,
    rcond: float | None = None,
    hermitian: bool = False,
    *,
    rtol: float | None = None,
) -> Tensor:
    """Pseudo-inverse of a matrix of any shape, by Moore and Penrose.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, m), float
        Matrices; integers become float64.
    rcond : float, optional
        Singular values up to so many times the largest count as 0.
    hermitian : bool
        Accepted as NumPy does; the result is the same.
    rtol : float, optional
        Another name of ``rcond``.

    Returns
    -------
    Tensor
        Of shape (..., m, n). Gradient: right where the rank does not change nearby.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Source: G. Golub and V. Pereyra (1973), The differentiation of pseudo-inverses and nonlinear
    least squares problems whose variables separate.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.pinv([[2.0], [0.0]])
    Tensor([[0.5, 0. ]])
    """
    limit = rtol if rcond is None else rcond
    return bind(primitives.pinv, matrices("pinv", a), rcond=limit)


@door(np.linalg.matrix_power)
def matrix_power(a: TensorLike, n: int) -> Tensor:
    """Product of a square matrix with itself, ``n`` times.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., m, m)
        Matrices.
    n : int
        How many times; a negative number takes the inverse.

    Returns
    -------
    Tensor
        Of the same shape. Gradient: through the products. Cost: at most 2 log2(n) products.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    GraphError
        If ``n`` is negative and a matrix is singular.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.matrix_power([[1.0, 1.0], [0.0, 1.0]], 3)
    Tensor([[1., 3.],
            [0., 1.]])
    """
    x = square_matrices("matrix_power", a)
    times = n.__index__()
    if times == 0:
        return identity_like(x).broadcast_to(x.shape)
    square, times = (inv(x), -times) if times < 0 else (x, times)
    result: Tensor | None = None
    while times:
        if times % 2:
            result = square if result is None else result @ square
        times //= 2
        square = square @ square if times else square
    assert result is not None
    return result


def identity_like(x: Tensor) -> Tensor:
    """Identity matrix of the size and dtype of square matrices."""
    size = x.shape[-1]
    ones = lift(1.0, x).broadcast_to((size,))
    return ones.embed_diagonal((size, size), 0, 0, 1)
