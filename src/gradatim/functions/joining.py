"""Several arrays made one, and one made several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import one_axis
from gradatim.functions.door import door
from gradatim.functions.shaping import (
    astype,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    ravel,
)
from gradatim.functions.sizes import plain_shape
from gradatim.primitives import index as indices
from gradatim.primitives import shape as shapes

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Arrays = Iterable[TensorLike]


@door(np.concatenate)
def concatenate(arrays: Arrays, axis: int | None = 0, *, dtype: DTypeLike | None = None) -> Tensor:
    """Put arrays one behind another along an axis that they have.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like
        Of equal shapes but for ``axis``.
    axis : int or None
        The axis; None puts all elements on one axis first.
    dtype : dtype, optional
        The one that NumPy promotes all to if not given.

    Returns
    -------
    Tensor
        Gradient: each array gets its part of ``g``.

    Raises
    ------
    ShapeError
        If there are no arrays, an array has no axes, or other sizes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.concatenate([[1.0, 2.0], [3.0]])
    Tensor([1., 2., 3.])
    """
    xs = _lifted(arrays, "concatenate")
    if axis is None:
        xs, axis = [ravel(x) for x in xs], 0
    if any(x.ndim == 0 for x in xs):
        raise ShapeError(
            "concatenate: an array without axes arrived; each needs the axis along which they "
            "are joined.\n  Try gd.stack, which makes a new axis."
        )
    if dtype is not None:
        xs = [astype(x, dtype) for x in xs]
    _check_equal_ndim(xs, "concatenate")
    return bind(shapes.concatenate, *xs, axis=one_axis("concatenate", axis, xs[0].shape))


def _lifted(arrays: Arrays, called: str) -> list[Tensor]:
    xs = [lift(x) for x in arrays]
    if not xs:
        raise ShapeError(f"{called}: no arrays arrived; there must be at least one.")
    return xs


def _check_equal_ndim(xs: list[Tensor], called: str) -> None:
    if len({x.ndim for x in xs}) > 1:
        told = ", ".join(str(x.shape) for x in xs)
        raise ShapeError(
            f"{called}: the arrays have shapes {told}; they must have equally many axes.\n"
            "  Try x[None] or x[:, None] to give one an axis more."
        )


@door(np.stack)
def stack(arrays: Arrays, axis: int = 0, *, dtype: DTypeLike | None = None) -> Tensor:
    """Put arrays of one shape side by side along a new axis.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like
        All of one shape.
    axis : int
        Where the new axis stands in the result.
    dtype : dtype, optional
        The one that NumPy promotes all to if not given.

    Returns
    -------
    Tensor
        ``result.shape[axis] == len(arrays)``. Gradient: each array gets its part of ``g``.

    Raises
    ------
    ShapeError
        If there are no arrays, or their shapes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    xs = _lifted(arrays, "stack")
    if len({x.shape for x in xs}) > 1:
        told = ", ".join(str(x.shape) for x in xs)
        raise ShapeError(
            f"stack: the arrays have shapes {told}; they must have one shape.\n"
            "  Try gd.concatenate, which joins along an axis that is there."
        )
    place = one_axis("stack", axis, (*xs[0].shape, 1))
    wide = (*xs[0].shape[:place], 1, *xs[0].shape[place:])
    return concatenate([bind(shapes.reshape, x, shape=wide) for x in xs], place, dtype=dtype)


@door(np.vstack)
def vstack(tup: Arrays, *, dtype: DTypeLike | None = None) -> Tensor:
    """Put rows, or matrices, below each other.

    Parameters
    ----------
    tup : sequence of Tensor or array_like
        Of shapes (m,) or (n, m, ...); a 1-d array is a row.
    dtype : dtype, optional
        The one that NumPy promotes all to if not given.

    Returns
    -------
    Tensor
        Joined along axis 0. Gradient: each array gets its part of ``g``.

    Raises
    ------
    ShapeError
        If sizes other than the first differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.vstack([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 2.],
            [3., 4.]])
    """
    return concatenate([_one(atleast_2d(x)) for x in tup], 0, dtype=dtype)


@door(np.hstack)
def hstack(tup: Arrays, *, dtype: DTypeLike | None = None) -> Tensor:
    """Put columns of matrices beside each other; 1-d arrays one behind another.

    Parameters
    ----------
    tup : sequence of Tensor or array_like
        Of shapes (n,) or (n, m, ...).
    dtype : dtype, optional
        The one that NumPy promotes all to if not given.

    Returns
    -------
    Tensor
        Joined along axis 1, or 0 for 1-d arrays. Gradient: each array gets its part of ``g``.

    Raises
    ------
    ShapeError
        If sizes other than that of the axis differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.hstack([[1.0], [2.0, 3.0]])
    Tensor([1., 2., 3.])
    """
    xs = [_one(atleast_1d(x)) for x in tup]
    return concatenate(xs, 0 if xs and xs[0].ndim == 1 else 1, dtype=dtype)


@door(np.dstack)
def dstack(tup: Arrays) -> Tensor:
    """Put arrays behind each other along the third axis.

    Parameters
    ----------
    tup : sequence of Tensor or array_like
        Of shapes (m,), (n, m) or (n, m, k, ...); missing axes are added as
        :func:`atleast_3d` does.

    Returns
    -------
    Tensor
        Joined along axis 2. Gradient: each array gets its part of ``g``.

    Raises
    ------
    ShapeError
        If sizes other than the third differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.dstack([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[[1., 3.],
             [2., 4.]]])
    """
    return concatenate([_one(atleast_3d(x)) for x in tup], 2)


@door(np.column_stack)
def column_stack(tup: Arrays) -> Tensor:
    """Put columns beside each other.

    Parameters
    ----------
    tup : sequence of Tensor or array_like
        Of shapes (n,) or (n, m); a 1-d array is a column.

    Returns
    -------
    Tensor
        Joined along axis 1. Gradient: each array gets its part of ``g``.

    Raises
    ------
    ShapeError
        If the numbers of rows differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.column_stack([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 3.],
            [2., 4.]])
    """
    xs = [lift(x) for x in tup]
    return concatenate([x if x.ndim > 1 else _one(atleast_2d(x)).mT for x in xs], 1)


def _one(found: Tensor | tuple[Tensor, ...]) -> Tensor:
    assert isinstance(found, Tensor)
    return found


@door(np.append)
def append(arr: TensorLike, values: TensorLike, axis: int | None = None) -> Tensor:
    """Put values behind an array.

    Parameters
    ----------
    arr : Tensor or array_like of any shape
        What comes first.
    values : Tensor or array_like
        What comes behind.
    axis : int, optional
        Along which axis; all elements are put on one axis first if not given.

    Returns
    -------
    Tensor
        Gradient: each of the two gets its part of ``g``.

    Raises
    ------
    ShapeError
        If sizes other than that of the axis differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.append([1.0, 2.0], 3.0)
    Tensor([1., 2., 3.])
    """
    return concatenate((arr, values), axis)


@door(np.array_split)
def array_split(
    ary: TensorLike,
    indices_or_sections: SupportsIndex | Sequence[SupportsIndex],
    axis: int = 0,
) -> list[Tensor]:
    """Cut an array into parts, of nearly equal sizes if only their number is given.

    Parameters
    ----------
    ary : Tensor or array_like of any shape and dtype
        The array.
    indices_or_sections : int or sequence of int
        The number of parts, or the positions before which to cut.
    axis : int
        The axis that is cut.

    Returns
    -------
    list of Tensor
        The parts; the first ones are larger by one where sizes cannot be equal. Gradient: each
        part's ``g`` stands where the part stood.

    Raises
    ------
    ShapeError
        If the number of parts is not positive, or there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.array_split([1.0, 2.0, 3.0], 2)
    [Tensor([1., 2.]), Tensor([3.])]
    """
    x = lift(ary)
    place = one_axis("array_split", axis, x.shape)
    size = x.shape[place]
    if isinstance(indices_or_sections, Iterable):
        cuts = [None, *plain_shape(indices_or_sections), None]
        return [_part(x, place, slice(a, b)) for a, b in pairwise(cuts)]
    count = indices_or_sections.__index__()
    if count < 1:
        raise ShapeError(f"array_split: {count} parts were asked for; it must be 1 or more.")
    each, more = divmod(size, count)
    starts = [i * each + min(i, more) for i in range(count + 1)]
    return [_part(x, place, slice(a, b)) for a, b in pairwise(starts)]


def _part(x: Tensor, axis: int, here: slice | int) -> Tensor:
    return bind(indices.index, x, key=(*(slice(None),) * axis, here))


@door(np.split)
def split(
    ary: TensorLike,
    indices_or_sections: SupportsIndex | Sequence[SupportsIndex],
    axis: int = 0,
) -> list[Tensor]:
    """Cut an array into parts, of equal sizes if only their number is given.

    Parameters
    ----------
    ary : Tensor or array_like of any shape and dtype
        The array.
    indices_or_sections : int or sequence of int
        The number of parts, or the positions before which to cut.
    axis : int
        The axis that is cut.

    Returns
    -------
    list of Tensor
        The parts. Gradient: each part's ``g`` stands where the part stood.

    Raises
    ------
    ShapeError
        If the axis cannot be cut into so many equal parts.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.split([1.0, 2.0, 3.0, 4.0], 2)
    [Tensor([1., 2.]), Tensor([3., 4.])]
    """
    x = lift(ary)
    if not isinstance(indices_or_sections, Iterable):
        size = x.shape[one_axis("split", axis, x.shape)]
        count = indices_or_sections.__index__()
        if count > 0 and size % count:
            raise ShapeError(
                f"split: axis {axis} of shape {x.shape} has size {size}, which {count} equal "
                "parts do not fill.\n  Try gd.array_split, or give the positions of the cuts."
            )
    return array_split(x, indices_or_sections, axis)


@door(np.vsplit)
def vsplit(
    ary: TensorLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex]
) -> list[Tensor]:
    """Cut an array into parts along its first axis.

    Parameters
    ----------
    ary : Tensor or array_like with two or more axes
        The array.
    indices_or_sections : int or sequence of int
        The number of equal parts, or the positions before which to cut.

    Returns
    -------
    list of Tensor
        The parts. Gradient: each part's ``g`` stands where the part stood.

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or the parts cannot be equal.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.vsplit([[1.0], [2.0]], 2)
    [Tensor([[1.]]), Tensor([[2.]])]
    """
    return split(_with_axes(ary, 2, "vsplit"), indices_or_sections, 0)


@door(np.hsplit)
def hsplit(
    ary: TensorLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex]
) -> list[Tensor]:
    """Cut an array into parts along its second axis, or along its only one.

    Parameters
    ----------
    ary : Tensor or array_like with one or more axes
        The array.
    indices_or_sections : int or sequence of int
        The number of equal parts, or the positions before which to cut.

    Returns
    -------
    list of Tensor
        The parts. Gradient: each part's ``g`` stands where the part stood.

    Raises
    ------
    ShapeError
        If there are no axes, or the parts cannot be equal.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.hsplit([[1.0, 2.0]], 2)
    [Tensor([[1.]]), Tensor([[2.]])]
    """
    x = _with_axes(ary, 1, "hsplit")
    return split(x, indices_or_sections, 1 if x.ndim > 1 else 0)


@door(np.dsplit)
def dsplit(
    ary: TensorLike, indices_or_sections: SupportsIndex | Sequence[SupportsIndex]
) -> list[Tensor]:
    """Cut an array into parts along its third axis.

    Parameters
    ----------
    ary : Tensor or array_like with three or more axes
        The array.
    indices_or_sections : int or sequence of int
        The number of equal parts, or the positions before which to cut.

    Returns
    -------
    list of Tensor
        The parts. Gradient: each part's ``g`` stands where the part stood.

    Raises
    ------
    ShapeError
        If there are fewer than three axes, or the parts cannot be equal.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.dsplit([[[1.0, 2.0]]], 2)
    [Tensor([[[1.]]]), Tensor([[[2.]]])]
    """
    return split(_with_axes(ary, 3, "dsplit"), indices_or_sections, 2)


def _with_axes(ary: TensorLike, least: int, called: str) -> Tensor:
    x = lift(ary)
    if x.ndim < least:
        raise ShapeError(
            f"{called}: the shape {x.shape} has {x.ndim} axes; there must be {least} or more.\n"
            "  Try gd.split, which takes any axis."
        )
    return x


@door(np.unstack)
def unstack(x: TensorLike, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """Take an array apart along an axis, which goes; what :func:`stack` puts together.

    Parameters
    ----------
    x : Tensor or array_like with one or more axes
        The array.
    axis : int
        The axis that goes.

    Returns
    -------
    tuple of Tensor
        As many as the size of the axis. Gradient: each part's ``g`` stands where the part stood.

    Raises
    ------
    ShapeError
        If there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.unstack([[1.0, 2.0], [3.0, 4.0]])
    (Tensor([1., 2.]), Tensor([3., 4.]))
    """
    whole = lift(x)
    place = one_axis("unstack", axis, whole.shape)
    return tuple(_part(whole, place, i) for i in range(whole.shape[place]))
