"""The primitive that makes certain of a range."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.errors import DataError
from gradatim.primitives.primitive import first_dtype, first_shape, structural


def within(x: Any, low: float, high: float) -> Any:
    """Return ``x`` if all of it lies in ``low..high``; raise a DataError that names the place."""
    if x.size and not _lies_within(x, low, high):
        bad = np.argwhere(~((x >= low) & (x <= high)))[0]
        place = f"[{', '.join(map(str, bad))}]" if x.ndim else ""
        raise DataError(f"element{place} is {x[tuple(bad)]}; it must lie in {low}..{high}")
    return x


def _lies_within(x: Any, low: float, high: float) -> bool:
    if low == 0 and high >= 0 and x.dtype == np.int64:
        return bool(np.maximum.reduce(x.view(np.uint64), None) <= high)  # -1 is the largest there
    return bool(x.min() >= low and x.max() <= high)


# A label outside would be read from the wrong place in silence, in a compiled program as well.
within_ = structural(
    "within",
    within,
    "within({x}, {low}, {high})",
    shape=first_shape,
    dtype=first_dtype,
    x=lambda g, y, x, low, high: g,
)
