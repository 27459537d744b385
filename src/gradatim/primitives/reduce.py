"""Primitives that shorten an axis or run along one."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.primitives.primitive import first_dtype, first_shape, index_dtype, structural
from gradatim.types import Axis, Shape


def reduced(shape: Shape, axis: Axis = None, keepdims: bool = False) -> Shape:
    """Shape after reducing ``axis``."""
    axes = range(len(shape)) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    gone = {a % len(shape) for a in axes}
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in gone)


def _sum_dtype(dtype: np.dtype[Any], **_: Any) -> np.dtype[Any]:
    return np.asarray(np.sum(np.ones(0, dtype))).dtype


def _spread(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """Put back, with size 1, the axes that a reduction of ``x`` took out of ``g``."""
    return g if keepdims else g.reshape(reduced(x.shape, axis, keepdims=True))


def axes_put_back(name: str, axis: Axis, keepdims: bool) -> str:
    """Say in a formula what :func:`_spread` does; one number needs no axes put back."""
    return name if axis is None or keepdims else f"expand_dims({name}, {axis})"


def _sum_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    # The engine repeats it over the shape of x; one number needs no axes put back for that.
    return g if axis is None and not keepdims else _spread(g, x, axis, keepdims)


def _extreme_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    hit = (x == _spread(y, x, axis, keepdims)).astype(g.dtype)
    return _spread(g, x, axis, keepdims) * hit / hit.sum(axis, keepdims=True)


def _extreme_words(axis: Axis, keepdims: bool) -> str:
    g, y = axes_put_back("g", axis, keepdims), axes_put_back("y", axis, keepdims)
    over = "" if axis is None else f", axis={axis}, keepdims=True"
    return f"{g} * (x == {y}) / sum(x == {y}{over})"


def _exclusive(x: Any, axis: int) -> Any:
    """Product of all that comes before each element along ``axis``: 1 for the first."""
    size = x.shape[axis]
    before = x.roll(1, axis)
    return (before.positions(axis) == 0).where(1, before).cumprod(axis) if size else x


def _prod_rule(g: Any, y: Any, x: Any, axis: int, keepdims: bool) -> Any:
    # Not y / x: that is wrong where an element is 0.
    others = _exclusive(x, axis) * _exclusive(x.flip(axis), axis).flip(axis)
    return _spread(g, x, axis, keepdims) * others


def _prod_words(axis: int, keepdims: bool) -> str:
    return f"{axes_put_back('g', axis, keepdims)} * others(x, axis={axis})"


def _cumprod_rule(g: Any, y: Any, x: Any, axis: int) -> Any:
    # dx_k = (x_0 ... x_{k-1}) * s_k  with  s_k = g_k + x_{k+1} s_{k+1}: right also where x is 0.
    factor = x.flip(axis).roll(1, axis)
    return _exclusive(x, axis) * g.flip(axis).recurrence(factor, axis).flip(axis)


def _cumprod_words(axis: int) -> str:
    factor = f"roll(flip(x, {axis}), 1, {axis})"
    return f"before(x, axis={axis}) * flip(recurrence(flip(g, {axis}), {factor}, {axis}), {axis})"


def _recurrence(b: Any, a: Any, axis: int) -> Any:
    """s_0 = b_0;  s_k = b_k + a_k s_{k-1}."""
    terms, factors = np.moveaxis(b, axis, 0), np.moveaxis(a, axis, 0)
    result = np.empty(b.shape, np.result_type(a, b))
    rows = np.moveaxis(result, axis, 0)
    rows[:1] = terms[:1]
    for k in range(1, len(rows)):
        rows[k] = terms[k] + factors[k] * rows[k - 1]
    return result


def _recurrence_term_rule(g: Any, y: Any, b: Any, a: Any, axis: int) -> Any:
    factor = a.flip(axis).roll(1, axis)
    return g.flip(axis).recurrence(factor, axis).flip(axis)


def _recurrence_factor_rule(g: Any, y: Any, b: Any, a: Any, axis: int) -> Any:
    before = y.roll(1, axis)
    before = (before.positions(axis) == 0).where(0, before)
    return _recurrence_term_rule(g, y, b, a, axis) * before


sum_ = structural(
    "sum",
    lambda x, axis, keepdims: np.add.reduce(x, axis=axis, keepdims=keepdims),
    "np.sum({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=_sum_dtype,
    x=_sum_rule,
)
max_ = structural(
    "max",
    lambda x, axis, keepdims: np.maximum.reduce(x, axis=axis, keepdims=keepdims),
    "np.max({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=first_dtype,
    x=_extreme_rule,
    formulas={"x": _extreme_words},
)
min_ = structural(
    "min",
    lambda x, axis, keepdims: np.minimum.reduce(x, axis=axis, keepdims=keepdims),
    "np.min({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=first_dtype,
    x=_extreme_rule,
    formulas={"x": _extreme_words},
)
prod = structural(
    "prod",
    lambda x, axis, keepdims: np.multiply.reduce(x, axis=axis, keepdims=keepdims),
    "np.prod({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=_sum_dtype,
    x=_prod_rule,
    formulas={"x": _prod_words},
)
argmax = structural(
    "argmax",
    lambda x, axis, keepdims: np.argmax(x, axis=axis, keepdims=keepdims),
    "np.argmax({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=index_dtype,
    x=None,
)
argmin = structural(
    "argmin",
    lambda x, axis, keepdims: np.argmin(x, axis=axis, keepdims=keepdims),
    "np.argmin({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=index_dtype,
    x=None,
)
all_ = structural(
    "all",
    lambda x, axis, keepdims: np.all(x, axis=axis, keepdims=keepdims),
    "np.all({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=lambda *_, **__: np.dtype(bool),
    x=None,
)
any_ = structural(
    "any",
    lambda x, axis, keepdims: np.any(x, axis=axis, keepdims=keepdims),
    "np.any({x}, axis={axis}, keepdims={keepdims})",
    shape=reduced,
    dtype=lambda *_, **__: np.dtype(bool),
    x=None,
)
cumsum = structural(
    "cumsum",
    lambda x, axis: np.cumsum(x, axis=axis),
    "np.cumsum({x}, axis={axis})",
    shape=first_shape,
    dtype=_sum_dtype,
    x=lambda g, y, x, axis: g.flip(axis).cumsum(axis).flip(axis),
)
cumprod = structural(
    "cumprod",
    lambda x, axis: np.cumprod(x, axis=axis),
    "np.cumprod({x}, axis={axis})",
    shape=first_shape,
    dtype=_sum_dtype,
    x=_cumprod_rule,
    formulas={"x": _cumprod_words},
)
recurrence = structural(
    "recurrence",
    _recurrence,
    "recurrence({b}, {a}, axis={axis})",
    shape=first_shape,
    b=_recurrence_term_rule,
    a=_recurrence_factor_rule,
)
argsort = structural(
    "argsort",
    lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    'np.argsort({x}, axis={axis}, kind="stable")',
    shape=first_shape,
    dtype=index_dtype,
    x=None,
)
positions = structural(
    "positions",
    lambda x, axis: np.broadcast_to(
        np.arange(x.shape[axis]).reshape([-1 if i == axis else 1 for i in range(x.ndim)]), x.shape
    ),
    "np.indices({x}.shape)[{axis}]",
    shape=first_shape,
    dtype=index_dtype,
    x=None,
)
