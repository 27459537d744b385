"""Primitives that read elements by position, and their halves that add them back.

An index is written as a ``key``: a tuple of slices, integers, ``None``, ``Ellipsis`` and
:data:`HOLE`. Each hole stands for the next array of positions, which is an input of the
primitive and not a part of the key, because positions are data: they differ from step to step.
"""

from __future__ import annotations

import enum
import itertools
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
FEW = 500
"""Up to so many numbers NumPy adds faster at tuples of positions than at flat ones."""


def fill(key: Key, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put the arrays into the holes of the key."""
    supply = iter(arrays)
    return tuple(next(supply) if part is HOLE else part for part in key)


def spelt(key: Key) -> str:
    """Write a key as it stands between brackets, its holes as ``positions0``, ``positions1``."""
    count = itertools.count()
    words = [f"positions{next(count)}" if part is HOLE else _part_words(part) for part in key]
    return ", ".join(words) or "()"


def _part_words(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if not isinstance(part, slice):
        return str(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join(ends if part.step is None else [*ends, str(part.step)])


def _read(x: Any, *arrays: Any, key: Key) -> Any:
    return x[fill(key, arrays)]


def _read_shape(shape: Shape, *arrays: Shape, key: Key) -> Shape:
    # A view of one element strided over the shape has the shape's indexing and no memory.
    ghost = np.broadcast_to(np.zeros(()), shape)
    return ghost[fill(key, tuple(np.zeros(s, np.intp) for s in arrays))].shape


def _add(g: Any, *arrays: Any, key: Key, shape: Shape) -> Any:
    """Zeros of ``shape`` to which ``g`` is added at the key; a position read twice gets both."""
    result = np.zeros(shape, g.dtype)
    if not arrays:
        result[key] = g
    elif all(part is HOLE for part in key) and len({a.shape for a in arrays}) == 1:
        _accumulate(result, arrays, g)
    else:
        _accumulate(*_positions_first(result, g, key, arrays))
    return result


def _positions_first(result: Any, g: Any, key: Key, arrays: tuple[Any, ...]) -> Any:
    """Views of ``result`` and ``g`` whose leading axes are those of the positions, and these."""
    supply = iter(arrays)
    parts = [i for i, part in enumerate(key) if part is HOLE or isinstance(part, int)]
    spots = np.broadcast_arrays(*(next(supply) if key[i] is HOLE else key[i] for i in parts))
    view = result[tuple(slice(None) if i in parts else part for i, part in enumerate(key))]
    left = result.ndim - sum(part is not None and part is not Ellipsis for part in key)
    ends = list(itertools.accumulate(left if part is Ellipsis else 1 for part in key))
    axes = [ends[i] - 1 for i in parts]
    # NumPy: axes of positions stand where the first array stood, or in front if arrays are apart.
    start = axes[0] if parts[-1] - parts[0] + 1 == len(parts) else 0
    width = spots[0].ndim
    rows = np.moveaxis(view, axes, range(len(axes)))
    return rows, spots, np.moveaxis(g, range(start, start + width), range(width))


def _accumulate(rows: Any, spots: Any, values: Any) -> None:
    """Add ``values[k]`` to ``rows[spots[0][k], spots[1][k], ...]``, in place, for every k."""
    at = tuple(spot.reshape(-1) for spot in spots)
    values = values.reshape(at[0].shape + rows.shape[len(at) :])
    if values.ndim == 1 and len(values) > FEW and rows.flags.c_contiguous:
        np.add.at(rows.reshape(-1), np.ravel_multi_index(at, rows.shape, "wrap"), values)
        return
    if values.ndim == 1 or not len(values):
        np.add.at(rows, at, values)
        return
    flat = np.ravel_multi_index(at, rows.shape[: len(at)], "wrap")
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if len(first) == len(flat):
        rows[at] = values
    else:  # whole rows at once; np.add.at adds number by number, 10 times slower
        sums = np.add.reduceat(values[order], first, axis=0)
        rows[tuple(spot[order[first]] for spot in at)] = sums


def _take_along_rule(g: Any, y: Any, x: Any, indices: Any, axis: int) -> Any:
    return g.add_along_axis(indices, axis, x.shape)


def _grid(indices: Any, axis: int) -> tuple[Any, ...]:
    """Position arrays that read along ``axis``: a third of np.take_along_axis's time."""
    grid = []
    for i, n in enumerate(indices.shape):
        line = [1] * indices.ndim
        line[i] = n
        grid.append(indices if i == axis else np.arange(n).reshape(line))
    return tuple(grid)


def _take_along(x: Any, indices: Any, axis: int) -> Any:
    alike = all(n == m for i, (n, m) in enumerate(zip(x.shape, indices.shape)) if i != axis)
    return x[_grid(indices, axis)] if alike else np.take_along_axis(x, indices, axis)


def _add_along(g: Any, indices: Any, axis: int, shape: Shape) -> Any:
    result = np.zeros(shape, g.dtype)
    grid = _grid(indices, axis)
    if indices.shape[axis] == 1:  # nothing can come twice
        result[grid] = g
    else:
        np.add.at(result, grid, g)
    return result


def _one_hot(t: Any, classes: int, dtype: np.dtype[Any]) -> Any:
    flat = t.reshape(-1)
    result = np.zeros((flat.size, classes), dtype)
    result[np.arange(flat.size), flat] = 1
    return result.reshape((*t.shape, classes))


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
    formulas={"y": lambda key: f"x[{spelt(key)}]"},
)
index_add = structural(
    "index_add",
    _add,
    "index_add({x}, {positions}, {key}, {shape})",
    shape=lambda *_, key, shape: shape,
    dtype=first_dtype,
    x=lambda g, y, x, *arrays, key, shape: g.index(*arrays, key=key),
    positions_=None,
    formulas={"y": lambda key, shape: f"zeros({shape}).at[{spelt(key)}].add(x)"},
)
take_along_axis = structural(
    "take_along_axis",
    _take_along,
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
one_hot = structural(
    "one_hot",
    _one_hot,
    "np.eye({classes}, dtype=np.{dtype})[{t}]",
    shape=lambda shape, classes, dtype: (*shape, classes),
    dtype=lambda _, classes, dtype: dtype,
    t=None,
    formulas={"y": "one_hot(t, classes)"},
)
