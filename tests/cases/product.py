"""Rows of the products of vectors, matrices and arrays of more axes."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from cases.case import Bad, Case, Sample
from gradatim.errors import ShapeError

try:
    import torch
except ImportError:
    torch = None

random = np.random.default_rng(5)
V = random.normal(size=3)
W = random.normal(size=4)
A = random.normal(size=(2, 3))
B = random.normal(size=(3, 4))
STACK = random.normal(size=(2, 2, 3))
OTHERS = random.normal(size=(2, 3, 2))
T = random.normal(size=(2, 3, 4))
NUMBER = np.array(1.75)
WHOLE = np.arange(6).reshape(2, 3)


def bad(inputs, error, text, **settings):
    return Bad(inputs, settings, error, text)


def by(name):
    """PyTorch's function of a name, looked up when it is needed."""
    return lambda *xs, **settings: getattr(torch, name)(*xs, **settings)


def summed(subscripts, **settings):
    return lambda *xs: gd.einsum(subscripts, *xs, **settings)


def einsum_case(subscripts, *operands, torch_form=True):
    return Case(
        f"einsum {subscripts}",
        summed(subscripts),
        lambda *xs: np.einsum(subscripts, *xs),
        [Sample(*operands)],
        primitive="einsum",
        wrt=(-1,),
        torch=(lambda *xs: torch.einsum(subscripts, *xs)) if torch_form else None,
    )


MATRICES = [
    Case(
        "matmul",
        gd.matmul,
        np.matmul,
        [
            Sample(A, B),
            Sample(V, B),
            Sample(A, V),
            Sample(V, V[::-1].copy()),
            Sample(STACK, OTHERS),
            Sample(STACK, B),
            Sample(A, OTHERS),
            Sample(STACK[:1], OTHERS),
            Sample(STACK, V),
            Sample(V, OTHERS),
            Sample(np.ones((2, 0)), np.ones((0, 3))),
            Sample(np.ones((0, 3)), B),
        ],
        primitive="matmul",
        wrt=(0, 1),
        torch=by("matmul"),
        kinks=[Sample(WHOLE, WHOLE.T), Sample(WHOLE, B)],
        bad=[
            bad((A, A), ShapeError, "Did you mean a @ b.mT?"),
            bad((NUMBER, A), ShapeError, "both need at least one axis"),
            bad((STACK, random.normal(size=(3, 3, 2))), ShapeError, "leading (batch) axes"),
        ],
    ),
    Case(
        "dot",
        gd.dot,
        np.dot,
        [
            Sample(V, V + 1),
            Sample(A, B),
            Sample(A, V),
            Sample(V, B),
            Sample(STACK, OTHERS),
            Sample(V, OTHERS),
            Sample(STACK, V),
            Sample(NUMBER, A),
            Sample(A, NUMBER),
            Sample(NUMBER, np.array(0.25)),
        ],
        wrt=(0, 1),
        kinks=[Sample(WHOLE, WHOLE.T)],
        bad=[
            bad((A, A), ShapeError, "inner sizes differ"),
            bad((STACK, STACK), ShapeError, "the sizes to sum over are (3,) on the left and (2,)"),
        ],
    ),
    Case(
        "inner",
        gd.inner,
        np.inner,
        [Sample(V, V + 1), Sample(A, B.T), Sample(STACK, A), Sample(NUMBER, A), Sample(V, NUMBER)],
        wrt=(0, 1),
        torch=by("inner"),
        bad=[bad((V, W), ShapeError, "tensordot: the sizes to sum over")],
    ),
    Case(
        "vdot",
        gd.vdot,
        np.vdot,
        [Sample(V, V + 1), Sample(A, A.T), Sample(NUMBER, V[:1])],
        wrt=(0, 1),
        bad=[bad((V, W), ShapeError, "inner sizes differ")],
    ),
    Case(
        "vecdot",
        gd.vecdot,
        np.vecdot,
        [
            Sample(A, A + 1),
            Sample(STACK, A),
            Sample(T, T[:1], axis=1),
            Sample(V, A),
            Sample(V, V * 2),
        ],
        wrt=(0, 1),
        primitive="einsum",
        bad=[
            bad((V, W), ShapeError, "vecdot: the sizes to sum over are (3,) on the left and (4,)")
        ],
    ),
    Case("outer", gd.outer, np.outer, [Sample(V, W), Sample(A, V), Sample(NUMBER, V)], wrt=(0, 1)),
    Case(
        "tensordot",
        gd.tensordot,
        np.tensordot,
        [
            Sample(A, A + 1),
            Sample(STACK, B, axes=1),
            Sample(V, W, axes=0),
            Sample(T, B, axes=((1, 2), (0, 1))),
            Sample(T, B, axes=([2, -2], [-1, 0])),
            Sample(STACK, OTHERS, axes=(-1, 1)),
        ],
        wrt=(0, 1),
        bad=[
            bad((A, B), ShapeError, "the sizes to sum over are (2, 3) on the left and (3, 4)"),
            bad((A, B), ShapeError, "tensordot: 3 axes were asked for", axes=3),
            bad((A, B), ShapeError, "axis 2 does not exist", axes=(2, 0)),
        ],
    ),
    Case(
        "kron",
        gd.kron,
        np.kron,
        [Sample(V, W), Sample(A, B), Sample(A, V), Sample(V, STACK), Sample(NUMBER, A)],
        wrt=(0, 1),
        torch=by("kron"),
    ),
    Case(
        "cross",
        gd.cross,
        np.cross,
        [
            Sample(V, V[::-1].copy()),
            Sample(A, V),
            Sample(B, B + B.T[:3, :1], axis=0),
            Sample(B, random.normal(size=(4, 3)), axisa=0, axisb=1, axisc=0),
            Sample(STACK, A),
        ],
        wrt=(0, 1),
        bad=[
            bad(
                (V[:2], V[:2]), ShapeError, "the vectors have 2 and 2 components; both must have 3"
            ),
            bad((V, V), ShapeError, "axis 1 does not exist", axis=1),
        ],
    ),
]

EINSTEIN = [
    einsum_case("ij,jk->ik", A, B),
    einsum_case(" ij , jk ", A, B),
    einsum_case("ij,jk->ki", A, B),
    einsum_case("bij,bjk->bik", STACK, OTHERS),
    einsum_case("i,j->ij", V, W),
    einsum_case("i,i", V, V + 1),
    einsum_case("ij->", A),
    einsum_case("ij->j", A),
    einsum_case("ba", A),
    einsum_case("ij,k->k", A, W),
    einsum_case("ij,jk,kl->il", A, B, B.T),
    einsum_case("i,ij,j", V[:2], A, V),
    einsum_case("ij,ij,ij->ij", A, A + 1, A * 2),
    einsum_case("...i,...i->...", STACK, A),
    einsum_case("...ij,...jk->...ik", STACK, OTHERS[0]),
    einsum_case("i...->...i", T),
    einsum_case("b...,b...", T, T + 1),
    einsum_case("ii", A @ A.T),
    einsum_case("ii->i", A @ A.T),
    einsum_case("iji->ji", random.normal(size=(2, 3, 2))),
    einsum_case("iij,jkk->ik", random.normal(size=(2, 2, 3)), random.normal(size=(3, 4, 4))),
    einsum_case("i,i->", V[:1].copy(), V, torch_form=False),
    einsum_case("ij,ij->i", A[:, :1].copy(), A, torch_form=False),
    einsum_case("ij,ij->j", A[:1].copy(), A[:, :1].copy(), torch_form=False),
    einsum_case(",", NUMBER, np.array(0.25), torch_form=False),
    einsum_case("ij,jk->ik", np.ones((2, 0)), np.ones((0, 3))),
    Case(
        "einsum of one Tensor three times",
        lambda x: gd.einsum("ij,jk,ki->", x, x, x),
        lambda x: np.einsum("ij,jk,ki->", x, x, x),
        [Sample(A @ A.T)],
        primitive="einsum",
    ),
    Case(
        "einsum with an order of its own",
        summed("ij,jk->ik", optimize="greedy"),
        lambda a, b: a @ b,
        [Sample(A, B)],
        primitive="einsum",
        wrt=(0, 1),
    ),
    Case(
        "einsum of large arrays",
        summed("ij,jk->ik"),
        lambda a, b: a @ b,
        [],
        primitive="einsum",
        kinks=[Sample(np.ones((50, 40)), np.ones((40, 30)))],
    ),
    Case(
        "einsum",
        gd.einsum,
        np.einsum,
        [],
        kinks=[Sample("ij,jk", WHOLE, WHOLE.T)],
        bad=[
            bad(("ij", A, A), ShapeError, '"ij" speaks of 1 operands, 2 arrived'),
            bad(("ijk", A), ShapeError, "names 3 axes, the operand of shape (2, 3) has 2"),
            bad(("i", A), ShapeError, "Try one letter for each axis, or ..."),
            bad(("ij->ik", A), ShapeError, "must name letters of the operands, each once"),
            bad(("ij->ii", A), ShapeError, "must name letters of the operands, each once"),
            bad(("i-j", A), ShapeError, '"i-j" cannot be read'),
            bad(("i.j", A), ShapeError, "axes are letters"),
            bad(("ij,jk", A, A), ShapeError, "the letter 'j' would have sizes 3 and 2"),
            bad(("ii", A), ShapeError, "the letter 'i' would have sizes 2 and 3"),
            bad(("ii", A[:, :1]), ShapeError, "their sizes must be equal"),
            bad(("i...->i", A), ShapeError, "must have the axes of ... as well"),
            bad((A, [0, 1], B, [1, 2]), ShapeError, "lists of axis numbers are not read here"),
        ],
    ),
]

SEQUENCES = [
    Case(
        name,
        own,
        numpys,
        [
            Sample(a, v, mode)
            for mode in ("full", "same", "valid")
            for a, v in ((W, V), (V, W), (W, W[:2]), (V[:2], W), (V[:1], W), (W, W[::-1].copy()))
        ],
        wrt=(0, 1),
        kinks=[Sample(W, V)],
        bad=[
            bad((A, V), ShapeError, "each must have one axis and not be empty"),
            bad((V[:0], V), ShapeError, f"{name}: the sequences have shapes (0,) and (3,)"),
            bad((V, V, "wide"), ShapeError, "mode is 'wide'; it must be full, same or valid"),
        ],
    )
    for name, own, numpys in (
        ("convolve", gd.convolve, np.convolve),
        ("correlate", gd.correlate, np.correlate),
    )
]

CASES = [*MATRICES, *EINSTEIN, *SEQUENCES]
