"""The order of slots in each column: as few links cross as sweeps and exchanges can bring about."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

from gradatim.draw.layout.columns import Columns

_SWEEPS, _VISITS, _LEAST = 24, 90_000, 4
"""Sweeps of a small graph, visits of slots in a large one, and the least number of sweeps."""


def crossings(graph: Columns) -> int:
    """Count how often links cross.

    Parameters
    ----------
    graph : Columns
        Slots in some order.

    Returns
    -------
    int
        Pairs of links that cross between two columns, summed over the columns.

    Examples
    --------
    >>> crossings(Columns([[0, 1], [2, 3]], [[0, 3], [1, 2]]))
    1
    """
    position = graph.positions()
    count = 0
    for column in graph.columns:
        seen: list[int] = []
        for slot in column:
            ends = sorted(position[other] for other in graph.after[slot])
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def put_in_order(graph: Columns) -> int:
    """Reorder the columns, in place.

    The first order follows the graph from its ends back, input by input, which is free of
    crossings for a tree. Then come sweeps to and fro that sort each column by the mean position
    of its neighbours, and exchanges of two slots next to each other (Gansner et al., *A Technique
    for Drawing Directed Graphs*, 1993). Where crossings are left, the same is tried from an order
    that follows the graph onwards. The best order is kept; without one that is better than the
    first, inputs stand in the order of the formula.

    Parameters
    ----------
    graph : Columns
        Its lists of columns are reordered.

    Returns
    -------
    int
        How many crossings are left.

    Examples
    --------
    >>> graph = Columns([[0, 1], [2, 3]], [[0, 3], [1, 2]])
    >>> put_in_order(graph), graph.columns
    (0, [[1, 0], [2, 3]])
    """
    rounds = max(_LEAST, min(_SWEEPS, _VISITS // max(1, len(graph.before))))
    _walk(graph, graph.before, graph.after)
    best = _improve(graph, rounds)
    if best and rounds == _SWEEPS:
        kept = [list(column) for column in graph.columns]
        _walk(graph, graph.after, graph.before)
        other = _improve(graph, rounds)
        if other >= best:
            graph.columns[:] = kept
        best = min(best, other)
    return best


def _improve(graph: Columns, rounds: int) -> int:
    best, kept = crossings(graph), [list(column) for column in graph.columns]
    passes = 4 if rounds == _SWEEPS else 1
    idle = 0
    for sweep in range(rounds):
        if not best or idle == 4:
            break
        _sweep(graph, forwards=sweep % 2 == 0)
        _exchange(graph, passes)
        idle += 1
        if (count := crossings(graph)) < best:
            best, kept, idle = count, [list(column) for column in graph.columns], 0
    graph.columns[:] = kept
    return best


def _walk(graph: Columns, near: list[list[int]], far: list[list[int]]) -> None:
    """Order the slots as a walk meets them that begins where nothing lies on the far side."""
    place = {slot: at for at, column in enumerate(graph.columns) for slot in column}
    columns: list[list[int]] = [[] for _ in graph.columns]
    waiting, met = [slot for slot in range(len(far)) if not far[slot]][::-1], set()
    while waiting:
        slot = waiting.pop()
        if slot not in met:
            met.add(slot)
            columns[place[slot]].append(slot)
            waiting += reversed(near[slot])
    graph.columns[:] = columns


def _sweep(graph: Columns, *, forwards: bool) -> None:
    position = graph.positions()
    near = graph.before if forwards else graph.after
    columns = range(len(graph.columns)) if forwards else reversed(range(len(graph.columns)))
    for at in columns:
        column = graph.columns[at]
        means = {
            slot: sum(position[other] for other in near[slot]) / len(near[slot])
            for slot in column
            if near[slot]
        }
        drawn = iter(sorted(means, key=means.__getitem__))
        # What has no neighbour on this side stays where it is.
        column[:] = [next(drawn) if slot in means else slot for slot in column]
        for place, slot in enumerate(column):
            position[slot] = place


def _exchange(graph: Columns, passes: int) -> None:
    """Exchange neighbours within a column as long as that saves crossings."""
    position = graph.positions()
    for _ in range(passes):
        saved = 0
        for column in graph.columns:
            left = [_ends(graph.before[slot], position) for slot in column]
            right = [_ends(graph.after[slot], position) for slot in column]
            for at in range(len(column) - 1):
                gain = _gain(left[at], left[at + 1]) + _gain(right[at], right[at + 1])
                if gain > 0:
                    saved += gain
                    column[at : at + 2] = column[at + 1], column[at]
                    left[at : at + 2] = left[at + 1], left[at]
                    right[at : at + 2] = right[at + 1], right[at]
            for place, slot in enumerate(column):
                position[slot] = place
        if not saved:
            return


def _ends(slots: list[int], position: Sequence[int]) -> list[int]:
    if len(slots) == 1:
        return [position[slots[0]]]
    return sorted(position[slot] for slot in slots)


def _gain(upper: list[int], lower: list[int]) -> int:
    """Tell how many crossings are saved where the upper slot goes below the lower."""
    if not upper or not lower:
        return 0
    if upper[-1] < lower[0]:
        return -len(upper) * len(lower)
    saved = 0
    for end in upper:
        saved += bisect_left(lower, end)
    for end in lower:
        saved -= bisect_left(upper, end)
    return saved
