"""In which calls of modules the results of a graph were computed, from the times of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradatim.autograd.modes import Call, current
from gradatim.autograd.tensor import Tensor
from gradatim.autograd.tree import walk
from gradatim.draw.picture.account import Scope
from gradatim.draw.picture.module import scope_of


@dataclass
class Passages:
    """Which modules a graph passed through.

    Every call of a module is remembered for a while with the ticks of the clock between which it
    ran; a result that was born between them was computed inside.

    Parameters
    ----------
    scopes : dict of Tensor to tuple of Scope
        The calls round each result, the outer before the inner; none where there is none.
    names : dict of int to str
        The paths of what belongs to the models, by identity.
    """

    scopes: dict[Tensor, tuple[Scope, ...]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)


def passages(results: Sequence[Tensor], names: Mapping[int, str]) -> Passages:
    """Return the passages of a graph; none where some of them may be forgotten.

    Parameters
    ----------
    results : sequence of Tensor
        The graph in the order of birth.
    names : mapping of int to str
        What models are called, by identity.
    """
    found = Passages()
    calls = current().calls
    if not results or (len(calls) == calls.maxlen and calls[0][1] > results[0].born):
        return found
    waiting = _nested(list(calls), results)
    open_calls: list[tuple[int, Any, Scope | None]] = []  # end, module, what is said of it
    for y in results:
        while waiting and waiting[-1][1] < y.born:
            module_of, began, ended = waiting.pop()
            while open_calls and open_calls[-1][0] < began:
                open_calls.pop()
            open_calls.append((ended, module_of(), None))
        while open_calls and open_calls[-1][0] < y.born:
            open_calls.pop()
        found.scopes[y] = _described(open_calls, names, found.names)
    return found


def _nested(calls: Sequence[Call], results: Sequence[Tensor]) -> list[Call]:
    """The calls that ran while the graph was computed; outer before inner from the end on."""
    first, last = results[0].born, results[-1].born
    alive = [call for call in calls if call[0]() is not None]
    return sorted((c for c in alive if c[1] < last and c[2] > first), key=lambda c: (-c[1], c[2]))


def _described(
    open_calls: list[tuple[int, Any, Scope | None]], names: Mapping[int, str], paths: dict[int, str]
) -> tuple[Scope, ...]:
    """What is said of the calls that are open; said once for each."""
    for i, (ended, module, scope) in enumerate(open_calls):
        if scope is None:
            root = open_calls[0][1]
            open_calls[i] = ended, module, scope_of(module, root, names)
            if module is root:
                for path, part in walk(root):
                    if isinstance(part, Tensor):
                        paths.setdefault(id(part), path)
    return tuple(scope for _, _, scope in open_calls if scope is not None)
