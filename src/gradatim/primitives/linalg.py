"""Primitives of linear algebra, over the last two axes; leading axes are a batch.

A decomposition with several results is one primitive with its results side by side in one
array, so that it is computed once; its door takes them apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.primitives.primitive import first_shape, inexact, structural
from gradatim.types import Shape


def _tall(x: Any) -> Any:
    """Column vectors out of the last axis."""
    return x.reshape((*x.shape, 1, 1))


def _slogdet(x: Any) -> Any:
    sign, logabs = np.linalg.slogdet(x)
    return np.stack((sign, logabs), -1)


def _half_diagonal(x: Any) -> Any:
    """Lower triangle with its diagonal halved: the derivative of a lower Cholesky factor."""
    lower = x.tril(0)
    return (lower + x.tril(-1)) / 2


def _cholesky_rule(g: Any, y: Any, x: Any) -> Any:
    # Murray (2016), Differentiation of the Cholesky decomposition, equation 10.
    inner = _half_diagonal(y.mT @ g)
    left = y.mT.solve(inner)
    whole = y.mT.solve(left.mT).mT
    return (whole + whole.mT) / 2


def _eigh(x: Any, uplo: str) -> Any:
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
    # The input counts as symmetric: only one triangle was read, and it stands for both.
    both = whole + whole.mT
    half = both.tril(-1) if uplo == "L" else both.triu(1)
    return half + (both.tril(0) - both.tril(-1)) / 2


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
    x=lambda g, y, x: _tall(g * y) * x.inv().mT,
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
    'np.linalg.eigh({x}, UPLO="{uplo}")',
    shape=_eigh_shape,
    dtype=inexact,
    x=_eigh_rule,
)
svd = structural(
    "svd",
    _svd,
    "np.linalg.svd({x}, full_matrices=False)",
    shape=_svd_shape,
    dtype=inexact,
    x=_svd_rule,
)
pinv = structural(
    "pinv",
    lambda x, rcond: np.linalg.pinv(x, rcond=rcond),
    "np.linalg.pinv({x}, rcond={rcond})",
    shape=lambda shape, rcond: (*shape[:-2], shape[-1], shape[-2]),
    dtype=inexact,
    x=_pinv_rule,
)
