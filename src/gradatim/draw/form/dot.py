"""A picture in DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from gradatim.draw.picture.picture import Edge, Node, Picture

_SHAPES = {
    "variable": "box, style=rounded",
    "parameter": 'box, style="rounded,bold"',
    "input": "box",
    "state": 'box, style="rounded,dashed"',
    "constant": "plaintext",
    "primitive": "circle, margin=0.02",
    "module": "box, peripheries=2",
    "rest": "box, style=dotted",
    "end": "plaintext",
}
_GRADIENT = "#b3261e"


def dot(picture: Picture) -> str:
    """Return a picture in DOT, with values and gradients at the edges.

    Parameters
    ----------
    picture : Picture
        Any.

    Returns
    -------
    str
        A directed graph from left to right; gradients are red and slanted. No Graphviz is needed
        to write it.

    Examples
    --------
    >>> from gradatim.draw.picture.picture import Edge, Node, Numbers
    >>> nodes = Node("n0", "variable", ("x",)), Node("n1", "end", ("y",))
    >>> edge = Edge("e0", "n0", "n1", value=Numbers(("2",)), gradient=Numbers(("1",)))
    >>> print(dot(Picture(nodes, (edge,))))
    digraph gradatim {
      rankdir=LR
      n0 [label="x", shape=box, style=rounded]
      n1 [label="y", shape=plaintext]
      n0 -> n1 [label=<2<BR/><FONT COLOR="#b3261e"><I>1</I></FONT>>]
    }
    """
    rows = ["digraph gradatim {", "  rankdir=LR"]
    told = " – ".join(part for part in (picture.title, picture.note) if part)
    if told:
        rows.append(f"  label={_quoted(told)}")
    rows += _members(picture, "", "  ")
    rows += [f"  {edge.source} -> {edge.target}{_label(edge)}" for edge in picture.edges]
    return "\n".join([*rows, "}"])


def _members(picture: Picture, group: str, indent: str) -> Iterator[str]:
    nodes, groups = picture.members[group]
    yield from (indent + _node(node) for node in nodes)
    for inner in groups:
        yield f"{indent}subgraph cluster_{inner.key} {{"
        yield f"{indent}  label={_quoted(inner.name)}"
        yield from _members(picture, inner.key, indent + "  ")
        yield indent + "}"


def _node(node: Node) -> str:
    if node.kind == "fork":
        return f"{node.key} [shape=point]"
    text = "\\n".join(_quoted(line)[1:-1] for line in node.words)
    tip = f", tooltip={_quoted(node.note)}" if node.note else ""
    return f'{node.key} [label="{text}", shape={_SHAPES[node.kind]}{tip}]'


def _label(edge: Edge) -> str:
    name = [f"<B>{escape(edge.label)}</B>"] if edge.label else []
    value = [escape(line) for line in edge.value.lines] if edge.value else []
    gradient = edge.gradient.lines if edge.gradient else ()
    slanted = [f'<FONT COLOR="{_GRADIENT}"><I>{escape(line)}</I></FONT>' for line in gradient]
    text = "<BR/>".join([*name, *value, *slanted])
    return f" [label=<{text}>]" if text else ""


def _quoted(text: str) -> str:
    """A text in quotation marks; entities would be read inside them too."""
    safe = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'
