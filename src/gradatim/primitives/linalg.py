"""Primitives of linear algebra, over the last two axes; leading axes are a batch.

A decomposition with several results is one primitive with its results side by side in one
array, so that it is computed once; its door takes them apart.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from gradatim.primitives.primitive import first_shape, inexact, structural
from gradatim.types import Shape


def _tall(x: Any) -> Any:
    """Column vectors out of the last axis."""
    return x.reshape((*x.shape, 1, 1))


def _slogdet(x: Any) -> Any:
    sign, logabs = np.linalg.slogdet(x)
    return np.stack((sign, logabs), -1)


def _cofactor(x: Any) -> Any:
    """Derivative of the determinant, also where that is 0 and the matrix has no inverse."""
    u, s, vh = np.linalg.svd(x)
    size = s.shape[-1]
    others = np.where(np.eye(size, dtype=bool), 1, s[..., None, :]).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return (sign[..., None, None] * (u * others[..., None, :]) @ vh).astype(x.dtype, copy=False)


def _cofactor_rule(g: Any, y: Any, x: Any) -> Any:
    # C = det(X) X^-T, so dC = sum(X^-T dX) C - X^-T dX^T C; needs an inverse, unlike C itself.
    slope = x.inv().mT
    total = (g * y).sum((-2, -1), keepdims=True)
    return total * slope - y @ g.mT @ slope


def _half_diagonal(x: Any) -> Any:
    """Lower triangle with its diagonal halved: the derivative of a lower Cholesky factor."""
    lower = x.tril(0)
    return (lower + x.tril(-1)) / 2


def _cholesky_rule(g: Any, y: Any, x: Any) -> Any:
    # Murray (2016), Differentiation of the Cholesky decomposition, equation 10.
    inner = _half_diagonal(y.mT @ g)
    left = y.mT.solve(inner)
    return _onto_triangle(y.mT.solve(left.mT).mT, "L")


def _onto_triangle(whole: Any, uplo: str) -> Any:
    """Gradient of a symmetric matrix of which one triangle was read, standing for both."""
    both = whole + whole.mT
    strict = both.tril(-1) if uplo == "L" else both.triu(1)
    return strict + (whole.tril(0) - whole.tril(-1))


def _eigh(x: Any, uplo: Literal["L", "U"]) -> Any:
    values, vectors = np.linalg.eigh(x, UPLO=uplo)
    return np.concatenate((values[..., None, :], vectors), -2)


def _eigh_shape(shape: Shape, uplo: str) -> Shape:
    return (*shape[:-2], shape[-2] + 1, shape[-1])


def _gaps(values: Any) -> Any:
    """1 / (v_j - v_i) off the diagonal, 0 where two values are equal."""
    differences = values - values.mT
    same = differences == 0
    return same.where(0, 1 / same.where(1, differences))


def _eigh_rule(g: Any, y: Any, x: Any, uplo: str) -> Any:
    # Giles (2008), Collected matrix derivative results, section 3.1.
    values, vectors = y[..., :1, :], y[..., 1:, :]
    g_values, g_vectors = g[..., :1, :], g[..., 1:, :]
    inner = (vectors.mT @ g_vectors) * _gaps(values)
    whole = (vectors * g_values) @ vectors.mT + vectors @ inner @ vectors.mT
    return _onto_triangle(whole, uplo)


def _svd(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate((u, s[..., None, :], np.swapaxes(vh, -1, -2)), -2)


def _svd_shape(shape: Shape) -> Shape:
    rows, columns = shape[-2:]
    return (*shape[:-2], rows + 1 + columns, min(rows, columns))


def _svd_rule(g: Any, y: Any, x: Any) -> Any:
    # Townsend (2016), Differentiating the singular value decomposition; thin form.
    rows = x.shape[-2]
    u, s, v = y[..., :rows, :], y[..., rows : rows + 1, :], y[..., rows + 1 :, :]
    gu, gs, gv = g[..., :rows, :], g[..., rows : rows + 1, :], g[..., rows + 1 :, :]
    gaps = _gaps(s * s)
    ut, vt = u.mT @ gu, v.mT @ gv
    core = (gaps * (ut - ut.mT)) * s + s.mT * (gaps * (vt - vt.mT))
    result = (u * gs) @ v.mT + u @ core @ v.mT
    positive = s != 0
    over = positive.where(1 / positive.where(s, 1), 0)
    result = result + ((gu - u @ ut) * over) @ v.mT
    return result + (u * over) @ (gv - v @ vt).mT


def _qr(x: Any) -> Any:
    return np.concatenate(np.linalg.qr(x), -2)


def _qr_rule(g: Any, y: Any, x: Any) -> Any:
    # Liao et al. (2019), Differentiable programming tensor networks, equation 7.
    rows = x.shape[-2]
    q, r, gq, gr = y[..., :rows, :], y[..., rows:, :], g[..., :rows, :], g[..., rows:, :]
    inner = r @ gr.mT - gq.mT @ q
    whole = gq + q @ (inner.tril(0) + inner.tril(-1).mT)
    return r.solve(whole.mT).mT


def _pinv_rule(g: Any, y: Any, x: Any, rcond: float | None) -> Any:
    # Golub and Pereyra (1973), for constant rank; the transpose of their differential.
    rows = y.mT @ y @ g.mT
    columns = g.mT @ y @ y.mT
    inside = y.mT @ g @ y.mT
    return columns - x @ (y @ columns) + rows - (rows @ y) @ x - inside


inv = structural(
    "inv",
    lambda x: np.linalg.inv(x),
    "np.linalg.inv({x})",
    shape=first_shape,
    dtype=inexact,
    x=lambda g, y, x: -(y.mT @ g @ y.mT),
)
det = structural(
    "det",
    lambda x: np.linalg.det(x),
    "np.linalg.det({x})",
    shape=lambda shape: shape[:-2],
    dtype=inexact,
    x=lambda g, y, x: _tall(g) * x.cofactor(),
)
cofactor = structural(
    "cofactor",
    _cofactor,
    "cofactor({x})",
    shape=first_shape,
    dtype=inexact,
    x=_cofactor_rule,
)
slogdet = structural(
    "slogdet",
    _slogdet,
    "np.stack(np.linalg.slogdet({x}), -1)",
    shape=lambda shape: (*shape[:-2], 2),
    dtype=inexact,
    x=lambda g, y, x: _tall(g[..., 1]) * x.inv().mT,
)
solve = structural(
    "solve",
    lambda a, b: np.linalg.solve(a, b),
    "np.linalg.solve({a}, {b})",
    shape=lambda a, b: (*np.broadcast_shapes(a[:-2], b[:-2]), *b[-2:]),
    dtype=inexact,
    a=lambda g, y, a, b: -(a.mT.solve(g) @ y.mT),
    b=lambda g, y, a, b: a.mT.solve(g),
)
cholesky = structural(
    "cholesky",
    lambda x: np.linalg.cholesky(x),
    "np.linalg.cholesky({x})",
    shape=first_shape,
    dtype=inexact,
    x=_cholesky_rule,
)
eigh = structural(
    "eigh",
    _eigh,
    'eigh({x}, uplo="{uplo}")',
    shape=_eigh_shape,
    dtype=inexact,
    x=_eigh_rule,
    formulas={"y": lambda uplo: f"eigh(x, uplo={uplo!r})"},
)
svd = structural(
    "svd",
    _svd,
    "svd({x})",
    shape=_svd_shape,
    dtype=inexact,
    x=_svd_rule,
)
# For matrices with at least as many rows as columns; the door does the others.
qr = structural(
    "qr",
    _qr,
    "np.concatenate(np.linalg.qr({x}), -2)",
    shape=lambda shape: (*shape[:-2], shape[-2] + shape[-1], shape[-1]),
    dtype=inexact,
    x=_qr_rule,
)
pinv = structural(
    "pinv",
    lambda x, rcond: np.linalg.pinv(x, rcond=rcond),
    "np.linalg.pinv({x}, rcond={rcond})",
    shape=lambda shape, rcond: (*shape[:-2], shape[-1], shape[-2]),
    dtype=inexact,
    x=_pinv_rule,
)
