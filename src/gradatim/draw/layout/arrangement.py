"""One connected graph arranged: from sizes to columns, from columns to places and paths."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gradatim.draw.layout.align import Pieces, heights
from gradatim.draw.layout.columns import Columns, cut, leads_of, with_labels
from gradatim.draw.layout.order import put_in_order
from gradatim.draw.layout.place import Span, spans
from gradatim.draw.layout.rank import longest_ways, ranks
from gradatim.draw.layout.route import Run, angles, merged, path
from gradatim.draw.layout.settle import settled
from gradatim.draw.layout.sheet import Box, Layout, Link, Place, Route

LIFT = 4.0
"""Between a line and its labels."""

_ROOM, _LABEL_ROOM, _LANE, _DOT = 8.0, 4.0, 6.0, 12.0
"""Least room around a box, around a label and beside a line, and the width of the largest dot."""

_WAYS = 8
"""Most links out of one box that go each its own way; more go one way as far as they can."""

_PUT_IN = 0.5
"""Pull up to which a link leads from what is only put in."""

_PORTS, _PORT_ROOM = 18.0, 8.0
"""Most room between links that arrive at one side, and what of its height they leave free."""


@dataclass(frozen=True)
class Ports:
    """Where links meet the sides of their boxes: how much lower than the middle, by link.

    Parameters
    ----------
    leave, arrive : mapping of str to float
        On the right side of the source, on the left side of the target; 0 if not there.
    first, last : frozenset of str
        Boxes through which links come into the graph, in the first column, and leave it, in the
        last.

    Examples
    --------
    >>> Ports({}, {"e1": 4.0}).arrive
    {'e1': 4.0}
    """

    leave: Mapping[str, float] = field(default_factory=dict)
    arrive: Mapping[str, float] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()


def arranged(boxes: Sequence[Box], links: Sequence[Link], ports: Ports | None = None) -> Layout:
    """Arrange a graph that has no circle.

    Parameters
    ----------
    boxes, links
        As for `lay_out`.
    ports : Ports, optional
        Where links meet boxes; else they leave in the middle, and spread where they arrive.

    Returns
    -------
    Layout
        Beginning at (0, 0).

    Examples
    --------
    >>> arranged([Box("a", 10, 10), Box("b", 10, 10)], [Link("e", "a", "b")]).width
    50.0
    """
    number = {box.key: at for at, box in enumerate(boxes)}
    pairs = [(number[link.source], number[link.target]) for link in links]
    fixed = ports or Ports()
    first, last = (
        [number[key] for key in sorted(keys) if key in number] for keys in (fixed.first, fixed.last)
    )
    rank = ranks(len(boxes), pairs, [link.reach for link in links], first=first, last=last)
    # Links out of a frame leave it at heights of their own, and so go ways of their own.
    leads = leads_of(rank, pairs, _WAYS, [link.key in fixed.leave for link in links])
    coarse = cut(rank, pairs, leads)
    put_in_order(coarse)
    labelled = [any((*link.above, *link.below)) for link in links]
    graph, labels = with_labels(coarse, rank, labelled)
    strong = _strong(graph, links, longest_ways(len(boxes), pairs))
    ports = Ports(fixed.leave, {**_spread(graph, boxes, links, strong), **fixed.arrive})
    over, under, widths = _room(graph, boxes, links, labels)
    level = _level(graph, boxes, links, ports, strong)
    for piece in (*_partings(graph), *_asides(graph, links)):
        level.pop(piece, None)
    y = heights(graph, over, under, level, len(boxes))
    y = settled(graph, over, under, level, y)
    columns = spans(graph, widths, y, len(boxes))
    placed = _boxes(graph, boxes, columns, y)
    routes = _routes(graph, boxes, links, ports, _Ground(columns, y, placed, labels))
    height = max((at + room for at, room in zip(y, under)), default=0.0)
    width = columns[-1].right if columns else 0.0
    return Layout(width, height, {box.key: placed[n] for n, box in enumerate(boxes)}, routes, {})


def _strong(graph: Columns, links: Sequence[Link], way: Sequence[int]) -> list[bool]:
    """Tell for every link whether none that ends in the same box has more right to be straight.

    Of equal pull, one that goes alone comes before those that go along with others, a short one
    before a long one, and one behind which a long way lies before one that only joins it. What
    went along with others comes from the side in any case, and so does what is put into a box that
    only joins a way: else, where a sum grows step by step, each step would stand lower than the
    one before.
    """
    many, column = Counter(graph.leads), graph.numbers()
    rights = []
    for number, (link, chain) in enumerate(zip(links, graph.chains)):
        source = graph.source(number)
        alone, length = many[graph.leads[number]] == 1, column[chain[-1]] - column[source]
        rights.append((link.pull, alone, -length, way[source]))
    most: dict[str, tuple[float, bool, int, int]] = {}
    for link, right in zip(links, rights):
        most[link.target] = max(right, most.get(link.target, right))
    strong = [right == most[link.target] and right[1] for link, right in zip(links, rights)]
    straight_on = {link.source for link, is_strong in zip(links, strong) if is_strong}
    joining = {link.source for link in links} - straight_on
    return [
        is_strong and not (link.pull <= _PUT_IN and link.target in joining)
        for link, is_strong in zip(links, strong)
    ]


def _spread(
    graph: Columns, boxes: Sequence[Box], links: Sequence[Link], strong: Sequence[bool]
) -> dict[str, float]:
    """Spread the links that arrive at a box with straight sides, about those that are straight."""
    found = {}
    for box, numbers in _arriving(graph, links).items():
        if not boxes[box].round and len(numbers) > 1:
            room = boxes[box].height - _PORT_ROOM
            step = min(_PORTS, room / len(numbers))
            last = len(numbers) - 1
            straight = [at for at, number in enumerate(numbers) if strong[number]]
            middle = sum(straight) / len(straight) if straight else last / 2
            middle = min(max(middle, last - room / 2 / step), room / 2 / step)
            for at, number in enumerate(numbers):
                found[links[number].key] = (at - middle) * step
    return found


def _arriving(graph: Columns, links: Sequence[Link]) -> dict[int, list[int]]:
    """List the links that arrive at every box, from the top one to the bottom one."""
    position = graph.positions()
    found: dict[int, list[int]] = defaultdict(list)
    for number in range(len(links)):
        found[graph.chains[number][-1]].append(number)
    for numbers in found.values():
        numbers.sort(key=lambda number: position[graph.chains[number][-2]])
    return found


def _room(
    graph: Columns, boxes: Sequence[Box], links: Sequence[Link], labels: Sequence[int]
) -> tuple[list[float], list[float], list[float]]:
    """Tell the room that every slot needs over and under its line, and its width."""
    count = len(graph.before)
    over, under, widths = [_LANE] * count, [_LANE] * count, [0.0] * count
    for slot, box in enumerate(boxes):
        over[slot] = under[slot] = box.height / 2 + _ROOM if box.width else _LANE
        widths[slot] = box.width
    for link, slot in zip(links, labels):
        if any((*link.above, *link.below)):
            widths[slot] = max(link.above[0], link.below[0])
            over[slot] = max(_LANE, LIFT + link.above[1] + _LABEL_ROOM)
            under[slot] = max(_LANE, LIFT + link.below[1] + _LABEL_ROOM)
    return over, under, widths


def _partings(graph: Columns) -> list[tuple[int, int]]:
    """List the pieces by which links part from the one that leads, which stays straight."""
    return [
        (chain[0], chain[1])
        for number, chain in enumerate(graph.chains)
        if graph.leads[number] != number and len(chain) > 2
    ]


def _asides(graph: Columns, links: Sequence[Link]) -> list[tuple[int, int]]:
    """List the pieces by which links leave a box out of which one with more pull leads as well."""
    most: dict[str, float] = {}
    for link in links:
        most[link.source] = max(link.pull, most.get(link.source, 0.0))
    return [
        (chain[0], chain[1])
        for number, (link, chain) in enumerate(zip(links, graph.chains))
        if link.pull < most[link.source] and chain[0] == graph.source(number)
    ]


def _level(
    graph: Columns,
    boxes: Sequence[Box],
    links: Sequence[Link],
    ports: Ports,
    strong: Sequence[bool],
) -> Pieces:
    """List the pieces that should be level: at a box those of its strongest links."""
    level: Pieces = {}
    for link, chain, straight in zip(links, graph.chains, strong):
        for piece in pairwise(chain):
            leaves = ports.leave.get(link.key, 0.0) if piece[0] < len(boxes) else 0.0
            arrives = ports.arrive.get(link.key, 0.0) if piece[1] < len(boxes) else 0.0
            if piece[1] >= len(boxes) or straight:
                level[piece] = leaves - arrives
    return level


def _is_dot(box: Box) -> bool:
    """Whether a box is a circle too small for links to meet it at an angle."""
    return box.round and box.width <= _DOT


@dataclass(frozen=True)
class _Ground:
    """Where columns, lines and boxes stand."""

    columns: list[Span]
    y: list[float]
    boxes: list[Place]
    labels: list[int]


def _boxes(
    graph: Columns, boxes: Sequence[Box], columns: list[Span], y: list[float]
) -> list[Place]:
    """Place the boxes: at the left of their column, where links arrive, else at its right.

    A dot where links fork stands at the right, where they part.
    """
    at = {slot: span for span, column in zip(columns, graph.columns) for slot in column}
    places = []
    for slot, box in enumerate(boxes):
        left, right = at[slot].left, at[slot].right
        early = graph.before[slot] and not _is_dot(box)
        x = left + box.width / 2 if early else right - box.width / 2
        places.append(Place(x, y[slot], box.width, box.height))
    return places


def _routes(
    graph: Columns, boxes: Sequence[Box], links: Sequence[Link], ports: Ports, ground: _Ground
) -> dict[str, Route]:
    runs = _runs(graph, links, ports, ground)
    rim = _angles(graph, boxes, links, runs, ground)
    column = graph.numbers()
    routes = {}
    for number, (link, chain) in enumerate(zip(links, graph.chains)):
        target = ground.boxes[chain[-1]]
        stretch = runs[number][:-1] if number in rim else runs[number]
        at = ground.labels[number]
        label = ground.columns[column[at]].middle, ground.y[at]
        routes[link.key] = Route(
            path(stretch, target, rim.get(number)),
            Place(label[0], label[1] - LIFT - link.above[1] / 2, *link.above),
            Place(label[0], label[1] + LIFT + link.below[1] / 2, *link.below),
        )
    return routes


def _runs(graph: Columns, links: Sequence[Link], ports: Ports, ground: _Ground) -> list[list[Run]]:
    """List the level stretches of every link, from its source's side to its target's."""
    spans = [ground.columns[at] for at in graph.numbers()]
    inner = [
        merged([(spans[slot].left, spans[slot].right, ground.y[slot]) for slot in chain[1:-1]])
        for chain in graph.chains
    ]
    found = []
    for number, (link, chain) in enumerate(zip(links, graph.chains)):
        source, target = graph.source(number), chain[-1]
        leaves = ground.y[source] + ports.leave.get(link.key, 0.0)
        arrives = ground.y[target] + ports.arrive.get(link.key, 0.0)
        parts = spans[chain[0]].right
        along = inner[graph.leads[number]] if chain[0] != source else []
        found.append([
            (ground.boxes[source].right, spans[source].right, leaves),
            *((left, min(right, parts), y) for left, right, y in along if left < parts),
            *inner[number],
            (spans[target].left, ground.boxes[target].left, arrives),
        ])  # fmt: skip
    return found


def _angles(
    graph: Columns,
    boxes: Sequence[Box],
    links: Sequence[Link],
    runs: Sequence[Sequence[Run]],
    ground: _Ground,
) -> dict[int, float]:
    """Tell where on the rim each link that ends in a circle meets it."""
    found: dict[int, float] = {}
    for box, numbers in _arriving(graph, links).items():
        if boxes[box].round and not _is_dot(boxes[box]):
            place = ground.boxes[box]
            rises = [runs[number][-2][2] - place.y for number in numbers]
            distance = place.x - max(runs[number][-2][1] for number in numbers)
            found.update(zip(numbers, angles(rises, distance)))
    return found
