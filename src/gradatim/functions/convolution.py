"""Convolution of two sequences, and correlation, its mirror image."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.functions.arrangement import flip
from gradatim.functions.door import door
from gradatim.functions.padding import pad
from gradatim.functions.product import outer


@door(np.convolve)
def convolve(a: TensorLike, v: TensorLike, mode: str = "full") -> Tensor:
    """Convolution of two sequences, ``y[k] = sum_i a[i] v[k - i]``.

    Parameters
    ----------
    a : Tensor or array_like of shape (n,)
        One sequence.
    v : Tensor or array_like of shape (m,)
        The other one.
    mode : {"full", "same", "valid"}
        All n + m - 1 places where they overlap, the max(n, m) in their middle, or those where
        the shorter one lies wholly inside.

    Returns
    -------
    Tensor
        1-d. Gradient: the correlation of ``g`` with the other sequence. Cost: 2 n m flops, and
        memory for n m numbers.

    Raises
    ------
    ShapeError
        If a sequence is empty or has not one axis, or the mode is unknown.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.convolve([1.0, 2.0, 3.0], [1.0, 1.0])
    Tensor([1., 3., 5., 3.])
    """
    long, short = _ordered("convolve", a, v)
    return _cut(_overlaps(long, short), long.size, short.size, mode, "convolve")


@door(np.correlate)
def correlate(a: TensorLike, v: TensorLike, mode: str = "valid") -> Tensor:
    """Correlation of two sequences, ``y[k] = sum_i a[i + k] v[i]``.

    Parameters
    ----------
    a : Tensor or array_like of shape (n,)
        One sequence.
    v : Tensor or array_like of shape (m,)
        The other one, moved along it.
    mode : {"valid", "same", "full"}
        The places where the shorter one lies wholly inside, the max(n, m) in the middle of all
        overlaps, or all n + m - 1.

    Returns
    -------
    Tensor
        1-d. Gradient: a convolution of ``g`` with the other sequence. Cost: 2 n m flops, and
        memory for n m numbers.

    Raises
    ------
    ShapeError
        If a sequence is empty or has not one axis, or the mode is unknown.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.correlate([1.0, 2.0, 3.0], [0.0, 1.0])
    Tensor([2., 3.])
    """
    long, short = _ordered("correlate", a, v)
    found = _cut(_overlaps(long, flip(short)), long.size, short.size, mode, "correlate")
    # Reading v along a is reading a along v backwards.
    return flip(found) if lift(v).size > lift(a).size else found


def _ordered(called: str, a: TensorLike, v: TensorLike) -> tuple[Tensor, Tensor]:
    first = lift(a, v if isinstance(v, Tensor) else None)
    second = lift(v, first)
    first, second = (x.reshape(1) if x.ndim == 0 else x for x in (first, second))
    if first.ndim != 1 or second.ndim != 1 or 0 in first.shape + second.shape:
        raise ShapeError(
            f"{called}: the sequences have shapes {first.shape} and {second.shape}; each must "
            "have one axis and not be empty."
        )
    return (first, second) if first.size >= second.size else (second, first)


def _overlaps(long: Tensor, short: Tensor) -> Tensor:
    """Sums over the skew diagonals of the outer product: rows shifted by one each, added up."""
    n, m = long.size, short.size
    products = pad(outer(short, long), ((0, 0), (0, m)))
    # Cutting m from the end of the flat rows makes each row begin one place further right.
    return products.reshape(-1)[: m * (n + m - 1)].reshape(m, n + m - 1).sum(0)


def _cut(whole: Tensor, n: int, m: int, mode: str, called: str) -> Tensor:
    if mode == "full":
        return whole
    if mode == "same":
        return whole[(m - 1) // 2 : (m - 1) // 2 + n]
    if mode == "valid":
        return whole[m - 1 : n]
    raise ShapeError(f"{called}: mode is {mode!r}; it must be full, same or valid.")
