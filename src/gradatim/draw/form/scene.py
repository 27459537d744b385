"""The scene of a picture: every mark in its place, the same for every form that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradatim.draw.form.label import Label, gradient_label, value_label
from gradatim.draw.form.legend import legend_of
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Curve, Frame, Mark, Part, Scene, Shape, Words, moved
from gradatim.draw.form.node import Outline, outline_of
from gradatim.draw.layout.layout import lay_out
from gradatim.draw.layout.path import Segment
from gradatim.draw.layout.rows import in_rows
from gradatim.draw.layout.sheet import Box, Group, Layout, Link, Place, Route
from gradatim.draw.picture import picture as pictured
from gradatim.draw.picture.picture import Edge, Node, Numbers, Picture

_MARGIN, _LEGEND, _TITLE = 16.0, 20.0, 11.5
_HEAD, _HALF = 9.0, 3.9


@dataclass(frozen=True)
class Cast:
    """What is to be placed: outlines of nodes and labels of edges, by their keys.

    Parameters
    ----------
    nodes : dict of str to Outline
        Every node.
    above, below : dict of str to Label
        Every edge.

    Examples
    --------
    >>> cast_of(Picture((Node("n0", "primitive", ("+",)),))).nodes["n0"].round
    True
    """

    nodes: dict[str, Outline]
    above: dict[str, Label]
    below: dict[str, Label]


def cast_of(picture: Picture) -> Cast:
    """Measure everything that a picture shows.

    Parameters
    ----------
    picture : Picture
        What is drawn.

    Returns
    -------
    Cast
        Outlines and labels.

    Examples
    --------
    >>> cast_of(Picture(())).nodes
    {}
    """
    return Cast(
        {
            node.key: outline_of(node, [picture.quantity[key] for key in node.holds])
            for node in picture.nodes
        },
        {edge.key: _above(edge, picture) for edge in picture.edges},
        {edge.key: gradient_label(edge.gradient, edge.inside) for edge in picture.edges},
    )


def _above(edge: Edge, picture: Picture) -> Label:
    """The value with the name of a result; one that the user did not give is quiet."""
    quantity = picture.quantity.get(edge.quantity)
    given = quantity is None or bool(quantity.name)
    return value_label(edge.value, edge.label, "strong" if given else "quiet")


def layout_of(picture: Picture, cast: Cast | None = None) -> Layout:
    """Lay a picture out.

    Parameters
    ----------
    picture : Picture
        What is drawn.
    cast : Cast, optional
        Its measures, where they are known already.

    Returns
    -------
    Layout
        Places of nodes, edges and groups by their keys; in rows where it is long.

    Examples
    --------
    >>> sorted(layout_of(Picture((Node("n0", "primitive", ("+",)),))).boxes)
    ['n0']
    """
    cast = cast or cast_of(picture)
    boxes = [
        Box(key, outline.width, outline.height, outline.round)
        for key, outline in cast.nodes.items()
    ]
    onward = _onward(picture)
    links = [
        Link(
            edge.key,
            edge.source,
            edge.target,
            (cast.above[edge.key].width, cast.above[edge.key].height),
            (cast.below[edge.key].width, cast.below[edge.key].height),
            _pull(edge, picture, onward),
            _reach(edge, picture),
        )
        for edge in picture.edges
    ]
    return in_rows(lay_out(boxes, links, _groups(picture)))


def _onward(picture: Picture) -> dict[str, int]:
    """Count the edges of the longest way from each node to the end."""
    onward: dict[str, int] = {}
    for node in reversed(picture.nodes):
        leaving = picture.leaving[node.key]
        onward[node.key] = max((onward[edge.target] + 1 for edge in leaving), default=0)
    return onward


def _pull(edge: Edge, picture: Picture, onward: Mapping[str, int]) -> float:
    """What is computed goes straight on, a shortcut beside it, what is put in from the side."""
    source = picture.node[edge.source]
    if not source.is_leaf:
        return 1.0 if onward[edge.target] + 1 == onward[edge.source] else 0.75
    return 0.25 if source.kind == "constant" else 0.5


def _reach(edge: Edge, picture: Picture) -> int:
    """Leave a column free behind a fork for what meets its branch from the side."""
    beside = (picture.node[other.source] for other in picture.arriving[edge.target])
    return 2 if edge.role == "branch" and any(node.is_leaf for node in beside) else 1


def _groups(picture: Picture) -> list[Group]:
    members: dict[str, list[str]] = {group.key: [] for group in picture.groups}
    for node in picture.nodes:
        if node.group in members:
            members[node.group].append(node.key)
    for group in picture.groups:
        if group.parent in members:
            members[group.parent].append(group.key)
    return [
        Group(group.key, tuple(members[group.key]), (width_of(group.name, _TITLE, bold=True), 16.0))
        for group in picture.groups
        if members[group.key]
    ]


def scene_of(
    picture: Picture,
    layout: Layout | None = None,
    cast: Cast | None = None,
    *,
    legend: bool = True,
) -> Scene:
    """Give every mark of a picture its place.

    Parameters
    ----------
    picture : Picture
        What is drawn.
    layout : Layout, optional
        Where everything stands; else it is laid out.
    cast : Cast, optional
        Its measures, where they are known already.
    legend : bool
        Whether a legend stands below.

    Returns
    -------
    Scene
        Groups below, then edges with their labels, then nodes.

    Examples
    --------
    >>> scene = scene_of(Picture((Node("n0", "primitive", ("+",)),)))
    >>> [part.data for part in scene.parts if part.classes[0] == "node"]
    [{'node': 'n0'}]
    """
    cast = cast or cast_of(picture)
    layout = layout or layout_of(picture, cast)
    parts = [_group(group, layout) for group in picture.groups]
    parts += [_edge(edge, layout.links[edge.key], cast, picture) for edge in picture.edges]
    parts += [_node(node, cast.nodes[node.key], layout.boxes[node.key]) for node in picture.nodes]
    width, height = layout.width, layout.height
    if legend:
        top = height + _LEGEND if picture.nodes else 0.0
        part, right, bottom = legend_of(picture, top, max(width, 420.0))
        if part.marks:
            marks = tuple(moved(mark, _MARGIN, _MARGIN) for mark in part.marks)
            parts.append(Part(part.classes, part.data, marks))
            width, height = max(width, right), bottom
    whole = width + 2 * _MARGIN, height + 2 * _MARGIN
    return Scene(*whole, tuple(parts), picture.title or "computation", _description(picture))


def _description(picture: Picture) -> str:
    counts = {
        "leaves": sum(node.is_leaf for node in picture.nodes),
        "primitives": sum(node.kind == "primitive" for node in picture.nodes),
        "modules": sum(node.kind == "module" for node in picture.nodes),
        "primitives left out": picture.left_out,
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    text = f"A graph from left to right: {told or 'nothing'}. Values stand above the lines, "
    return f"{text}gradients below them. {picture.note}".strip()


# --- parts -----------------------------------------------------------------------------------


def _group(group: pictured.Group, layout: Layout) -> Part:
    first = layout.groups.get(group.key)
    if first is None:
        return Part(("group",), {"group": group.key})
    frames = [
        Frame(place.left + _MARGIN, place.top + _MARGIN, place.width, place.height, "group", 10.0)
        for place in (first, *layout.further.get(group.key, ()))
    ]
    corner = frames[0].left + 10, frames[0].top + 15
    title = Words(*corner, group.name, _TITLE, "title", centred=False)
    return Part(("group",), {"group": group.key}, (*frames, title))


def _node(node: Node, outline: Outline, place: Place) -> Part:
    data = {"node": node.key}
    if node.quantity:
        data["quantity"] = node.quantity
    marks = outline.at(place.moved(_MARGIN, _MARGIN))
    return Part(("node", node.kind), data, marks, tip=_tip(node))


def _tip(node: Node) -> str:
    return "\n".join(text for text in (" ".join((*node.lines, node.settings)), node.note) if text)


def _edge(edge: Edge, route: Route, cast: Cast, picture: Picture) -> Part:
    data = {"edge": edge.key}
    if edge.quantity:
        data["quantity"] = edge.quantity
    route = route.moved(_MARGIN, _MARGIN)
    blunt = picture.node[edge.target].kind == "fork"
    labels = (
        _label("value", cast.above[edge.key], route.above, edge.value),
        _label("gradient", cast.below[edge.key], route.below, edge.gradient),
    )
    marks: tuple[Mark, ...] = (Curve(route.path, "forward"),) if blunt else _arrow(route.path)
    return Part(("edge", edge.role), data, marks, tuple(part for part in labels if part.marks))


def _label(kind: str, label: Label, place: Place, numbers: Numbers | None) -> Part:
    return Part(
        ("label", kind), {}, label.at(place.x, place.top), tip=numbers.exact if numbers else ""
    )


def _arrow(path: tuple[Segment, ...]) -> tuple[Mark, ...]:
    """End a line a little earlier, and put a head on it that points as the line does."""
    *before, last = path
    (tx, ty), tip = last[-2], last[-1]
    length = ((tip[0] - tx) ** 2 + (tip[1] - ty) ** 2) ** 0.5 or 1.0
    ux, uy = (tip[0] - tx) / length, (tip[1] - ty) / length
    root = tip[0] - _HEAD * ux, tip[1] - _HEAD * uy
    head = (
        tip,
        (root[0] - _HALF * uy, root[1] + _HALF * ux),
        (root[0] + _HALF * uy, root[1] - _HALF * ux),
    )
    short = (*before, (*last[:-1], (root[0] + ux, root[1] + uy)))
    return Curve(short, "forward"), Shape(head, "head")
