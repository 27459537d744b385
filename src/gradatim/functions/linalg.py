"""Linear algebra under the names of ``numpy.linalg``: ``gd.linalg``.

The last two axes are those of matrices, leading ones a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.functions import diagonals
from gradatim.functions.decomposition import (
    EighResult,
    QRResult,
    SVDResult,
    cholesky,
    eigh,
    eigvalsh,
    qr,
    svd,
    svdvals,
)
from gradatim.functions.door import door
from gradatim.functions.inverse import (
    SlogdetResult,
    det,
    inv,
    matrix_power,
    pinv,
    slogdet,
    solve,
)
from gradatim.functions.norm import cond, matrix_norm, norm, vector_norm
from gradatim.functions.product import cross, matmul, outer, tensordot, vecdot
from gradatim.functions.shaping import matrix_transpose

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

__all__ = [
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


@door(np.linalg.diagonal)
def diagonal(x: TensorLike, /, *, offset: int = 0) -> Tensor:
    """Diagonals of matrices.

    Parameters
    ----------
    x : Tensor or array_like of shape (..., n, m)
        Matrices.
    offset : int
        How far above (or below, if negative) the main diagonal.

    Returns
    -------
    Tensor
        Of shape (..., k). Gradient: ``g`` on the diagonal, 0 elsewhere.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.diagonal([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 4.])
    """
    return diagonals.diagonal(x, offset, -2, -1)


@door(np.linalg.trace)
def trace(x: TensorLike, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Sums of the diagonals of matrices.

    Parameters
    ----------
    x : Tensor or array_like of shape (..., n, m)
        Matrices.
    offset : int
        How far above (or below, if negative) the main diagonal.
    dtype : dtype, optional
        Convert the elements to this first.

    Returns
    -------
    Tensor
        Of shape (...). Gradient: ``g`` at each element of the diagonal, 0 elsewhere.

    Raises
    ------
    ShapeError
        If there are fewer than two axes.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5.)
    """
    return diagonal(x, offset=offset).sum(-1, dtype=dtype)


@door(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[TensorLike]) -> Tensor:
    """Product of several matrices, in the order that costs least.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like of shape (n, m)
        Two matrices or more; the first and the last may be vectors.

    Returns
    -------
    Tensor
        ``arrays[0] @ arrays[1] @ ...``. Gradient: through the products.

    Raises
    ------
    ShapeError
        If there are fewer than two, an inner one is no matrix, or the sizes do not fit.

    Source: T. Cormen et al., Introduction to Algorithms, section 15.2.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.linalg.multi_dot([[1.0, 2.0], [[1.0, 0.0], [0.0, 1.0]], [3.0, 4.0]])
    Tensor(11.)
    """
    xs = [lift(x) for x in arrays]
    if len(xs) < 2 or any(x.ndim != 2 for x in xs[1:-1]):
        raise ShapeError(
            f"multi_dot: the shapes are {', '.join(str(x.shape) for x in xs)}; there must be two "
            "matrices or more, and only the first and the last may be vectors."
        )
    rows = [x.shape[0] if x.ndim == 2 else 1 for x in xs[:1]]
    sizes = [*rows, *(x.shape[0] for x in xs[1:]), xs[-1].shape[-1] if xs[-1].ndim == 2 else 1]

    @cache
    def best(first: int, last: int) -> tuple[int, int]:
        """Least cost of a piece of the chain, and behind which matrix it is cut in two."""
        ways = [
            (
                best(first, k)[0]
                + best(k + 1, last)[0]
                + sizes[first] * sizes[k + 1] * sizes[last + 1],
                k,
            )
            for k in range(first, last)
        ]
        return min(ways, default=(0, first))

    def product(first: int, last: int) -> Tensor:
        if first == last:
            return xs[first]
        cut = best(first, last)[1]
        return product(first, cut) @ product(cut + 1, last)

    return product(0, len(xs) - 1)
