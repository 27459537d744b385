"""Primitives that give the same elements another arrangement."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.primitives.primitive import first_shape, structural
from gradatim.types import Shape


def _concatenated(*shapes: Shape, axis: int) -> Shape:
    first = shapes[0]
    return (*first[:axis], sum(s[axis] for s in shapes), *first[axis + 1 :])


def _concatenate_rule(g: Any, y: Any, *xs: Any, axis: int, position: int) -> Any:
    start = sum(x.shape[axis] for x in xs[:position])
    here = slice(start, start + xs[position].shape[axis])
    return g[(slice(None),) * axis + (here,)]


def _pad_rule(g: Any, y: Any, x: Any, value: Any, widths: tuple[tuple[int, int], ...]) -> Any:
    return g[_inside(x.shape, widths)]


def _pad_value_rule(g: Any, y: Any, x: Any, value: Any, widths: tuple[tuple[int, int], ...]) -> Any:
    return g.sum() - g[_inside(x.shape, widths)].sum()


def _inside(shape: Shape, widths: tuple[tuple[int, int], ...]) -> tuple[slice, ...]:
    return tuple(slice(before, before + n) for n, (before, _) in zip(shape, widths))


def _pad(x: Any, value: Any, widths: tuple[tuple[int, int], ...]) -> Any:
    result = np.full(_padded(x.shape, (), widths), value, np.result_type(x, value))
    result[_inside(x.shape, widths)] = x
    return result


def _padded(shape: Shape, _: Shape, widths: tuple[tuple[int, int], ...]) -> Shape:
    return tuple(n + before + after for n, (before, after) in zip(shape, widths))


def _broadcast_to(x: Any, shape: Shape) -> Any:
    # np.broadcast_to takes 10 times longer on small arrays and gives a view that must not be
    # written; what reads it afterwards is faster on contiguous memory.
    result = np.empty(shape, x.dtype)
    result[...] = x
    return result


def _cast_rule(g: Any, y: Any, x: Any, dtype: np.dtype[Any]) -> Any:
    return g.astype(x.dtype)


def _diagonal_shape(shape: Shape, offset: int, axis1: int, axis2: int) -> Shape:
    rows, columns = shape[axis1], shape[axis2]
    size = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return (*(n for i, n in enumerate(shape) if i not in (axis1, axis2)), size)


def _embed_diagonal(x: Any, shape: Shape, offset: int, axis1: int, axis2: int) -> Any:
    """Zeros of ``shape`` with ``x`` on the diagonal that ``np.diagonal`` would read."""
    result = np.zeros(shape, x.dtype)
    plane = np.moveaxis(result, (axis1, axis2), (-2, -1))
    i = np.arange(x.shape[-1])
    plane[..., i - min(offset, 0), i + max(offset, 0)] = x
    return result


def _transpose_words(axes: tuple[int, ...]) -> str:
    *lead, last = range(len(axes)) or [0]
    if axes == (1, 0):
        return "x.T"
    swapped = axes == (*lead[:-1], last, *lead[-1:])
    return "x.mT" if swapped and len(axes) > 2 else f"x.transpose({axes})"


def _one(axis: Any) -> Any:
    """Write one axis, or one shift, without the tuple round it."""
    return axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis


reshape = structural(
    "reshape",
    lambda x, shape: x.reshape(shape),
    "{x}.reshape({shape})",
    shape=lambda _, shape: shape,
    x=lambda g, y, x, shape: g.reshape(x.shape),
)
transpose = structural(
    "transpose",
    lambda x, axes: x.transpose(axes),
    "{x}.transpose({axes})",
    shape=lambda shape, axes: tuple(shape[a] for a in axes),
    x=lambda g, y, x, axes: g.transpose(tuple(axes.index(i) for i in range(len(axes)))),
    formulas={"y": _transpose_words},
)
broadcast_to = structural(
    "broadcast_to",
    _broadcast_to,
    "np.broadcast_to({x}, {shape})",
    shape=lambda _, shape: shape,
    x=lambda g, y, x, shape: g,  # the engine sums g back to the shape of x
)
flip = structural(
    "flip",
    lambda x, axis: np.flip(x, axis),
    "np.flip({x}, {axis})",
    shape=first_shape,
    x=lambda g, y, x, axis: g.flip(axis),
    formulas={"y": lambda axis: f"flip(x, {_one(axis)})"},
)
roll = structural(
    "roll",
    lambda x, shift, axis: np.roll(x, shift, axis),
    "np.roll({x}, {shift}, {axis})",
    shape=first_shape,
    x=lambda g, y, x, shift, axis: g.roll(
        tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis
    ),
    formulas={"y": lambda shift, axis: f"roll(x, {_one(shift)}, {_one(axis)})"},
)
concatenate = structural(
    "concatenate",
    lambda *xs, axis: np.concatenate(xs, axis),
    "np.concatenate(({xs}), axis={axis})",
    shape=_concatenated,
    xs_=_concatenate_rule,
    formulas={"y": "concatenate([*xs], axis=axis)"},
)
pad = structural(
    "pad",
    _pad,
    "np.pad({x}, {widths}, constant_values={value})",
    shape=_padded,
    x=_pad_rule,
    value=_pad_value_rule,
)
tril = structural(
    "tril",
    lambda x, k: np.tril(x, k),
    "np.tril({x}, {k})",
    shape=first_shape,
    x=lambda g, y, x, k: g.tril(k),
)
triu = structural(
    "triu",
    lambda x, k: np.triu(x, k),
    "np.triu({x}, {k})",
    shape=first_shape,
    x=lambda g, y, x, k: g.triu(k),
)
diagonal = structural(
    "diagonal",
    lambda x, offset, axis1, axis2: np.diagonal(x, offset, axis1, axis2),
    "np.diagonal({x}, {offset}, {axis1}, {axis2})",
    shape=_diagonal_shape,
    x=lambda g, y, x, offset, axis1, axis2: g.embed_diagonal(x.shape, offset, axis1, axis2),
)
embed_diagonal = structural(
    "embed_diagonal",
    _embed_diagonal,
    "embed_diagonal({x}, {shape}, {offset}, {axis1}, {axis2})",
    shape=lambda _, shape, offset, axis1, axis2: shape,
    x=lambda g, y, x, shape, offset, axis1, axis2: g.diagonal(offset, axis1, axis2),
)
cast = structural(
    "astype",
    lambda x, dtype: x.astype(dtype),
    "{x}.astype(np.{dtype})",
    shape=first_shape,
    dtype=lambda _, dtype: dtype,
    x=_cast_rule,
)
# Integers and booleans have no gradient, so a cast to them has no rule.
cast_exact = structural(
    "astype_exact",
    lambda x, dtype: x.astype(dtype),
    "{x}.astype(np.{dtype})",
    shape=first_shape,
    dtype=lambda _, dtype: dtype,
    x=None,
)
