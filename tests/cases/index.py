"""Rows of the functions that choose elements by position."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.primitives.index import HOLE

try:
    import torch
except ImportError:
    torch = None

V = np.array([1.5, -0.5, 2.5, 0.25])
M = np.array([[1.0, -2.0, 3.5], [0.5, 4.0, -1.5], [2.0, 0.25, -3.0], [-1.0, 5.0, 0.75]])
T = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.3
WHOLE = np.arange(12).reshape(4, 3)
ROWS = np.array([3, 0, 3, -1, 1])
GRID = np.array([[0, 2], [2, -3]])
MASK = np.array([True, False, True, True])
ALL = slice(None)


def bad(inputs, error, text, **settings):
    return Bad(inputs if isinstance(inputs, tuple) else (inputs,), settings, error, text)


def read(x, *key):
    """The element, or elements, at a key."""
    return (gd.Tensor(x) if isinstance(x, np.ndarray) else x)[key[0] if len(key) == 1 else key]


def read_by_numpy(x, *key):
    return x[key[0] if len(key) == 1 else key]


def torch_index_add(g, arrays, key, shape):
    """index_put of the positions that the key reads, found by reading numbered elements."""
    numbers = np.arange(np.prod(shape)).reshape(shape)
    supply = iter(arrays)
    at = numbers[tuple(next(supply) if part is HOLE else part for part in key)]
    flat = torch.zeros(int(np.prod(shape)), dtype=g.dtype)
    places = torch.as_tensor(at.reshape(-1).copy())
    return flat.index_add(0, places, g.expand(at.shape).reshape(-1)).reshape(shape)


def read_by_torch(x, *key):
    return x[key[0] if len(key) == 1 else key]


def scatter(g, *positions, key, shape):
    """What an index adds back, one number at a time."""
    flat = np.zeros(shape, g.dtype).reshape(-1)
    supply = iter(positions)
    filled = tuple(next(supply) if part is HOLE else part for part in key)
    places = np.arange(flat.size).reshape(shape)[filled]
    for place, number in zip(places.reshape(-1), np.broadcast_to(g, places.shape).reshape(-1)):
        flat[place] += number
    return flat.reshape(shape)


def added(g, *positions, key, shape):
    return gd.astype(g, g.dtype).index_add(*positions, key=key, shape=shape)


def scatter_along(g, indices, axis, shape):
    result = np.zeros(shape, g.dtype)
    for place in np.ndindex(indices.shape):
        where = list(place)
        where[axis] = indices[place]
        result[tuple(where)] += g[place]
    return result


POSITIONS = "positions are integers or booleans, not float64"

CASES = [
    Case(
        "x[slices and numbers]",
        read,
        read_by_numpy,
        [
            Sample(V, 2),
            Sample(V, -1),
            Sample(V, np.int8(1)),
            Sample(V, slice(1, None)),
            Sample(M, 1, 2),
            Sample(M, ALL, 1),
            Sample(M, None, 1, None),
            Sample(T, ..., 0),
            Sample(T, 1, ..., slice(0, 3, 2)),
            Sample(T, ...),
            Sample(T, slice(2, 2)),
            Sample(np.array(1.5), ()),
            Sample(np.array(1.5), ..., None),
        ],
        primitive="index",
        torch=read_by_torch,
        kinks=[Sample(WHOLE, 1), Sample(WHOLE > 3, ALL, 0)],
        bad=[
            bad((V, 4), ShapeError, "index 4 is out of bounds for axis 0 with size 4"),
            bad((M, 0, -4), ShapeError, "index -4 is out of bounds for axis 1 with size 3"),
            bad((V, 0, 0), ShapeError, "too many indices"),
            bad((V, ..., ...), ShapeError, "ellipsis"),
            bad((V, 1.0), DtypeError, POSITIONS),
        ],
    ),
    Case(
        "x[backwards]",
        read,
        read_by_numpy,
        [Sample(V, slice(None, None, -1)), Sample(T, ALL, slice(None, None, -2), 1)],
        primitive="index",
    ),
    Case(
        "x[arrays]",
        read,
        read_by_numpy,
        [
            Sample(V, ROWS),
            Sample(M, ROWS),
            Sample(M, np.arange(4), np.array([0, 2, 2, 1])),
            Sample(M, np.array([1, 1, 1]), np.array([2, 2, 0])),
            Sample(M, GRID),
            Sample(T, ALL, GRID),
            Sample(T, ALL, GRID[:1], GRID),
            Sample(T, GRID % 2, ..., GRID),
            Sample(T, ..., np.array([0, 0])),
            Sample(T, np.array([0, 1]), ALL, np.array([0, 0])),
            Sample(T, np.array([1, 1]), None, np.array([0, 0])),
            Sample(T, 1, ALL, np.array([3, 3])),
            Sample(T, np.array([1]), 1),
            Sample(T, slice(1, None), np.array([0, 0]), slice(0, 2)),
            Sample(M, np.zeros((0,), int)),
            Sample(M, np.array(1)),
        ],
        primitive="index",
        kinks=[Sample(WHOLE, ROWS), Sample(M, (1, 0))],
        bad=[
            bad(
                (V, np.array([0, 7])), ShapeError, "index 7 is out of bounds for axis 0 with size 4"
            ),
            bad((M, np.array([0, 1]), np.array([0, 1, 2])), ShapeError, "could not be broadcast"),
            bad((V, np.array([0.5])), DtypeError, "Try .astype(int)"),
        ],
    ),
    Case(
        "x[masks]",
        read,
        read_by_numpy,
        [
            Sample(V, MASK),
            Sample(M, MASK),
            Sample(M, M > 0),
            Sample(M, M > 9),
            Sample(T, ALL, T[0] > 0),
            Sample(T, 0, np.array([True, False, True]), ALL),
            Sample(M, MASK, np.array([0, 2, 2])),
            Sample(T, ..., MASK),
            Sample(V, True),
            Sample(M, False),
            Sample(M, ALL, None, np.bool_(True)),
        ],
        primitive="index",
        bad=[
            bad((V, MASK[:3]), ShapeError, "the mask has shape (3,), but axis 0 of the Tensor of"),
            bad((M, ALL, MASK), ShapeError, "but axis 1 of the Tensor of shape (4, 3) has (3,)"),
            bad(
                (T, T[:, 0] > 0),
                ShapeError,
                "axes 0 to 1 of the Tensor of shape (2, 3, 4) have (2, 3)",
            ),
        ],
    ),
    Case(
        "index_add",
        added,
        scatter,
        [
            Sample(V, key=(slice(1, 5),), shape=(6,)),
            Sample(V, key=(ALL, 1), shape=(4, 2)),
            Sample(np.ones(5), ROWS, key=(HOLE,), shape=(4,)),
            Sample(np.ones((5, 3)) + M[0], ROWS, key=(HOLE,), shape=(4, 3)),
            Sample(V, np.arange(4), np.array([0, 2, 2, 1]), key=(HOLE, HOLE), shape=(4, 3)),
            Sample(T[0].T, np.array([1, 1, 0]), key=(ALL, HOLE), shape=(4, 2)),
            Sample(T, np.array([0, 2, 2, 0]), key=(..., HOLE), shape=(2, 3, 3)),
            Sample(
                T[0],
                np.array([1, 1, 0]),
                np.array([2, 2, 2]),
                key=(HOLE, ALL, HOLE),
                shape=(2, 4, 3),
            ),
        ],
        primitive="index_add",
        torch=lambda g, *arrays, key, shape: torch_index_add(g, arrays, key, shape),
        kinks=[Sample(np.arange(5), ROWS, key=(HOLE,), shape=(4,))],
    ),
    Case(
        "take",
        gd.take,
        np.take,
        [
            Sample(V, ROWS),
            Sample(M, GRID),
            Sample(M, ROWS[:2] % 3, axis=1),
            Sample(T, GRID, axis=-1),
            Sample(V, np.array(2)),
            Sample(V, np.array([5, -7]), mode="wrap"),
            Sample(V, np.array([5, -7, 2]), mode="clip"),
        ],
        kinks=[Sample(WHOLE, ROWS), Sample(V, 1)],
        bad=[
            bad((V, np.array([4])), ShapeError, "index 4 is out of bounds for axis 0 with size 4"),
            bad((V, V), DtypeError, POSITIONS),
            bad((M, 0), ShapeError, "axis 2 does not exist", axis=2),
            bad((V, 0), ShapeError, "mode is 'trim'; it must be raise, wrap or clip", mode="trim"),
        ],
    ),
    Case(
        "take_along_axis",
        gd.take_along_axis,
        np.take_along_axis,
        [
            Sample(M, np.argsort(M, 0), axis=0),
            Sample(M, np.array([[0], [2], [2], [-1]]), axis=-1),
            Sample(M, np.array([[1, 1, 1, 0]]), axis=1),
            Sample(M[:1], np.array([[0, 1, 1], [2, 2, 0]]), axis=1),
            Sample(M, np.array([3, 3, 0]), axis=None),
        ],
        primitive="take_along_axis",
        torch=lambda x, at, axis: torch.take_along_dim(
            x, torch.as_tensor(at % (x.numel() if axis is None else x.shape[axis])), axis
        ),
        bad=[
            bad((M, ROWS), ShapeError, "they must have equally many axes", axis=0),
            bad((M, GRID + 0.5), DtypeError, POSITIONS, axis=0),
            bad((M, np.array([[9]])), ShapeError, "index 9 is out of bounds", axis=0),
            bad((M, GRID), ShapeError, "take_along_axis: the shapes", axis=1),
        ],
    ),
    Case(
        "one_hot",
        gd.one_hot,
        lambda t, classes, dtype=float: np.eye(classes, dtype=dtype)[t],
        [],
        primitive="one_hot",
        wrt=(),
        kinks=[
            Sample(np.array([2, 0, 1]), 3),
            Sample(np.array([[1], [1]]), 2, dtype=np.float32),
            Sample(np.array(1), 4),
            Sample(np.zeros(0, int), 3),
        ],
        bad=[
            bad((V, 3), DtypeError, "the labels are float64; they must be integers"),
            bad((np.array([0, 3]), 3), DataError, "element[1] is 3; it must lie in 0..2"),
            bad((np.array([-1]), 3), DataError, "element[0] is -1"),
        ],
    ),
    Case(
        "add_along_axis",
        lambda g, indices, axis, shape: gd.astype(g, g.dtype).add_along_axis(indices, axis, shape),
        scatter_along,
        [
            Sample(M, np.array([[0, 1, 1], [0, 1, 0], [1, 1, 1], [0, 0, 0]]), 0, (2, 3)),
            Sample(M, np.array([[0, 1, 1], [0, 3, 0], [1, 1, 1], [0, 0, 4]]), 1, (4, 5)),
        ],
        primitive="add_along_axis",
        torch=lambda g, at, axis, shape: torch.zeros(shape, dtype=g.dtype).scatter_add(
            axis, torch.as_tensor(at), g
        ),
    ),
    Case(
        "compress",
        lambda x, mask, **settings: gd.compress(mask, x, **settings),
        lambda x, mask, **settings: np.compress(mask, x, **settings),
        [Sample(V, MASK), Sample(M, MASK, axis=0), Sample(M, MASK), Sample(M, MASK[:2], axis=-1)],
        bad=[bad((M, M > 0), ShapeError, "compress: the condition has shape (4, 3)")],
    ),
    Case(
        "x.compress",
        lambda x, mask: gd.astype(x, x.dtype).compress(mask, axis=0),
        lambda x, mask: x.compress(mask, axis=0),
        [Sample(M, MASK)],
    ),
    Case(
        "extract",
        lambda x, mask: gd.extract(mask, x),
        lambda x, mask: np.extract(mask, x),
        [Sample(M, M > 0), Sample(V, MASK)],
    ),
    Case(
        "select",
        lambda a, b, c: gd.select([V > 1, MASK], [a, b], c),
        lambda a, b, c: np.select([V > 1, MASK], [a, b], c),
        [Sample(V, V * 3, V - 7), Sample(V, V[:1], np.array(0.5))],
        wrt=(0, 1, 2),
    ),
    Case(
        "select without a default",
        gd.select,
        np.select,
        [],
        kinks=[Sample((V > 1, MASK), (V, V * 2))],
        bad=[bad(((V > 1,), (V, V)), ShapeError, "1 conditions and 2 values arrived")],
    ),
    Case(
        "nonzero",
        gd.nonzero,
        np.nonzero,
        [Sample(V), Sample(M - M[0]), Sample(np.zeros(3))],
        wrt=(),
        kinks=[Sample(WHOLE), Sample(MASK)],
        bad=[bad(np.array(1.0), ShapeError, "an array without axes has no positions")],
    ),
    Case("flatnonzero", gd.flatnonzero, np.flatnonzero, [Sample(M - M[0])], wrt=()),
    Case("argwhere", gd.argwhere, np.argwhere, [Sample(M - M[0]), Sample(V)], wrt=()),
]
