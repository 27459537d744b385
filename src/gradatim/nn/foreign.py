"""What a layer of somebody else's learns: its arrays, found inside it, and their gradients.

The book keeps weights as attributes ``W`` and ``b`` with gradients ``dW`` and ``db``, and in its
second volume as lists ``params`` and ``grads``. Networks hold layers in lists and dicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from gradatim.errors import GraphError

_NAMES = {"W", "b", "w", "gamma", "beta", "weight", "bias"}
_NOT_LEARNED = {"x", "y", "out"}  # with dx, dy, dout beside them they are passing values
_OPAQUE = (type, FunctionType, BuiltinFunctionType, MethodType, ModuleType, np.ndarray, np.generic)


class Place(NamedTuple):
    """Where an array stands: an attribute of an object, or an item of a dict or list."""

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        """What stands there now."""
        if isinstance(self.holder, (dict, list)):
            return self.holder[self.key]
        return vars(self.holder)[self.key]

    def put(self, value: Any) -> None:
        """Let something else stand there."""
        if isinstance(self.holder, (dict, list)):
            self.holder[self.key] = value
        else:
            setattr(self.holder, self.key, value)


@dataclass
class Weight:
    """An array that a layer learns.

    Parameters
    ----------
    name : str
        Path in the layer.
    places : list of Place
        Everywhere where this very array stands: a network has it in ``params`` and in a layer.
    grads : list of Place
        Where its gradient may stand after ``backward``.
    shown : array
        What was last put there.
    """

    name: str
    places: list[Place]
    grads: list[tuple[Any, Any]]
    shown: Any

    def show(self, value: Any) -> None:
        """Let the layer compute with ``value``."""
        for place in self.places:
            place.put(value)
        self.shown = value

    def replacement(self) -> Any:
        """Return what somebody else put in a place meanwhile, or None."""
        values = (place.value for place in self.places)
        return next((value for value in values if value is not self.shown), None)

    def gradient(self) -> Any:
        """Return the gradient that the layer left, or None."""
        found = (_item(holder, key) for holder, key in self.grads)
        return next((value for value in found if value is not None), None)


def weights(layer: Any) -> list[Weight]:
    """Return what a layer learns, in the order in which it is written there.

    Raises
    ------
    GraphError
        If the layer holds a view of one of these arrays, which would keep the old numbers.
    """
    found: dict[int, Weight] = {}
    for path, place in _candidates(layer):
        value = place.value
        if isinstance(value, float):  # equal floats may be one object, so only this place is meant
            value = np.array(value)
            place.put(value)
        found.setdefault(id(value), Weight(path, [], [], value))
    for path, place in _everything(layer):
        weight = found.get(id(place.value))
        if weight is not None:
            weight.places.append(place)
            weight.grads += _grads(layer, place)
        elif isinstance(place.value, np.ndarray):
            _check_own(layer, path, place.value, found)
    return list(found.values())


def others(layer: Any, known: list[Weight]) -> list[tuple[Place, Any]]:
    """Arrays of a layer that are not among the ``known``: place, and what stands there now."""
    shown = {id(weight.shown) for weight in known}
    places = [place for _, place in _everything(layer)]
    return [
        (place, place.value)
        for place in places
        if _is_array(place.value) and id(place.value) not in shown
    ]


def overlooked(before: list[tuple[Place, Any]]) -> list[str]:
    """Names of those of ``others`` that stand where they stood and have got a gradient."""
    return [
        place.key
        for place, value in before
        if not isinstance(place.holder, (dict, list))
        and vars(place.holder).get(place.key) is value
        and place.key not in _NOT_LEARNED
        and _item(place.holder, f"d{place.key}") is not None
    ]


def _check_own(layer: Any, path: str, array: Any, found: dict[int, Weight]) -> None:
    for weight in found.values():
        if np.may_share_memory(array, weight.shown):
            raise GraphError(
                f"Book: {type(layer).__name__} holds {path}, a view of {weight.name}; it would "
                f"keep the old numbers when {weight.name} learns.\n"
                "  Try making the view in forward, where it is used."
            )


def _candidates(layer: Any) -> Iterator[tuple[str, Place]]:
    """Arrays that are learned: those of ``params``, and those with a gradient or a known name."""
    for path, node in _nodes(layer):
        if isinstance(node, (dict, list)):
            continue
        for name, value in vars(node).items():
            whole = f"{path}.{name}" if path else name
            if name == "params" and isinstance(value, (dict, list)):
                entries = value.items() if isinstance(value, dict) else enumerate(value)
                for key, entry in entries:
                    if _is_array(entry):
                        yield (f"{path}.{key}" if path else str(key)), Place(value, key)
            elif name not in _NOT_LEARNED and _is_learned(node, name, value):
                yield whole, Place(node, name)


def _is_learned(node: Any, name: str, value: Any) -> bool:
    has_gradient = f"d{name}" in vars(node) or hasattr(type(node), f"d{name}")
    if isinstance(value, float):
        return has_gradient
    return _is_array(value) and (has_gradient or name in _NAMES)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _everything(layer: Any) -> Iterator[tuple[str, Place]]:
    for path, node in _nodes(layer):
        for name, _ in _children(node):
            yield f"{path}.{name}" if path else str(name), Place(node, name)


def _nodes(layer: Any) -> Iterator[tuple[str, Any]]:
    """Objects, dicts and lists inside a layer, itself included, outer before inner."""
    seen: set[int] = set()
    ahead = [("", layer)]
    while ahead:
        path, node = ahead.pop(0)
        if id(node) in seen or not _is_open(node):
            continue
        seen.add(id(node))
        yield path, node
        ahead += [(f"{path}.{key}" if path else str(key), value) for key, value in _children(node)]


def _is_open(node: Any) -> bool:
    return isinstance(node, (dict, list)) or (
        hasattr(node, "__dict__") and not isinstance(node, _OPAQUE)
    )


def _children(node: Any) -> list[tuple[Any, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, list):
        return list(enumerate(node))
    return list(vars(node).items())


def _grads(layer: Any, place: Place) -> list[tuple[Any, Any]]:
    """Where the gradient of what stands at a place is looked for."""
    if not isinstance(place.holder, (dict, list)):
        return [(place.holder, f"d{place.key}")]
    owners = [node for _, node in _nodes(layer) if not isinstance(node, (dict, list))]
    holding = [node for node in owners if vars(node).get("params") is place.holder]
    return [
        where for node in holding for where in ((_Grads(node), place.key), (node, f"d{place.key}"))
    ]


class _Grads(NamedTuple):
    """The ``grads`` that an object may have after its backward."""

    owner: Any


def _item(holder: Any, key: Any) -> Any:
    if not isinstance(holder, _Grads):
        return getattr(holder, key, None)
    grads = getattr(holder.owner, "grads", None)
    if isinstance(grads, dict):
        return grads.get(key)
    return grads[key] if isinstance(grads, (list, tuple)) and key < len(grads) else None
