"""Lengths of vectors and sizes of matrices."""

from __future__ import annotations

from math import inf

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import axis_tuple
from gradatim.functions.decomposition import svdvals
from gradatim.functions.door import door
from gradatim.functions.inverse import inv, square_matrices
from gradatim.functions.shaping import moveaxis
from gradatim.types import Axis, Shape

Order = float | str | None


def _floats(x: TensorLike) -> Tensor:
    given = lift(x)
    return given if given.dtype.kind == "f" else given.astype(float)


def _root(total: Tensor, power: float) -> Tensor:
    """``total ** (1 / power)``; the gradient at 0 is 0, where a root has an infinite one."""
    zero = total == 0
    inside = zero.where(1, total)
    return zero.where(0, inside.sqrt() if power == 2 else inside ** (1 / power))


@door(np.linalg.norm)
def norm(x: TensorLike, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Length of a vector, or size of a matrix.

    Parameters
    ----------
    x : Tensor or array_like of any shape, float
        Integers become float64.
    ord : number, "fro", "nuc" or None
        As for :func:`vector_norm` or :func:`matrix_norm`; None is the root of the sum of all
        squares.
    axis : int, pair of int, or None
        The axis of the vectors, or the two of the matrices; None for the whole array.
    keepdims : bool
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Without the axes. Gradient: 0, not NaN, at a vector of zeros.

    Raises
    ------
    ShapeError
        If the order is unknown, or there are not one or two axes for it.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.norm([3.0, 4.0])
    Tensor(5.)
    """
    given = _floats(x)
    if axis is None and ord is None:
        return vector_norm(given, keepdims=keepdims)
    axes = axis_tuple("norm", axis, given.shape)
    if len(axes) == 1:
        if isinstance(ord, str):
            raise ShapeError(f"norm: {ord!r} is the norm of a matrix; one axis arrived: {axes}.")
        return vector_norm(given, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) == 2:
        order = "fro" if ord is None else ord
        return _matrix_norm("norm", given, (axes[0], axes[1]), order, keepdims)
    raise ShapeError(
        f"norm: the shape is {given.shape} and the axes are {axes}; there must be one for vectors, "
        "two for matrices.\n  Try axis=-1, or axis=(-2, -1)."
    )


@door(np.linalg.vector_norm)
def vector_norm(
    x: TensorLike, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2
) -> Tensor:
    """Length of vectors, ``(sum |x|^p)^(1/p)``.

    Parameters
    ----------
    x : Tensor or array_like of any shape, float
        Integers become float64.
    axis : int, tuple of int, or None
        Axes of the vectors; None for the whole array.
    keepdims : bool
        Whether the axes stay, with size 1.
    ord : number
        The p; inf for the largest size, -inf for the smallest, 0 for how many are not 0.

    Returns
    -------
    Tensor
        Without the axes. Gradient: 0, not NaN, at a vector of zeros; none for 0.

    Raises
    ------
    ShapeError
        If there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.vector_norm([3.0, -4.0], ord=1)
    Tensor(7.)
    """
    given = _floats(x)
    axes = axis_tuple("vector_norm", axis, given.shape)
    if ord == 2:
        return _root((given * given).sum(axes, keepdims=keepdims), 2)
    if ord == inf:
        return abs(given).max(axes, keepdims=keepdims)
    if ord == -inf:
        return abs(given).min(axes, keepdims=keepdims)
    if ord == 0:
        return (given != 0).astype(given.dtype).sum(axes, keepdims=keepdims)
    if ord == 1:
        return abs(given).sum(axes, keepdims=keepdims)
    return _root((abs(given) ** ord).sum(axes, keepdims=keepdims), ord)


@door(np.linalg.matrix_norm)
def matrix_norm(x: TensorLike, /, *, keepdims: bool = False, ord: float | str = "fro") -> Tensor:
    """Size of matrices.

    Parameters
    ----------
    x : Tensor or array_like of shape (..., n, m), float
        Integers become float64.
    keepdims : bool
        Whether the two axes stay, with size 1.
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        Root of the sum of squares; sum of singular values; largest or smallest sum of a column;
        largest or smallest singular value; largest or smallest sum of a row (of sizes).

    Returns
    -------
    Tensor
        Of shape (...). Gradient: 0, not NaN, at a matrix of zeros for "fro".

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or the order is unknown.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.matrix_norm([[1.0, -2.0], [3.0, 4.0]], ord=1)
    Tensor(6.)
    """
    given = _floats(x)
    if given.ndim < 2:
        raise ShapeError(f"matrix_norm: the shape is {given.shape}; a matrix needs two axes.")
    return _matrix_norm("matrix_norm", given, (given.ndim - 2, given.ndim - 1), ord, keepdims)


def _matrix_norm(
    called: str, x: Tensor, axes: tuple[int, int], ord: float | str, keepdims: bool
) -> Tensor:
    if ord == "fro":
        return _root((x * x).sum(axes, keepdims=keepdims), 2)
    found = _by_order(called, moveaxis(x, axes, (-2, -1)), ord)
    return found.reshape(_kept(x.shape, axes)) if keepdims else found


def _by_order(called: str, x: Tensor, ord: float | str) -> Tensor:
    """Norm of the last two axes: of columns, of rows, or of singular values."""
    if ord == "nuc":
        return svdvals(x).sum(-1)
    if ord in (2, -2):
        values = svdvals(x)
        return values.max(-1) if ord == 2 else values.min(-1)
    if ord in (1, -1, inf, -inf):
        sums = abs(x).sum(-2 if ord in (1, -1) else -1)
        return sums.max(-1) if ord in (1, inf) else sums.min(-1)
    raise ShapeError(
        f"{called}: ord is {ord!r}; of a matrix it must be 'fro', 'nuc', 1, -1, 2, -2, inf or -inf."
    )


def _kept(shape: Shape, axes: tuple[int, int]) -> Shape:
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


@door(np.linalg.cond)
def cond(x: TensorLike, p: Order = None) -> Tensor:
    """Condition number of a matrix: how much it can enlarge a relative error.

    Parameters
    ----------
    x : Tensor or array_like of shape (..., n, m), float
        Matrices; square unless ``p`` is None, 2 or -2.
    p : number, "fro", "nuc" or None
        Order of the norm, as for :func:`matrix_norm`; None is 2.

    Returns
    -------
    Tensor
        Of shape (...): the norm times that of the inverse. Gradient: through both.

    Raises
    ------
    ShapeError
        If the matrix is not square where it must be.
    GraphError
        If a matrix has no inverse, for other orders than 2 and -2.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.cond([[2.0, 0.0], [0.0, 1.0]])
    Tensor(2.)
    """
    if p in (None, 2, -2):
        values = svdvals(x)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    given = square_matrices("cond", x)
    order = p if isinstance(p, str) else float(p or 0)
    return matrix_norm(given, ord=order) * matrix_norm(inv(given), ord=order)
