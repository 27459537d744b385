"""The column of every box: each link leads to the right, and as few columns as can be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

Pair = tuple[int, int]
"""Numbers of the box where a link begins and of the one where it ends."""


def neighbours(count: int, links: Sequence[Pair]) -> tuple[list[list[int]], list[list[int]]]:
    """List what leads to each box, and where each leads.

    Parameters
    ----------
    count : int
        How many boxes there are.
    links : sequence of (int, int)
        From, to.

    Returns
    -------
    before, after : lists of lists of int
        One list for each box, in the order of the links.

    Examples
    --------
    >>> neighbours(3, [(0, 2), (1, 2)])
    ([[], [], [0, 1]], [[2], [2], []])
    """
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    return before, after


def sorted_along(count: int, links: Sequence[Pair]) -> list[int]:
    """Sort boxes so that every link leads onwards.

    Parameters
    ----------
    count : int
        How many boxes there are.
    links : sequence of (int, int)
        From, to.

    Returns
    -------
    list of int
        All boxes; what lies on a circle, or behind one, is left out.

    Examples
    --------
    >>> sorted_along(3, [(2, 0), (0, 1)])
    [2, 0, 1]
    >>> sorted_along(2, [(0, 1), (1, 0)])
    []
    """
    before, after = neighbours(count, links)
    waiting = [len(each) for each in before]
    done = [box for box in range(count) if not waiting[box]]
    for box in done:  # grows while it is walked
        for other in after[box]:
            waiting[other] -= 1
            if not waiting[other]:
                done.append(other)
    return done


def longest_ways(count: int, links: Sequence[Pair]) -> list[int]:
    """Count for every box the links of the longest way that leads to it.

    Parameters
    ----------
    count : int
        How many boxes there are.
    links : sequence of (int, int)
        From, to; without circles.

    Returns
    -------
    list of int
        0 where nothing leads to it.

    Examples
    --------
    >>> longest_ways(4, [(0, 1), (1, 2), (3, 2)])
    [0, 1, 2, 0]
    """
    before, _ = neighbours(count, links)
    way = [0] * count
    for box in sorted_along(count, links):
        way[box] = max((way[other] + 1 for other in before[box]), default=0)
    return way


def ranks(
    count: int,
    links: Sequence[Pair],
    reach: Sequence[int] | None = None,
    *,
    first: Collection[int] = (),
    last: Collection[int] = (),
) -> list[int]:
    """Give every box its column.

    A box stands right of all that leads to it. Where there is room, it moves towards those that
    it leads to, as long as no more links grow longer than shorter: so a constant stands beside
    the place where it is used. What leads to it alone comes along with it.

    Parameters
    ----------
    count : int
        How many boxes there are.
    links : sequence of (int, int)
        From, to; without circles.
    reach : sequence of int, optional
        Over how many columns each link leads at least; else 1.
    first, last : collections of int
        Boxes without links from the left that stand alone in the first column, and boxes without
        links to the right in the last.

    Returns
    -------
    list of int
        From 0 on.

    Examples
    --------
    >>> ranks(4, [(0, 1), (1, 2), (3, 2)])
    [0, 1, 2, 1]
    >>> ranks(4, [(0, 1), (1, 2), (3, 2)], first=[3])
    [1, 2, 3, 0]
    """
    edge = {*first, *last}
    before: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    after: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for (a, b), least in zip(links, reach or [1] * len(links)):
        if a not in edge and b not in edge:
            before[b].append((a, least))
            after[a].append((b, least))
    order = [box for box in sorted_along(count, links) if box not in edge]
    rank = [0] * count
    for box in order:
        rank[box] = max((rank[other] + least for other, least in before[box]), default=0)
    held = _held(order, before, after)
    for box in reversed(order):
        if after[box] and len(after[box]) >= held[box]:
            rank[box] = min(rank[other] - least for other, least in after[box])
    return _with_edges(rank, order, first, last)


def _held(
    order: list[int], before: list[list[tuple[int, int]]], after: list[list[tuple[int, int]]]
) -> list[int]:
    """Count for each box the links that grow if it moves right with all that leads to it alone.

    One of many that go one way does not count: that way is long already.
    """
    held = [0] * len(before)
    for box in order:
        for other, _ in before[box]:
            alone = len(after[other]) == 1
            held[box] += held[other] if alone and before[other] else 0 if alone else 1
    return held


def _with_edges(
    rank: list[int], order: list[int], first: Collection[int], last: Collection[int]
) -> list[int]:
    least = min((rank[box] for box in order), default=0)
    most = max((rank[box] for box in order), default=-1)
    for box in first:
        rank[box] = least - 1
    for box in last:
        rank[box] = most + 1
    shift = min(rank, default=0)
    return [each - shift for each in rank]
