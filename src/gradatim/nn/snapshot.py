"""Snapshot: everything that a model holds, so that it can be put back after trying something."""

from __future__ import annotations

import random
import types
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor

_WHOLE = (
    *(type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType),
    *(str, bytes, int, float, complex, bool, types.NoneType, np.generic, np.dtype),
)
"""What either cannot change or is no part of a model."""

_OF_A_TENSOR = ("raw", "grad", "wanted", "origin", "born", "written", "place", "name")

_MISSING = object()
"""What a slot holds that holds nothing."""

Restore = Callable[[], None]


@contextmanager
def put_back(*holders: Any) -> Iterator[None]:
    """Put back whatever changes meanwhile in some objects and in all that they hold.

    Parameters
    ----------
    *holders : object
        Models, losses, or anything else with attributes.

    Notes
    -----
    Lists, dicts, arrays and Tensors stay the same objects and get their contents again, random
    generators their state; so do those of NumPy and Python themselves. What an object of C keeps
    to itself, an open file say, is not seen.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([1, 2])
    >>> with put_back(model):
    ...     _ = model.eval()
    ...     model.note = "tried"
    >>> model.training, hasattr(model, "note")
    (True, False)
    """
    restores = [_chance()]
    seen: dict[int, Any] = {}
    waiting: deque[Any] = deque(holders)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, _WHOLE) or id(node) in seen:
            continue
        seen[id(node)] = node
        restore, held = _taken(node)
        restores.append(restore)
        waiting.extend(held)
    try:
        yield
    finally:
        for restore in restores:
            restore()


def _chance() -> Restore:
    numpys, pythons = np.random.get_state(), random.getstate()

    def restore() -> None:
        np.random.set_state(numpys)
        random.setstate(pythons)

    return restore


def _taken(node: Any) -> tuple[Restore, list[Any]]:
    """How to put one object back, and what it holds."""
    if isinstance(node, np.ndarray):
        return _array(node), []
    if isinstance(node, Tensor):
        return _tensor(node), [node.raw, node.grad]
    if isinstance(node, (np.random.Generator, np.random.RandomState, random.Random)):
        return _generator(node), []
    if isinstance(node, dict):
        return _dict(node), list(node.values())
    if isinstance(node, (list, deque)):
        return _list(node), list(node)
    if isinstance(node, set):
        return _set(node), []
    if isinstance(node, (tuple, frozenset)):
        return _nothing, list(node)
    return _slots(node)


def _nothing() -> None:
    """Put back what cannot change."""


def _array(array: Any) -> Restore:
    if not array.flags.writeable:
        return _nothing
    contents = array.copy()

    def restore() -> None:
        array[...] = contents

    return restore


def _tensor(tensor: Tensor) -> Restore:
    before = [(name, getattr(tensor, name)) for name in _OF_A_TENSOR]

    def restore() -> None:
        for name, value in before:
            setattr(tensor, name, value)

    return restore


def _generator(source: Any) -> Restore:
    if isinstance(source, np.random.Generator):
        bits, state = source.bit_generator, source.bit_generator.state
        return lambda: setattr(bits, "state", state)
    if isinstance(source, np.random.RandomState):
        legacy = source.get_state(legacy=False)
        return lambda: source.set_state(legacy)
    pythons = source.getstate()
    return lambda: source.setstate(pythons)


def _dict(node: dict[Any, Any]) -> Restore:
    before = list(node.items())

    def restore() -> None:
        now = list(node.items())
        if len(now) != len(before) or any(
            k is not key or v is not value for (k, v), (key, value) in zip(now, before, strict=True)
        ):
            node.clear()
            node.update(before)

    return restore


def _list(node: Any) -> Restore:
    before = list(node)

    def restore() -> None:
        if len(node) != len(before) or any(a is not b for a, b in zip(node, before, strict=True)):
            node.clear()
            node.extend(before)

    return restore


def _set(node: set[Any]) -> Restore:
    before = set(node)

    def restore() -> None:
        node.clear()
        node.update(before)

    return restore


def _slots(node: Any) -> tuple[Restore, list[Any]]:
    """An object of a class: its attributes, wherever they are kept."""
    named = getattr(node, "__dict__", None)
    attributes = _dict(named) if isinstance(named, dict) else _nothing
    held = list(named.values()) if isinstance(named, dict) else []
    slots = [
        (slot, _at(slot, node))
        for cls in type(node).__mro__
        if "__slots__" in vars(cls)
        for slot in vars(cls).values()
        if isinstance(slot, types.MemberDescriptorType)
    ]

    def restore() -> None:
        attributes()
        for slot, value in slots:
            if _at(slot, node) is not value:
                slot.__delete__(node) if value is _MISSING else slot.__set__(node, value)

    return restore, held + [value for _, value in slots]


def _at(slot: types.MemberDescriptorType, node: Any) -> Any:
    try:
        return slot.__get__(node)
    except AttributeError:
        return _MISSING
