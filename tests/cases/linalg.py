"""Rows of linear algebra."""

from __future__ import annotations

from math import inf

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import GraphError, ShapeError

try:
    import torch
except ImportError:
    torch = None

linalg = gd.linalg
random = np.random.default_rng(3)
V = np.array([1.5, -0.5, 2.5])
A = random.normal(size=(3, 3)) + np.eye(3)
BATCH = random.normal(size=(2, 3, 3)) + 2 * np.eye(3)
TALL = random.normal(size=(4, 2))
WIDE = TALL.T.copy()
PILE = random.normal(size=(2, 3, 2))
POSITIVE = A @ A.T + np.eye(3)
POSITIVES = BATCH @ BATCH.swapaxes(-1, -2)
WHOLE = np.array([[2, 1], [1, 3]])
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.5, -1.0]])
OBLONG = "a matrix must have as many rows as columns here"


def bad(inputs, error, text, **settings):
    return Bad(inputs if isinstance(inputs, tuple) else (inputs,), settings, error, text)


def by(name):
    """PyTorch's function of a name in torch.linalg, looked up when it is needed."""
    return lambda *xs, **settings: getattr(torch.linalg, name)(*xs, **settings)


def joined(function):
    return lambda *arrays: function(arrays)


def even(x):
    """The symmetric part."""
    return (x + x.mT) / 2


def of_even(function):
    """Of the symmetric part: where triangles count alike, as PyTorch takes them to."""
    return lambda x: function(even(x))


def without_signs(function):
    """The first result, and the squares of the rest: signs of vectors are arbitrary."""
    return lambda x: [part * part for part in function(x)]


NOT_SQUARE = bad(TALL, ShapeError, OBLONG)
NO_MATRIX = bad(V, ShapeError, "a matrix needs two axes, and leading ones are a batch")
MATRICES = [Sample(A), Sample(BATCH), Sample(A[:1, :1])]
SHAPES = [Sample(A), Sample(TALL), Sample(WIDE), Sample(PILE)]

INVERSES = [
    Case(
        "inv",
        linalg.inv,
        np.linalg.inv,
        MATRICES,
        primitive="inv",
        torch=by("inv"),
        kinks=[Sample(WHOLE)],
        tolerance=1e-12,
        bad=[NOT_SQUARE, NO_MATRIX, bad(np.ones((2, 2)), GraphError, "Try gd.linalg.pinv")],
    ),
    Case(
        "det",
        linalg.det,
        np.linalg.det,
        MATRICES,
        primitive="det",
        torch=by("det"),
        kinks=[Sample(WHOLE)],
        tolerance=1e-12,
        bad=[NOT_SQUARE, NO_MATRIX],
    ),
    Case(
        "det of a singular matrix",
        linalg.det,
        np.linalg.det,
        [Sample(SINGULAR), Sample(np.ones((2, 2))), Sample(np.zeros((2, 2)))],
        primitive="det",
        second_order=False,
    ),
    Case(
        "cofactor",
        lambda x: gd.astype(x, x.dtype).cofactor(),
        lambda x: np.linalg.inv(x).swapaxes(-1, -2) * np.linalg.det(x)[..., None, None],
        [Sample(A), Sample(BATCH)],
        primitive="cofactor",
        torch=lambda x: torch.linalg.inv(x).mT * torch.linalg.det(x)[..., None, None],
        tolerance=1e-11,
    ),
    Case(
        "slogdet",
        linalg.slogdet,
        np.linalg.slogdet,
        MATRICES,
        primitive="slogdet",
        torch=lambda x: tuple(torch.linalg.slogdet(x)),
        kinks=[Sample(WHOLE), Sample(-A)],
        tolerance=1e-12,
        bad=[NOT_SQUARE],
    ),
    Case(
        "solve",
        linalg.solve,
        np.linalg.solve,
        [
            Sample(A, V),
            Sample(A, TALL[:3]),
            Sample(BATCH, PILE),
            Sample(BATCH, V),
            Sample(BATCH, TALL[:3]),
            Sample(A, PILE),
        ],
        primitive="solve",
        torch=lambda a, b: (
            torch.linalg.solve(a, b.expand(*a.shape[:-2], *b.shape) if 1 < b.ndim < a.ndim else b)
            if b.ndim > 1
            else torch.linalg.solve(a, b[:, None].expand(*a.shape[:-1], 1))[..., 0]
        ),
        wrt=(0, 1),
        kinks=[Sample(WHOLE, [1, 2])],
        tolerance=1e-12,
        bad=[
            bad((TALL, V), ShapeError, OBLONG),
            bad((A, V[:2]), ShapeError, "b must have 3 rows"),
            bad((A, np.array(1.0)), ShapeError, "a matrix needs two axes"),
            bad((np.ones((2, 2)), V[:2]), GraphError, "the matrix is singular"),
        ],
    ),
    Case(
        "pinv",
        linalg.pinv,
        np.linalg.pinv,
        SHAPES,
        primitive="pinv",
        torch=by("pinv"),
        kinks=[Sample(WHOLE), Sample(A, rcond=0.3), Sample(A, rtol=0.3)],
        tolerance=1e-12,
        bad=[NO_MATRIX],
    ),
    Case(
        "matrix_power",
        linalg.matrix_power,
        np.linalg.matrix_power,
        [Sample(BATCH, n) for n in (-2, -1, 0, 1, 2, 3, 5, 6)],
        kinks=[Sample(np.eye(2), -1)],
        tolerance=1e-11,
        bad=[
            bad((TALL, 2), ShapeError, OBLONG),
            bad((np.ones((2, 2)), -1), GraphError, "singular"),
        ],
    ),
]

DECOMPOSITIONS = [
    Case(
        "cholesky",
        linalg.cholesky,
        np.linalg.cholesky,
        [Sample(POSITIVE), Sample(POSITIVES), Sample(POSITIVE, upper=True)],
        primitive="cholesky",
        kinks=[Sample(WHOLE)],
        tolerance=1e-12,
        bad=[NOT_SQUARE, bad(-POSITIVE, GraphError, "not positive definite; all its eigenvalues")],
    ),
    Case(
        "cholesky of the symmetric part",
        of_even(linalg.cholesky),
        of_even(np.linalg.cholesky),
        [Sample(POSITIVE), Sample(POSITIVES)],
        primitive="cholesky",
        torch=of_even(by("cholesky")),
        tolerance=1e-12,
    ),
    Case(
        "eigh",
        linalg.eigh,
        np.linalg.eigh,
        [Sample(POSITIVE), Sample(POSITIVES), Sample(POSITIVE, UPLO="U")],
        primitive="eigh",
        tolerance=1e-11,
        slope_tolerance=1e-6,
        kinks=[Sample(WHOLE), Sample(np.eye(2))],
        bad=[
            NOT_SQUARE,
            bad(POSITIVE, ShapeError, "it must be L (lower triangle) or U (upper)", UPLO="x"),
        ],
    ),
    Case(
        "eigh of the symmetric part",
        without_signs(of_even(linalg.eigh)),
        without_signs(of_even(np.linalg.eigh)),
        [Sample(POSITIVE), Sample(POSITIVES)],
        primitive="eigh",
        torch=without_signs(of_even(by("eigh"))),
        tolerance=1e-11,
        slope_tolerance=1e-6,
    ),
    Case(
        "eigvalsh",
        linalg.eigvalsh,
        np.linalg.eigvalsh,
        [Sample(POSITIVE), Sample(POSITIVES, UPLO="U")],
        primitive="eigh",
        tolerance=1e-11,
        slope_tolerance=1e-6,
        bad=[NOT_SQUARE],
    ),
    Case(
        "svd",
        lambda x: linalg.svd(x, full_matrices=False),
        lambda x: np.linalg.svd(x, full_matrices=False),
        SHAPES,
        primitive="svd",
        kinks=[Sample(WHOLE)],
        tolerance=1e-11,
        slope_tolerance=1e-6,
        bad=[NO_MATRIX],
    ),
    Case(
        "svd without signs",
        without_signs(lambda x: linalg.svd(x, full_matrices=False)),
        without_signs(lambda x: np.linalg.svd(x, full_matrices=False)),
        SHAPES,
        primitive="svd",
        torch=without_signs(lambda x: torch.linalg.svd(x, full_matrices=False)),
        tolerance=1e-11,
        slope_tolerance=1e-6,
    ),
    Case(
        "svd of square matrices",
        linalg.svd,
        np.linalg.svd,
        [Sample(A), Sample(TALL, compute_uv=False)],
        primitive="svd",
        tolerance=1e-11,
        slope_tolerance=1e-6,
        bad=[bad(TALL, ShapeError, "the matrix is 4 by 2, and full_matrices asks for vectors")],
    ),
    Case(
        "svdvals",
        linalg.svdvals,
        np.linalg.svdvals,
        SHAPES,
        primitive="svd",
        torch=by("svdvals"),
        tolerance=1e-12,
        slope_tolerance=1e-6,
        bad=[NO_MATRIX],
    ),
    Case(
        "qr",
        linalg.qr,
        np.linalg.qr,
        SHAPES,
        primitive="qr",
        tolerance=1e-12,
        kinks=[Sample(WHOLE)],
        bad=[
            NO_MATRIX,
            bad(A, ShapeError, "mode is 'complete'; it must be reduced or r", mode="complete"),
        ],
    ),
    Case(
        "qr of tall matrices",
        linalg.qr,
        np.linalg.qr,
        [Sample(A), Sample(TALL), Sample(PILE)],
        primitive="qr",
        torch=lambda x: tuple(torch.linalg.qr(x)),
        tolerance=1e-12,
    ),
    Case(
        "r of qr",
        lambda x: linalg.qr(x, "r"),
        lambda x: np.linalg.qr(x, "r"),
        SHAPES,
        primitive="qr",
        tolerance=1e-12,
    ),
]

VECTORS = (2, 1, 3, 2.5, -1, inf, -inf, 0)
ORDERS = ("fro", "nuc", 1, -1, 2, -2, inf, -inf)
ORDER = "ord is 7; of a matrix it must be 'fro', 'nuc', 1, -1, 2, -2, inf or -inf"
NORMS = [
    Case(
        "norm",
        linalg.norm,
        np.linalg.norm,
        [Sample(V), Sample(TALL), Sample(PILE), Sample(PILE, keepdims=True)],
        kinks=[Sample(WHOLE), Sample(np.zeros(3)), Sample(np.zeros((2, 2)), "fro")],
        tolerance=1e-12,
        bad=[
            bad((V, "fro"), ShapeError, "'fro' is the norm of a matrix; one axis arrived"),
            bad((TALL, 7), ShapeError, ORDER),
            bad((PILE, 1), ShapeError, "there must be one for vectors, two for matrices"),
            bad(TALL, ShapeError, "axis 2 does not exist", axis=2),
        ],
    ),
    *(
        Case(
            f"norm {p} of vectors",
            linalg.norm,
            np.linalg.norm,
            [Sample(V, p), Sample(PILE, p, axis=1), Sample(PILE, ord=p, axis=-1, keepdims=True)],
            torch=lambda x, ord, axis=None, keepdims=False: torch.linalg.vector_norm(
                x, ord, axis, keepdims
            ),
            kinks=[Sample(np.zeros(3), p)] if p > 0 else [],
            tolerance=1e-12,
            slope_tolerance=1e-6,
        )
        for p in VECTORS
    ),
    *(
        Case(
            f"norm {p} of matrices",
            linalg.norm,
            np.linalg.norm,
            [
                Sample(TALL, p),
                Sample(PILE, p, axis=(-2, -1)),
                Sample(PILE, p, axis=(2, 0), keepdims=True),
            ],
            torch=lambda x, ord, axis=(-2, -1), keepdims=False: torch.linalg.matrix_norm(
                x, ord, axis, keepdims
            ),
            tolerance=1e-12,
            slope_tolerance=1e-6,
        )
        for p in ORDERS
    ),
    Case(
        "vector_norm",
        linalg.vector_norm,
        np.linalg.vector_norm,
        [
            Sample(PILE),
            Sample(PILE, axis=(0, 1), ord=1),
            Sample(PILE, axis=-1, keepdims=True, ord=inf),
        ],
        kinks=[Sample(WHOLE)],
        tolerance=1e-12,
        slope_tolerance=1e-6,
    ),
    Case(
        "matrix_norm",
        linalg.matrix_norm,
        np.linalg.matrix_norm,
        [Sample(PILE), Sample(PILE, ord=1, keepdims=True), Sample(TALL, ord="nuc")],
        kinks=[Sample(WHOLE)],
        tolerance=1e-12,
        slope_tolerance=1e-6,
        bad=[bad(V, ShapeError, "a matrix needs two axes"), bad(A, ShapeError, ORDER, ord=7)],
    ),
    Case(
        "cond",
        linalg.cond,
        np.linalg.cond,
        [Sample(BATCH, p) for p in (None, 2, -2, 1, -1, inf, "fro")] + [Sample(TALL)],
        tolerance=1e-11,
        slope_tolerance=1e-6,
        bad=[bad((TALL, 1), ShapeError, OBLONG)],
    ),
]

ALIASES = [
    Case(
        "linalg.diagonal",
        linalg.diagonal,
        np.linalg.diagonal,
        [Sample(TALL), Sample(PILE, offset=-1)],
        bad=[bad(V, ShapeError, "axis -2 does not exist")],
    ),
    Case("linalg.trace", linalg.trace, np.linalg.trace, [Sample(TALL), Sample(PILE, offset=1)]),
    Case(
        "linalg.cross",
        linalg.cross,
        np.linalg.cross,
        [Sample(V, A), Sample(A, A + 1, axis=0)],
        wrt=(0, 1),
    ),
    Case("linalg.outer", linalg.outer, np.linalg.outer, [Sample(V, TALL[:, 0].copy())], wrt=(0, 1)),
    Case(
        "multi_dot",
        joined(linalg.multi_dot),
        joined(np.linalg.multi_dot),
        [
            Sample(A, TALL[:3]),
            Sample(V, A, TALL[:3], V[:2]),
            Sample(TALL, WIDE, TALL, A[:2], A),
            Sample(A, PILE[0], V[:2]),
        ],
        wrt=(-1,),
        torch=lambda *xs: torch.linalg.multi_dot(xs),
        tolerance=1e-12,
        bad=[
            bad(A, ShapeError, "there must be two matrices or more"),
            bad((A, V, A), ShapeError, "only the first and the last may be vectors"),
            bad((A, A[:2]), ShapeError, "inner sizes differ"),
        ],
    ),
]

CASES = [*INVERSES, *DECOMPOSITIONS, *NORMS, *ALIASES]
