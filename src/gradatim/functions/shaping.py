"""The same elements under another shape or dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
from numpy import dtype as dtype_of

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import DtypeError, ShapeError
from gradatim.functions.axis import axis_tuple, one_axis
from gradatim.functions.door import door
from gradatim.functions.sizes import Sizes, common_shape, filled_shape, plain_shape
from gradatim.primitives import shape as shapes
from gradatim.types import Axis, Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


@door(np.shape)
def _shape(a: Tensor) -> Shape:
    """Sizes of the axes; what ``np.shape`` gives."""
    return a.shape


@door(np.ndim)
def _ndim(a: Tensor) -> int:
    """Number of axes; what ``np.ndim`` gives."""
    return a.ndim


@door(np.size)
def _size(a: Tensor) -> int:
    """Number of elements; what ``np.size`` gives."""
    return a.size


@door(np.reshape)
def reshape(a: TensorLike, shape: Sizes, order: str = "C", *, copy: bool | None = None) -> Tensor:
    """Arrange the elements, row by row, in another shape.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    shape : int or sequence of int
        New sizes; one of them may be -1, for whatever is left.
    order : "C"
        Row by row; NumPy's other orders are not there.
    copy : bool, optional
        Accepted as NumPy does; nothing depends on it.

    Returns
    -------
    Tensor
        Of the new shape and the same dtype. Gradient: ``g.reshape(a.shape)``.

    Raises
    ------
    ShapeError
        If the sizes do not hold all the elements, or ``order`` is another than "C".

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.reshape([1.0, 2.0, 3.0, 4.0], (2, -1))
    Tensor([[1., 2.],
            [3., 4.]])
    """
    _check_order(order, "reshape")
    x = lift(a)
    return bind(shapes.reshape, x, shape=filled_shape("reshape", shape, x.size))


@door(method="reshape")
def _reshape_method(self: Tensor, *shape: Any, order: str = "C") -> Tensor:
    """Arrange the elements in another shape, given as sizes or as one tuple."""
    return reshape(self, shape[0] if len(shape) == 1 else shape, order)


def _check_order(order: str, called: str) -> None:
    if order not in ("C", "A", "K"):
        raise ShapeError(
            f'{called}: order is {order!r}; elements are read row by row here, order="C".\n'
            f"  Try {called} on x.T, whose rows are the columns of x."
        )


@door(np.ravel, method=True)
def ravel(a: TensorLike, order: str = "C") -> Tensor:
    """Put all elements, row by row, on one axis.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    order : "C"
        Row by row; NumPy's other orders are not there.

    Returns
    -------
    Tensor
        Of shape (a.size,) and the same dtype. Gradient: ``g.reshape(a.shape)``.

    Raises
    ------
    ShapeError
        If ``order`` is another than "C".

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.ravel([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 2., 3., 4.])
    """
    _check_order(order, "ravel")
    x = lift(a)
    return bind(shapes.reshape, x, shape=(x.size,))


@door(method="flatten")
def _flatten_method(self: Tensor, order: str = "C") -> Tensor:
    """Put all elements, in ``order`` (row by row), on one axis; see :func:`ravel`."""
    return ravel(self, order)


@door(np.transpose)
def transpose(a: TensorLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    """Put the axes in another order.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    axes : sequence of int, optional
        Axis of ``a`` that comes first, second and so on; the reverse order if not given.

    Returns
    -------
    Tensor
        Of the same dtype, ``result.shape[i] == a.shape[axes[i]]``. Gradient: the order undone.

    Raises
    ------
    ShapeError
        If ``axes`` does not name each axis once.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.transpose([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 3.],
            [2., 4.]])
    """
    x = lift(a)
    if axes is None:
        return bind(shapes.transpose, x, axes=tuple(range(x.ndim))[::-1])
    order = axis_tuple("transpose", axes, x.shape)
    if len(order) != x.ndim:
        raise ShapeError(
            f"transpose: {len(order)} axes {order} arrived for the shape {x.shape}; each of the "
            f"{x.ndim} axes must be named once.\n  Try gd.moveaxis or gd.swapaxes to name a few."
        )
    return bind(shapes.transpose, x, axes=order)


permute_dims = transpose


@door(method="transpose")
def _transpose_method(self: Tensor, *axes: Any) -> Tensor:
    """Put the axes in another order, given as numbers or as one tuple; reversed if not given."""
    several = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
    return transpose(self, several or None)


@door(np.matrix_transpose)
def matrix_transpose(x: TensorLike) -> Tensor:
    """Swap the last two axes.

    Parameters
    ----------
    x : Tensor or array_like of shape (..., n, m), any dtype
        Matrices.

    Returns
    -------
    Tensor
        Of shape (..., m, n) and the same dtype. Gradient: ``g.mT``.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.matrix_transpose([[1.0, 2.0]])
    Tensor([[1.],
            [2.]])
    """
    return lift(x).mT


@door(np.swapaxes, method=True)
def swapaxes(a: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Let two axes change places.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    axis1, axis2 : int
        The two axes.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: the same axes swapped back.

    Raises
    ------
    ShapeError
        If there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.swapaxes([[[1.0, 2.0]]], 0, 2).shape
    (2, 1, 1)
    """
    x = lift(a)
    order = list(range(x.ndim))
    i, j = one_axis("swapaxes", axis1, x.shape), one_axis("swapaxes", axis2, x.shape)
    order[i], order[j] = j, i
    return bind(shapes.transpose, x, axes=tuple(order))


@door(np.moveaxis)
def moveaxis(a: TensorLike, source: Axis, destination: Axis) -> Tensor:
    """Move axes to other places; the rest keep their order.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    source : int or sequence of int
        Where the axes are.
    destination : int or sequence of int
        Where they go; as many.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: the axes moved back.

    Raises
    ------
    ShapeError
        If there is no such axis, or the two numbers of axes differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.moveaxis([[[1.0, 2.0]]], -1, 0).shape
    (2, 1, 1)
    """
    x = lift(a)
    old = axis_tuple("moveaxis", source, x.shape)
    new = axis_tuple("moveaxis", destination, x.shape)
    if len(old) != len(new):
        raise ShapeError(
            f"moveaxis: {len(old)} axes {old} shall go to {len(new)} places {new}; "
            "there must be a place for each."
        )
    order = [i for i in range(x.ndim) if i not in old]
    for place, axis in sorted(zip(new, old)):
        order.insert(place, axis)
    return bind(shapes.transpose, x, axes=tuple(order))


@door(np.rollaxis)
def rollaxis(a: TensorLike, axis: int, start: int = 0) -> Tensor:
    """Move an axis back until it stands before another; :func:`moveaxis` is easier to read.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    axis : int
        The axis that moves.
    start : int
        It goes before the axis that stands here; ``a.ndim`` for the end.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: the axis moved back.

    Raises
    ------
    ShapeError
        If there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.rollaxis([[[1.0, 2.0]]], 2).shape
    (2, 1, 1)
    """
    x = lift(a)
    old = one_axis("rollaxis", axis, x.shape)
    new = one_axis("rollaxis", start, (*x.shape, 1)) if start >= 0 else start + x.ndim
    return moveaxis(x, old, new - 1 if old < new else new)


@door(np.expand_dims)
def expand_dims(a: TensorLike, axis: Axis) -> Tensor:
    """Insert axes of size 1.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    axis : int or sequence of int
        Where the new axes stand in the result.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: ``g.reshape(a.shape)``.

    Raises
    ------
    ShapeError
        If the result has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.expand_dims([1.0, 2.0], -1).shape
    (2, 1)
    """
    x = lift(a)
    count = len(axis) if isinstance(axis, Sequence) else 1
    whole = (1,) * (x.ndim + count)
    new = axis_tuple("expand_dims", axis, whole)
    sizes = iter(x.shape)
    wide = tuple(1 if i in new else next(sizes) for i in range(len(whole)))
    return bind(shapes.reshape, x, shape=wide)


@door(np.squeeze, method=True)
def squeeze(a: TensorLike, axis: Axis = None) -> Tensor:
    """Take out axes of size 1.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    axis : int or sequence of int, optional
        Axes to take out; all of size 1 if not given.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: ``g.reshape(a.shape)``.

    Raises
    ------
    ShapeError
        If an axis that shall go has another size than 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.squeeze([[[1.0], [2.0]]]).shape
    (2,)
    """
    x = lift(a)
    if axis is None:
        return bind(shapes.reshape, x, shape=tuple(n for n in x.shape if n != 1))
    gone = axis_tuple("squeeze", axis, x.shape)
    for i in gone:
        if x.shape[i] != 1:
            raise ShapeError(
                f"squeeze: axis {i} of shape {x.shape} has size {x.shape[i]}; only an axis of "
                "size 1 can go.\n  Try x.sum(axis) or x[..., 0] to choose what stays."
            )
    kept = tuple(n for i, n in enumerate(x.shape) if i not in gone)
    return bind(shapes.reshape, x, shape=kept)


@door(np.broadcast_to, method=True)
def broadcast_to(array: TensorLike, shape: Sizes) -> Tensor:
    """Repeat along axes of size 1, and along new leading axes, without using memory.

    Parameters
    ----------
    array : Tensor or array_like of any shape and dtype
        The elements.
    shape : int or sequence of int
        New sizes.

    Returns
    -------
    Tensor
        Of the new shape and the same dtype. Gradient: ``g`` summed over what was repeated.

    Raises
    ------
    ShapeError
        If a size is neither that of the array nor repeats a 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.broadcast_to([1.0, 2.0], (2, 2))
    Tensor([[1., 2.],
            [1., 2.]])
    """
    x = lift(array)
    wide = plain_shape(shape)
    try:
        return bind(shapes.broadcast_to, x, shape=wide)
    except ShapeError as error:
        raise ShapeError(
            f"broadcast_to: {x.shape} cannot become {wide}: only sizes of 1 are repeated, "
            "counted from the last axis, and no axis goes.\n  Try .reshape or .sum to lose axes."
        ) from error


@door(np.broadcast_arrays)
def broadcast_arrays(*args: TensorLike) -> tuple[Tensor, ...]:
    """Repeat each array along axes of size 1 until all have one shape.

    Parameters
    ----------
    *args : Tensor or array_like
        The arrays, of any shapes that broadcast.

    Returns
    -------
    tuple of Tensor
        All of the common shape. Gradient: ``g`` summed over what was repeated.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> a, b = gd.broadcast_arrays([1.0, 2.0], [[0.0], [0.0]])
    >>> a.shape, b.shape
    ((2, 2), (2, 2))
    """
    xs = [lift(x) for x in args]
    wide = common_shape("broadcast_arrays", (x.shape for x in xs))
    return tuple(bind(shapes.broadcast_to, x, shape=wide) for x in xs)


@door(np.atleast_1d)
def atleast_1d(*arys: TensorLike) -> Tensor | tuple[Tensor, ...]:
    """Give each array an axis if it has none.

    Parameters
    ----------
    *arys : Tensor or array_like of any shape and dtype
        One array or several.

    Returns
    -------
    Tensor, or tuple of Tensor for several
        Gradient: ``g.reshape`` of the old shape.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.atleast_1d(2.0)
    Tensor([2.])
    """
    return _each(arys, lambda shape: shape or (1,))


@door(np.atleast_2d)
def atleast_2d(*arys: TensorLike) -> Tensor | tuple[Tensor, ...]:
    """Put axes of size 1 before those of each array until there are two.

    Parameters
    ----------
    *arys : Tensor or array_like of any shape and dtype
        One array or several.

    Returns
    -------
    Tensor, or tuple of Tensor for several
        Gradient: ``g.reshape`` of the old shape.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.atleast_2d([1.0, 2.0]).shape
    (1, 2)
    """
    return _each(arys, lambda shape: (1,) * (2 - len(shape)) + shape)


@door(np.atleast_3d)
def atleast_3d(*arys: TensorLike) -> Tensor | tuple[Tensor, ...]:
    """Put axes of size 1 around those of each array until there are three.

    Parameters
    ----------
    *arys : Tensor or array_like of any shape and dtype
        One array or several; (n,) becomes (1, n, 1) and (n, m) becomes (n, m, 1).

    Returns
    -------
    Tensor, or tuple of Tensor for several
        Gradient: ``g.reshape`` of the old shape.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.atleast_3d([1.0, 2.0]).shape
    (1, 2, 1)
    """
    return _each(arys, lambda s: s if len(s) > 2 else ((1,) * (len(s) < 2) + s + (1, 1))[:3])


def _each(arrays: tuple[TensorLike, ...], widened: Any) -> Tensor | tuple[Tensor, ...]:
    xs = [lift(x) for x in arrays]
    found = tuple(bind(shapes.reshape, x, shape=widened(x.shape)) for x in xs)
    return found[0] if len(found) == 1 else found


@door(np.astype)
def astype(x: TensorLike, dtype: DTypeLike, /, *, copy: bool = True) -> Tensor:
    """Convert the elements to another dtype.

    Parameters
    ----------
    x : Tensor or array_like of any shape and dtype
        The elements.
    dtype : dtype
        Float, integer or boolean.
    copy : bool
        Accepted as NumPy does; the result is new in either case.

    Returns
    -------
    Tensor
        Of the same shape. Gradient: ``g`` in the dtype of ``x`` from float to float; none to
        integers and booleans.

    Raises
    ------
    DtypeError
        For complex numbers, strings and objects.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.astype(gd.Tensor([1.5, -2.5]), int)
    Tensor([ 1, -2])
    """
    wanted = dtype_of(dtype)
    if wanted.kind not in "fiub":
        raise DtypeError(
            f"astype: {wanted} cannot be the dtype of a Tensor; it must be float, integer or "
            "boolean.\n  Try .numpy().astype(...) where no gradient is needed."
        )
    return bind(shapes.cast if wanted.kind == "f" else shapes.cast_exact, x, dtype=wanted)


@door(method="astype")
def _astype_method(self: Tensor, dtype: DTypeLike, copy: bool = True) -> Tensor:
    """Convert the elements to another dtype; see :func:`astype`."""
    return astype(self, dtype)
