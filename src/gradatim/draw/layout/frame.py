"""Groups in frames: the inside of each is arranged alone, and is one box in what is round it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gradatim.draw.layout.arrangement import Ports
from gradatim.draw.layout.path import Segment
from gradatim.draw.layout.rank import sorted_along
from gradatim.draw.layout.sheet import Box, Group, Layout, Link, Place, Route
from gradatim.draw.layout.stack import stacked

_SIDE, _FOOT, _HEAD = 12.0, 8.0, 6.0
"""Room between a frame and what is in it: left and right, below, and above besides the title."""

Path = tuple[Segment, ...]


@dataclass
class _Inside:
    """What is in a frame, or in none: all that is placed, and the ends of links that cross it."""

    width: float = 0.0
    height: float = 0.0
    boxes: dict[str, Place] = field(default_factory=dict)
    links: dict[str, Route] = field(default_factory=dict)
    groups: dict[str, Place] = field(default_factory=dict)
    arriving: dict[str, Path] = field(default_factory=dict)
    leaving: dict[str, Path] = field(default_factory=dict)


Crossing = tuple[Link, str | None, str | None]
"""A link, and the members of a group from and to which it leads; None where that is outside."""


@dataclass(frozen=True)
class _Plan:
    """The graph with its groups: what stands in each, and which links concern it."""

    boxes: Mapping[str, Box]
    groups: Mapping[str, Group]
    members: Mapping[str, Sequence[str]]
    levels: Mapping[str, Sequence[Crossing]]


def framed(boxes: Sequence[Box], links: Sequence[Link], groups: Sequence[Group]) -> Layout:
    """Lay out a graph whose boxes stand in groups.

    Parameters
    ----------
    boxes, links, groups
        As for `lay_out`.

    Returns
    -------
    Layout
        Groups from which links lead out and back in have no place in it.

    Examples
    --------
    >>> boxes = [Box("a", 10, 10), Box("b", 10, 10)]
    >>> layout = framed(boxes, [Link("e", "a", "b")], [Group("g", ("b",))])
    >>> layout.groups["g"].left < layout.boxes["b"].left
    True
    """
    plan = _plan(boxes, links, groups)
    while (out := _entangled(plan)) is not None:
        plan = _plan(boxes, links, _without(plan.groups, out))
    inside = _arranged(plan, "")
    return Layout(inside.width, inside.height, inside.boxes, inside.links, inside.groups)


def _plan(boxes: Sequence[Box], links: Sequence[Link], groups: Sequence[Group]) -> _Plan:
    parent = {member: group.key for group in groups for member in group.members}
    members = {group.key: group.members for group in groups}
    everything = [*(box.key for box in boxes), *members]
    members[""] = tuple(key for key in everything if key not in parent)
    around = {box.key: _around(box.key, parent) for box in boxes}
    levels: dict[str, list[Crossing]] = {group: [] for group in members}
    for link in links:
        source, target = around[link.source], around[link.target]
        for group in {**source, **target}:
            ends = source.get(group), target.get(group)
            if ends[0] != ends[1]:
                levels[group].append((link, *ends))
    named = {box.key: box for box in boxes}, {group.key: group for group in groups}
    return _Plan(*named, members, levels)


def _around(key: str, parent: Mapping[str, str]) -> dict[str, str]:
    """Tell of every group that a box stands in the member in which it does."""
    found = {}
    while key:
        group = parent.get(key, "")
        found[group] = key
        key = group
    return found


def _entangled(plan: _Plan) -> Group | None:
    """Find a group out of which links lead that come back into it."""
    for group in ("", *plan.groups):
        members = plan.members[group]
        number = {key: at for at, key in enumerate(members)}
        pairs = [(number[a], number[b]) for _, a, b in plan.levels[group] if a and b]
        onwards = set(sorted_along(len(members), pairs))
        back = set(sorted_along(len(members), [(b, a) for a, b in pairs]))
        for at, key in enumerate(members):
            if at not in onwards and at not in back and key in plan.groups:
                return plan.groups[key]
    return None


def _without(groups: Mapping[str, Group], out: Group) -> list[Group]:
    """Leave a group out: its members stand in what was round it."""
    return [
        Group(
            group.key,
            tuple(
                member
                for each in group.members
                for member in (out.members if each == out.key else (each,))
            ),
            group.title,
        )
        for group in groups.values()
        if group.key != out.key
    ]


# --- one level -------------------------------------------------------------------------------


def _arranged(plan: _Plan, group: str) -> _Inside:
    """Arrange the inside of a group, the groups in it first."""
    members = plan.members[group]
    inner = {key: _arranged(plan, key) for key in members if key in plan.groups}
    boxes = [
        Box(key, inner[key].width, inner[key].height) if key in inner else plan.boxes[key]
        for key in members
    ]
    level = plan.levels[group]
    links, doors = [], []
    for link, source, target in level:
        ends = source or f"\0{link.key} in", target or f"\0{link.key} out"
        doors += [Box(end, 0.0, 0.0) for end in ends if end.startswith("\0")]
        sizes = (link.above, link.below) if source and target else ((0.0, 0.0), (0.0, 0.0))
        reach = link.reach if source and target else 1
        links.append(Link(link.key, *ends, *sizes, link.pull, reach))
    sheet = stacked([*boxes, *doors], links, _ports(level, inner, doors))
    found = _Inside()
    for key in members:
        _put(found, key, sheet.boxes[key], inner)
    for link, source, target in level:
        _join(found, (link.key, source, target), sheet, inner)
    return _in_frame(found, plan.groups[group], sheet) if group else _sized(found, sheet)


def _ports(
    level: Sequence[Crossing],
    inner: Mapping[str, _Inside],
    doors: Sequence[Box],
) -> Ports:
    """Tell where links go through the frames of the groups inside."""
    leave, arrive = {}, {}
    for link, source, target in level:
        if source is not None and source in inner:
            frame = inner[source]
            leave[link.key] = frame.leaving[link.key][-1][-1][1] - frame.height / 2
        if target is not None and target in inner:
            frame = inner[target]
            arrive[link.key] = frame.arriving[link.key][0][0][1] - frame.height / 2
    names = [box.key for box in doors]
    first = frozenset(name for name in names if name.endswith(" in"))
    return Ports(leave, arrive, first, frozenset(names) - first)


def _put(found: _Inside, key: str, place: Place, inner: Mapping[str, _Inside]) -> None:
    """Take over a box, or everything in the frame of a group."""
    if key not in inner:
        found.boxes[key] = place
        return
    frame, x, y = inner[key], place.left, place.top
    found.groups[key] = place
    found.boxes.update({name: each.moved(x, y) for name, each in frame.boxes.items()})
    found.groups.update({name: each.moved(x, y) for name, each in frame.groups.items()})
    found.links.update({name: each.moved(x, y) for name, each in frame.links.items()})


def _join(
    found: _Inside,
    link: tuple[str, str | None, str | None],
    sheet: Layout,
    inner: Mapping[str, _Inside],
) -> None:
    """Join what a link goes inside of frames to what it goes between them."""
    key, source, target = link
    route = sheet.links[key]
    path = route.path
    if source is not None and source in inner:
        path = _shifted(inner[source].leaving[key], sheet.boxes[source]) + path
    if target is not None and target in inner:
        path += _shifted(inner[target].arriving[key], sheet.boxes[target])
    if source and target:
        found.links[key] = Route(path, route.above, route.below)
    elif target:
        found.arriving[key] = path
    else:
        found.leaving[key] = path


def _shifted(path: Path, place: Place) -> Path:
    nowhere = Place(0.0, 0.0, 0.0, 0.0)
    return Route(path, nowhere, nowhere).moved(place.left, place.top).path


def _sized(found: _Inside, sheet: Layout) -> _Inside:
    found.width, found.height = sheet.width, sheet.height
    return found


def _in_frame(found: _Inside, group: Group, sheet: Layout) -> _Inside:
    """Put a frame round what is in a group, and lead links through its sides."""
    x, y = _SIDE, _HEAD + group.title[1]
    framed = _Inside(
        max(sheet.width + 2 * _SIDE, group.title[0] + 2 * _SIDE), sheet.height + y + _FOOT
    )
    framed.boxes = {key: place.moved(x, y) for key, place in found.boxes.items()}
    framed.groups = {key: place.moved(x, y) for key, place in found.groups.items()}
    framed.links = {key: route.moved(x, y) for key, route in found.links.items()}
    ground = Place(x, y, 0.0, 0.0)
    for key, path in found.arriving.items():
        inside = _shifted(path, ground)
        start = inside[0][0]
        framed.arriving[key] = (((0.0, start[1]), start), *inside)
    for key, path in found.leaving.items():
        inside = _shifted(path, ground)
        end = inside[-1][-1]
        framed.leaving[key] = (*inside, (end, (framed.width, end[1])))
    return framed
