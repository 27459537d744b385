"""Rows of random numbers: the door with a generator, beside NumPy with an equal one."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import DtypeError, ShapeError

COLUMN, ROW = np.array([[0.5], [-1.5]]), np.array([2.0, 3.5, 2.5])
SAMPLES = [
    Sample(COLUMN, ROW),
    Sample(COLUMN, ROW, (4, 2, 3)),
    Sample([1.0, 2.0], 4.0, seed=3),
    Sample(0.5, 1.5),
    Sample(0.5, 1.5, (2, 0)),
]


def row(name, door, primitive, method, bad=()):
    return Case(
        name,
        lambda a, b, size=None, seed=0: door(a, b, size, rng=np.random.default_rng(seed)),
        lambda a, b, size=None, seed=0: np.asarray(
            getattr(np.random.default_rng(seed), method)(a, b, size)
        ),
        SAMPLES,
        primitive=primitive,
        wrt=(0, 1),
        float32=False,  # another stream
        bad=[
            Bad((COLUMN, ROW, (2, 2)), {}, ShapeError, f"{name}: the shapes (2, 1), (3,), (2, 2)"),
            Bad((COLUMN, ROW, (3,)), {}, ShapeError, "must broadcast to the size (3,)"),
            *bad,
        ],
    )


CASES = [
    row("uniform", gd.uniform, "random", "uniform"),
    row("normal", gd.normal, "standard_normal", "normal"),
    Case(
        "uniform of other dtypes",
        lambda dtype, rng=0: gd.uniform(
            size=(3, 5), rng=np.random.default_rng(0) if rng == 0 else rng, dtype=dtype
        ),
        lambda dtype: (
            np.random.default_rng(0)
            .random((3, 5), np.float32 if dtype == np.float32 else np.float64)
            .astype(dtype)
        ),
        [Sample(np.float32), Sample(np.float64), Sample(np.float16)],
        primitive="random",
        wrt=(),
        float32=False,
        bad=[
            Bad((np.int64,), {}, DtypeError, "dtype is int64; it must be float.\n  Try dtype="),
            Bad((None,), {"rng": 7}, DtypeError, "rng is 7; it must be a generator"),
            Bad((None,), {"rng": None}, DtypeError, "Try rng = np.random.default_rng(0) once"),
        ],
    ),
]
