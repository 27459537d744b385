"""The table of primitives: every operation that has a derivative of its own."""

from gradatim.primitives import (
    bounds,
    chance,
    effect,
    fused,
    index,
    linalg,
    pointwise,
    product,
    reduce,
    shape,
)
from gradatim.primitives.primitive import TABLE, Primitive

__all__ = [
    "TABLE",
    "Primitive",
    "bounds",
    "chance",
    "effect",
    "fused",
    "index",
    "linalg",
    "pointwise",
    "product",
    "reduce",
    "shape",
]
