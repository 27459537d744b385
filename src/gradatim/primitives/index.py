"""Primitives that read elements by position, and their halves that add them back.

An index is written as a ``key``: a tuple of slices, integers, ``None``, ``Ellipsis`` and
:data:`HOLE`. Each hole stands for the next array of positions, which is an input of the
primitive and not a part of the key, because positions are data: they differ from step to step.
"""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from gradatim.primitives.primitive import first_dtype, structural
from gradatim.types import Shape


class Hole(enum.Enum):
    """Type of :data:`HOLE`, the place in a key that an array of positions fills."""

    HOLE = "HOLE"

    def __repr__(self) -> str:
        return self.value


HOLE = Hole.HOLE
Key = tuple[Any, ...]


def fill(key: Key, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put the arrays into the holes of the key."""
    supply = iter(arrays)
    return tuple(next(supply) if part is HOLE else part for part in key)


def _read(x: Any, *arrays: Any, key: Key) -> Any:
    return x[fill(key, arrays)]


def _read_shape(shape: Shape, *arrays: Shape, key: Key) -> Shape:
    # A view of one element strided over the shape has the shape's indexing and no memory.
    ghost = np.broadcast_to(np.zeros(()), shape)
    return ghost[fill(key, tuple(np.zeros(s, np.intp) for s in arrays))].shape


def _add(g: Any, *arrays: Any, key: Key, shape: Shape) -> Any:
    """Zeros of ``shape`` to which ``g`` is added at the key; a position read twice gets both."""
    result = np.zeros(shape, g.dtype)
    index = fill(key, arrays)
    if not arrays or all(a.dtype == bool for a in arrays):
        result[index] = g
        return result
    flat = _flat_positions(index, shape)
    np.add.at(result.reshape(-1), flat.reshape(-1), np.broadcast_to(g, flat.shape).reshape(-1))
    return result


def _flat_positions(index: tuple[Any, ...], shape: Shape) -> Any:
    """Position in the flattened array of every element that the index reads."""
    size = int(np.prod(shape))
    return np.arange(size).reshape(shape)[index]


def _take_along_rule(g: Any, y: Any, x: Any, indices: Any, axis: int) -> Any:
    return g.add_along_axis(indices, axis, x.shape)


def _add_along(g: Any, indices: Any, axis: int, shape: Shape) -> Any:
    result = np.zeros(shape, g.dtype)
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in indices.shape)])
    grid[axis] = indices
    np.add.at(result, tuple(grid), g)
    return result


def _along_shape(shape: Shape, indices: Shape, axis: int) -> Shape:
    outer = np.broadcast_shapes(shape[:axis], indices[:axis])
    inner = np.broadcast_shapes(shape[axis + 1 :], indices[axis + 1 :])
    return (*outer, indices[axis], *inner)


# The last input stands for any number of position arrays; only the array that is read has a rule.
index = structural(
    "index",
    _read,
    "{x}[{key}]",
    shape=_read_shape,
    dtype=first_dtype,
    x=lambda g, y, x, *arrays, key: g.index_add(*arrays, key=key, shape=x.shape),
    positions_=None,
)
index_add = structural(
    "index_add",
    _add,
    "index_add({x}, {positions}, {key}, {shape})",
    shape=lambda *_, key, shape: shape,
    dtype=first_dtype,
    x=lambda g, y, x, *arrays, key, shape: g.index(*arrays, key=key),
    positions_=None,
)
take_along_axis = structural(
    "take_along_axis",
    lambda x, indices, axis: np.take_along_axis(x, indices, axis),
    "np.take_along_axis({x}, {indices}, {axis})",
    shape=_along_shape,
    dtype=first_dtype,
    x=_take_along_rule,
    indices=None,
)
add_along_axis = structural(
    "add_along_axis",
    _add_along,
    "add_along_axis({x}, {indices}, {axis}, {shape})",
    shape=lambda *_, axis, shape: shape,
    dtype=first_dtype,
    x=lambda g, y, x, indices, axis, shape: g.take_along_axis(indices, axis),
    indices=None,
)
