"""The path of every link: level through the columns, bent between them, and onto a box's rim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from gradatim.draw.layout.path import Point, Segment
from gradatim.draw.layout.sheet import Place

Run = tuple[float, float, float]
"""A level stretch: from x, to x, at y."""

_STEEPEST, _APART, _LANDING = math.radians(50), math.radians(25), 14.0
_LEVEL = 0.05


def angles(rises: Sequence[float], distance: float) -> list[float]:
    """Spread the links that arrive at a circle along its rim.

    Parameters
    ----------
    rises : sequence of float
        How much lower than the centre each link comes from, in rising order.
    distance : float
        How far left of the centre they come from.

    Returns
    -------
    list of float
        For every link the angle at which it meets the rim, in radians; 0 is the leftmost point.

    Examples
    --------
    >>> [round(math.degrees(angle)) for angle in angles([0.0, 0.0], 50)]
    [-12, 12]
    """
    count = len(rises)
    apart = min(_APART, 2 * _STEEPEST / max(1, count - 1))
    wanted = [math.atan2(rise, distance) - at * apart for at, rise in enumerate(rises)]
    spread = [angle + at * apart for at, angle in enumerate(_never_falling(wanted))]
    return [
        min(max(angle, at * apart - _STEEPEST), _STEEPEST - (count - 1 - at) * apart)
        for at, angle in enumerate(spread)
    ]


def _never_falling(numbers: Sequence[float]) -> list[float]:
    """Give the closest numbers that never fall: those that do are replaced by their mean."""
    pools: list[tuple[float, int]] = []
    for number in numbers:
        total, count = number, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            more, many = pools.pop()
            total, count = total + more, count + many
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]


def merged(runs: Sequence[Run]) -> list[Run]:
    """Join level stretches at one height to one.

    Parameters
    ----------
    runs : sequence of (float, float, float)
        From left to right.

    Returns
    -------
    list of (float, float, float)
        No two that follow each other are at one height.

    Examples
    --------
    >>> merged([(0, 5, 1), (7, 9, 1), (12, 15, 3)])
    [(0, 9, 1), (12, 15, 3)]
    """
    found: list[Run] = []
    for left, right, y in runs:
        if found and abs(found[-1][2] - y) <= _LEVEL:
            found[-1] = found[-1][0], right, found[-1][2]
        else:
            found.append((left, right, y))
    return found


def path(runs: Sequence[Run], target: Place, angle: float | None) -> tuple[Segment, ...]:
    """Draw a link through its columns.

    Parameters
    ----------
    runs : sequence of (float, float, float)
        The level stretches of the link: out of its source and through every column between; where
        the target is no circle, also the one onto its left side.
    target : Place
        The box where it ends.
    angle : float, optional
        Where it meets the rim of a circle.

    Returns
    -------
    tuple of segments
        Lines and cubic curves, each with the direction in which the one before ended.

    Examples
    --------
    >>> path([(0, 5, 0), (5, 9, 0)], Place(20, 0, 10, 10), None)
    (((0, 0), (9, 0)),)
    >>> path([(0, 5, 0)], Place(20, 0, 10, 10), 0.0)
    (((0, 0), (15.0, 0)),)
    """
    segments: list[Segment] = []
    start, end = (runs[0][0], runs[0][2]), (runs[0][1], runs[0][2])
    for _, (left, right, y) in pairwise(runs):
        if abs(y - end[1]) > _LEVEL:
            segments += [*_line(start, end), _bend(end, (left, y))]
            start = (left, y)
        end = (right, start[1])
    if angle is None:
        return (*segments, *_line(start, end))
    rim = _rim(target, angle, 0.0)
    if abs(angle) < 1e-3 and abs(rim[1] - end[1]) < _LEVEL:
        return (*segments, (start, (rim[0], end[1])))
    middle = (end[0] + (rim[0] - end[0]) / 2, end[1])
    return (*segments, *_line(start, end), (end, middle, _rim(target, angle, _LANDING), rim))


def _rim(target: Place, angle: float, away: float) -> Point:
    radius = target.width / 2 + away
    return target.x - radius * math.cos(angle), target.y + radius * math.sin(angle)


def _line(start: Point, end: Point) -> list[Segment]:
    return [(start, end)] if end[0] - start[0] > _LEVEL else []


def _bend(start: Point, end: Point) -> Segment:
    middle = (start[0] + end[0]) / 2
    return start, (middle, start[1]), (middle, end[1]), end
