"""Doubles: float64 copies of arrays and models, to be moved about in place of the caller's own."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from gradatim.autograd.tensor import Tensor, constant
from gradatim.autograd.tree import Container, walk
from gradatim.errors import DtypeError
from gradatim.types import Array

SomeContainer = TypeVar("SomeContainer", bound=Container)


@dataclass(frozen=True, eq=False)
class Variable:
    """What is moved: a Tensor that only shows its numbers, and the memory to move them in."""

    tensor: Tensor
    numbers: Array


def double_array(called: str, x: Any) -> Array:
    """Copy numbers of any kind and layout into fresh, contiguous float64 memory."""
    array = np.asarray(x.raw if isinstance(x, Tensor) else x)
    if array.dtype.kind not in "fiu":
        raise DtypeError(
            f"{called}: an argument is {array.dtype}; a derivative needs real numbers.\n"
            "  Try x.astype(float)."
        )
    return np.array(array, dtype=np.float64, order="C")


def double_model(model: SomeContainer, memo: dict[int, Any]) -> SomeContainer:
    """Copy a model with all its floats as float64; a copy shares nothing with the caller's.

    Results that a model keeps from earlier calls are copied without their history. Models copied
    with one ``memo`` stay tied where they were.
    """
    kept = [part for _, part in walk(model) if isinstance(part, Tensor) and part.origin is not None]
    memo.update((id(part), constant(np.array(part.raw))) for part in kept)
    double = copy.deepcopy(model, memo)
    for _, part in walk(double):
        if isinstance(part, Tensor) and part.dtype.kind == "f":
            part.raw = np.array(part.raw, dtype=np.float64, order="C")
    return double


def variable(tensor: Tensor) -> Variable:
    """Make a Tensor on float64 memory one whose numbers only we can move."""
    numbers = tensor.data
    tensor.raw = shown(numbers)
    return Variable(tensor, numbers)


def shown(numbers: Array) -> Array:
    """View of the same memory that cannot be written: a function must not move its own point."""
    view = numbers.view()
    view.flags.writeable = False
    return view
