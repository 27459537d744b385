"""Elements by position: NumPy's indexing, and functions that choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import dtype as dtype_of
from numpy.typing import DTypeLike

from gradatim.autograd.key import parse_key, positions
from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import DtypeError, ShapeError
from gradatim.functions.axis import one_axis
from gradatim.functions.door import door
from gradatim.functions.joining import stack
from gradatim.functions.shaping import broadcast_to, expand_dims, ravel
from gradatim.functions.sizes import common_shape
from gradatim.primitives import bounds
from gradatim.primitives import index as primitives
from gradatim.primitives.index import HOLE
from gradatim.types import Shape

Key = tuple[Any, ...]


@door(method="__getitem__")
def _getitem(self: Tensor, key: Any) -> Tensor:
    """Elements at an index, with NumPy's meaning of every kind of index."""
    parts, arrays = parse_key(key)
    if any(array.dtype.kind == "b" for array in arrays):
        return _masked(self, parts, arrays)
    return bind(primitives.index, self, *arrays, key=parts)


def _masked(x: Tensor, key: Key, arrays: list[Tensor]) -> Tensor:
    """Replace each mask by the positions where it is true, as NumPy does.

    How many those are depends on the values, which is why they are read here.
    """
    masks = iter(arrays)
    taken = [next(masks) if part is HOLE else None for part in key]
    spans = [_span(part, array) for part, array in zip(key, taken)]
    found: list[Any] = []
    filled: list[Tensor] = []
    axis, left = 0, x.ndim - sum(spans)
    for part, array, span in zip(key, taken, spans):
        if array is None or array.dtype.kind != "b":
            found.append(part)
            filled += [] if array is None else [array]
        else:
            if array.ndim:
                _check_mask(array.shape, x.shape, axis)
            else:  # one truth value is an axis of its own, of size 1 or 0
                x, array = expand_dims(x, axis), array.reshape((1,))
            filled += nonzero(array)
            found += [HOLE] * array.ndim
            span = max(span, 1)
        axis += left if part is Ellipsis else span
    return bind(primitives.index, x, *filled, key=tuple(found))


def _span(part: Any, array: Tensor | None) -> int:
    """How many axes a part of an index speaks of."""
    if array is not None and array.dtype.kind == "b":
        return array.ndim
    return 0 if part is None or part is Ellipsis else 1


def _check_mask(mask: Shape, shape: Shape, axis: int) -> None:
    part = shape[axis : axis + len(mask)]
    if part != mask:
        where = f"axis {axis}" if len(mask) == 1 else f"axes {axis} to {axis + len(mask) - 1}"
        raise ShapeError(
            f"index: the mask has shape {mask}, but {where} of the Tensor of shape {shape} "
            f"{'has' if len(mask) == 1 else 'have'} {part}; they must be equal.\n"
            "  Try x[:, mask] to choose along a later axis, or gd.where(mask, x, 0)."
        )


@door(method="index")
def _index(self: Tensor, *arrays: Tensor, key: Key) -> Tensor:
    """Elements at ``key``, with ``arrays`` of positions in its holes; what ``x[...]`` binds."""
    return bind(primitives.index, self, *arrays, key=key)


@door(method="index_add")
def _index_add(self: Tensor, *arrays: Tensor, key: Key, shape: Shape) -> Tensor:
    """Zeros of ``shape`` with the elements added at ``key``, ``arrays`` filling its holes."""
    return bind(primitives.index_add, self, *arrays, key=key, shape=shape)


@door(np.take, method=True)
def take(
    a: TensorLike, indices: TensorLike, axis: int | None = None, *, mode: str = "raise"
) -> Tensor:
    """Elements at integer positions of an axis.

    Parameters
    ----------
    a : Tensor or array_like of any shape and dtype
        The elements.
    indices : Tensor or array_like of int, of any shape
        The positions.
    axis : int, optional
        The axis; all elements are put on one axis first if not given.
    mode : {"raise", "wrap", "clip"}
        What happens to positions outside: an error, counting on from the other end, or the
        nearest position inside.

    Returns
    -------
    Tensor
        The axis is replaced by those of ``indices``. Gradient: ``g`` added up at the positions.

    Raises
    ------
    ShapeError
        If a position is outside, there is no such axis, or the mode is unknown.
    DtypeError
        If the positions are not integers.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.take([10.0, 20.0, 30.0], [2, 0, 2])
    Tensor([30., 10., 30.])
    """
    if axis is None:
        return take(ravel(a), indices, 0, mode=mode)
    x = lift(a)
    place = one_axis("take", axis, x.shape)
    at = _bounded(positions(indices), x.shape[place], mode)
    return _index(x, at, key=(*(slice(None),) * place, HOLE))


def _bounded(at: Tensor, size: int, mode: str) -> Tensor:
    if mode == "wrap":
        return at % size
    if mode == "clip":
        low = (at < 0).where(0, at)
        return (low < size).where(low, size - 1)
    if mode != "raise":
        raise ShapeError(f"take: mode is {mode!r}; it must be raise, wrap or clip.")
    return at


@door(np.take_along_axis, method=True)
def take_along_axis(arr: TensorLike, indices: TensorLike, axis: int | None = -1) -> Tensor:
    """Elements at positions that differ from line to line, as argmax and argsort give them.

    Parameters
    ----------
    arr : Tensor or array_like of any shape and dtype
        The elements.
    indices : Tensor or array_like of int
        The positions; as many axes as ``arr``, whose other sizes broadcast.
    axis : int or None
        Along which axis; None puts all elements on one axis first.

    Returns
    -------
    Tensor
        Of the shape of ``indices``. Gradient: ``g`` added up at the positions.

    Raises
    ------
    ShapeError
        If a position is outside, or the shapes do not fit.
    DtypeError
        If the positions are not integers.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.take_along_axis([[3.0, 1.0], [2.0, 4.0]], [[1], [0]])
    Tensor([[1.],
            [2.]])
    """
    if axis is None:
        return take_along_axis(ravel(arr), indices, 0)
    x, at = lift(arr), positions(indices)
    place = one_axis("take_along_axis", axis, x.shape)
    if at.ndim != x.ndim:
        raise ShapeError(
            f"take_along_axis: arr has shape {x.shape}, indices {at.shape}; they must have "
            "equally many axes.\n  Try indices[:, None], or gd.take for the same positions in "
            "every line."
        )
    # The other axes are made equal here, so that the primitive has no broadcasting to undo.
    around = [(*s[:place], 1, *s[place + 1 :]) for s in (x.shape, at.shape)]
    common = common_shape("take_along_axis", around)
    x, at = (_widened(t, (*common[:place], t.shape[place], *common[place + 1 :])) for t in (x, at))
    return bind(primitives.take_along_axis, x, at, axis=place)


def _widened(x: Tensor, shape: Shape) -> Tensor:
    return x if x.shape == shape else broadcast_to(x, shape)


@door(method="add_along_axis")
def _add_along_axis(self: Tensor, indices: Tensor, axis: int, shape: Shape) -> Tensor:
    """Zeros of ``shape``, to which the elements are added at ``indices`` along ``axis``."""
    return bind(primitives.add_along_axis, self, indices, axis=axis, shape=shape)


@door()
def one_hot(labels: TensorLike, classes: int, dtype: DTypeLike = "float64") -> Tensor:
    """Rows of zeros with a 1 at the label, ``y[..., c] = (labels == c)``.

    Parameters
    ----------
    labels : Tensor or array_like of any shape
        Integers from 0 to ``classes - 1``.
    classes : int
        Size of the new last axis.
    dtype : dtype
        Of the result.

    Returns
    -------
    Tensor
        Of shape ``labels.shape + (classes,)``. Gradient: none.

    Raises
    ------
    DataError
        If a label is outside.
    DtypeError
        If the labels are not integers.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.one_hot([2, 0], 3)
    Tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    given = lift(labels)
    if given.dtype.kind not in "iu":
        raise DtypeError(
            f"one_hot: the labels are {given.dtype}; they must be integers.\n"
            "  Try labels.astype(int)."
        )
    known = bind(bounds.within_, given, low=0, high=classes - 1)
    return _one_hot(known, classes, dtype)


@door(method="one_hot")
def _one_hot(self: Tensor, classes: int, dtype: DTypeLike = "float64") -> Tensor:
    """One-hot rows of labels that are known to be in range; for rules."""
    return bind(primitives.one_hot, self, classes=classes, dtype=dtype_of(dtype))


@door(np.compress)
def compress(condition: TensorLike, a: TensorLike, axis: int | None = None) -> Tensor:
    """Elements of an axis where a condition holds.

    Parameters
    ----------
    condition : Tensor or array_like of bool, shape (n,)
        Which positions stay; positions behind its end do not.
    a : Tensor or array_like of any shape and dtype
        The elements.
    axis : int, optional
        The axis; all elements are put on one axis first if not given.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: ``g`` at the positions that stayed, 0 elsewhere.

    Raises
    ------
    ShapeError
        If the condition has not one axis, or is true outside.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.compress([True, False, True], [1.0, 2.0, 3.0])
    Tensor([1., 3.])
    """
    mask = lift(condition)
    if mask.ndim != 1:
        raise ShapeError(f"compress: the condition has shape {mask.shape}; it must have one axis.")
    return take(a, nonzero(mask)[0], axis)


@door(method="compress")
def _compress_method(self: Tensor, condition: TensorLike, axis: int | None = None) -> Tensor:
    """Elements of ``axis`` where ``condition`` holds; see :func:`compress`."""
    return compress(condition, self, axis)


@door(np.extract)
def extract(condition: TensorLike, arr: TensorLike) -> Tensor:
    """Elements, on one axis, where a condition holds.

    Parameters
    ----------
    condition : Tensor or array_like of bool
        Of the size of ``arr``.
    arr : Tensor or array_like of any shape and dtype
        The elements.

    Returns
    -------
    Tensor
        1-d, of the same dtype. Gradient: ``g`` at the positions that stayed, 0 elsewhere.

    Raises
    ------
    ShapeError
        If the condition is true outside.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.extract([True, False, True], [1.0, 2.0, 3.0])
    Tensor([1., 3.])
    """
    return take(ravel(arr), flatnonzero(condition), 0)


@door(np.select)
def select(
    condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0
) -> Tensor:
    """Choose for every element the first value whose condition holds.

    Parameters
    ----------
    condlist : sequence of Tensor or array_like of bool
        The conditions.
    choicelist : sequence of Tensor or array_like
        A value for each condition.
    default : Tensor or array_like
        The value where none holds.

    Returns
    -------
    Tensor
        Of the common shape. Gradient: ``g`` where the value was chosen, 0 elsewhere.

    Raises
    ------
    ShapeError
        If there is not one value for each condition, or the shapes do not broadcast.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.select([[True, False]], [[1.0, 2.0]], 5.0)
    Tensor([1., 5.])
    """
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ShapeError(
            f"select: {len(condlist)} conditions and {len(choicelist)} values arrived; there must "
            "be one value for each condition, and at least one."
        )
    choices = [lift(choice) for choice in choicelist]
    result: Any = lift(default, choices[0])
    for condition, choice in zip(reversed(condlist), reversed(choices)):
        result = lift(condition).where(choice, result)
    return result


@door(np.nonzero, method=True)
def nonzero(a: TensorLike) -> tuple[Tensor, ...]:
    """Positions of the elements that are not 0, axis by axis.

    Parameters
    ----------
    a : Tensor or array_like with one or more axes
        The elements.

    Returns
    -------
    tuple of Tensor of int, shape (n,)
        One for each axis; ``a[nonzero(a)]`` are the elements. No gradient.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nonzero([0.0, 3.0, 4.0])
    (Tensor([1, 2]),)
    """
    x = lift(a)
    if x.ndim == 0:
        raise ShapeError("nonzero: an array without axes has no positions.\n  Try x != 0.")
    return tuple(lift(found) for found in x.numpy().nonzero())


@door(np.flatnonzero)
def flatnonzero(a: TensorLike) -> Tensor:
    """Positions, row by row, of the elements that are not 0.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        The elements.

    Returns
    -------
    Tensor of int, shape (n,)
        Positions in ``ravel(a)``. No gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.flatnonzero([[0.0, 3.0], [4.0, 0.0]])
    Tensor([1, 2])
    """
    return nonzero(ravel(a))[0]


@door(np.argwhere)
def argwhere(a: TensorLike) -> Tensor:
    """Positions of the elements that are not 0, one in each row.

    Parameters
    ----------
    a : Tensor or array_like with one or more axes
        The elements.

    Returns
    -------
    Tensor of int, shape (n, a.ndim)
        Positions. No gradient.

    Raises
    ------
    ShapeError
        If there are no axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.argwhere([[0.0, 3.0], [4.0, 0.0]])
    Tensor([[0, 1],
            [1, 0]])
    """
    return stack(nonzero(a), axis=1)
