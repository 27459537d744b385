"""Matrices taken apart: Cholesky, eigenvalues, singular values, orthogonal and triangular."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, bind1
from gradatim.errors import ShapeError
from gradatim.functions.door import door
from gradatim.functions.inverse import matrices, square_matrices
from gradatim.functions.joining import concatenate
from gradatim.primitives import linalg as primitives


class EighResult(NamedTuple):
    """Eigenvalues and eigenvectors of a symmetric matrix.

    Attributes
    ----------
    eigenvalues : Tensor of shape (..., n)
        From the smallest to the largest.
    eigenvectors : Tensor of shape (..., n, n)
        Column i belongs to eigenvalue i; columns have length 1.
    """

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """Singular values and the vectors of either side.

    Attributes
    ----------
    U : Tensor of shape (..., n, k)
        Columns of length 1.
    S : Tensor of shape (..., k)
        From the largest to the smallest; k is the smaller of n and m.
    Vh : Tensor of shape (..., k, m)
        Rows of length 1.
    """

    U: Tensor
    S: Tensor
    Vh: Tensor


class QRResult(NamedTuple):
    """An orthogonal and a triangular factor.

    Attributes
    ----------
    Q : Tensor of shape (..., n, k)
        Columns of length 1, at right angles; k is the smaller of n and m.
    R : Tensor of shape (..., k, m)
        Upper triangle.
    """

    Q: Tensor
    R: Tensor


@door(np.linalg.cholesky)
def cholesky(a: TensorLike, *, upper: bool = False) -> Tensor:
    """Lower triangular square root of a symmetric positive definite matrix, ``y @ y.mT = a``.

    Only one triangle of ``a`` is read, and the gradient stands in it; as the derivative of what
    the function reads, it is twice that of a symmetric matrix off the diagonal. Give it
    ``(a + a.mT) / 2`` for a symmetric gradient.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Symmetric matrices, of which the lower triangle is read; integers become float64.
    upper : bool
        Whether to read the upper triangle and return an upper one, ``y.mT @ y = a``.

    Returns
    -------
    Tensor
        Of the same shape. Cost: n^3 / 3 flops, and 2 n^3 for the gradient.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    GraphError
        If one is not positive definite.

    Source: I. Murray (2016), Differentiation of the Cholesky decomposition.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.cholesky([[4.0, 0.0], [0.0, 9.0]])
    Tensor([[2., 0.],
            [0., 3.]])
    """
    x = square_matrices("cholesky", a)
    return bind1(primitives.cholesky, x.mT).mT if upper else bind1(primitives.cholesky, x)


def _eigh(called: str, a: TensorLike, uplo: str) -> Tensor:
    side = uplo.upper()
    if side not in ("L", "U"):
        raise ShapeError(f"{called}: UPLO is {uplo!r}; it must be L (lower triangle) or U (upper).")
    return bind(primitives.eigh, square_matrices(called, a), uplo=side)


@door(np.linalg.eigh)
def eigh(a: TensorLike, UPLO: str = "L") -> EighResult:
    """Eigenvalues and eigenvectors of a symmetric matrix, ``a @ v_i = w_i v_i``.

    Only one triangle of ``a`` is read, and the gradient stands in it, as for :func:`cholesky`.
    Where two eigenvalues are equal their vectors have no derivative; what mixes the two is taken
    as 0. The sign of a vector is arbitrary.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Symmetric matrices; integers become float64.
    UPLO : {"L", "U"}
        Which triangle is read.

    Returns
    -------
    EighResult
        ``eigenvalues`` from the smallest, and ``eigenvectors`` as columns. Cost: about 9 n^3
        flops.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    GraphError
        If the iteration does not converge.

    Source: M. Giles (2008), Collected matrix derivative results, section 3.1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.eigh([[2.0, 0.0], [0.0, 1.0]]).eigenvalues
    Tensor([1., 2.])
    """
    both = _eigh("eigh", a, UPLO)
    return EighResult(both[..., 0, :], both[..., 1:, :])


@door(np.linalg.eigvalsh)
def eigvalsh(a: TensorLike, UPLO: str = "L") -> Tensor:
    """Eigenvalues of a symmetric matrix, from the smallest to the largest.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, n), float
        Symmetric matrices; integers become float64.
    UPLO : {"L", "U"}
        Which triangle is read; the gradient stands in it.

    Returns
    -------
    Tensor
        Of shape (..., n). Gradient: ``g_i v_i v_i^T`` of each eigenvector.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    GraphError
        If the iteration does not converge.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]])
    Tensor([1., 2.])
    """
    return _eigh("eigvalsh", a, UPLO)[..., 0, :]


@door(np.linalg.svd)
def svd(
    a: TensorLike, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> SVDResult | Tensor:
    """Singular value decomposition, ``a = U @ diag(S) @ Vh``.

    Where two singular values are equal, or one is 0, the vectors have no derivative; what mixes
    such vectors is taken as 0. The signs of pairs of vectors are arbitrary.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, m), float
        Matrices; integers become float64.
    full_matrices : bool
        Must be False for matrices that are not square: more vectors than singular values have
        no derivative.
    compute_uv : bool
        Whether to return the vectors too.
    hermitian : bool
        Accepted as NumPy does; the result is the same.

    Returns
    -------
    SVDResult, or Tensor without ``compute_uv``
        ``U``, ``S`` from the largest, and ``Vh``; or ``S``. Cost: about 14 n m min(n, m) flops.

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or full matrices of another shape than square.
    GraphError
        If the iteration does not converge.

    Source: J. Townsend (2016), Differentiating the singular value decomposition.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.svd([[0.0, 2.0], [1.0, 0.0]]).S
    Tensor([2., 1.])
    """
    x = matrices("svd", a)
    rows, columns = x.shape[-2:]
    if full_matrices and compute_uv and rows != columns:
        raise ShapeError(
            f"svd: the matrix is {rows} by {columns}, and full_matrices asks for vectors that "
            "belong to no singular value; those have no derivative.\n  Try full_matrices=False."
        )
    whole = bind1(primitives.svd, x)
    values = whole[..., rows, :]
    if not compute_uv:
        return values
    return SVDResult(whole[..., :rows, :], values, whole[..., rows + 1 :, :].mT)


@door(np.linalg.svdvals)
def svdvals(x: TensorLike, /) -> Tensor:
    """Singular values of a matrix, from the largest to the smallest.

    Parameters
    ----------
    x : Tensor or array_like of shape (..., n, m), float
        Matrices; integers become float64.

    Returns
    -------
    Tensor
        Of shape (..., min(n, m)). Gradient: ``g_i u_i v_i^T`` of each pair of vectors.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.
    GraphError
        If the iteration does not converge.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.svdvals([[0.0, 2.0], [1.0, 0.0]])
    Tensor([2., 1.])
    """
    found = svd(x, compute_uv=False)
    assert isinstance(found, Tensor)
    return found


@door(np.linalg.qr)
def qr(a: TensorLike, mode: str = "reduced") -> QRResult | Tensor:
    """Product of a matrix with orthogonal columns and an upper triangle, ``a = Q @ R``.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, m), float
        Matrices whose first min(n, m) columns are independent; integers become float64.
    mode : {"reduced", "r"}
        Whether to return both factors, or ``R`` alone.

    Returns
    -------
    QRResult, or Tensor for mode "r"
        ``Q`` and ``R``. Cost: 2 m^2 (n - m/3) flops.

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or the mode is another.

    Source: H.-J. Liao et al. (2019), Differentiable programming tensor networks.

    Examples
    --------
    >>> import gradatim as gd
    >>> q, r = gd.linalg.qr([[2.0, 1.0], [0.0, 3.0]])
    >>> abs(r)
    Tensor([[2., 1.],
            [0., 3.]])
    """
    if mode not in ("reduced", "r"):
        raise ShapeError(f"qr: mode is {mode!r}; it must be reduced or r.")
    x = matrices("qr", a)
    rows, columns = x.shape[-2:]
    size = min(rows, columns)
    whole = bind1(primitives.qr, x[..., :size])
    q, r = whole[..., :rows, :], whole[..., rows:, :]
    if columns > size:  # the columns beyond are combinations of the first ones
        r = concatenate([r, q.mT @ x[..., size:]], -1)
    return QRResult(q, r) if mode == "reduced" else r
