"""The graph behind a result, walked without recursion."""

from __future__ import annotations

from collections.abc import Set
from operator import attrgetter

from gradatim.autograd.tensor import Tensor

_BORN = attrgetter("born")


def ancestry(output: Tensor, stops: Set[Tensor] = frozenset()) -> list[Tensor]:
    """Results that ``output`` was computed from, itself included, the latest first.

    A result is born after its inputs, so each stands before those it was made of. Whatever lies
    behind ``stops`` is left out. O(nodes log nodes) time.
    """
    if output.origin is None or output in stops:
        return []
    found = {output}
    stack = [output]
    while stack:
        for x in stack.pop().origin[1]:  # type: ignore[index]
            if x.origin is not None and x not in found and x not in stops:
                found.add(x)
                stack.append(x)
    return sorted(found, key=_BORN, reverse=True)


def leaves(output: Tensor) -> list[Tensor]:
    """Leaves that require a gradient and that ``output`` was computed from."""
    if output.origin is None:
        return [output] if output.wanted else []
    found: dict[Tensor, None] = {}
    for y in reversed(ancestry(output)):
        assert y.origin is not None
        for x in y.origin[1]:
            if x.wanted and x.origin is None:
                found[x] = None
    return list(found)


def leading(order: list[Tensor], targets: Set[Tensor]) -> set[Tensor]:
    """Return the members of ``order``, and the targets, that lie on a way to a target."""
    found = set(targets)
    for y in reversed(order):
        assert y.origin is not None
        if any(x in found for x in y.origin[1]):
            found.add(y)
    return found
