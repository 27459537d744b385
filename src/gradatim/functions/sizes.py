"""Shapes as a caller writes them, made plain: integers, none left open, broadcast to one."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from operator import index
from typing import SupportsIndex

from gradatim.errors import ShapeError
from gradatim.types import Shape

Sizes = SupportsIndex | Iterable[SupportsIndex]
"""One size or several."""


def plain_shape(shape: Sizes) -> Shape:
    """Sizes as a tuple of Python integers."""
    return tuple(index(n) for n in shape) if isinstance(shape, Iterable) else (index(shape),)


def filled_shape(called: str, shape: Sizes, size: int) -> Shape:
    """Sizes with -1 replaced by what ``size`` elements leave for it."""
    wanted = plain_shape(shape)
    if -1 not in wanted:
        return wanted
    rest = prod(n for n in wanted if n != -1)
    if wanted.count(-1) > 1:
        raise ShapeError(f"{called}: the shape {wanted} leaves several sizes open; one may be -1.")
    if rest == 0 or size % rest:
        raise ShapeError(
            f"{called}: {size} elements cannot be arranged as {wanted}: the sizes that are given "
            f"hold {rest}, which does not divide {size}."
        )
    return tuple(size // rest if n == -1 else n for n in wanted)


def common_shape(called: str, shapes: Iterable[Shape]) -> Shape:
    """Shape that all the shapes broadcast to."""
    listed = list(shapes)
    width = max((len(s) for s in listed), default=0)
    rows = [(1,) * (width - len(s)) + s for s in listed]
    found = []
    for sizes in zip(*rows):
        different = set(sizes) - {1}
        if len(different) > 1:
            raise ShapeError(
                f"{called}: the shapes {', '.join(map(str, listed))} do not broadcast: sizes must "
                "be equal or 1, counted from the last axis."
            )
        found.append(different.pop() if different else 1)
    return tuple(found)
