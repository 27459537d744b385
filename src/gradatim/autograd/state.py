"""Named Tensors read out as arrays and written back: what is saved, and what is loaded.

Loading is all or nothing: everything is checked before the first element is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.errors import StateError
from gradatim.types import Array


class Difference(NamedTuple):
    """Names that a state lacks, and names that it has too many."""

    missing: list[str]
    unexpected: list[str]


def read_state(tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    """Return a copy of the numbers of each Tensor under its name."""
    return {name: t.numpy() for name, t in tensors.items()}


def write_state(
    tensors: Mapping[str, Tensor], state: Mapping[str, Any], strict: bool, called: str
) -> Difference:
    """Overwrite Tensors with the arrays of their names, each in the Tensor's own dtype.

    With ``strict=False`` names on one side only are left alone; a wrong shape never is. An error
    lists everything that does not fit, and nothing has been changed.
    """
    if not isinstance(state, Mapping):
        raise StateError(
            f"{called}: a state is a dict from name to array, this is {type(state).__name__}.\n"
            "  Try the result of state_dict(), or arrays, _ = gd.store.load_weights(path)."
        )
    found = {name: _array(state[name]) for name in tensors if name in state}
    difference = Difference(
        [name for name in tensors if name not in state],
        [str(name) for name in state if name not in tensors],
    )
    faults = [line for name, array in found.items() for line in _misfit(name, array, tensors[name])]
    if strict:
        faults = [*_told(difference, tensors), *faults]
    if faults:
        hint = "" if not strict or not any(difference) else _HINT
        raise StateError(
            f"{called}: the state does not fit; nothing was changed.\n  "
            + "\n  ".join(faults)
            + hint
        )
    for name, array in found.items():
        tensors[name].assign(array)
    return difference


_HINT = "\n  Try strict=False to leave alone what is on one side only."


def _array(value: Any) -> Array:
    return np.asarray(value.raw if isinstance(value, Tensor) else value)


def _told(difference: Difference, tensors: Mapping[str, Tensor]) -> list[str]:
    from difflib import get_close_matches

    lines = [f"missing: {name} {tensors[name].shape}" for name in difference.missing]
    for name in difference.unexpected:
        near = get_close_matches(name, difference.missing, 1, 0.6)
        lines.append(f"unexpected: {name}" + (f" (did you mean {near[0]}?)" if near else ""))
    return lines


def _misfit(name: str, array: Array, t: Tensor) -> list[str]:
    """Why an array cannot be written into a Tensor: its dtype, its shape, or nothing."""
    if array.dtype.kind not in "fiub" or not np.can_cast(array.dtype, t.dtype, "same_kind"):
        return [f"wrong dtype: {name} is {array.dtype} in the state, {t.dtype} here"]
    if array.shape == t.shape:
        return []
    turned = " (transposed? try value.T)" if array.shape == t.shape[::-1] else ""
    return [f"wrong shape: {name} is {array.shape} in the state, {t.shape} here{turned}"]
