"""Graphs that no link joins, arranged one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from gradatim.draw.layout.arrangement import Ports, arranged
from gradatim.draw.layout.sheet import Box, Layout, Link, Place, Route

_BETWEEN = 26.0
"""Room between graphs that no link joins."""


def stacked(boxes: Sequence[Box], links: Sequence[Link], ports: Ports | None = None) -> Layout:
    """Arrange every connected part of a graph, and put them below each other.

    Parameters
    ----------
    boxes, links
        As for `lay_out`.
    ports : Ports, optional
        Where links meet boxes, and which boxes are ports themselves.

    Returns
    -------
    Layout
        Without groups.

    Examples
    --------
    >>> stacked([Box("a", 10, 10), Box("b", 10, 10)], []).height > 20
    True
    """
    places: dict[str, Place] = {}
    routes: dict[str, Route] = {}
    width = y = 0.0
    for part in parts_of(boxes, links):
        sheet = arranged(*part, ports)
        places.update({key: place.moved(0, y) for key, place in sheet.boxes.items()})
        routes.update({key: route.moved(0, y) for key, route in sheet.links.items()})
        width = max(width, sheet.width)
        y += sheet.height + _BETWEEN
    return Layout(width, max(0.0, y - _BETWEEN), places, routes, {})


def parts_of(boxes: Sequence[Box], links: Sequence[Link]) -> list[tuple[list[Box], list[Link]]]:
    """Split a graph into those that no link joins.

    Parameters
    ----------
    boxes, links
        As for `lay_out`.

    Returns
    -------
    list of (boxes, links)
        In the order of their first boxes.

    Examples
    --------
    >>> len(parts_of([Box("a", 1, 1), Box("b", 1, 1)], []))
    2
    """
    near: dict[str, list[str]] = {box.key: [] for box in boxes}
    for link in links:
        near[link.source].append(link.target)
        near[link.target].append(link.source)
    part: dict[str, int] = {}
    count = 0
    for box in boxes:
        waiting = [box.key]
        count += box.key not in part
        while waiting:
            key = waiting.pop()
            if key not in part:
                part[key] = count - 1
                waiting += near[key]
    found: list[tuple[list[Box], list[Link]]] = [([], []) for _ in range(count)]
    for box in boxes:
        found[part[box.key]][0].append(box)
    for link in links:
        found[part[link.source]][1].append(link)
    return found
