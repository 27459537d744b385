"""Lines along the sides of a sheet, with round corners."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradatim.draw.layout.path import Point, Segment

_CORNER = 5.0


def rounded(points: Sequence[Point]) -> list[Segment]:
    """Draw a line through points, with a small curve in place of every corner.

    Parameters
    ----------
    points : sequence of points
        Two at least; none at the place of the one before.

    Returns
    -------
    list of segments
        Lines, and cubic curves between them.

    Examples
    --------
    >>> [len(segment) for segment in rounded([(0, 0), (20, 0), (20, 30)])]
    [2, 4, 2]
    """
    segments: list[Segment] = []
    begin = points[0]
    for before, corner, after in zip(points, points[1:], points[2:]):
        room = min(_CORNER, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        into, out = _towards(corner, before, room), _towards(corner, after, room)
        segments += [(begin, into), (into, corner, corner, out)]
        begin = out
    return [*segments, (begin, points[-1])]


def _towards(a: Point, b: Point, way: float) -> Point:
    part = way / (math.dist(a, b) or 1.0)
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
