"""A shape as it is typed: 3x784."""

from __future__ import annotations

from gradatim.errors import DataError
from gradatim.types import Shape


def shape_of(text: str) -> Shape:
    """Return the shape that ``--input`` was given.

    Examples
    --------
    >>> shape_of("3x784"), shape_of("5")
    ((3, 784), (5,))
    """
    try:
        sizes = tuple(int(size) for size in text.lower().replace(",", "x").split("x"))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise DataError(f"--input {text}: this is not a shape; write it as 3x4.")
    return sizes
