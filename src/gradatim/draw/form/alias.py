"""What formulas call the tensors of a picture, written into it where it is not seen otherwise."""

from __future__ import annotations

from dataclasses import replace

from gradatim.draw.picture.picture import Edge, Node, Picture


def aliased(picture: Picture) -> Picture:
    """Return a picture in which every name stands that formulas use.

    Parameters
    ----------
    picture : Picture
        Any; its tensors have aliases.

    Returns
    -------
    Picture
        With the same keys. A result without a name gets its alias over the line, a leaf whose
        name is another one a second line: two of one name are ``w`` and ``w_2``.

    Examples
    --------
    >>> from gradatim.draw.picture.picture import Numbers, Quantity
    >>> nodes = Node("n0", "primitive", ("exp",)), Node("n1", "end", ("result",))
    >>> edge = Edge("e0", "n0", "n1", "t0", value=Numbers(("1",)))
    >>> whole = Picture(nodes, (edge,), (Quantity("t0", "", (), "float64", alias="L"),))
    >>> aliased(whole).edges[0].label
    'L'
    """
    nodes = tuple(_named(node, picture) for node in picture.nodes)
    edges = tuple(_labelled(edge, picture) for edge in picture.edges)
    return replace(picture, nodes=nodes, edges=edges)


def _named(node: Node, picture: Picture) -> Node:
    alias = _alias(node.quantity, picture)
    known = not any(node.lines) or alias in ("", *node.lines)
    return replace(node, lines=(*node.lines, alias)) if node.is_leaf and not known else node


def _labelled(edge: Edge, picture: Picture) -> Edge:
    source, target = picture.node[edge.source], picture.node[edge.target]
    alias = _alias(edge.quantity, picture)
    told = edge.label if target.kind != "end" else target.lines[0]
    if source.is_leaf or edge.role == "branch" or edge.value is None or alias in ("", told):
        return edge
    return replace(edge, label=f"{edge.label} ({alias})" if edge.label else alias)


def _alias(key: str, picture: Picture) -> str:
    quantity = picture.quantity.get(key)
    return quantity.alias if quantity is not None else ""
