"""Floats of whatever arrives: arithmetic in small integers would wrap around."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.errors import DtypeError
from gradatim.types import Array


def floats(called: str, x: Any) -> Array:
    """Return ``x`` as an array of floats: itself if it is one, else a copy in float64."""
    array = np.asarray(x)
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    raise DtypeError(
        f"{called}: the input is of dtype {array.dtype}; it must hold numbers.\n"
        "  Try np.array(x, dtype=float)."
    )
