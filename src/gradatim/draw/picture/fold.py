"""Boxes of calls: modules folded to one box each, down to a depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from gradatim.draw.picture.account import Call, Scope
from gradatim.errors import ShapeError

Depth = int | Literal["all"] | None
"""How many levels of modules are opened; ``None`` finds the first that shows several boxes."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """Calls that are drawn as one node.

    Parameters
    ----------
    calls : tuple of Call
        One for a primitive.
    scope : Scope or None
        The module that is folded here; None for a primitive, and for the rest.
    around : tuple of Scope
        The opened scopes in which it stands, the outer before the inner.
    is_rest : bool
        Whether it stands for what was left out.
    """

    calls: tuple[Call, ...]
    scope: Scope | None = None
    around: tuple[Scope, ...] = ()
    is_rest: bool = False

    @property
    def is_folded(self) -> bool:
        """Whether it stands for calls that are not shown."""
        return self.scope is not None or self.is_rest


def fold(calls: Sequence[Call], depth: Depth = None) -> list[Box]:
    """Return the boxes of some calls, in their order.

    Parameters
    ----------
    calls : sequence of Call
        In the order in which they ran.
    depth : int, "all" or None
        Levels of modules that are opened: 0 folds every model to one box, 1 shows its layers.
        None opens one, and further while all of the model would be a single box.

    Returns
    -------
    list of Box
        A call of a module is one box, so a module that is called twice gives two.

    Raises
    ------
    ShapeError
        If the depth is neither of these.

    Examples
    --------
    >>> from gradatim.primitives import TABLE
    >>> model = Scope("model")
    >>> layers = Scope("0"), Scope("1")
    >>> calls = [Call(i, TABLE["relu"], (), {}, (model, layers[i // 2])) for i in range(4)]
    >>> [len(box.calls) for box in fold(calls, 1)], len(fold(calls, 0)), len(fold(calls, "all"))
    ([2, 2], 1, 4)
    """
    return _boxes(calls, level_of(calls, depth))


def level_of(calls: Sequence[Call], depth: Depth) -> int:
    """Return a depth as a number of levels, no more than there are."""
    if depth is None:
        return _first_level_of_several(calls)
    if depth == "all":
        return deepest(calls)
    if isinstance(depth, int) and not isinstance(depth, bool) and depth >= 0:
        return min(depth, deepest(calls))
    raise ShapeError(
        f"draw: depth is {depth!r}; it must be the number of levels of modules to open.\n"
        '  Try 0 for the whole model as one box, 1 for its layers, "all" for every primitive.'
    )


def deepest(calls: Sequence[Call]) -> int:
    """Return how many modules lie inside one another."""
    return max((len(_modules(call)) for call in calls), default=0)


def _modules(call: Call) -> list[Scope]:
    return [scope for scope in call.scopes if scope.kind == "module"]


def _boxes(calls: Sequence[Call], level: int) -> list[Box]:
    boxes: list[Box] = []
    for folded, run in groupby(calls, lambda call: _folded(call, level)):
        inside = tuple(run)
        if folded is None:
            boxes += [Box((call,), None, call.scopes) for call in inside]
        else:
            scopes = inside[0].scopes
            boxes.append(Box(inside, folded, scopes[: scopes.index(folded)]))
    return boxes


def _folded(call: Call, level: int) -> Scope | None:
    """The module that hides a call at a level; phases hide nothing."""
    modules = _modules(call)
    return modules[level] if len(modules) > level else None


def _first_level_of_several(calls: Sequence[Call]) -> int:
    most = deepest(calls)
    for level in range(min(1, most), most):
        folded = {_folded(call, level) for call in calls if _modules(call)}
        if len(folded) > 1 or None in folded:
            return level
    return most
