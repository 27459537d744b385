"""Boxes and links laid out from left to right."""

from __future__ import annotations

from collections.abc import Sequence

from gradatim.draw.layout.frame import framed
from gradatim.draw.layout.rank import sorted_along
from gradatim.draw.layout.sheet import Box, Group, Layout, Link
from gradatim.errors import GraphError


def lay_out(boxes: Sequence[Box], links: Sequence[Link], groups: Sequence[Group] = ()) -> Layout:
    """Lay out a graph without circles in columns from left to right.

    Every label has room of its own: no label touches a box, another label or a foreign link, and
    links bend between the columns only. The same input gives the same layout.

    Parameters
    ----------
    boxes : sequence of Box
        What is linked. Of two that could stand either way, the earlier stands higher.
    links : sequence of Link
        The inputs of a box stand in the order of their links wherever that makes no crossing.
    groups : sequence of Group
        Frames, the outer before the inner. Where links lead out of a group and back into it, it
        gets no frame.

    Returns
    -------
    Layout
        Where everything stands.

    Raises
    ------
    GraphError
        The links form a circle, a link leads to a box that is not there, or two have one key.

    Examples
    --------
    >>> boxes = [Box("x", 40, 20), Box("+", 30, 30, round=True)]
    >>> layout = lay_out(boxes, [Link("e1", "x", "+", above=(20, 12))])
    >>> layout.boxes["+"].y == layout.boxes["x"].y
    True
    """
    _check(boxes, links)
    return framed(boxes, links, groups)


def _check(boxes: Sequence[Box], links: Sequence[Link]) -> None:
    number = {box.key: at for at, box in enumerate(boxes)}
    for link in links:
        for end in (link.source, link.target):
            if end not in number:
                raise GraphError(
                    f"lay_out: link {link.key} leads from {link.source} to {link.target}, but "
                    f"there is no box {end}. Every end must be the key of a box. Try adding one."
                )
    for what, things in (("boxes", boxes), ("links", links)):
        if len({thing.key for thing in things}) < len(things):
            raise GraphError(
                f"lay_out: two of the {len(things)} {what} have the same key. Keys must differ. "
                "Try numbering them."
            )
    pairs = [(number[link.source], number[link.target]) for link in links]
    free = set(sorted_along(len(boxes), pairs))
    if len(free) < len(boxes):
        circle = [box.key for at, box in enumerate(boxes) if at not in free]
        raise GraphError(
            f"lay_out: {len(circle)} boxes lie on a circle of links or behind one, {circle[0]} "
            "among them. Links must lead onwards only. Try leaving out the link that leads back."
        )
