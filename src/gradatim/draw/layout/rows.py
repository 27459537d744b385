"""A long layout in rows: cut where few links go on, and each of these led round to the next row."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil, inf, sqrt

from gradatim.draw.layout.path import Point, Segment
from gradatim.draw.layout.sheet import Layout, Place, Route
from gradatim.draw.layout.turn import rounded

WIDEST = 2000.0
"""Width up to which a layout stays one row."""

_ROW, _SHAPE = 1200.0, 1.6
"""Least width of a row, and about how much wider than high all of them shall be together."""

_LANE, _TURN, _APART = 6.0, 10.0, 14.0
"""Room between lines that go on, beside a row where they turn, and between them and the rows."""

_BESIDE, _SIDE, _TITLE = 4.0, 14.0, 140.0
"""Where nothing is cut: this far beside boxes and the sides of frames, and in a frame's title."""

_FRAME = 6
"""How many lines that go on a frame counts for."""

_TOUCH = 1e-6

Stretch = tuple[float, float]
"""From x, to x."""


def in_rows(layout: Layout) -> Layout:
    """Cut a layout that is too wide into rows, one below the other.

    It is cut only where there is nothing but level lines. What goes on leaves its row at the
    right and comes into the next one from the left, without crossing others that go on. Frames
    go on in further pieces.

    Parameters
    ----------
    layout : Layout
        From left to right.

    Returns
    -------
    Layout
        With about the shape of a page; as it is up to :data:`WIDEST`, or if it can be cut nowhere.

    Examples
    --------
    >>> in_rows(Layout(100, 50, {}, {}, {})).width
    100
    """
    cuts = _cuts(layout) if layout.width > WIDEST else []
    return _Rows(layout, cuts).layout() if cuts else layout


# --- where to cut ----------------------------------------------------------------------------


def _cuts(layout: Layout) -> list[float]:
    """Choose where rows end: as late as the width allows, and where few lines go on."""
    count = max(1, round(sqrt(layout.width / (_SHAPE * (layout.height + 4 * _APART)))))
    width = 1.05 * layout.width / ceil(layout.width / max(_ROW, layout.width / count))
    free, lines = _free(layout), _Crossing(_level_lines(layout))
    frames = _Crossing((place.left, place.right) for place in layout.groups.values())
    cuts: list[float] = []
    start = 0.0
    while layout.width - start > 1.2 * width:
        near = free[bisect_left(free, start + 0.6 * width) : bisect_right(free, start + width)]
        near = near or free[bisect_right(free, start + width) :][:1]
        if not near:
            break
        end = start + width
        costs = {x: lines.at(x) + _FRAME * frames.at(x) + 12 * (end - x) / width for x in near}
        start = min(costs, key=costs.__getitem__)
        cuts.append(start)
    return cuts


def _free(layout: Layout) -> list[float]:
    """List where nothing but level lines would be cut, one x for each such place."""
    taken = sorted(_taken(layout))
    found: list[float] = []
    end = -inf
    for left, right in taken:
        if end > -inf and left >= end - _TOUCH:
            found.append((end + left) / 2)
        end = max(end, right)
    return found


def _taken(layout: Layout) -> Iterator[Stretch]:
    for place in layout.boxes.values():
        yield place.left - _BESIDE, place.right + _BESIDE
    for place in layout.groups.values():
        yield place.left - _SIDE, place.left + min(_TITLE, place.width)
        yield place.right - _SIDE, place.right + _SIDE
    for route in layout.links.values():
        for label in (route.above, route.below):
            if label.width:
                yield label.left, label.right
        for segment in route.path:
            if len(segment) > 2:
                yield segment[0][0], segment[-1][0]


def _level_lines(layout: Layout) -> Iterator[Stretch]:
    """Level lines; those that lie upon each other are one."""
    rows: dict[float, list[Stretch]] = {}
    for route in layout.links.values():
        for segment in route.path:
            if len(segment) == 2:
                rows.setdefault(_height(segment[0]), []).append((segment[0][0], segment[1][0]))
    for stretches in rows.values():
        left, right = inf, -inf
        for a, b in sorted(stretches):
            if a > right and right > -inf:
                yield left, right
                left = inf
            left, right = min(left, a), max(right, b)
        yield left, right


class _Crossing:
    """Counts how many of some stretches go over a place."""

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        every = list(stretches)
        self._left, self._right = sorted(a for a, _ in every), sorted(b for _, b in every)

    def at(self, x: float) -> int:
        return bisect_left(self._left, x) - bisect_right(self._right, x)


def _height(point: Point) -> float:
    return round(point[1], 1)


# --- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One row: from where to where it was cut out, what of the height it needs, where it goes."""

    left: float
    right: float
    top: float
    bottom: float
    y: float

    def moved(self, indent: float) -> Point:
        """Tell how far everything in it moves."""
        return indent - self.left, self.y - self.top


class _Rows:
    """A layout while it is cut."""

    def __init__(self, layout: Layout, cuts: Sequence[float]) -> None:
        self._layout, self._cuts = layout, cuts
        self._pieces = {key: self._cut(route.path) for key, route in layout.links.items()}
        self._lanes = self._lanes_of_links()
        most = max(len(lanes) for lanes in self._lanes)
        self._indent = 2 * _TURN + most * _LANE
        self._rows = self._placed()
        self._way = cache(self._led_round)  # many lines may lie upon each other

    def layout(self) -> Layout:
        """Return everything in its row."""
        boxes = {key: self._moved(place) for key, place in self._layout.boxes.items()}
        frames = {key: self._frames(place) for key, place in self._layout.groups.items()}
        links = {
            key: Route(
                self._joined(self._pieces[key]), self._moved(route.above), self._moved(route.below)
            )
            for key, route in self._layout.links.items()
        }
        first = {key: pieces[0] for key, pieces in frames.items()}
        further = {key: pieces[1:] for key, pieces in frames.items() if pieces[1:]}
        width = self._indent + max(
            row.right - row.left + 2 * _TURN + _LANE * len(lanes)
            for row, lanes in zip(self._rows, (*self._lanes, ()))
        )
        height = self._rows[-1].y + self._rows[-1].bottom - self._rows[-1].top
        return Layout(width, height, boxes, links, first, further)

    def _row(self, x: float) -> int:
        return bisect_right(self._cuts, x)

    def _moved(self, place: Place) -> Place:
        return place.moved(*self._rows[self._row(place.x)].moved(self._indent))

    def _frames(self, place: Place) -> tuple[Place, ...]:
        """The pieces of a frame, one in each row."""
        pieces = []
        for row in self._rows[self._row(place.left) : self._row(place.right) + 1]:
            left, right = max(place.left, row.left), min(place.right, row.right)
            piece = Place((left + right) / 2, place.y, right - left, place.height)
            pieces.append(piece.moved(*row.moved(self._indent)))
        return tuple(pieces)

    # --- lines ------------------------------------------------------------------------------
    def _cut(self, path: Sequence[Segment]) -> list[tuple[int, list[Segment]]]:
        """Cut a path into what lies in each row."""
        found: list[tuple[int, list[Segment]]] = []
        for segment in path:
            for piece in self._split(segment):
                row = self._row((piece[0][0] + piece[-1][0]) / 2)
                if not found or found[-1][0] != row:
                    found.append((row, []))
                found[-1][1].append(piece)
        return found

    def _split(self, segment: Segment) -> Iterator[Segment]:
        (left, y), (right, _) = segment[0], segment[-1]
        inside = self._cuts[
            bisect_right(self._cuts, left + _TOUCH) : bisect_left(self._cuts, right - _TOUCH)
        ]
        if len(segment) > 2 or not inside:
            yield segment
            return
        for a, b in pairwise((left, *inside, right)):
            yield (a, y), (b, y)

    def _lanes_of_links(self) -> list[dict[float, int]]:
        """For every cut the lines that go on there: their heights, numbered from the top."""
        heights: list[set[float]] = [set() for _ in self._cuts]
        for pieces in self._pieces.values():
            for (row, segments), _ in pairwise(pieces):
                heights[row].add(_height(segments[-1][-1]))
        return [{y: number for number, y in enumerate(sorted(each))} for each in heights]

    def _placed(self) -> list[_Row]:
        tops = [inf] * (len(self._cuts) + 1)
        ends = [-inf] * (len(self._cuts) + 1)
        for row, top, bottom in self._extents():
            tops[row], ends[row] = min(tops[row], top), max(ends[row], bottom)
        found: list[_Row] = []
        y = 0.0
        lanes = [len(each) for each in self._lanes]
        sides = pairwise((0.0, *self._cuts, self._layout.width))
        for (left, right), top, end, many in zip(sides, tops, ends, (*lanes, 0)):
            found.append(_Row(left, right, top, end, y))
            y += end - top + 2 * _APART + many * _LANE
        return found

    def _extents(self) -> Iterator[tuple[int, float, float]]:
        for place in self._layout.boxes.values():
            yield self._row(place.x), place.top, place.bottom
        for place in self._layout.groups.values():
            for row in range(self._row(place.left), self._row(place.right) + 1):
                yield row, place.top, place.bottom
        for key, route in self._layout.links.items():
            for label in (route.above, route.below):
                if label.width:
                    yield self._row(label.x), label.top, label.bottom
            for row, segments in self._pieces[key]:
                ys = [y for segment in segments for _, y in segment]
                yield row, min(ys), max(ys)

    def _joined(self, pieces: Sequence[tuple[int, list[Segment]]]) -> tuple[Segment, ...]:
        """The pieces of a path in their rows, and the ways between them."""
        found: list[Segment] = []
        for number, (row, segments) in enumerate(pieces):
            if number:
                found += self._way(row - 1, pieces[number - 1][1][-1][-1][1])
            dx, dy = self._rows[row].moved(self._indent)
            found += [tuple((x + dx, y + dy) for x, y in segment) for segment in segments]
        return tuple(found)

    def _led_round(self, cut: int, y: float) -> list[Segment]:
        """The way of a line from one row to the next: out, down, back, down and in."""
        row, below, lanes = self._rows[cut], self._rows[cut + 1], self._lanes[cut]
        number = lanes[_height((0.0, y))]
        inner, outer = number * _LANE, (len(lanes) - 1 - number) * _LANE
        left, right = self._indent, self._indent + row.right - row.left
        first, last = y + row.y - row.top, y + below.y - below.top
        lane = row.y + row.bottom - row.top + _APART + outer
        out, back = right + _TURN + outer, left - _TURN - inner
        turns = (out, first), (out, lane), (back, lane), (back, last)
        return rounded(((right, first), *turns, (left, last)))
