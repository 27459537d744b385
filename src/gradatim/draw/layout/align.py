"""The height of every slot: long links run straight, and nothing in a column overlaps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from gradatim.draw.layout.columns import Columns

Pieces = dict[tuple[int, int], float]
"""Pieces of links between two columns, left slot and right slot; for each how much lower the right
slot's line lies where the piece is level."""


@dataclass(frozen=True)
class _View:
    """The graph as one of four runs sees it: from left or right, from the top or the bottom."""

    columns: list[list[int]]
    near: list[list[int]]
    over: Sequence[float]
    under: Sequence[float]
    sign: int


def heights(
    graph: Columns, over: Sequence[float], under: Sequence[float], level: Pieces, boxes: int
) -> list[float]:
    """Give every slot its y.

    Four runs, from the left and from the right, upwards and downwards, each join slots of
    neighbouring columns to level blocks and pack the blocks; the result is the mean of the two
    middle heights (Brandes and Köpf, *Fast and Simple Horizontal Coordinate Assignment*, 2001).

    Parameters
    ----------
    graph : Columns
        In their final order.
    over, under : sequences of float
        How much room each slot needs over and under its line.
    level : mapping of (int, int) to float
        The pieces of links that should be level, with how much lower the right line lies then.
    boxes : int
        How many of the slots are boxes: the first. Pieces between two others come first.

    Returns
    -------
    list of float
        The y of each slot's line; 0 at the top of the highest.

    Examples
    --------
    >>> heights(Columns([[0, 1], [2]], [[0, 2], [1, 2]]), [5] * 3, [5] * 3, {(0, 2): 0.0}, 3)
    [5.0, 15.0, 5.0]
    """
    pieces = _without_crossings(graph, level, boxes)
    runs = []
    for sign in (1, -1):
        for forwards in (True, False):
            view = _view(graph, over, under, pieces, sign=sign, forwards=forwards)
            levels = level if forwards else {(b, a): -drop for (a, b), drop in level.items()}
            runs.append([sign * y for y in _packed(view, *_blocks(view, levels))])
    return _balanced(runs, over, under)


def _without_crossings(graph: Columns, level: Pieces, boxes: int) -> list[tuple[int, int]]:
    """Leave out pieces that cross one between two passages: long links come first."""
    position = graph.positions()
    kept = []
    for left in graph.columns:
        here = [(a, b) for a in left for b in graph.after[a] if (a, b) in level]
        inner = sorted((position[a], position[b]) for a, b in here if a >= boxes and b >= boxes)
        starts = [a for a, _ in inner]
        lowest = list(accumulate((b for _, b in inner), max))
        highest = list(accumulate((b for _, b in reversed(inner)), min))[::-1]
        for a, b in here:
            before = bisect_left(starts, position[a])
            behind = bisect_right(starts, position[a])
            if before and lowest[before - 1] > position[b]:
                continue
            if behind < len(inner) and highest[behind] < position[b]:
                continue
            kept.append((a, b))
    return kept


def _view(
    graph: Columns,
    over: Sequence[float],
    under: Sequence[float],
    pieces: list[tuple[int, int]],
    *,
    sign: int,
    forwards: bool,
) -> _View:
    position = graph.positions()
    near: list[list[int]] = [[] for _ in position]
    for a, b in pieces:
        near[b if forwards else a].append(a if forwards else b)
    for slots in near:
        slots.sort(key=lambda slot: sign * position[slot])
    columns = [column[::sign] for column in graph.columns]
    columns = columns if forwards else columns[::-1]
    return _View(columns, near, *((over, under) if sign > 0 else (under, over)), sign)


def _blocks(view: _View, level: Pieces) -> tuple[list[int], list[float]]:
    """Join each slot to the middle one of its neighbours, where that makes no crossing.

    Gives for every slot the first of its block, and how much lower than that one's its line is.
    """
    count = len(view.near)
    position = [0] * count
    for column in view.columns:
        for place, slot in enumerate(column):
            position[slot] = place
    root, shift = list(range(count)), [0.0] * count
    for column in view.columns:
        last = -1
        for slot in column:
            near = view.near[slot]
            for middle in ((len(near) - 1) // 2, len(near) // 2) if near else ():
                other = near[middle]
                if position[other] > last:
                    root[slot] = root[other]
                    shift[slot] = shift[other] + view.sign * level[other, slot]
                    last = position[other]
                    break
    return root, shift


def _packed(view: _View, root: list[int], shift: list[float]) -> list[float]:
    """Put the blocks as high as they go, then lower those that leave room under themselves."""
    count = len(root)
    after: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    waiting = [0] * count
    for column in view.columns:
        for a, b in pairwise(column):
            room = view.under[a] + view.over[b] + shift[a] - shift[b]
            after[root[a]].append((root[b], room))
            waiting[root[b]] += 1
    blocks = [slot for slot in range(count) if root[slot] == slot]
    order = [block for block in blocks if not waiting[block]]
    y = [0.0] * count
    for block in order:  # grows while it is walked
        for other, room in after[block]:
            y[other] = max(y[other], y[block] + room)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    for block in reversed(order):
        if after[block]:
            y[block] = max(y[block], min(y[other] - room for other, room in after[block]))
    return [y[root[slot]] + shift[slot] for slot in range(count)]


def _balanced(
    runs: list[list[float]], over: Sequence[float], under: Sequence[float]
) -> list[float]:
    """Take the mean of the two middle heights, once the runs cover the same ground."""
    if not over:
        return []
    tops = [min(y - room for y, room in zip(run, over)) for run in runs]
    ends = [max(y + room for y, room in zip(run, under)) for run in runs]
    least = min(range(4), key=lambda run: ends[run] - tops[run])
    moved = []
    for run, ys in enumerate(runs):
        # The first two packed their blocks to the top, the others to the bottom.
        by = tops[least] - tops[run] if run < 2 else ends[least] - ends[run]
        moved.append([y + by for y in ys])
    means = [sum(sorted(each)[1:3]) / 2 for each in zip(*moved)]
    top = min(y - room for y, room in zip(means, over))
    return [y - top for y in means]
