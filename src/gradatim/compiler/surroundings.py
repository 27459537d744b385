"""What a program silently takes for granted, looked at before every call.

A program was recorded with modules that were learning or not, with some parameters frozen, with
certain numbers in what the step closes over. If any of it is different now, another is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.compiler.chance import Chance
from gradatim.compiler.reach import PLAIN, Reach, content
from gradatim.types import Array

COMPARED_BYTES = 1 << 20
"""Arrays up to this size that the step computes with in NumPy are compared in every call."""


class Leaves:
    """The Tensors that a step can see, as they are when it begins.

    Parameters
    ----------
    reach : Reach
        What it can see.

    Attributes
    ----------
    tensors : list of Tensor
        They themselves.
    chance : Chance
        Where the generators of random numbers stand.
    """

    def __init__(self, reach: Reach) -> None:
        tensors = {id(t): (t, name) for t, name in reach.tensors}
        self._tensors = [
            (t, name, t.wanted, t.grad is None, t.raw.shape, t.raw.dtype)
            for t, name in tensors.values()
        ]
        self._grads = [
            (t, name, *_kind(t.grad)) for t, name in tensors.values() if t.grad is not None
        ]
        self.tensors = [t for t, _ in tensors.values()]
        self._known = tensors
        self.chance = Chance(reach.generators)

    def __contains__(self, t: object) -> bool:
        return id(t) in self._known

    def place_of(self, t: Tensor) -> tuple[int, bool] | None:
        """Return which of the Tensors this is or shares its numbers with, and whether it is it."""
        if id(t) in self._known:
            return id(t), True
        raw = t.raw
        if type(raw) is np.ndarray:
            known = self._known.items()
            return next(((i, False) for i, (other, _) in known if other.raw is raw), None)
        return None

    def change(self) -> str | None:
        """Return what is different now; None if nothing is."""
        for t, name, wanted, bare, shape, dtype in self._tensors:
            if t.wanted is not wanted:
                return f"{name} is {'learned' if t.wanted else 'frozen'} now"
            if (t.grad is None) is not bare:
                return f"{name} has {'no' if t.grad is None else 'a'} gradient when it begins"
            raw = t.raw
            if raw.shape != shape or raw.dtype != dtype:
                return f"{name} is {raw.shape} {raw.dtype} now"
        for t, name, shape, dtype in self._grads:
            if _kind(t.grad) != (shape, dtype):
                return f"the gradient of {name} has another form"
        return None


class Surroundings:
    """All that is not a Tensor, or is another Tensor now, as it was when a step had run.

    Parameters
    ----------
    reach : Reach
        What the step can see.
    read : iterable of Tensor
        Those whose numbers the program reads anew in every call.

    Attributes
    ----------
    reach : Reach
        What it can see.
    arrays : list of (array, bytes, str)
        Arrays of NumPy with the numbers that they held.
    """

    def __init__(self, reach: Reach, read: Iterable[Tensor] = ()) -> None:
        self.reach = reach
        memory = [t.raw for t in read if isinstance(t.raw, np.ndarray)]
        self.arrays = [
            (array, array.tobytes(), name)
            for array, name in reach.arrays
            if array.nbytes <= COMPARED_BYTES and not any(array is m for m in memory)
        ]

    def change(self) -> str | None:
        """Return what is different now; None if nothing is."""
        reach = self.reach
        for cell, value, name in reach.cells:
            if not same(content(cell), value):
                return f"{name} is another one"
        for mapping, key, value, name in reach.entries:
            now = mapping.get(key)
            if now is not value and not same(now, value):
                return f"{name} is {_told(now)} now"
        for mapping, size, name in reach.sizes:
            if len(mapping) != size:
                return f"{name} has another number of entries"
        for row, values, name in reach.rows:
            alike = len(row) == len(values)
            if not alike or not (all(map(is_, row, values)) or all(map(same, row, values))):
                return f"what {name} holds is different now"
        for owner, attribute, value, name in reach.switches:
            if not same(getattr(owner, attribute, None), value):
                return f"{name} has changed"
        for array, before, name in self.arrays:
            if array.tobytes() != before:
                return f"the numbers of {name} are different now"
        return None


def same(now: Any, before: Any) -> bool:
    """Whether two values are the same object, or plain and equal to the last bit.

    Parameters
    ----------
    now, before : object
        Any.
    """
    if now is before:
        return True
    if type(now) is not type(before) or not isinstance(before, PLAIN):
        return False
    return repr(now) == repr(before)


def _told(x: Any) -> str:
    return repr(x) if isinstance(x, PLAIN) else "another one"


def _kind(t: Tensor | None) -> tuple[Any, Any]:
    return (None, None) if t is None else (t.raw.shape, t.raw.dtype)


def memory_of(raw: Any) -> tuple[Any, ...] | None:
    """Return what two arrays have in common that show the same memory; None for single numbers."""
    if not isinstance(raw, np.ndarray):
        return None
    array: Array = raw
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype
