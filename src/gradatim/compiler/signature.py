"""What a program silently takes for granted, looked at before every call.

A program was recorded with arguments of certain shapes, with modules that were learning or not,
with some parameters frozen. If any of it is different now, another program is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import CellType
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.autograd.tree import Container
from gradatim.compiler.recorder import Leaf

PLAIN = (bool, int, float, str, type(None))
"""Python values that a step may compute with; they are part of what it takes for granted."""

Signature = tuple[Any, ...]


def of_arguments(leaves: Iterable[Any]) -> Signature:
    """Return what matters of the arguments: shape, dtype and gradient of arrays, all else itself.

    Parameters
    ----------
    leaves : iterable
        The arguments, taken out of their lists and dicts.
    """
    return tuple(
        (x.shape, x.dtype, x.wanted, x.grad is None) if isinstance(x, Tensor) else x for x in leaves
    )


class Surroundings:
    """What a step can see beside its arguments, as it was when it was recorded.

    Parameters
    ----------
    step : callable
        The function; what it closes over and the globals it names belong to it.
    modules : iterable of Container
        The modules that were called.
    leaves : iterable of Leaf
        The Tensors that were read.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        modules: Iterable[Container],
        leaves: Iterable[Leaf],
    ) -> None:
        self._cells, self._globals = _closure(step), _named_globals(step)
        parts = dict.fromkeys(id(part) for part in modules)
        known = {id(m): m for m in modules}
        self._attributes = [
            (vars(known[i]), type(known[i]).__name__, name, value)
            for i in parts
            for name, value in vars(known[i]).items()
            if isinstance(value, (*PLAIN, Tensor, Container))
        ]
        self._sizes = [
            (vars(known[i]), type(known[i]).__name__, len(vars(known[i]))) for i in parts
        ]
        self._tensors = [
            (leaf.tensor, leaf.tensor.wanted, leaf.bare, leaf.value.shape, leaf.value.dtype)
            for leaf in leaves
            if leaf.kind == "tensor" and (leaf.tensor.wanted or leaf.tensor.name)
        ]

    def change(self) -> str | None:
        """Return what has changed that a program cannot follow by itself; None if nothing has."""
        for cell, name, value in self._cells:
            if not _same(cell.cell_contents, value):
                return f"{name} is another one"
        for names, name, value in self._globals:
            if not _same(names.get(name), value):
                return f"{name} is another one"
        for attributes, owner, name, value in self._attributes:
            if not _same(attributes.get(name), value):
                return f"{name} of {owner} has changed"
        for attributes, owner, count in self._sizes:
            if len(attributes) != count:
                return f"{owner} has another number of attributes"
        return self._change_of_tensors()

    def _change_of_tensors(self) -> str | None:
        for t, wanted, bare, shape, dtype in self._tensors:
            raw, name = t.raw, t.name or f"a Tensor of shape {shape}"
            if t.wanted is not wanted:
                return f"{name} is {'learned' if t.wanted else 'frozen'} now"
            if (t.grad is None) is not bare:
                return f"{name} has {'no' if t.grad is None else 'a'} gradient when it begins"
            if raw.shape != shape or raw.dtype != dtype:
                return f"{name} is {raw.shape} {raw.dtype} now"
        return None


def _same(now: Any, before: Any) -> bool:
    if now is before:
        return True
    if type(now) is not type(before) or not isinstance(before, PLAIN):
        return False
    return bool(now == before)


def _closure(step: Callable[..., Any]) -> list[tuple[CellType, str, Any]]:
    function = _function(step)
    cells = getattr(function, "__closure__", None) or ()
    names = function.__code__.co_freevars if cells else ()
    return [(cell, name, cell.cell_contents) for cell, name in zip(cells, names)]


def _named_globals(step: Callable[..., Any]) -> list[tuple[dict[str, Any], str, Any]]:
    function = _function(step)
    code = getattr(function, "__code__", None)
    if code is None:
        return []
    names = function.__globals__
    return [(names, name, names[name]) for name in code.co_names if name in names]


def _function(step: Callable[..., Any]) -> Any:
    return getattr(step, "__func__", getattr(step, "__wrapped__", step))


def is_array(x: Any) -> bool:
    """Whether an argument is data, to be handed in anew with every call."""
    return isinstance(x, (Tensor, np.ndarray, np.generic))
