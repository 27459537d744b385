"""Tensors inside containers: models, lists, tuples and dicts, found by walking them.

A path names where a Tensor stands: ``first.weight``, ``layers.0.bias``. The order is the order in
which things were written, never that of a hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor


class Container:
    """Base of objects whose attributes are walked; it does nothing else."""


def children(node: Any) -> Iterator[tuple[str, Any]]:
    """Name and value of everything directly inside a container, in order."""
    if isinstance(node, Container):
        yield from vars(node).items()
    elif isinstance(node, dict):
        yield from ((str(key), value) for key, value in node.items())
    elif isinstance(node, (list, tuple)):
        yield from ((str(i), value) for i, value in enumerate(node))


def walk(node: Any) -> Iterator[tuple[str, Any]]:
    """Path and value of everything inside a container, at any depth, outer before inner.

    An object that is reached twice (tied weights, a shared layer) is given once, under its first
    path; a container inside itself is no endless walk.
    """
    seen: set[int] = set()

    def visit(value: Any, path: str) -> Iterator[tuple[str, Any]]:
        marked = isinstance(value, (Tensor, Container, dict, list))
        if marked and id(value) in seen:
            return
        if marked:
            seen.add(id(value))
        yield path, value
        for name, child in children(value):
            yield from visit(child, f"{path}.{name}" if path else name)

    yield from visit(node, "")


def tensors(node: Any) -> dict[str, Tensor]:
    """Return every Tensor inside by its path."""
    return {path: value for path, value in walk(node) if isinstance(value, Tensor)}


def map_leaves(function: Callable[[Any], Any], node: Any) -> Any:
    """Rebuild lists, tuples and dicts with ``function`` applied to everything else.

    A list of numbers, nested or not, is not a container: it is taken as an array.
    """
    if isinstance(node, dict):
        return {key: map_leaves(function, value) for key, value in node.items()}
    if isinstance(node, tuple) and hasattr(node, "_fields"):
        return type(node)(*(map_leaves(function, value) for value in node))
    if isinstance(node, (list, tuple)) and not _is_array(node):
        return type(node)(map_leaves(function, value) for value in node)
    return function(node)


def _is_array(node: Any) -> bool:
    """Whether nested lists hold numbers alone, in equal rows."""
    return isinstance(node, (list, tuple)) and _shape(node) is not None


def _shape(node: Any) -> tuple[int, ...] | None:
    if isinstance(node, (float, int, np.generic)):
        return ()
    if not isinstance(node, (list, tuple)) or not node:
        return None
    shapes = {_shape(part) for part in node}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(node), *inner)
