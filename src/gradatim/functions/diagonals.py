"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import one_axis
from gradatim.functions.door import door
from gradatim.functions.shaping import broadcast_to, ravel
from gradatim.primitives import shape as shapes
from gradatim.types import Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


@door(np.diagonal, method=True)
def diagonal(a: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Elements whose positions on two axes are equal.

    Parameters
    ----------
    a : Tensor or array_like with two or more axes
        The elements.
    offset : int
        How far above (or below, if negative) the main diagonal.
    axis1, axis2 : int
        The two axes.

    Returns
    -------
    Tensor
        Of the same dtype; the two axes go and the diagonal becomes the last axis. Gradient:
        ``g`` on the diagonal, 0 elsewhere.

    Raises
    ------
    ShapeError
        If the axes are not two different ones.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.diagonal([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 4.])
    """
    x = lift(a)
    rows, columns = one_axis("diagonal", axis1, x.shape), one_axis("diagonal", axis2, x.shape)
    if rows == columns:
        raise ShapeError(f"diagonal: both axes are axis {rows}; a diagonal runs across two.")
    return bind(shapes.diagonal, x, offset=int(offset), axis1=rows, axis2=columns)


@door(method="embed_diagonal")
def _embed_diagonal(self: Tensor, shape: Shape, offset: int, axis1: int, axis2: int) -> Tensor:
    """Zeros of ``shape`` with the elements where ``diagonal(offset, axis1, axis2)`` reads."""
    return bind(shapes.embed_diagonal, self, shape=shape, offset=offset, axis1=axis1, axis2=axis2)


@door(np.diag)
def diag(v: TensorLike, k: int = 0) -> Tensor:
    """Diagonal of a matrix, or the matrix with a given diagonal.

    Parameters
    ----------
    v : Tensor or array_like of shape (n, m) or (n,)
        A matrix to take the diagonal of, or a diagonal to put into a matrix of zeros.
    k : int
        How far above (or below, if negative) the main diagonal.

    Returns
    -------
    Tensor
        The diagonal, or a square matrix. Gradient: ``g`` along the diagonal.

    Raises
    ------
    ShapeError
        If there are not one or two axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.diag([1.0, 2.0])
    Tensor([[1., 0.],
            [0., 2.]])
    """
    x = lift(v)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(
            f"diag: the shape is {x.shape}; it must have one axis, or two.\n"
            "  Try gd.diagonal(x, axis1=-2, axis2=-1) for many matrices at once."
        )
    size = x.shape[0] + abs(k)
    return _embed_diagonal(x, (size, size), int(k), 0, 1)


@door(np.diagflat)
def diagflat(v: TensorLike, k: int = 0) -> Tensor:
    """Put all elements, row by row, on the diagonal of a matrix of zeros.

    Parameters
    ----------
    v : Tensor or array_like of any shape and dtype
        The elements.
    k : int
        How far above (or below, if negative) the main diagonal.

    Returns
    -------
    Tensor
        A square matrix. Gradient: ``g`` along the diagonal.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.diagflat([[1.0, 2.0]])
    Tensor([[1., 0.],
            [0., 2.]])
    """
    return diag(ravel(v), k)


@door(np.trace, method=True)
def trace(
    a: TensorLike,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """Sum of a diagonal.

    Parameters
    ----------
    a : Tensor or array_like with two or more axes
        The elements.
    offset : int
        How far above (or below, if negative) the main diagonal.
    axis1, axis2 : int
        The two axes.
    dtype : dtype, optional
        Convert the elements to this first.

    Returns
    -------
    Tensor
        Without the two axes. Gradient: ``g`` at each element of the diagonal, 0 elsewhere.

    Raises
    ------
    ShapeError
        If the axes are not two different ones.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5.)
    """
    return diagonal(a, offset, axis1, axis2).sum(-1, dtype=dtype)


@door(np.tril, method=True)
def tril(m: TensorLike, k: int = 0) -> Tensor:
    """Lower triangle of a matrix, zeros above it.

    Parameters
    ----------
    m : Tensor or array_like of shape (..., n, m)
        Matrices; a 1-d array is repeated as the rows of a square one.
    k : int
        Up to which diagonal: 0 for the main one, above it if positive.

    Returns
    -------
    Tensor
        Of the same shape and dtype. Gradient: the lower triangle of ``g``.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.tril([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 0.],
            [3., 4.]])
    """
    return bind(shapes.tril, _matrix(m, "tril"), k=int(k))


@door(np.triu, method=True)
def triu(m: TensorLike, k: int = 0) -> Tensor:
    """Upper triangle of a matrix, zeros below it.

    Parameters
    ----------
    m : Tensor or array_like of shape (..., n, m)
        Matrices; a 1-d array is repeated as the rows of a square one.
    k : int
        From which diagonal: 0 for the main one, above it if positive.

    Returns
    -------
    Tensor
        Of the same shape and dtype. Gradient: the upper triangle of ``g``.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.triu([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 2.],
            [0., 4.]])
    """
    return bind(shapes.triu, _matrix(m, "triu"), k=int(k))


def _matrix(m: TensorLike, called: str) -> Tensor:
    x = lift(m)
    if x.ndim == 0:
        raise ShapeError(f"{called}: an array without axes has no triangle; it needs two axes.")
    return broadcast_to(x, x.shape * 2) if x.ndim == 1 else x
