"""What a function can see: the names in its code, and all that hangs on them.

A step computes with more than its arguments: what it closes over, globals, attributes of models
and settings, functions that it calls and what those can see. The code says which: only what is
named in it is followed, so a counter that the step never mentions may change as it likes.
"""

from __future__ import annotations

import dis
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from gradatim.autograd.place import line
from gradatim.autograd.tensor import Tensor
from gradatim.autograd.tree import Container
from gradatim.types import Random

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
"""Values that are told apart by what they are, not by which object they are."""

MISSING = object()
"""What an empty cell holds, and an attribute that is not there."""

_LIBRARIES = {"gradatim", "numpy", *sys.stdlib_module_names}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"}
_NEVER_NAMED = {"__init__", "__new__", "__repr__", "__str__", "__setattr__", "__getattribute__"}


class Reach:
    """Everything that some objects lead to.

    Parameters
    ----------
    roots : iterable of (str, object)
        Where to begin, each with what it is called.

    Attributes
    ----------
    entries : list of (Mapping, str, object, str)
        A mapping, a key that is looked up in it, what is there, and what it is called.
    cells : list of (cell, object, str)
        Variables that functions share.
    rows : list of (collection, tuple, str)
        Lists, tuples and sets, with what they hold.
    sizes : list of (Mapping, int, str)
        Mappings to which nothing must be added.
    switches : list of (object, str, object, str)
        Attributes that are asked for by name.
    tensors : list of (Tensor, str)
        Every Tensor on the way.
    arrays : list of (array, str)
        Every NumPy array on the way.
    generators : list of Generator or RandomState
        What random numbers are drawn from.
    raw_readers : list of str
        The user's lines that look at an attribute ``raw``, or set it.
    """

    def __init__(self, roots: Iterable[tuple[str, Any]]) -> None:
        self._roots = list(roots)
        self._names: set[str] = set()
        known = -1
        while known != len(self._names):  # a name met late may lead somewhere seen before
            known = len(self._names)
            self._begin()
            for name, root in self._roots:
                self._visit(root, name)

    def _begin(self) -> None:
        self.entries: list[tuple[Mapping[Any, Any], Any, Any, str]] = []
        self.cells: list[tuple[CellType, Any, str]] = []
        self.rows: list[tuple[Any, tuple[Any, ...], str]] = []
        self.sizes: list[tuple[Mapping[Any, Any], int, str]] = []
        self.switches: list[tuple[Any, str, Any, str]] = []
        self.tensors: list[tuple[Tensor, str]] = []
        self.arrays: list[tuple[np.ndarray[Any, Any], str]] = []
        self.generators: list[Random] = []
        self.raw_readers: list[str] = []
        self._seen: dict[int, Any] = {}

    def _visit(self, x: Any, name: str) -> None:
        """Walk without recursion: a long chain of objects is no reason to fail."""
        waiting = [(x, name)]
        while waiting:
            x, name = waiting.pop()
            if isinstance(x, PLAIN) or id(x) in self._seen:
                continue
            self._seen[id(x)] = x
            waiting += reversed(list(self._inside(x, name)))

    def _inside(self, x: Any, name: str) -> Iterator[tuple[Any, str]]:
        if isinstance(x, Tensor):
            self.tensors.append((x, x.name or name))
        elif isinstance(x, np.ndarray):
            self.arrays.append((x, name))
        elif isinstance(x, Random):
            self.generators.append(x)
        elif isinstance(x, dict):
            yield from self._of_mapping(x, x, name, "{owner}[{key!r}]")
        elif isinstance(x, (list, tuple, set, frozenset, deque)):
            self.rows.append((x, tuple(x), name))
            yield from ((part, f"{name}[{i}]") for i, part in enumerate(x))
        elif isinstance(x, MethodType):
            yield from ((x.__func__, name), (x.__self__, "self"))
        elif isinstance(x, partial):
            yield from ((x.func, name), (x.args, name), (x.keywords, name))
        elif isinstance(x, (staticmethod, classmethod)):
            yield x.__func__, name
        elif isinstance(x, property):
            yield from ((f, name) for f in (x.fget,) if f is not None)
        elif isinstance(x, FunctionType):
            yield from self._of_function(x)
        elif isinstance(x, type):
            yield from self._of_class(x)
        elif isinstance(x, ModuleType):
            if _is_users(x.__name__):
                yield from self._of_mapping(vars(x), self._names, x.__name__, "{owner}.{key}")
        else:
            yield from self._of_object(x)

    def _of_mapping(
        self, x: Mapping[Any, Any], keys: Iterable[Any], owner: str, called: str
    ) -> Iterator[tuple[Any, str]]:
        if keys is x:
            self.sizes.append((x, len(x), owner))
        for key in [key for key in x if key in keys] if keys is not x else list(x):
            label = called.format(owner=owner, key=key)
            self.entries.append((x, key, x[key], label))
            yield x[key], label

    def _of_function(self, f: FunctionType) -> Iterator[tuple[Any, str]]:
        for cell, name in zip(f.__closure__ or (), f.__code__.co_freevars):
            value = content(cell)
            self.cells.append((cell, value, name))
            yield value, name
        for part in (f.__defaults__, f.__kwdefaults__):
            if part is not None:
                self.switches.append((f, *_named_defaults(f, part), f"a default of {f.__name__}"))
                yield part, f"a default of {f.__name__}"
        if "__wrapped__" in vars(f):
            yield vars(f)["__wrapped__"], f.__name__
        if _is_users(f.__module__ or ""):
            self.switches.append((f, "__code__", f.__code__, f"the code of {f.__name__}"))
            mine = set(_names_in(f.__code__))
            if _is_users(f.__globals__.get("__name__", "")):  # a wrapper bears the user's name
                self.raw_readers += _lines_with_raw(f.__code__)
            self._names |= mine
            yield from self._of_mapping(f.__globals__, mine, "", "{key}")

    def _of_class(self, kind: type) -> Iterator[tuple[Any, str]]:
        for ancestor in kind.__mro__:
            if not _is_users(ancestor.__module__):
                continue
            special = {k for k in vars(ancestor) if k[:2] == "__" and callable(vars(ancestor)[k])}
            wanted = (self._names | special | {"forward"}) - _NEVER_NAMED
            owner = ancestor.__name__
            yield from self._of_mapping(vars(ancestor), wanted, owner, "{key} of {owner}")

    def _of_object(self, x: Any) -> Iterator[tuple[Any, str]]:
        kind = type(x)
        yield kind, kind.__name__
        own = getattr(x, "__dict__", {})
        if "__wrapped__" in own:
            yield own["__wrapped__"], kind.__name__
            return
        owner = kind.__name__
        if isinstance(x, Container):
            mode = getattr(x, "training", MISSING)
            self.switches.append((x, "training", mode, f"training of {owner}"))
        keys = {key for key, part in own.items() if self._follows(x, key, part)}
        # Whoever sets model.forward has another one than its class, whoever wrote the class.
        if isinstance(x, Container) or (own and _is_users(kind.__module__)):
            self.sizes.append((own, len(own), f"the attributes of {owner}"))
        yield from self._of_mapping(own, keys - {"training"}, owner, "{key} of {owner}")
        for name in {s for c in kind.__mro__ for s in _slots(c)} & self._names:
            value = getattr(x, name, MISSING)
            self.switches.append((x, name, value, f"{name} of {owner}"))
            yield value, f"{name} of {owner}"

    def _follows(self, x: Any, key: str, part: Any) -> bool:
        """Whether code may look at an attribute: its own names it, or the library's does."""
        if key in self._names or isinstance(part, Random):
            return True
        if _is_users(type(x).__module__) and "__dict__" in self._names:
            return True
        ours = any(not _is_users(c.__module__) for c in type(x).__mro__ if c is not object)
        if not ours or key[:1] == "_":
            return False
        whole = not isinstance(x, Container) or not _is_users(type(x).__module__)
        return whole or isinstance(part, (Tensor, Container, list, tuple, dict))


def content(cell: CellType) -> Any:
    """Return what a variable holds that functions share; MISSING if nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _named_defaults(f: Callable[..., Any], part: Any) -> tuple[str, Any]:
    return ("__defaults__" if isinstance(part, tuple) else "__kwdefaults__", part)


def _is_users(module: str) -> bool:
    """Whether a module is the user's own, and no library that was installed."""
    return _is_own(module.partition(".")[0])


@cache
def _is_own(package: str) -> bool:
    if package in _LIBRARIES:
        return False
    found = getattr(sys.modules.get(package), "__file__", None) or ""
    return "site-packages" not in found and "dist-packages" not in found


def _names_in(code: CodeType) -> Iterator[str]:
    """Names of globals and attributes in a piece of code, and strings that may be such."""
    for part in _codes_in(code):
        yield from part.co_names
        yield from (x for x in part.co_consts if isinstance(x, str) and x.isidentifier())


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    """A piece of code and those inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes_in(constant)


def _lines_with_raw(code: CodeType) -> Iterator[str]:
    """The lines in which something's attribute ``raw`` is read or set."""
    for part in _codes_in(code):
        if "raw" in part.co_names:
            for step in dis.get_instructions(part):
                if step.argval == "raw" and step.opname in _ATTRIBUTES:
                    yield line((part, step.offset))


def _slots(kind: type) -> tuple[str, ...]:
    found = vars(kind).get("__slots__", ()) if _is_users(kind.__module__) else ()
    return (found,) if isinstance(found, str) else tuple(found)
