"""Blocks of level slots moved towards what they are linked with, as far as there is room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import inf

from gradatim.draw.layout.align import Pieces
from gradatim.draw.layout.columns import Columns

_LEVEL, _LEAST, _ROUNDS, _STRONG = 0.05, 0.5, 4, 4


def settled(
    graph: Columns, over: Sequence[float], under: Sequence[float], level: Pieces, y: list[float]
) -> list[float]:
    """Move what begins in a source of its own next to where it leads.

    `heights` leaves in the middle of its free room what no level piece holds: a constant that
    comes in from the side. Here such blocks move, without becoming bent and without changing any
    order, by the median of what the links at their ends want.

    Parameters
    ----------
    graph : Columns
        In their final order.
    over, under : sequences of float
        How much room each slot needs over and under its line.
    level : mapping of (int, int) to float
        The pieces that should be level; they count more than others.
    y : list of float
        The heights as they are.

    Returns
    -------
    list of float
        The heights as they are then, with 0 at the top of the highest.

    Examples
    --------
    >>> graph = Columns([[0, 1], [2]], [[0, 2], [1, 2]])
    >>> settled(graph, [5] * 3, [5] * 3, {(0, 2): 0.0}, [5.0, 60.0, 5.0])
    [5.0, 15.0, 5.0]
    """
    y = list(y)
    pieces = dict.fromkeys((piece for chain in graph.chains for piece in pairwise(chain)), 0.0)
    pieces.update(level)
    members = _blocks(pieces, y)
    block = {slot: at for at, slots in enumerate(members) for slot in slots}
    ends: dict[int, list[tuple[int, int, float, int]]] = defaultdict(list)
    for (a, b), drop in pieces.items():
        if block[a] != block[b]:
            weight = _STRONG if (a, b) in level else 1
            ends[block[a]].append((a, b, -drop, weight))
            ends[block[b]].append((b, a, drop, weight))
    free = [at for at, slots in enumerate(members) if any(not graph.before[s] for s in slots)]
    beside = _beside(graph)
    for _ in range(_ROUNDS):
        moved = False
        for at in free:
            by = _median([(y[b] + drop - y[a], weight) for a, b, drop, weight in ends[at]])
            up, down = _slack(members[at], beside, over, under, y)
            by = min(max(by, -up), down)
            if abs(by) > _LEAST:
                moved = True
                for slot in members[at]:
                    y[slot] += by
        if not moved:
            break
    top = min((at - room for at, room in zip(y, over)), default=0.0)
    return [at - top for at in y]


def _blocks(pieces: Pieces, y: list[float]) -> list[list[int]]:
    """Join slots between which a piece is level."""
    root = list(range(len(y)))

    def first(slot: int) -> int:
        while root[slot] != slot:
            root[slot] = root[root[slot]]
            slot = root[slot]
        return slot

    for (a, b), drop in pieces.items():
        if abs(y[a] + drop - y[b]) < _LEVEL:
            root[first(b)] = first(a)
    found: dict[int, list[int]] = defaultdict(list)
    for slot in range(len(y)):
        found[first(slot)].append(slot)
    return list(found.values())


def _beside(graph: Columns) -> list[tuple[int | None, int | None]]:
    """Tell for each slot which stand next above and next below it."""
    found: list[tuple[int | None, int | None]] = [(None, None)] * len(graph.before)
    for column in graph.columns:
        for a, slot, b in zip([None, *column], column, [*column[1:], None]):
            found[slot] = a, b
    return found


def _slack(
    slots: list[int],
    beside: list[tuple[int | None, int | None]],
    over: Sequence[float],
    under: Sequence[float],
    y: list[float],
) -> tuple[float, float]:
    """Tell how far a block can move up and down."""
    up = down = inf
    for slot in slots:
        a, b = beside[slot]
        if a is not None:
            up = min(up, y[slot] - over[slot] - y[a] - under[a])
        if b is not None:
            down = min(down, y[b] - over[b] - y[slot] - under[slot])
    return max(0.0, up), max(0.0, down)


def _median(wishes: list[tuple[float, int]]) -> float:
    """Give the wish that has half of the weight on either side; of two, the smaller move."""
    half = sum(weight for _, weight in wishes) / 2
    low = high = None
    passed = 0
    for wish, weight in sorted(wishes):
        passed += weight
        if low is None and passed >= half:
            low = wish
        if passed > half:
            high = wish
            break
    if low is None or high is None:
        return 0.0
    return min(max(0.0, low), high)
