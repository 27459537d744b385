"""Boxes of calls: modules folded to one box each, down to a depth or by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from math import inf
from typing import Literal

from gradatim.draw.picture.account import Call, Scope
from gradatim.errors import GraphError, ShapeError

Depth = int | Literal["all"] | None
"""How many levels of modules are opened; ``None`` finds the first that shows several boxes."""

Names = str | Iterable[str]
"""What modules are called: by path, or all those of a class."""

_MOST_NAMES = 12
"""Names that an error lists."""


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


def fold(
    calls: Sequence[Call],
    depth: Depth = None,
    folded: Collection[Scope] = (),
    opened: Collection[Scope] = (),
) -> list[Box]:
    """Return the boxes of some calls, in their order.

    Parameters
    ----------
    calls : sequence of Call
        In the order in which they ran.
    depth : int, "all" or None
        Levels of modules that are opened: 0 folds every model to one box, 1 shows its layers.
        None opens one, and further while all of the model would be a single box.
    folded : collection of Scope
        What is one box at any depth.
    opened : collection of Scope
        What is opened at any depth, with all that lies in it and what lies round it.

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
    front = _Front(calls, level_of(calls, depth), folded, opened)
    boxes: list[Box] = []
    for hidden_by, run in groupby(calls, front.hiding):
        inside = tuple(run)
        if hidden_by is None:
            boxes += [Box((call,), None, call.scopes) for call in inside]
        else:
            scopes = inside[0].scopes
            boxes.append(Box(inside, hidden_by, scopes[: scopes.index(hidden_by)]))
    return boxes


class _Front:
    """Which scopes are closed, as they are seen from outside."""

    def __init__(
        self,
        calls: Sequence[Call],
        level: int,
        folded: Collection[Scope] = (),
        opened: Collection[Scope] = (),
    ) -> None:
        self._level, self._folded, self._opened = level, folded, opened
        self._ajar = {
            outer
            for call in calls if opened
            for i, inner in enumerate(call.scopes) if inner in opened
            for outer in call.scopes[:i]
        }  # fmt: skip

    def hiding(self, call: Call) -> Scope | None:
        """Return the outermost closed scope round a call; phases close only by name."""
        level, around = float(self._level), 0
        for scope in call.scopes:
            if scope in self._folded:
                return scope
            if scope in self._opened:
                level = inf
            if scope.kind == "module":
                if around >= level and scope not in self._ajar:
                    return scope
                around += 1
        return None


def scopes_called(calls: Sequence[Call], names: Names, asked: str) -> frozenset[Scope]:
    """Return the scopes of some names.

    Parameters
    ----------
    calls : sequence of Call
        The computation.
    names : str or several
        Each the path of a module, its class, or a phase of a program.
    asked : str
        The argument that they were given for, for messages.

    Raises
    ------
    GraphError
        If nothing is called so.

    Examples
    --------
    >>> from gradatim.primitives import TABLE
    >>> layer = Scope("layers.0", made="Linear(2, 3)")
    >>> calls = [Call(0, TABLE["relu"], (), {}, (layer,))]
    >>> scopes_called(calls, "Linear", "fold") == scopes_called(calls, ["layers.0"], "fold")
    True
    """
    called: dict[str, set[Scope]] = {}
    for scope in dict.fromkeys(scope for call in calls for scope in call.scopes):
        for name in filter(None, (scope.name, scope.made.partition("(")[0])):
            called.setdefault(name, set()).add(scope)
    found: set[Scope] = set()
    for name in (names,) if isinstance(names, str) or not isinstance(names, Iterable) else names:
        if name not in called:
            raise _no_module(name, list(called), asked)
        found |= called[name]
    return frozenset(found)


def _no_module(name: object, known: list[str], asked: str) -> GraphError:
    listed = ", ".join(known[:_MOST_NAMES]) + ", …" * (len(known) > _MOST_NAMES)
    close = get_close_matches(str(name), known, 1) or known[:1]
    return GraphError(
        f"draw: {asked} names {name!r}, and no module here is called so; it must be the path or "
        f"the class of one: {listed or 'there is none, only primitives'}.\n"
        + (f"  Did you mean {close[0]!r}?" if close else f"  Try to leave {asked} out.")
    )


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


def _first_level_of_several(calls: Sequence[Call]) -> int:
    most = deepest(calls)
    for level in range(min(1, most), most):
        front = _Front(calls, level)
        hidden_by = {front.hiding(call) for call in calls if _modules(call)}
        if len(hidden_by) > 1 or None in hidden_by:
            return level
    return most
