"""Rows of the functions that give the same elements another shape, order or dtype."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import DtypeError, ShapeError

try:
    import torch
except ImportError:
    torch = None

V = np.array([1.5, -0.5, 2.5])
M = np.array([[1.0, -2.0, 3.5], [0.5, 4.0, -1.5]])
T = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.3
SQUARE = np.array([[1.5, 0.25, -3.0], [2.0, -1.0, 0.5], [0.75, 4.0, 1.0]])
ONES = np.array([[[1.0], [2.5]]])
EMPTY = np.ones((0, 3))
WHOLE = np.arange(6).reshape(2, 3)
NUMBER = np.array(2.5)


def torch_pad(x, pad_width, constant_values=0):
    """PyTorch counts from the last axis and wants a flat list."""
    if isinstance(pad_width, dict):
        pairs = [(0, 0)] * x.ndim
        for axis, pair in pad_width.items():
            pairs[axis] = pair
    else:
        pairs = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)).tolist()
    flat = [n for pair in reversed(pairs) for n in pair]
    return torch.nn.functional.pad(x, flat, value=constant_values)


def joined(function):
    """A function of a sequence as one of several arguments, or of one, so that rows can call it."""
    return lambda *arrays, **settings: function(arrays, **settings)


def bad(inputs, error, text, **settings):
    return Bad(inputs if isinstance(inputs, tuple) else (inputs,), settings, error, text)


NO_AXIS = "axis 3 does not exist: the shape (2, 3) has axes 0 to 1, or -2 to -1"
NO_ARRAYS = "no arrays arrived; there must be at least one"

SHAPING = [
    Case(
        "reshape",
        gd.reshape,
        np.reshape,
        [
            Sample(M, shape=(3, 2)),
            Sample(M, shape=-1),
            Sample(T, shape=(4, -1, 2)),
            Sample(NUMBER, shape=(1, 1)),
            Sample(np.ones((1, 1)), shape=()),
            Sample(EMPTY, shape=(3, 0)),
            Sample(M, shape=[3, np.int64(2)], order="C"),
        ],
        primitive="reshape",
        torch=lambda x, shape, order="C": x.reshape(shape),
        kinks=[Sample(WHOLE, shape=6), Sample(WHOLE > 2, shape=(3, 2))],
        bad=[
            bad(M, ShapeError, "6 elements cannot be arranged as (4, 2)", shape=(4, 2)),
            bad(M, ShapeError, "6 elements cannot be arranged as (4, -1)", shape=(4, -1)),
            bad(M, ShapeError, "leaves several sizes open", shape=(-1, -1)),
            bad(EMPTY, ShapeError, "cannot be arranged as (0, -1)", shape=(0, -1)),
            bad(M, ShapeError, "row by row here", shape=6, order="F"),
        ],
    ),
    Case(
        "ravel",
        gd.ravel,
        np.ravel,
        [Sample(T), Sample(NUMBER), Sample(EMPTY)],
        torch=lambda x: x.reshape(-1),
        bad=[bad(M, ShapeError, "order is 'F'", order="F")],
    ),
    Case("flatten", lambda x: gd.Tensor.flatten(gd.astype(x, x.dtype)), np.ravel, [Sample(T)]),
    Case(
        "transpose",
        gd.transpose,
        np.transpose,
        [
            Sample(M),
            Sample(T, axes=(1, 2, 0)),
            Sample(T, axes=[-1, 0, -2]),
            Sample(V),
            Sample(NUMBER),
            Sample(EMPTY),
        ],
        primitive="transpose",
        torch=lambda x, axes=None: x.permute(list(axes or range(x.ndim)[::-1])),
        kinks=[Sample(WHOLE)],
        bad=[
            bad(T, ShapeError, "each of the 3 axes must be named once", axes=(0, 1)),
            bad(M, ShapeError, "twice", axes=(0, -2)),
            bad(M, ShapeError, NO_AXIS, axes=(0, 3)),
        ],
    ),
    Case(
        "matrix_transpose",
        gd.matrix_transpose,
        np.matrix_transpose,
        [Sample(M), Sample(T)],
        torch=lambda x: x.mT,
        bad=[bad(V, ShapeError, "mT: a matrix needs 2 axes")],
    ),
    Case(
        "swapaxes",
        gd.swapaxes,
        np.swapaxes,
        [Sample(T, axis1=0, axis2=-1), Sample(T, axis1=1, axis2=1)],
        torch=lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
        bad=[bad(M, ShapeError, NO_AXIS, axis1=0, axis2=3)],
    ),
    Case(
        "moveaxis",
        gd.moveaxis,
        np.moveaxis,
        [
            Sample(T, source=0, destination=-1),
            Sample(T, source=(2, 0), destination=(0, 1)),
            Sample(T, source=(-1, 0), destination=(-2, -1)),
        ],
        torch=lambda x, source, destination: x.moveaxis(source, destination),
        bad=[
            bad(T, ShapeError, "there must be a place for each", source=(0, 1), destination=0),
            bad(M, ShapeError, NO_AXIS, source=0, destination=3),
        ],
    ),
    Case(
        "rollaxis",
        gd.rollaxis,
        np.rollaxis,
        [Sample(T, axis=a, start=s) for a in (0, 1, 2, -1) for s in (0, 1, 2, 3, -1, -3)],
        bad=[bad(M, ShapeError, NO_AXIS, axis=3)],
    ),
    Case(
        "expand_dims",
        gd.expand_dims,
        np.expand_dims,
        [Sample(M, axis=a) for a in (0, 1, -1, (0, -1), (1, 2))] + [Sample(NUMBER, axis=0)],
        bad=[bad(V, ShapeError, "axis 2 does not exist", axis=2)],
    ),
    Case(
        "squeeze",
        gd.squeeze,
        np.squeeze,
        [Sample(ONES), Sample(ONES, axis=0), Sample(ONES, axis=(0, -1)), Sample(NUMBER), Sample(M)],
        bad=[bad(ONES, ShapeError, "axis 1 of shape (1, 2, 1) has size 2", axis=1)],
    ),
    Case(
        "broadcast_to",
        gd.broadcast_to,
        np.broadcast_to,
        [
            Sample(V, shape=(2, 3)),
            Sample(ONES, shape=(3, 2, 2)),
            Sample(NUMBER, shape=(2,)),
            Sample(NUMBER, shape=()),
            Sample(np.ones((1, 3)), shape=(0, 3)),
            Sample(V[:1], shape=4),
        ],
        primitive="broadcast_to",
        torch=lambda x, shape: x.broadcast_to(shape if isinstance(shape, tuple) else (shape,)),
        kinks=[Sample(WHOLE, shape=(2, 2, 3))],
        bad=[
            bad(V, ShapeError, "broadcast_to: (3,) cannot become (3, 2)", shape=(3, 2)),
            bad(M, ShapeError, "no axis goes", shape=(3,)),
        ],
    ),
    Case(
        "broadcast_arrays",
        gd.broadcast_arrays,
        np.broadcast_arrays,
        [Sample(V, M[:, :1]), Sample(V), Sample(NUMBER, T, V[:1])],
        wrt=(-1,),
        bad=[bad((V, V[:2]), ShapeError, "the shapes (3,), (2,) do not broadcast")],
    ),
    *(
        Case(
            f"atleast_{n}d",
            own,
            numpys,
            [Sample(x) for x in (NUMBER, V, M, T)] + [Sample(V, M)],
            wrt=(-1,),
        )
        for n, own, numpys in (
            (1, gd.atleast_1d, np.atleast_1d),
            (2, gd.atleast_2d, np.atleast_2d),
            (3, gd.atleast_3d, np.atleast_3d),
        )
    ),
    Case(
        "astype",
        gd.astype,
        np.astype,
        [Sample(M, np.float64), Sample(M, "float64"), Sample(NUMBER, float)],
        primitive="astype",
        torch=lambda x, dtype: x.to(torch.float64),
        float32=False,
        kinks=[Sample(M, np.float32), Sample(WHOLE, float), Sample(M, "f2"), Sample(M > 0, "f4")],
        bad=[bad((M, complex), DtypeError, "complex128 cannot be the dtype of a Tensor")],
    ),
    Case(
        "astype to whole numbers",
        gd.astype,
        np.astype,
        [Sample(M, int), Sample(M, bool), Sample(M, np.uint8), Sample(WHOLE, np.int8)],
        primitive="astype_exact",
        wrt=(),
        bad=[bad((M, "U3"), DtypeError, "it must be float, integer or boolean")],
    ),
]

FILLING = [
    Case(
        "full",
        lambda value, shape, **settings: gd.full(shape, value, **settings),
        lambda value, shape, **settings: np.full(shape, value, **settings),
        [Sample(NUMBER, shape=(2, 3)), Sample(V, shape=(2, 3)), Sample(V[:1], shape=4)],
        kinks=[Sample(NUMBER, shape=(2,), dtype=np.float32), Sample(np.array(3), shape=2)],
        bad=[bad(V, ShapeError, "(3,) cannot become (2, 2)", shape=(2, 2))],
    ),
    Case(
        "full_like",
        lambda value, a, **s: gd.full_like(a, value, **s),
        lambda value, a, **s: np.full_like(a, value, **s),
        [Sample(NUMBER, M), Sample(V, M), Sample(V, M, shape=(3,))],
        kinks=[Sample(NUMBER, WHOLE), Sample(NUMBER, M, dtype=int)],
    ),
    Case(
        "zeros_like",
        gd.zeros_like,
        np.zeros_like,
        [Sample(M), Sample(NUMBER), Sample(EMPTY)],
        wrt=(),
        kinks=[Sample(WHOLE), Sample(M, dtype=int), Sample(M, shape=(4,))],
    ),
    Case(
        "ones_like",
        gd.ones_like,
        np.ones_like,
        [Sample(M), Sample(NUMBER), Sample(EMPTY)],
        wrt=(),
        kinks=[Sample(WHOLE), Sample(M, dtype=bool), Sample(M, shape=4)],
    ),
    Case(
        "linspace",
        gd.linspace,
        np.linspace,
        [
            Sample(np.array(0.5), np.array(2.0), 5),
            Sample(np.array(0.5), np.array(2.0), num=4, endpoint=False),
            Sample(np.array(0.5), np.array(2.0), num=3, retstep=True),
            Sample(V, np.array(2.0), num=3, axis=-1),
            Sample(V, V[::-1].copy(), num=2),
            Sample(V, M, num=2, axis=1),
            Sample(np.array(0.5), np.array(2.0), num=1),
            Sample(np.array(0.5), np.array(2.0), num=0),
            Sample(np.array(0.5), np.array(2.0)),
        ],
        wrt=(0, 1),
        float32=False,  # NumPy computes in float64 here, whatever comes in
        kinks=[
            Sample(np.array(1), np.array(4), num=3),
            Sample(np.array(1), np.array(4), num=3, dtype=int),
        ],
        bad=[bad((V, V), ShapeError, "num is -1; it must be 0 or more", num=-1)],
    ),
]

JOINING = [
    Case(
        "concatenate",
        joined(gd.concatenate),
        joined(np.concatenate),
        [
            Sample(V, V[:2]),
            Sample(M, M[:1], axis=0),
            Sample(T, T[..., :1], T[..., :0], axis=-1),
            Sample(M, V, axis=None),
            Sample(V),
        ],
        primitive="concatenate",
        wrt=(-1,),
        torch=lambda *xs, axis=0: torch.cat(
            [x.reshape(-1) for x in xs] if axis is None else xs, axis or 0
        ),
        kinks=[Sample(V, [1, 2]), Sample([1], [True]), Sample(V, V, dtype=np.float32)],
        bad=[
            bad((), ShapeError, NO_ARRAYS),
            bad((NUMBER, NUMBER), ShapeError, "Try gd.stack"),
            bad((M, V), ShapeError, "they must have equally many axes"),
            bad((M, M[:, :2]), ShapeError, "all sizes but those of axis 0 must be equal"),
            bad((M, M), ShapeError, NO_AXIS, axis=3),
        ],
    ),
    Case(
        "stack",
        joined(gd.stack),
        joined(np.stack),
        [Sample(M, M + 1, axis=a) for a in (0, 1, 2, -1, -2)] + [Sample(NUMBER, NUMBER)],
        wrt=(-1,),
        torch=lambda *xs, axis=0: torch.stack(xs, axis),
        bad=[
            bad((), ShapeError, NO_ARRAYS),
            bad((M, V), ShapeError, "shapes (2, 3), (3,); they must have one shape"),
            bad((V, V), ShapeError, "axis 2 does not exist", axis=2),
        ],
    ),
    Case(
        "vstack",
        joined(gd.vstack),
        joined(np.vstack),
        [Sample(V, M), Sample(M, V, V), Sample(NUMBER, NUMBER)],
        wrt=(-1,),
        bad=[bad((V, V[:2]), ShapeError, "all sizes but those of axis 0")],
    ),
    Case(
        "hstack",
        joined(gd.hstack),
        joined(np.hstack),
        [Sample(V, V[:1]), Sample(M, M[:, :1]), Sample(NUMBER, V)],
        wrt=(-1,),
        bad=[bad((), ShapeError, NO_ARRAYS)],
    ),
    Case(
        "dstack",
        joined(gd.dstack),
        joined(np.dstack),
        [Sample(V, V), Sample(M, M), Sample(T, T[..., :1])],
        wrt=(-1,),
        bad=[bad((V, V[:2]), ShapeError, "all sizes but those of axis 2")],
    ),
    Case(
        "column_stack",
        joined(gd.column_stack),
        joined(np.column_stack),
        [Sample(V, V), Sample(SQUARE, V), Sample(NUMBER, V[:1])],
        wrt=(-1,),
        bad=[bad((V, V[:2]), ShapeError, "all sizes but those of axis 1")],
    ),
    Case(
        "append",
        gd.append,
        np.append,
        [Sample(V, NUMBER), Sample(M, V), Sample(M, M[:1], axis=0), Sample(M, M[:, :2], axis=1)],
        wrt=(0, 1),
        bad=[bad((M, V), ShapeError, "they must have equally many axes", axis=0)],
    ),
    Case(
        "array_split",
        gd.array_split,
        np.array_split,
        [
            Sample(V, 2),
            Sample(T, 3, axis=2),
            Sample(V, 5),
            Sample(T, (1, 3), axis=-1),
            Sample(V, (2, 2, 9)),
            Sample(V, (-1,)),
        ],
        bad=[bad((V, 0), ShapeError, "0 parts were asked for")],
    ),
    Case(
        "split",
        gd.split,
        np.split,
        [Sample(V, 3), Sample(T, 2, axis=-1), Sample(T, (1,), axis=1)],
        torch=lambda x, parts, axis=0: x.tensor_split(parts, axis),
        bad=[
            bad((V, 2), ShapeError, "axis 0 of shape (3,) has size 3, which 2 equal parts"),
            bad((V, 0), ShapeError, "0 parts were asked for"),
        ],
    ),
    Case(
        "vsplit",
        gd.vsplit,
        np.vsplit,
        [Sample(M, 2), Sample(T, (1,))],
        bad=[bad((V, 3), ShapeError, "vsplit: the shape (3,) has 1 axes; there must be 2 or more")],
    ),
    Case(
        "hsplit",
        gd.hsplit,
        np.hsplit,
        [Sample(V, 3), Sample(M, 3), Sample(T, (1, 2))],
        bad=[bad((NUMBER, 1), ShapeError, "hsplit: the shape () has 0 axes")],
    ),
    Case(
        "dsplit",
        gd.dsplit,
        np.dsplit,
        [Sample(T, 2), Sample(T, (1, 3))],
        bad=[bad((M, 1), ShapeError, "dsplit: the shape (2, 3) has 2 axes")],
    ),
    Case(
        "unstack",
        gd.unstack,
        np.unstack,
        [Sample(V), Sample(T, axis=1), Sample(T, axis=-1)],
        torch=lambda x, axis=0: x.unbind(axis),
        bad=[bad(NUMBER, ShapeError, "axis 0 does not exist")],
    ),
]

ARRANGEMENT = [
    Case(
        "flip",
        gd.flip,
        np.flip,
        [
            Sample(V),
            Sample(T),
            Sample(T, axis=1),
            Sample(T, axis=(0, -1)),
            Sample(NUMBER),
            Sample(EMPTY),
        ],
        primitive="flip",
        torch=lambda x, axis=None: x.flip(tuple(range(x.ndim)) if axis is None else axis),
        kinks=[Sample(WHOLE, axis=-1)],
        bad=[bad(M, ShapeError, NO_AXIS, axis=3)],
    ),
    Case(
        "flipud",
        gd.flipud,
        np.flipud,
        [Sample(V), Sample(M)],
        primitive="flip",
        bad=[bad(NUMBER, ShapeError, "flipud: axis 0 does not exist")],
    ),
    Case(
        "fliplr",
        gd.fliplr,
        np.fliplr,
        [Sample(M), Sample(T)],
        primitive="flip",
        bad=[bad(V, ShapeError, "fliplr: axis 1 does not exist")],
    ),
    Case(
        "rot90",
        gd.rot90,
        np.rot90,
        [Sample(T, k=k, axes=a) for k in (0, 1, 2, 3, 4, -1) for a in ((0, 1), (2, 0), (-1, 1))],
        bad=[
            bad(T, ShapeError, "a plane has two different ones", axes=(0, 1, 2)),
            bad(T, ShapeError, "twice", axes=(1, 1)),
        ],
    ),
    Case(
        "roll",
        gd.roll,
        np.roll,
        [
            Sample(V, 1),
            Sample(T, 5),
            Sample(T, -2, axis=2),
            Sample(T, (1, -1), axis=(0, 2)),
            Sample(T, 2, axis=(1, 2)),
            Sample(T, (1, 2), axis=1),
            Sample(NUMBER, 3),
            Sample(EMPTY, 1, axis=0),
        ],
        primitive="roll",
        torch=lambda x, shift, axis=None: _torch_roll(x, shift, axis),
        kinks=[Sample(WHOLE, 1, axis=1)],
        bad=[
            bad((M, 1), ShapeError, NO_AXIS, axis=3),
            bad((T, (1, 2, 3)), ShapeError, "3 shifts (1, 2, 3) and 2 axes (0, 1)", axis=(0, 1)),
        ],
    ),
    Case(
        "repeat",
        gd.repeat,
        np.repeat,
        [
            Sample(V, 2),
            Sample(M, 3),
            Sample(T, 2, axis=1),
            Sample(M, (1, 0, 2), axis=-1),
            Sample(M, [2, 0], axis=0),
            Sample(V, 0),
            Sample(V, (2,)),
            Sample(M, (1, 2, 0, 0, 3, 1)),
            Sample(NUMBER, 2),
        ],
        wrt=(0,),
        kinks=[Sample(WHOLE, 2)],
        bad=[
            bad((V, -1), ShapeError, "none below 0"),
            bad((V, (1, 2)), ShapeError, "one for each of the 3 positions of axis 0"),
        ],
    ),
    Case(
        "tile",
        gd.tile,
        np.tile,
        [
            Sample(V, 2),
            Sample(M, (2, 3)),
            Sample(V, (2, 1)),
            Sample(T, 2),
            Sample(T, (2, 1, 1, 1)),
            Sample(V, 0),
            Sample(NUMBER, 3),
            Sample(V, ()),
        ],
        torch=lambda x, reps: x.tile(reps if isinstance(reps, tuple) else (reps,)),
        bad=[bad((V, -1), ShapeError, "none may be below 0")],
    ),
    Case(
        "pad",
        gd.pad,
        np.pad,
        [
            Sample(V, 2),
            Sample(M, (1, 2)),
            Sample(M, ((1, 0), (0, 2))),
            Sample(M, ((1,), (2,))),
            Sample(T, ((1, 2),)),
            Sample(M, [[0, 1], [2, 0]]),
            Sample(M, {-1: (1, 2)}),
            Sample(M, 1, constant_values=2.5),
        ],
        primitive="pad",
        torch=torch_pad,
        kinks=[
            Sample(WHOLE, 1, constant_values=2.7),
            Sample(M, 1, constant_values=(3, 4)),
            Sample(M, ((1, 2), (2, 1)), constant_values=((1, 2), (3, 4))),
            Sample(EMPTY, 1),
        ],
        bad=[
            bad((V, -1), ShapeError, "must not be negative"),
            bad((M, ((1, 1), (1, 1), (1, 1))), ShapeError, "has 3 parts for 2 axes"),
            bad((M, ((1, 1, 1),)), ShapeError, "must be a pair (before, after) or one number"),
            bad((V, 1, "mean"), ShapeError, "modes constant, edge, reflect, symmetric, wrap"),
            bad((V, 1, "reflect"), ShapeError, "reflect_type 'odd'", reflect_type="odd"),
            bad((EMPTY, 1, "edge"), ShapeError, "is empty: nothing to repeat"),
        ],
    ),
    Case(
        "pad with a constant that learns",
        lambda x, value: gd.pad(x, ((1, 0), (2, 1)), constant_values=value),
        lambda x, value: np.pad(x, ((1, 0), (2, 1)), constant_values=value),
        [Sample(M, NUMBER)],
        primitive="pad",
        wrt=(0, 1),
    ),
    *(
        Case(
            f"pad {mode}",
            gd.pad,
            np.pad,
            [Sample(V, w, mode) for w in (1, (0, 2), (4, 3), (7, 9), 0)]
            + [Sample(M, 2, mode), Sample(M, ((0, 1), (2, 0)), mode=mode), Sample(V[:1], 3, mode)],
        )
        for mode in ("edge", "reflect", "symmetric", "wrap")
    ),
]

STEPS = np.array([0.0, 1.0, 2.5, 3.0])
DIFFERENCES = [
    Case(
        "diff",
        gd.diff,
        np.diff,
        [
            Sample(V),
            Sample(T, axis=0),
            Sample(T, n=2),
            Sample(T, n=0),
            Sample(T, n=2, axis=1, prepend=1.0),
            Sample(V, prepend=0.0, append=5.0),
            Sample(V, n=4),
        ],
        torch=lambda x, **s: torch.diff(
            x,
            n=s.get("n", 1),
            dim=s.get("axis", -1),
            **{
                k: torch.as_tensor(v, dtype=x.dtype)
                if np.ndim(v)
                else torch.full(
                    [1 if i == s.get("axis", -1) % x.ndim else n for i, n in enumerate(x.shape)],
                    v,
                    dtype=x.dtype,
                )
                for k, v in s.items()
                if k in ("prepend", "append")
            },
        ),
        kinks=[Sample(WHOLE), Sample([True, False, False])],
        bad=[
            bad(V, ShapeError, "n is -1", n=-1),
            bad(NUMBER, ShapeError, "axis -1 does not exist"),
        ],
    ),
    Case(
        "diff with margins",
        lambda x, first, last: gd.diff(x, axis=0, prepend=first, append=last),
        lambda x, first, last: np.diff(x, axis=0, prepend=first, append=last),
        [Sample(M, M[:1] * 2, M), Sample(M, NUMBER, np.array(0.3))],
        wrt=(0, 1, 2),
    ),
    Case(
        "gradient",
        gd.gradient,
        np.gradient,
        [
            Sample(V),
            Sample(M),
            Sample(T, axis=2),
            Sample(T, axis=(0, -1)),
            Sample(V, 0.5),
            Sample(M, 0.5, 2.0),
            Sample(V, 0.5, edge_order=2),
            Sample(T, axis=1, edge_order=2),
            Sample(V[:2]),
        ],
        wrt=(0, 1),
        kinks=[Sample(WHOLE)],
        bad=[
            bad(V[:1], ShapeError, "has 1 samples; edge_order 1 needs 2 or more"),
            bad(V, ShapeError, "edge_order is 3", edge_order=3),
            bad((T, 1.0, 2.0), ShapeError, "2 distances arrived for 3 axes"),
            bad((V, V[:2]), ShapeError, "coordinates of shape (2,) arrived for axis 0"),
        ],
    ),
    Case(
        "gradient at coordinates",
        gd.gradient,
        np.gradient,
        [
            Sample(T, STEPS, axis=2),
            Sample(T, STEPS, axis=2, edge_order=2),
            Sample(T[0].T.copy(), STEPS, axis=0, edge_order=2),
        ],
        wrt=(0, 1),
    ),
    Case(
        "trapezoid",
        gd.trapezoid,
        np.trapezoid,
        [
            Sample(V),
            Sample(T, axis=1),
            Sample(T, STEPS),
            Sample(T, STEPS[:3] ** 2, axis=1),
            Sample(T, T * T),
            Sample(V, dx=0.5),
            Sample(T, T * T, axis=0),
        ],
        wrt=(0, 1),
        torch=lambda y, x=None, dx=None, axis=-1: (
            torch.trapezoid(y, x, dim=axis)
            if x is not None
            else torch.trapezoid(y, dx=dx or 1, dim=axis)
        ),
        bad=[bad(NUMBER, ShapeError, "axis -1 does not exist")],
    ),
]

DIAGONALS = [
    Case(
        "diagonal",
        gd.diagonal,
        np.diagonal,
        [
            Sample(SQUARE),
            Sample(M, offset=1),
            Sample(M, offset=-1),
            Sample(T, axis1=2, axis2=0),
            Sample(T, offset=-2, axis1=-2, axis2=-1),
            Sample(M, offset=5),
            Sample(EMPTY),
        ],
        primitive="diagonal",
        torch=lambda x, offset=0, axis1=0, axis2=1: x.diagonal(offset, axis1, axis2),
        kinks=[Sample(WHOLE)],
        bad=[
            bad(T, ShapeError, "a diagonal runs across two", axis1=0, axis2=-3),
            bad(V, ShapeError, "axis 1 does not exist"),
        ],
    ),
    Case(
        "embed_diagonal",
        lambda x, *s: gd.astype(x, x.dtype).embed_diagonal(*s),
        lambda x, *s: _embedded(x, *s),
        [
            Sample(V, (3, 3), 0, 0, 1),
            Sample(V, (4, 5), -1, 0, 1),
            Sample(M, (3, 2, 5), 2, 0, 2),
            Sample(M, (4, 2, 3), 0, 2, 0),
        ],
        primitive="embed_diagonal",
        torch=lambda x, shape, offset, axis1, axis2: torch.diagonal_scatter(
            torch.zeros(shape, dtype=x.dtype), x, offset, axis1, axis2
        ),
    ),
    Case(
        "diag",
        gd.diag,
        np.diag,
        [Sample(V), Sample(V, 1), Sample(V, k=-2), Sample(M), Sample(M, 1), Sample(SQUARE, k=-1)],
        torch=lambda x, k=0: torch.diag(x, k),
        bad=[
            bad(T, ShapeError, "it must have one axis, or two"),
            bad(NUMBER, ShapeError, "diag: the shape is ()"),
        ],
    ),
    Case("diagflat", gd.diagflat, np.diagflat, [Sample(M), Sample(V, 1), Sample(NUMBER)]),
    Case(
        "trace",
        gd.trace,
        np.trace,
        [
            Sample(SQUARE),
            Sample(M, offset=1),
            Sample(T, axis1=0, axis2=2),
            Sample(T, offset=-1, axis1=-1, axis2=0),
        ],
        kinks=[Sample(WHOLE)],
        bad=[bad(V, ShapeError, "axis 1 does not exist")],
    ),
    *(
        Case(
            name,
            own,
            numpys,
            [Sample(SQUARE), Sample(M, k=1), Sample(M, k=-1), Sample(T), Sample(V), Sample(EMPTY)],
            primitive=name,
            torch=lambda x, k=0, name=name: getattr(
                x if x.ndim > 1 else x.expand(len(x), len(x)), name
            )(k),
            kinks=[Sample(WHOLE)],
            bad=[bad(NUMBER, ShapeError, "has no triangle; it needs two axes")],
        )
        for name, own, numpys in (("tril", gd.tril, np.tril), ("triu", gd.triu, np.triu))
    ),
]

CASES = [*SHAPING, *FILLING, *JOINING, *ARRANGEMENT, *DIFFERENCES, *DIAGONALS]


def _torch_roll(x, shift, axis):
    """PyTorch wants as many shifts as axes."""
    if axis is None:
        return x.roll(shift)
    count = max(np.size(shift), np.size(axis))
    return x.roll(*(tuple(int(i) for i in np.broadcast_to(s, count)) for s in (shift, axis)))


def _embedded(x, shape, offset, axis1, axis2):
    result = np.zeros(shape, x.dtype)
    for place in np.ndindex(x.shape):
        where = list(place[:-1])
        for axis, i in sorted(
            ((axis1, place[-1] - min(offset, 0)), (axis2, place[-1] + max(offset, 0)))
        ):
            where.insert(axis, i)
        result[tuple(where)] = x[place]
    return result
