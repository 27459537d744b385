"""A specimen: a learner's layer copied, so that it can be moved about while the own one rests.

Parameters are found by their names, in the book's ways of writing them: ``W`` beside ``dW``,
``params["W1"]`` beside ``grads["W1"]``, ``params[0]`` beside ``grads[0]``, and all of that in
layers inside the layer.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.errors import GradatimError
from gradatim.types import Array

Step = tuple[str, Any]
"""``("attribute", "W")`` or ``("item", 0)``: how to get from an object to what it holds."""

Path = tuple[Step, ...]

NAMES = {"W", "w", "b", "B", "Wx", "Wh", "gamma", "beta", "weight", "weights", "bias"}
"""Attributes that the book, or its readers, call parameters."""

HOLDERS = {"params": "grads", "parameters": "gradients", "param": "grad"}
"""Dicts or lists of parameters, and of their gradients."""

MISSING = object()
"""What is found where there is nothing."""


@dataclass(frozen=True)
class Place:
    """Where a number or an array stands in a layer, and where its gradient may stand."""

    path: Path
    gradients: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The place as it is written: ``W``, ``params['W1']``, ``layers[0].W``."""
        return spell(self.path)

    @property
    def expected(self) -> str:
        """The gradient's place as it is written: ``dW``."""
        return spell(self.gradients[0])

    @property
    def may_be_another(self) -> bool:
        """Whether its gradient is looked for where another's may stand: velocities have none."""
        return self.path[-1][0] == "item" and not self.is_called_parameter

    @property
    def is_called_parameter(self) -> bool:
        """Whether its name alone says that it is a parameter."""
        held = any(step[0] == "attribute" and step[1] in HOLDERS for step in self.path)
        return held or str(self.path[-1][1]).strip("_") in NAMES


def spell(path: Path) -> str:
    """Write a path as Python would."""
    text = "".join(f".{key}" if kind == "attribute" else f"[{key!r}]" for kind, key in path)
    return text.removeprefix(".")


def reach(node: Any, path: Path) -> Any:
    """What stands at the end of a path; MISSING where there is nothing."""
    for kind, key in path:
        try:
            node = getattr(node, key) if kind == "attribute" else node[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            return MISSING
    return node


def put(node: Any, path: Path, values: Array) -> None:
    """Write values into the array at the end of a path, or replace the number there."""
    held = reach(node, path)
    if isinstance(held, np.ndarray):
        held[...] = values
        return
    owner, (kind, key) = reach(node, path[:-1]), path[-1]
    if kind == "attribute":
        setattr(owner, key, float(values))
    else:
        owner[key] = float(values)


def is_number(value: Any) -> bool:
    """Whether a value is a real number or an array of such."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiu"
    return isinstance(value, (float, np.floating))


def copied(layer: Any, memo: dict[int, Any] | None = None) -> Any:
    """Copy a layer with all that it holds; a view such as W.T stays tied to its array."""
    memo = {} if memo is None else memo
    _tie(layer, memo)
    try:
        return copy.deepcopy(layer, memo)
    except Exception as error:
        raise GradatimError(
            f"layer: {type(layer).__name__} cannot be copied ({error}); the check moves a copy, "
            "never your own layer.\n"
            "  Try without open files, modules or generators among its attributes."
        ) from error


def _tie(layer: Any, memo: dict[int, Any]) -> None:
    """Copy the arrays that views belong to, and the views as views of the copies."""
    arrays = {id(value): value for _, value in members(layer) if isinstance(value, np.ndarray)}
    for view in arrays.values():
        owner = view.base
        if isinstance(owner, np.ndarray) and id(owner) in arrays and owner.flags.c_contiguous:
            fresh = memo.setdefault(id(owner), np.array(owner, order="C"))
            memo[id(view)] = _same_view(view, owner, fresh)


def has_views(layer: Any) -> bool:
    """Whether a layer holds an array that is part of another array."""
    return any(isinstance(each, np.ndarray) and each.base is not None for _, each in members(layer))


def in_double(layer: Any) -> Any:
    """Copy a layer with its parameters, and all its floats, as float64."""
    memo: dict[int, Any] = {}
    for path, value in members(layer):
        kinds = "fiu" if _place(path).is_called_parameter else "f"
        if isinstance(value, np.ndarray) and value.dtype.kind in kinds:
            memo[id(value)] = np.array(value, dtype=np.float64, order="C")
    return copied(layer, memo)


def _same_view(view: Array, owner: Array, fresh: Array) -> Array:
    """What the view shows of its owner, shown of the owner's copy."""
    old, new = owner.itemsize, fresh.itemsize
    offset = (view.ctypes.data - owner.ctypes.data) // old * new
    strides = tuple(stride // old * new for stride in view.strides)
    return np.ndarray(view.shape, fresh.dtype, fresh.data, offset, strides)


def members(node: Any) -> Iterator[tuple[Path, Any]]:
    """Everything that an object holds, however deep, each thing at every place where it stands."""
    yield from _members(node, (), set())


def _members(node: Any, path: Path, above: set[int]) -> Iterator[tuple[Path, Any]]:
    if id(node) in above or len(path) > 6:
        return
    for step, value in _held(node):
        yield (*path, step), value
        yield from _members(value, (*path, step), above | {id(node)})


def _held(node: Any) -> list[tuple[Step, Any]]:
    if isinstance(node, dict):
        return [(("item", key), value) for key, value in node.items()]
    if isinstance(node, (list, tuple)):
        return [(("item", i), value) for i, value in enumerate(node[:1000])]
    if isinstance(node, (type, types.ModuleType, types.FunctionType, np.ndarray, np.generic)):
        return []
    slots = [name for cls in type(node).__mro__ for name in vars(cls).get("__slots__", ())]
    named = {name: getattr(node, name) for name in slots if hasattr(node, name)}
    named.update(getattr(node, "__dict__", {}))
    return [(("attribute", str(name)), value) for name, value in named.items()]


def _place(path: Path) -> Place:
    """A place with the places where its gradient is looked for, the book's own way first."""
    *above, (kind, key) = path
    owner = tuple(above)
    if kind == "attribute":
        names = [f"d{key}", f"d_{key}", f"grad_{key}", f"{key}_grad", f"{key}grad"]
        found: list[Path] = [(*owner, ("attribute", name)) for name in names]
        if key.startswith("_"):
            bare = key.lstrip("_")
            found += [(*owner, ("attribute", f"{lead}d{bare}")) for lead in ("_", "", "d_")]
        for holder in ("grads", "gradients", "grad"):
            found += [(*owner, ("attribute", holder), ("item", name)) for name in (key, names[0])]
        return Place(path, tuple(found))
    found = []
    if owner and owner[-1][0] == "attribute":
        holder = HOLDERS.get(owner[-1][1], f"d{owner[-1][1]}")
        beside = owner[:-1]
        found = [(*beside, ("attribute", holder), ("item", key))]
        if isinstance(key, str):
            found += [(*beside, ("attribute", holder), ("item", f"d{key}"))]
            found += [(*beside, ("attribute", f"d{key}"))]
        shared = dict.fromkeys(HOLDERS.values()) if owner[-1][1] not in HOLDERS.values() else {}
        found += [(*beside, ("attribute", name), ("item", key)) for name in shared]
    return Place(path, tuple(found) or ((*owner, ("item", f"d{key}")),))


def places(layer: Any) -> list[list[Place]]:
    """Every array and float in a layer; those that are one object are together."""
    groups: dict[int, list[Place]] = {}
    for path, value in members(layer):
        if is_number(value):
            key = id(value) if isinstance(value, np.ndarray) else hash(path)
            groups.setdefault(key, []).append(_place(path))
    return list(groups.values())


def generators(layer: Any) -> list[Any]:
    """States of the random generators that a layer holds."""
    held = [value for _, value in members(layer)]
    states = [g.bit_generator.state for g in held if isinstance(g, np.random.Generator)]
    legacy = [g.get_state(legacy=False) for g in held if isinstance(g, np.random.RandomState)]
    return [*map(str, states), *map(str, legacy)]
