"""Products of vectors, matrices and arrays of more axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from gradatim.autograd import operators
from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import axis_tuple, one_axis
from gradatim.functions.door import door
from gradatim.functions.einstein import einsum
from gradatim.functions.joining import stack
from gradatim.functions.shaping import moveaxis, ravel, transpose
from gradatim.functions.sizes import common_shape
from gradatim.types import Axis


@door(np.matmul, np.linalg.matmul)
def matmul(a: TensorLike, b: TensorLike) -> Tensor:
    """Matrix product, ``y[..., i, j] = sum_k a[..., i, k] b[..., k, j]``; what ``a @ b`` does.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., n, k) or (k,)
        Matrices, or a vector that counts as a row.
    b : Tensor or array_like of shape (..., k, m) or (k,)
        Matrices, or a vector that counts as a column.

    Returns
    -------
    Tensor
        Of shape (..., n, m); a vector's axis of size 1 goes. Gradient: ``g @ b.mT`` and
        ``a.mT @ g``. Cost: 2 n k m flops for each matrix, as much again for each gradient.

    Raises
    ------
    ShapeError
        If the inner sizes differ, leading axes do not broadcast, or there are no axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.matmul([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
    Tensor([3., 7.])
    """
    return operators.matmul(a, b)


@door(np.dot, method=True)
def dot(a: TensorLike, b: TensorLike) -> Tensor:
    """Product over the last axis of ``a`` and the second to last (or only) one of ``b``.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., k) or ()
        What stands on the left.
    b : Tensor or array_like of shape (..., k, m), (k,) or ()
        What stands on the right.

    Returns
    -------
    Tensor
        Of the remaining axes of ``a``, then those of ``b``; the plain product where one has no
        axes. For matrices it is ``a @ b``. Gradient: a product of ``g`` with the other one.

    Raises
    ------
    ShapeError
        If the sizes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.dot([1.0, 2.0], [3.0, 4.0])
    Tensor(11.)
    """
    left, right = _pair(a, b)
    if left.ndim == 0 or right.ndim == 0:
        return left * right
    if left.ndim <= 2 and right.ndim <= 2:
        return left @ right
    return tensordot(left, right, (-1, -2 if right.ndim > 1 else -1))


def _pair(a: TensorLike, b: TensorLike) -> tuple[Tensor, Tensor]:
    left = lift(a, b if isinstance(b, Tensor) else None)
    return left, lift(b, left)


@door(np.inner)
def inner(a: TensorLike, b: TensorLike) -> Tensor:
    """Product over the last axis of both.

    Parameters
    ----------
    a : Tensor or array_like of shape (..., k) or ()
        What stands on the left.
    b : Tensor or array_like of shape (..., k) or ()
        What stands on the right.

    Returns
    -------
    Tensor
        Of the remaining axes of ``a``, then those of ``b``. Gradient: a product of ``g`` with
        the other one.

    Raises
    ------
    ShapeError
        If the sizes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.inner([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
    Tensor([3., 7.])
    """
    left, right = _pair(a, b)
    if left.ndim == 0 or right.ndim == 0:
        return left * right
    return tensordot(left, right, (-1, -1))


@door(np.vdot)
def vdot(a: TensorLike, b: TensorLike) -> Tensor:
    """Sum of the products of all elements, ``sum(a * b)``.

    Parameters
    ----------
    a, b : Tensor or array_like
        Of equal size; their elements are paired row by row.

    Returns
    -------
    Tensor
        One number. Gradient: ``g * b`` and ``g * a``.

    Raises
    ------
    ShapeError
        If the sizes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.vdot([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor(11.)
    """
    return ravel(a) @ ravel(b)


@door(np.vecdot, np.linalg.vecdot)
def vecdot(x1: TensorLike, x2: TensorLike, *, axis: int = -1) -> Tensor:
    """Sum of the products along one axis, ``sum(x1 * x2, axis)``.

    Parameters
    ----------
    x1, x2 : Tensor or array_like of shape (..., k)
        Vectors; the other axes broadcast.
    axis : int
        Along which axis the vectors lie.

    Returns
    -------
    Tensor
        Of the broadcast shape without the axis. Gradient: ``g * x2`` and ``g * x1``.

    Raises
    ------
    ShapeError
        If the sizes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.vecdot([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
    Tensor([3., 7.])
    """
    left, right = (moveaxis(x, axis, -1) for x in _pair(x1, x2))
    _check_equal("vecdot", left.shape[-1:], right.shape[-1:])
    return einsum("...i,...i->...", left, right)


def _check_equal(called: str, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    if left != right:
        raise ShapeError(
            f"{called}: the sizes to sum over are {left} on the left and {right} on the right; "
            "they must be equal."
        )


@door(np.outer, np.linalg.outer)
def outer(a: TensorLike, b: TensorLike) -> Tensor:
    """Product of every element of one vector with every one of another.

    Parameters
    ----------
    a : Tensor or array_like of shape (n,)
        The rows; more axes are put on one.
    b : Tensor or array_like of shape (m,)
        The columns; more axes are put on one.

    Returns
    -------
    Tensor
        ``y[i, j] = a[i] b[j]``. Gradient: ``g @ b`` and ``a @ g``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.outer([1.0, 2.0], [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    left, right = _pair(a, b)
    return left.reshape(-1, 1) * right.reshape(1, -1)


@door(np.tensordot, np.linalg.tensordot)
def tensordot(
    a: TensorLike, b: TensorLike, axes: int | tuple[Axis | Sequence[int], ...] = 2
) -> Tensor:
    """Sum of products over several axes.

    Parameters
    ----------
    a, b : Tensor or array_like
        What stands left and right.
    axes : int or pair of (sequence of) int
        How many of the last axes of ``a`` go with the first of ``b``, or which of either.

    Returns
    -------
    Tensor
        Of the remaining axes of ``a``, then those of ``b``. Gradient: such a product of ``g``
        with the other one. Cost: as a matrix product of the same sizes.

    Raises
    ------
    ShapeError
        If the sizes of axes that go together differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.tensordot([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])
    Tensor(5.)
    """
    left, right = _pair(a, b)
    if isinstance(axes, Sequence):
        chosen = [axis_tuple("tensordot", s, x.shape) for s, x in zip(axes, (left, right))]
    else:
        count = axes.__index__()
        if not 0 <= count <= min(left.ndim, right.ndim):
            raise ShapeError(
                f"tensordot: {count} axes were asked for; the shapes are {left.shape} and "
                f"{right.shape}."
            )
        chosen = [tuple(range(left.ndim - count, left.ndim)), tuple(range(count))]
    sizes = [tuple(x.shape[i] for i in own) for x, own in zip((left, right), chosen)]
    _check_equal("tensordot", sizes[0], sizes[1])
    rest = [[i for i in range(x.ndim) if i not in own] for x, own in zip((left, right), chosen)]
    shape = [tuple(x.shape[i] for i in own) for x, own in zip((left, right), rest)]
    rows = transpose(left, (*rest[0], *chosen[0])).reshape((prod(shape[0]), prod(sizes[0])))
    columns = transpose(right, (*chosen[1], *rest[1])).reshape((prod(sizes[0]), prod(shape[1])))
    return (rows @ columns).reshape(shape[0] + shape[1])


@door(np.kron)
def kron(a: TensorLike, b: TensorLike) -> Tensor:
    """Kronecker product: every element of ``a`` times all of ``b``, block by block.

    Parameters
    ----------
    a, b : Tensor or array_like of any shape
        The factors; missing leading axes have size 1.

    Returns
    -------
    Tensor
        ``y.shape[i] == a.shape[i] * b.shape[i]``. Gradient: ``g`` times the other factor, summed
        over its elements.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.kron([1.0, 10.0], [1.0, 2.0])
    Tensor([ 1.,  2., 10., 20.])
    """
    left, right = _pair(a, b)
    width = max(left.ndim, right.ndim)
    n, m = ((1,) * (width - x.ndim) + x.shape for x in (left, right))
    blocks = left.reshape(tuple(s for size in n for s in (size, 1)))
    inside = right.reshape(tuple(s for size in m for s in (1, size)))
    return (blocks * inside).reshape(tuple(i * j for i, j in zip(n, m)))


@door(np.cross, np.linalg.cross)
def cross(
    a: TensorLike,
    b: TensorLike,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """Vector product in three dimensions.

    Parameters
    ----------
    a, b : Tensor or array_like of shape (..., 3)
        Vectors; the other axes broadcast.
    axisa, axisb, axisc : int
        Along which axis the vectors of ``a``, ``b`` and the result lie.
    axis : int, optional
        One axis for all three.

    Returns
    -------
    Tensor
        At right angles to both. Gradient: ``cross(b, g)`` and ``cross(g, a)``.

    Raises
    ------
    ShapeError
        If the vectors have not three components.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    left, right = _pair(a, b)
    one_axis("cross", axisa, left.shape), one_axis("cross", axisb, right.shape)
    left, right = moveaxis(left, axisa, -1), moveaxis(right, axisb, -1)
    if left.shape[-1] != 3 or right.shape[-1] != 3:
        raise ShapeError(
            f"cross: the vectors have {left.shape[-1]} and {right.shape[-1]} components; both "
            "must have 3.\n  Try gd.pad with a zero; the plane's product is a[0]*b[1] - a[1]*b[0]."
        )
    x, y, z = (left[..., i] for i in range(3))
    u, v, w = (right[..., i] for i in range(3))
    parts = [y * w - z * v, z * u - x * w, x * v - y * u]
    common = common_shape("cross", (left.shape, right.shape))
    return stack(parts, one_axis("cross", axisc, common))
