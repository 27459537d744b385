"""Margins around an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import ShapeError
from gradatim.functions.arrangement import chosen
from gradatim.functions.axis import one_axis
from gradatim.functions.door import door
from gradatim.functions.shaping import astype
from gradatim.primitives import shape as shapes
from gradatim.types import Shape

Widths = tuple[tuple[int, int], ...]


def _reflected(i: int, n: int) -> int:
    place = i % (2 * n - 2) if n > 1 else 0
    return min(place, 2 * n - 2 - place)


def _mirrored(i: int, n: int) -> int:
    place = i % (2 * n)
    return min(place, 2 * n - 1 - place)


# Which element of an axis of size n stands at position i, for positions on both sides of it.
_SOURCES: dict[str, Callable[[int, int], int]] = {
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "reflect": _reflected,
    "symmetric": _mirrored,
    "wrap": lambda i, n: i % n,
}


@door(np.pad)
def pad(
    array: TensorLike,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: Any = 0,
    reflect_type: str = "even",
) -> Tensor:
    """Add a margin around an array.

    Parameters
    ----------
    array : Tensor or array_like of any shape and dtype
        What stands inside.
    pad_width : int, pair, sequence of pairs or dict from axis to width
        Widths (before, after) for each axis, one pair for all, or one number for all.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        What stands in the margin: a constant, the outermost element, the mirror image without or
        with the outermost element, or the elements of the other side.
    constant_values : number, Tensor, pair or sequence of pairs
        The constants, given like the widths; for mode "constant" only.
    reflect_type : "even"
        As NumPy names the plain mirror image.

    Returns
    -------
    Tensor
        Of the same dtype. Gradient: the inside of ``g``, and what stands in the margin gives its
        ``g`` to the element that it repeats, or to the constant.

    Raises
    ------
    ShapeError
        If a width is negative, there is not a pair for each axis, or the mode is unknown.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.pad([1.0, 2.0], 1)
    Tensor([0., 1., 2., 0.])
    >>> gd.pad([1.0, 2.0, 3.0], (0, 2), mode="reflect")
    Tensor([1., 2., 3., 2., 1.])
    """
    x = lift(array)
    widths = _widths(pad_width, x.shape)
    if mode == "constant":
        return _pad_constant(x, widths, constant_values)
    source = _SOURCES.get(mode)
    if source is None or reflect_type != "even":
        raise ShapeError(
            f"pad: mode is {mode!r}, reflect_type {reflect_type!r}; a Tensor can be padded in the "
            f"modes constant, {', '.join(_SOURCES)}, with the even reflect_type."
        )
    for axis, (before, after) in enumerate(widths):
        size = x.shape[axis]
        if (before or after) and not size:
            raise ShapeError(f"pad: axis {axis} of shape {x.shape} is empty: nothing to repeat.")
        if before or after:
            x = chosen(x, [source(i, size) for i in range(-before, size + after)], axis)
    return x


def _widths(given: Any, shape: Shape) -> Widths:
    if isinstance(given, Mapping):
        named = {one_axis("pad", axis, shape): width for axis, width in given.items()}
        given = [_pair(named.get(i, 0)) for i in range(len(shape))]
    pairs = tuple((int(a), int(b)) for a, b in _pairs(given, len(shape), "pad_width"))
    if any(n < 0 for pair in pairs for n in pair):
        raise ShapeError(f"pad: the widths {pairs} must not be negative.\n  Try x[...] to cut.")
    return pairs


def _pairs(given: Any, count: int, name: str) -> list[tuple[Any, Any]]:
    """One pair (before, after) for each axis, of the forms that NumPy takes."""
    parts = _parts(given)
    if parts is None:
        return [(given, given)] * count
    if all(_parts(part) is None for part in parts) and len(parts) <= 2:
        return [_pair(given)] * count
    if len(parts) not in (1, count):
        raise ShapeError(
            f"pad: {name} {given} has {len(parts)} parts for {count} axes; there must be a pair "
            "for each axis, one pair for all, or one number."
        )
    pairs = [_pair(part) for part in parts]
    return pairs * count if len(pairs) == 1 else pairs


def _parts(given: Any) -> list[Any] | None:
    """The parts of a sequence or an array; None for a number."""
    if isinstance(given, (list, tuple)):
        return list(given)
    return list(given) if getattr(given, "ndim", 0) else None


def _pair(given: Any) -> tuple[Any, Any]:
    parts = _parts(given)
    if parts is None:
        return given, given
    if len(parts) not in (1, 2):
        raise ShapeError(f"pad: {given} must be a pair (before, after) or one number.")
    return parts[0], parts[-1]


def _pad_constant(x: Tensor, widths: Widths, values: Any) -> Tensor:
    if _parts(values) is None:
        return _framed(x, widths, values)
    # Axis after axis, so that the corners get the values of the later axes, as in NumPy.
    count = len(widths)
    for axis, (before, after) in enumerate(_pairs(values, count, "constant_values")):
        first, last = widths[axis]
        for value, pair in ((before, (first, 0)), (after, (0, last))):
            x = _framed(x, tuple(pair if i == axis else (0, 0) for i in range(count)), value)
    return x


def _framed(x: Tensor, widths: Widths, value: Any) -> Tensor:
    constant = lift(value, x)
    fitting = constant if constant.dtype == x.dtype else astype(constant, x.dtype)
    return bind(shapes.pad, x, fitting, widths=widths)
