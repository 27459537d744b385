"""What is left out of a large graph: the middle, far from the result and from the leaves."""

from __future__ import annotations

from collections.abc import Sequence

from gradatim.draw.picture.fold import Box
from gradatim.errors import ShapeError

MOST_NODES = 100
"""Boxes that a picture shows if nothing is said."""


def cut(boxes: Sequence[Box], most: int | None = MOST_NODES) -> list[Box]:
    """Return at most ``most`` boxes, one of which stands for all that were left out.

    Kept are those nearest to the result and those nearest to the leaves, half each. Nearness is
    counted along the longest way, so whatever lies between two boxes that were left out was left
    out too, and the box of the rest makes no circle.

    Parameters
    ----------
    boxes : sequence of Box
        In the order of computing.
    most : int or None
        How many; None for all.

    Returns
    -------
    list of Box
        In the order of computing.

    Raises
    ------
    ShapeError
        If ``most`` is below 3.

    Examples
    --------
    >>> from gradatim.draw.picture.account import Call
    >>> from gradatim.primitives import TABLE
    >>> chain = [Box((Call(i + 1, TABLE["relu"], (i,), {}),)) for i in range(9)]
    >>> [len(box.calls) for box in cut(chain, 5)]
    [1, 1, 5, 1, 1]
    """
    if most is not None and (not isinstance(most, int) or most < 3):
        raise ShapeError(
            f"draw: nodes is {most!r}; it must be 3 or more: a first, a last, and one for the "
            "rest.\n  Try nodes=None to show all."
        )
    if most is None or len(boxes) <= most:
        return list(boxes)
    makers = {call.output: i for i, box in enumerate(boxes) for call in box.calls}
    before = [_makers_of(i, box, makers) for i, box in enumerate(boxes)]
    from_leaves, to_result = _heights(before), _depths(before)
    everyone = range(len(boxes))
    near_result = sorted(everyone, key=lambda i: (to_result[i], -i))[: (most - 1) // 2]
    others = sorted(set(everyone) - set(near_result), key=lambda i: (from_leaves[i], i))
    kept = {*near_result, *others[: most - 1 - len(near_result)]}
    return _replaced(boxes, before, kept)


def _makers_of(i: int, box: Box, makers: dict[object, int]) -> set[int]:
    return {makers[x] for call in box.calls for x in call.inputs if x in makers} - {i}


def _heights(before: Sequence[set[int]]) -> list[int]:
    """Boxes on the longest way from a leaf to each box."""
    heights: list[int] = []
    for sources in before:
        heights.append(1 + max((heights[i] for i in sources), default=-1))
    return heights


def _depths(before: Sequence[set[int]]) -> list[int]:
    """Boxes on the longest way from each box to a result."""
    depths = [0] * len(before)
    for i in reversed(range(len(before))):
        for source in before[i]:
            depths[source] = max(depths[source], depths[i] + 1)
    return depths


def _replaced(boxes: Sequence[Box], before: Sequence[set[int]], kept: set[int]) -> list[Box]:
    """The kept boxes in an order of computing, with the rest as one box among them."""
    rest = Box(tuple(call for i, box in enumerate(boxes) if i not in kept for call in box.calls))
    rest = Box(rest.calls, is_rest=True)
    needs_rest: set[int] = set()
    for i in sorted(kept):
        if any(j not in kept or j in needs_rest for j in before[i]):
            needs_rest.add(i)
    first = [boxes[i] for i in sorted(kept - needs_rest)]
    return [*first, rest, *(boxes[i] for i in sorted(needs_rest))]
