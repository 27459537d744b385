"""Places in a layer of somebody else's: where its arrays stand, and where their gradients may."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor

HOLDERS = ("params", "parameters", "param")
"""Attributes that hold a list, tuple or dict of what is learned."""

_GRADIENTS = ("grads", "gradients", "grad")
_OPAQUE = (
    *(type, FunctionType, BuiltinFunctionType, MethodType, ModuleType),
    *(np.ndarray, np.generic, Tensor),
)

Trail = tuple[Any, tuple[Any, ...]]
"""An object, one of its attributes, and the items of items from there on."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where an array stands: an attribute of an object, or an item of a dict, list or tuple.

    Parameters
    ----------
    holder : object
        The object, dict or list; for a tuple, which cannot be written to, the place of the tuple.
    key : str or int
        Name or number in the holder.
    """

    holder: Any
    key: Any

    @property
    def node(self) -> Any:
        """What holds it now."""
        return self.holder.value if isinstance(self.holder, Place) else self.holder

    @property
    def value(self) -> Any:
        """What stands there now."""
        node = self.node
        return node[self.key] if is_collection(node) else getattr(node, self.key)

    def put(self, value: Any) -> None:
        """Let something else stand there; a tuple is replaced by another one."""
        node = self.node
        if isinstance(node, tuple):
            items = [*node[: self.key], value, *node[self.key + 1 :]]
            self.holder.put(type(node)(*items) if hasattr(node, "_make") else tuple(items))
        elif isinstance(node, (dict, list)):
            node[self.key] = value
        else:
            setattr(node, self.key, value)


@dataclass
class Spot:
    """A place that was found, and what stood there.

    Parameters
    ----------
    path : str
        All names on the way to it.
    place : Place
        Where it is.
    value : object
        What stood there.
    trails : list of Trail
        How to get there from each object that has it in an attribute, however deep.
    """

    path: str
    place: Place
    value: Any
    trails: list[Trail] = field(default_factory=list)

    @property
    def short(self) -> str:
        """The path without the name of a holder: ``W1`` for ``params.W1``."""
        steps = self.trails[0][1] if self.trails else ("",)
        if len(steps) == 1 or steps[0] not in HOLDERS:
            return self.path
        rest = ".".join(map(str, steps))
        return self.path.removesuffix(rest) + rest.removeprefix(f"{steps[0]}.")

    def gradients(self) -> list[Trail]:
        """Where its gradient is looked for, the book's own way first."""
        return [
            (owner, found)
            for owner, steps in self.trails
            for found in dict.fromkeys(_beside(steps))
        ]


def is_collection(value: Any) -> bool:
    """Whether a value holds items rather than attributes."""
    return isinstance(value, (dict, list, tuple))


def spellings(name: str) -> list[str]:
    """Return how the gradient of a name is called."""
    return [f"d{name}", f"d_{name}", f"grad_{name}", f"{name}_grad", f"{name}grad"]


def spell(steps: tuple[Any, ...]) -> str:
    """Write the steps of a trail as Python would."""
    return str(steps[0]) + "".join(f"[{key!r}]" for key in steps[1:])


def reach(trail: Trail) -> Any:
    """Return what stands at the end of a trail, or None."""
    owner, (name, *keys) = trail
    node: Any = getattr(owner, name, None)
    for key in keys:
        try:
            node = node[key] if is_collection(node) else None
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _beside(steps: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    *above, last = steps
    if not above:
        dicts = [(holder, name) for holder in _GRADIENTS for name in (last, f"d{last}")]
        return [*((name,) for name in spellings(last)), *dicts]
    holders = [*(_GRADIENTS if above[0] in HOLDERS else ()), *spellings(above[0])]
    found = [(holder, *above[1:], last) for holder in holders]
    if isinstance(last, str):
        found += [(holder, *above[1:], f"d{last}") for holder in (*holders, above[0])]
        found += [(name,) for name in spellings(last)]
    return found


def attributes(node: Any) -> dict[str, Any]:
    """Return what an object holds, in ``__dict__`` and in ``__slots__``."""
    found = {}
    for cls in type(node).__mro__:
        slots = vars(cls).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            hidden = slot.startswith("__") and not slot.endswith("__")
            name = f"_{cls.__name__.lstrip('_')}{slot}" if hidden else slot
            if not slot.endswith("__") and hasattr(node, name):
                found[name] = getattr(node, name)
    return {**found, **getattr(node, "__dict__", {})}


def spots(layer: Any) -> list[Spot]:
    """Return every place in a layer and in what it holds, outer before inner, in one walk."""
    found: list[tuple[Any, Spot]] = []
    seen: set[int] = set()
    ahead: deque[tuple[str, Any, Any]] = deque([("", layer, layer)])
    while ahead:
        path, node, holder = ahead.popleft()
        # A tuple is walked wherever it stands: in each of its places it is replaced by itself.
        if id(node) in seen and not isinstance(node, tuple):
            continue
        seen.add(id(node))
        for key, value in _children(node):
            spot = Spot(f"{path}.{key}" if path else str(key), Place(holder, key), value)
            found.append((node, spot))
            if _is_open(value):
                inner = spot.place if isinstance(value, tuple) else value
                ahead.append((spot.path, value, inner))
    _follow(found)
    return [spot for _, spot in found]


def _follow(found: list[tuple[Any, Spot]]) -> None:
    """Give each spot its trails; a list may be an attribute of several objects."""
    trails: dict[int, list[Trail]] = {}
    for node, spot in found:
        if not is_collection(node):
            spot.trails = [(node, (spot.place.key,))]
            if is_collection(spot.value):
                trails.setdefault(id(spot.value), []).extend(spot.trails)
    for node, spot in found:
        if is_collection(node):
            above = trails.get(id(node), [])
            spot.trails = [(owner, (*steps, spot.place.key)) for owner, steps in above]
            if is_collection(spot.value):
                trails.setdefault(id(spot.value), []).extend(spot.trails)


def _is_open(node: Any) -> bool:
    if is_collection(node):
        return True
    if isinstance(node, _OPAQUE):
        return False
    return hasattr(node, "__dict__") or any("__slots__" in vars(c) for c in type(node).__mro__)


def _children(node: Any) -> list[tuple[Any, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, (list, tuple)):
        return list(enumerate(node))
    return list(attributes(node).items())
