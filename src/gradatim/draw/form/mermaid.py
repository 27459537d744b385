"""A picture in Mermaid, which web pages of repositories draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradatim.draw.picture.picture import Edge, Node, Picture

_SHAPES = {
    "variable": ("(", ")"),
    "parameter": ("(", ")"),
    "input": ("[", "]"),
    "state": ("[(", ")]"),
    "constant": ("[", "]"),
    "primitive": ("((", "))"),
    "module": ("[[", "]]"),
    "fork": ("((", "))"),
    "rest": ("[", "]"),
    "end": ("([", "])"),
}
_SPECIAL = {
    "#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;",
    "|": "#124;", "\\": "#92;", "*": "#42;", "_": "#95;", "+": "#43;", "%": "#37;", "$": "#36;",
}  # fmt: skip
_LIST = re.compile(r"\A(\s*\d*)([.-])(?=\s)")
"""What would begin a list: a number with a dot, or a dash, and a space."""

_SPECIAL_LETTERS = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")


def mermaid(picture: Picture) -> str:
    """Return a picture as a flowchart in Mermaid.

    Parameters
    ----------
    picture : Picture
        Any.

    Returns
    -------
    str
        Values stand above gradients, and gradients begin with ``∂``.

    Examples
    --------
    >>> from gradatim.draw.picture.picture import Edge, Node, Numbers
    >>> nodes = Node("n0", "variable", ("x",)), Node("n1", "end", ("y",))
    >>> edge = Edge("e0", "n0", "n1", value=Numbers(("2",)), gradient=Numbers(("1",)))
    >>> print(mermaid(Picture(nodes, (edge,))))
    flowchart LR
      n0("x")
      n1(["y"])
      n0 -->|"2<br/>∂ 1"| n1
    """
    rows = ["flowchart LR", *_members(picture, "", "  ")]
    rows += [f"  {edge.source} -->{_label(edge)} {edge.target}" for edge in picture.edges]
    if picture.note:
        rows.append(f'  note["{_escaped(picture.note)}"]')
    return "\n".join(rows)


def _members(picture: Picture, group: str, indent: str) -> Iterator[str]:
    nodes, groups = picture.members[group]
    yield from (indent + _node(node) for node in nodes)
    for inner in groups:
        yield f'{indent}subgraph {inner.key}["{_escaped(inner.name)}"]'
        yield from _members(picture, inner.key, indent + "  ")
        yield indent + "end"


def _node(node: Node) -> str:
    before, after = _SHAPES[node.kind]
    text = "<br/>".join(map(_escaped, node.words)) or " "
    return f'{node.key}{before}"{text}"{after}'


def _label(edge: Edge) -> str:
    lines = [_escaped(edge.label)] if edge.label else []
    lines += [_escaped(line) for line in (edge.value.lines if edge.value else ())]
    gradient = edge.gradient.lines if edge.gradient else ()
    lines += [f"∂ {_escaped(line)}" for line in gradient]
    return f'|"{"<br/>".join(lines)}"|' if lines else ""


def _escaped(text: str) -> str:
    """Write letters that mean something, to Mermaid or to Markdown, as entities."""
    safe = _SPECIAL_LETTERS.sub(lambda match: _SPECIAL[match[0]], text)
    return _LIST.sub(lambda match: f"{match[1]}#{ord(match[2])};", safe)
