"""Rounding, and replacing what is not a number."""

from __future__ import annotations

import numpy as np
from numpy import finfo

from gradatim.autograd.tensor import Tensor, TensorLike, bind1, lift
from gradatim.functions.choice import where
from gradatim.functions.door import door
from gradatim.primitives import pointwise


@door(np.floor, method=True)
def floor(x: TensorLike) -> Tensor:
    """Largest whole number that is not above x.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape, float. Piecewise constant: no gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.floor([1.7, -1.7])
    Tensor([ 1., -2.])
    """
    return bind1(pointwise.floor, x)


@door(np.ceil, method=True)
def ceil(x: TensorLike) -> Tensor:
    """Smallest whole number that is not below x.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape, float. Piecewise constant: no gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.ceil([1.2, -1.2])
    Tensor([ 2., -1.])
    """
    return bind1(pointwise.ceil, x)


@door(np.trunc, np.fix, method=True)
def trunc(x: TensorLike) -> Tensor:
    """Whole part of x, towards 0.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float or integer.

    Returns
    -------
    Tensor
        Same shape, float. Piecewise constant: no gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.trunc([1.7, -1.7])
    Tensor([ 1., -1.])
    """
    return bind1(pointwise.trunc, x)


fix = trunc


@door(np.rint, method=True)
def rint(x: TensorLike) -> Tensor:
    """Nearest whole number; halves go to the even one.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float; integers become float64.

    Returns
    -------
    Tensor
        Same shape, float. Piecewise constant: no gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.rint([0.5, 1.5, 2.4])
    Tensor([0., 2., 2.])
    """
    return bind1(pointwise.rint, x)


@door(np.round, np.around, method=True)
def round(a: TensorLike, decimals: int = 0) -> Tensor:
    """Round to so many decimals; halves go to the even digit.

    Parameters
    ----------
    a : Tensor or array_like of any shape
        Float or integer.
    decimals : int
        Digits behind the point; negative for tens, hundreds and so on.

    Returns
    -------
    Tensor
        Same shape and dtype. Piecewise constant: no gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.round([1.234, 1.235001], 2)
    Tensor([1.23, 1.24])
    """
    given = lift(a)
    if given.dtype.kind != "f":
        return given if decimals >= 0 else round(given * 1.0, decimals).astype(given.dtype)
    if not decimals:
        return bind1(pointwise.rint, given)
    scale = 10.0 ** (decimals if decimals > 0 else -decimals)
    if decimals > 0:
        return bind1(pointwise.rint, given * scale) / scale
    return bind1(pointwise.rint, given / scale) * scale


around = round


@door(np.nan_to_num, method=True)
def nan_to_num(
    x: TensorLike,
    copy: bool = True,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:
    """Replace NaN and infinities by numbers.

    Parameters
    ----------
    x : Tensor or array_like of any shape
        Float.
    copy : bool
        Taken for NumPy's sake; a Tensor is never changed in place.
    nan : float
        Stands for NaN.
    posinf, neginf : float, optional
        Stand for the infinities; the largest numbers of the dtype if not given.

    Returns
    -------
    Tensor
        Same shape and dtype. Gradient: ``g`` where x was finite, else 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nan_to_num([1.0, float("nan")], nan=-1.0)
    Tensor([ 1., -1.])
    """
    given = lift(x)
    if given.dtype.kind != "f":
        return given
    limits = finfo(given.dtype)
    top = float(limits.max) if posinf is None else posinf
    bottom = float(limits.min) if neginf is None else neginf
    replaced = where(given > 0, lift(top, given), lift(bottom, given))
    replaced = where(bind1(pointwise.isnan, given), lift(nan, given), replaced)
    return where(bind1(pointwise.isfinite, given), given, replaced)
