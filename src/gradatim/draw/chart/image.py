"""Images: which picture a row of numbers is, and how pictures stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod

from gradatim.errors import ShapeError
from gradatim.types import Shape


def image_shape_of(shape: Shape, given: Sequence[int] | None, called: str) -> Shape:
    """Find out the shape of a picture.

    Parameters
    ----------
    shape : tuple of int
        Of one sample as the model takes it.
    given : sequence of int, optional
        What it shall be: (H, W), or (H, W, 3) in colour.
    called : str
        Begins messages.

    Returns
    -------
    tuple of int
        (H, W) or (H, W, 3).

    Raises
    ------
    ShapeError
        The numbers are none of a picture, or not of the one that is asked for.

    Examples
    --------
    >>> image_shape_of((784,), None, "weights"), image_shape_of((3072,), None, "weights")
    ((28, 28), (32, 32, 3))
    """
    size = prod(shape)
    if given is not None:
        wanted = tuple(map(int, given))
        if len(wanted) not in (2, 3) or wanted[2:] not in ((), (1,), (3,)) or prod(wanted) != size:
            raise ShapeError(
                f"{called}: image_shape is {wanted}, which has not the {size} numbers of a sample; "
                "it must be (H, W) or (H, W, 3) with as many."
            )
        return wanted[:2] if wanted[2:] == (1,) else wanted
    if len(shape) == 2 or (len(shape) == 3 and shape[2] == 3):
        return shape
    for channels, rest in ((1, ()), (3, (3,))):
        side = isqrt(size // channels)
        if side > 1 and side * side * channels == size:
            return (side, side, *rest)
    raise ShapeError(
        f"{called}: {size} numbers are no square picture; its shape must be given, as in "
        f"image_shape=(1, {size})."
    )
