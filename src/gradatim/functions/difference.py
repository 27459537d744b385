"""Differences of neighbours, and sums that undo them: calculus on sampled functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.functions.axis import axis_tuple, one_axis
from gradatim.functions.door import door
from gradatim.functions.joining import concatenate
from gradatim.functions.shaping import broadcast_to
from gradatim.types import Axis


def _along(axis: int, here: slice | int | None) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, here)


@door(np.diff)
def diff(
    a: TensorLike,
    n: int = 1,
    axis: int = -1,
    prepend: TensorLike | None = None,
    append: TensorLike | None = None,
) -> Tensor:
    """Differences of neighbours, ``a[i + 1] - a[i]``.

    Parameters
    ----------
    a : Tensor or array_like with one or more axes
        The values.
    n : int
        How many times to take differences.
    axis : int
        Along which axis.
    prepend, append : Tensor or array_like, optional
        Values before the first and behind the last one; a number stands for one along the axis.

    Returns
    -------
    Tensor
        Shorter by ``n`` along the axis. Gradient: the differences of ``g``, with the other sign.

    Raises
    ------
    ShapeError
        If ``n`` is negative, or there is no such axis.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.diff([1.0, 4.0, 9.0])
    Tensor([3., 5.])
    """
    x = lift(a)
    place = one_axis("diff", axis, x.shape)
    if n < 0:
        raise ShapeError(f"diff: n is {n}; differences are taken 0 times or more.")
    ends = [_margin(end, x, place) for end in (prepend, append)]
    parts = [part for part in (ends[0], x, ends[1]) if part is not None]
    x = concatenate(parts, place) if len(parts) > 1 else x
    for _ in range(n):
        after, before = x[_along(place, slice(1, None))], x[_along(place, slice(None, -1))]
        x = after != before if x.dtype.kind == "b" else after - before
    return x


def _margin(values: TensorLike | None, x: Tensor, axis: int) -> Tensor | None:
    if values is None:
        return None
    given = lift(values, x)
    one = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    return given if given.ndim else broadcast_to(given, one)


@door(np.gradient)
def gradient(
    f: TensorLike, *varargs: TensorLike, axis: Axis = None, edge_order: int = 1
) -> Tensor | tuple[Tensor, ...]:
    """Slopes of a sampled function, by central differences inside and one-sided ones at the ends.

    Not the gradient by backpropagation: that is :func:`grad`.

    Parameters
    ----------
    f : Tensor or array_like with one or more axes
        The samples.
    *varargs : number or 1-d array_like
        Distances of the samples, or their coordinates: one for all axes, or one for each; 1 if
        not given.
    axis : int or sequence of int, optional
        Along which axes; all if not given.
    edge_order : {1, 2}
        Order of accuracy at the ends.

    Returns
    -------
    Tensor, or tuple of Tensor for several axes
        Of the shape of ``f``. Gradient: also with respect to distances and coordinates.

    Raises
    ------
    ShapeError
        If an axis has too few samples, or coordinates do not fit the axis.

    Source: B. Fornberg (1988), Generation of finite difference formulas on arbitrarily spaced
    grids, as NumPy uses it.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.gradient([1.0, 4.0, 9.0], 2.0)
    Tensor([1.5, 2. , 2.5])
    """
    x = lift(f)
    x = x if x.dtype.kind == "f" else x.astype(float)
    axes = axis_tuple("gradient", axis, x.shape)
    spacings = _spacings(varargs, len(axes))
    if edge_order not in (1, 2):
        raise ShapeError(f"gradient: edge_order is {edge_order}; it must be 1 or 2.")
    slopes = tuple(_slope(x, place, h, edge_order) for place, h in zip(axes, spacings))
    return slopes[0] if len(slopes) == 1 else slopes


def _spacings(given: tuple[TensorLike, ...], count: int) -> list[TensorLike]:
    if len(given) in (0, 1):
        return [given[0] if given else 1.0] * count
    if len(given) != count:
        raise ShapeError(
            f"gradient: {len(given)} distances arrived for {count} axes; there must be one for "
            "each, or one for all."
        )
    return list(given)


def _slope(f: Tensor, axis: int, spacing: TensorLike, edge_order: int) -> Tensor:
    size = f.shape[axis]
    if size < edge_order + 1:
        raise ShapeError(
            f"gradient: axis {axis} of shape {f.shape} has {size} samples; edge_order "
            f"{edge_order} needs {edge_order + 1} or more."
        )
    step = _distances(f, axis, lift(spacing, f))
    even = step.ndim == 0
    before = step if even else step[_along(axis, slice(None, -1))]
    after = step if even else step[_along(axis, slice(1, None))]
    low, middle, high = (f[_along(axis, slice(i, size - 2 + i))] for i in range(3))
    if even:
        inside = (high - low) / (2 * step)
    else:
        # Both one-sided slopes, weighted by the distance on the other side.
        back, ahead = (middle - low) / before, (high - middle) / after
        inside = (back * after + ahead * before) / (before + after)
    ends = [_end_slope(f, axis, step, edge_order, last) for last in (False, True)]
    return concatenate([ends[0], inside, ends[1]], axis)


def _distances(f: Tensor, axis: int, spacing: Tensor) -> Tensor:
    """One distance for all, or those between neighbours along the axis."""
    if spacing.ndim == 0:
        return spacing
    if spacing.shape != (f.shape[axis],):
        raise ShapeError(
            f"gradient: coordinates of shape {spacing.shape} arrived for axis {axis} of shape "
            f"{f.shape}; there must be {f.shape[axis]}, on one axis."
        )
    return diff(spacing).reshape((-1, *(1 for _ in f.shape[axis + 1 :])))[(None,) * axis]


def _end_slope(f: Tensor, axis: int, step: Tensor, order: int, last: bool) -> Tensor:
    """Slope of the line, or of the parabola, through the outermost samples."""
    inward = -1 if last else 1
    outermost = -1 if last else 0

    def sample(x: Tensor, i: int) -> Tensor:
        here = outermost + inward * i
        return x[_along(axis, slice(here, here + 1 or None))]

    def distance(i: int) -> Tensor:
        return (step if step.ndim == 0 else sample(step, i)) * inward

    first = (sample(f, 1) - sample(f, 0)) / distance(0)
    if order == 1:
        return first
    second = (sample(f, 2) - sample(f, 1)) / distance(1)
    near, far = distance(0), distance(1)
    return first + (first - second) * near / (near + far)


@door(np.trapezoid)
def trapezoid(
    y: TensorLike,
    x: TensorLike | None = None,
    dx: TensorLike = 1.0,
    axis: int = -1,
) -> Tensor:
    """Integral of a sampled function by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor or array_like with one or more axes
        The samples.
    x : Tensor or array_like, optional
        Coordinates of the samples, on one axis or of the shape of ``y``.
    dx : number or Tensor
        Distance of the samples where ``x`` is not given.
    axis : int
        Along which axis.

    Returns
    -------
    Tensor
        Of the shape of ``y`` without the axis. Gradient: ``g`` times half the distance of the
        neighbours.

    Raises
    ------
    ShapeError
        If the coordinates do not fit.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.trapezoid([1.0, 2.0, 3.0])
    Tensor(4.)
    """
    f = lift(y)
    place = one_axis("trapezoid", axis, f.shape)
    width = lift(dx, f)
    if x is not None:
        given = lift(x, f)
        width = diff(given, axis=axis if given.ndim > 1 else -1)
        if given.ndim == 1:
            width = width.reshape((-1, *(1 for _ in f.shape[place + 1 :])))
    ahead, back = f[_along(place, slice(1, None))], f[_along(place, slice(None, -1))]
    return (width * (ahead + back) / 2).sum(place)
