"""Indices as the index primitives take them: a key with holes, and the arrays for the holes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, constant, lift
from gradatim.errors import DtypeError
from gradatim.primitives.index import HOLE


def parse_key(key: Any) -> tuple[tuple[Any, ...], list[Any]]:
    """Split an index into its key, with holes, and the arrays that fill them."""
    parts = key if isinstance(key, tuple) else (key,)
    arrays: list[Any] = []
    shown: list[Any] = []
    for part in parts:
        if part is None or part is Ellipsis or isinstance(part, slice):
            shown.append(part)
        elif isinstance(part, (int, np.integer)) and not isinstance(part, (bool, np.bool_)):
            shown.append(int(part))
        else:
            shown.append(HOLE)
            arrays.append(positions(part))
    return tuple(shown), arrays


def positions(part: Any) -> Tensor:
    """Check an array of positions: integers, or booleans as a mask."""
    empty = isinstance(part, (list, tuple)) and len(part) == 0
    t = constant(np.zeros(0, np.intp)) if empty else lift(part)
    if t.raw.dtype.kind not in "iub":
        raise DtypeError(
            f"index: positions are integers or booleans, not {t.raw.dtype}.\n"
            "  Try .astype(int) on the index."
        )
    return t
