"""Running along an axis: cumulative sums and products, and the recurrence behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.functions.axis import one_axis
from gradatim.functions.door import door
from gradatim.primitives import reduce

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


@door(np.cumsum, method=True)
def cumsum(a: TensorLike, axis: int | None = None, *, dtype: DTypeLike | None = None) -> Tensor:
    """Sum of all elements up to each one, ``y_k = a_0 + ... + a_k``.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; booleans and small integers are summed as int64.
    axis : int or None
        Axis to run along; None runs through all elements in one row.
    dtype : dtype, optional
        Convert the elements to this first.

    Returns
    -------
    Tensor
        Same shape; one axis for None. Gradient: the sum of ``g`` from each place on.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cumsum([1.0, 2.0, 3.0])
    Tensor([1., 3., 6.])
    """
    given, along = _row(a, axis, dtype, "cumsum")
    return bind(reduce.cumsum, given, axis=along)


@door(np.cumprod, method=True)
def cumprod(a: TensorLike, axis: int | None = None, *, dtype: DTypeLike | None = None) -> Tensor:
    """Product of all elements up to each one, ``y_k = a_0 * ... * a_k``.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Any dtype; booleans and small integers are multiplied as int64.
    axis : int or None
        Axis to run along; None runs through all elements in one row.
    dtype : dtype, optional
        Convert the elements to this first.

    Returns
    -------
    Tensor
        Same shape; one axis for None. Gradient: right also where elements are 0.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.cumprod([1.0, 2.0, 3.0])
    Tensor([1., 2., 6.])
    """
    given, along = _row(a, axis, dtype, "cumprod")
    return bind(reduce.cumprod, given, axis=along)


@door(method=True)
def recurrence(b: TensorLike, a: TensorLike, axis: int) -> Tensor:
    """Solve ``s_0 = b_0``, ``s_k = b_k + a_k * s_(k-1)`` along an axis; b is this Tensor.

    A method for the rules of derivatives, not a public function.

    Parameters
    ----------
    a : Tensor or array_like of the same shape
        Float: the factors.
    axis : int
        Axis to run along.

    Returns
    -------
    Tensor
        Same shape. Gradient: the same recurrence, run backwards.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.Tensor([1.0, 1.0, 1.0]).recurrence([0.0, 2.0, 2.0], 0)
    Tensor([1., 3., 7.])
    """
    terms = lift(b)
    return bind(reduce.recurrence, terms, a, axis=one_axis("recurrence", axis, terms.shape))


@door(method=True)
def positions(a: TensorLike, axis: int) -> Tensor:
    """Position of every element along an axis: 0 in the first place, and so on.

    A method for the rules of derivatives, not a public function.

    Parameters
    ----------
    axis : int
        Axis to count along.

    Returns
    -------
    Tensor
        Same shape, integer. No gradient.

    Raises
    ------
    ShapeError
        If the shape has no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.Tensor([[5.0, 6.0], [7.0, 8.0]]).positions(1)
    Tensor([[0, 1],
            [0, 1]])
    """
    given = lift(a)
    return bind(reduce.positions, given, axis=one_axis("positions", axis, given.shape))


def _row(
    a: TensorLike, axis: int | None, dtype: DTypeLike | None, called: str
) -> tuple[Tensor, int]:
    given = lift(a) if dtype is None else lift(a).astype(dtype)
    if axis is None:
        return given.reshape((given.size,)), 0
    return given, one_axis(called, axis, given.shape)
