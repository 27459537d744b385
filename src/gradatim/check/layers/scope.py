"""The scope of a layer: arrays that its methods find outside of it, lent to it as attributes.

A learner's weight may be a global of the module, stand in the function around a class, or in the
class itself. A copy of such a layer computes with the one array that all share, so that nothing
could be moved. Here a copy is given arrays of its own: they are its attributes, and stand in the
place of the shared ones for as long as one of its methods runs.
"""

from __future__ import annotations

import copy
import dis
import functools
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

LOADS = {"LOAD_GLOBAL", "LOAD_NAME"}

MAKERS = {"__init__", "__new__", "__class__"}
"""What a class is made with; what these use is the layer's own afterwards."""


@dataclass(frozen=True)
class Loan:
    """A name outside of a layer that its methods use, and how to read and write it there."""

    name: str
    owner: Any

    @property
    def value(self) -> Any:
        """What stands there now."""
        if isinstance(self.owner, types.CellType):
            return self.owner.cell_contents
        return (
            self.owner[self.name] if isinstance(self.owner, dict) else vars(self.owner)[self.name]
        )

    def put(self, value: Any) -> None:
        """Let something else stand there."""
        if isinstance(self.owner, types.CellType):
            self.owner.cell_contents = value
        elif isinstance(self.owner, dict):
            self.owner[self.name] = value
        else:
            setattr(self.owner, self.name, value)


def lend(layer: Any) -> list[str]:
    """Give a copied layer copies of all that its methods find outside; return the names."""
    loans = [loan for loan in _loans(type(layer)) if loan.name not in vars_of(layer)]
    if not loans:
        return []
    try:
        layer.__class__ = _borrower(type(layer), loans)
        for loan in loans:
            setattr(layer, loan.name, copy.deepcopy(loan.value))
    except (TypeError, AttributeError):  # no room for attributes: then they stay shared
        return []
    return [loan.name for loan in loans]


def vars_of(layer: Any) -> dict[str, Any]:
    """Attributes of an object itself; nothing for one without room for them."""
    held: dict[str, Any] = getattr(layer, "__dict__", {})
    return held


def _loans(cls: type) -> list[Loan]:
    """Arrays, and dicts and lists of them, that the methods of a class find outside of it."""
    found: dict[str, Loan] = {}
    for owner in cls.__mro__[:-1]:
        for name, value in vars(owner).items():
            if _is_lent(value) and not name.startswith("__"):
                found.setdefault(name, Loan(name, owner))
    for loan in _used(_methods(cls)):
        with suppress(KeyError, ValueError):  # a name that is not bound yet
            if _is_lent(loan.value):
                found.setdefault(loan.name, loan)
    return list(found.values())


def _methods(cls: type) -> list[types.FunctionType]:
    held = [value for owner in cls.__mro__[:-1] for value in vars(owner).values()]
    plain = [getattr(value, "__func__", value) for value in held]
    return [f for f in plain if isinstance(f, types.FunctionType) and f.__name__ not in MAKERS]


def _used(functions: list[types.FunctionType]) -> Iterator[Loan]:
    """Every name outside that functions use, and the functions of their module that they call."""
    waiting, known = list(functions), set(map(id, functions))
    while waiting:
        function = waiting.pop()
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            if name not in MAKERS:
                yield Loan(name, cell)
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            if isinstance(value, types.FunctionType):
                if id(value) not in known and value.__module__ == function.__module__:
                    known.add(id(value))
                    waiting.append(value)
            else:
                yield Loan(name, function.__globals__)


def _names(code: types.CodeType) -> Iterator[str]:
    for each in dis.get_instructions(code):
        if each.opname in LOADS:
            yield str(each.argval)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _is_lent(value: Any) -> bool:
    """Whether a value is an array of floats, or a dict or list that holds such, or nothing yet."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f" and value.size > 0
    if type(value) in (dict, list):
        held = list(value.values() if isinstance(value, dict) else value)
        return len(held) < 1000 and all(isinstance(each, np.ndarray) for each in held)
    return False


def _borrower(cls: type, loans: list[Loan]) -> type:
    """A class that computes as another does, with what it has been lent in place."""

    def lent(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(self: Any, *args: Any, **settings: Any) -> Any:
            with _in_place(self, loans):
                return method(self, *args, **settings)

        return call

    names = [
        name
        for name in ("forward", "backward")
        if isinstance(getattr(cls, name, None), types.FunctionType)
    ]
    return type(cls.__name__, (cls,), {name: lent(getattr(cls, name)) for name in names})


@contextmanager
def _in_place(layer: Any, loans: list[Loan]) -> Iterator[None]:
    before = [loan.value for loan in loans]
    try:
        for loan in loans:
            loan.put(getattr(layer, loan.name))
        yield
        for loan in loans:
            setattr(layer, loan.name, loan.value)
    finally:
        for loan, value in zip(loans, before):
            loan.put(value)
