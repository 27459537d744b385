"""The legend: what stands above and below the lines, and what boxes of each kind are."""

from __future__ import annotations

from gradatim.draw.form.label import back_arrow, lines_label
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Curve, Frame, Mark, Part, Shape, Words
from gradatim.draw.picture.picture import Picture

_SIZE, _HIGH, _APART, _SIGN = 11.0, 18.0, 22.0, 26.0
_KINDS = ("variable", "parameter", "input", "state", "constant")

Item = tuple[str, str]
"""What kind of sign, and the words beside it."""


def legend_of(picture: Picture, top: float, width: float) -> tuple[Part, float, float]:
    """Draw the legend of a picture.

    Parameters
    ----------
    picture : Picture
        What it is about.
    top, width : float
        Where it begins, and how wide it may become before it takes another row.

    Returns
    -------
    part : Part
        Its marks.
    right, bottom : float
        Where it ends.

    Examples
    --------
    >>> part, _, _ = legend_of(Picture((), note="no gradient yet"), 0, 500)
    >>> [mark.text for mark in part.marks]
    ['no gradient yet']
    """
    marks: list[Mark] = []
    x, y, right = 0.0, top, 0.0
    for kind, words in _items(picture):
        sign = _SIGN if kind != "note" else 0.0
        wide = sign + width_of(words, _SIZE)
        if x and x + wide > width:
            x, y = 0.0, y + _HIGH
        marks += _sign(kind, x, y + _HIGH / 2)
        look = "note" if kind in {"note", "map", *_KINDS} else kind
        text = lines_label((words,), look, _SIZE).marks[0]
        if isinstance(text, Words):
            baseline = y + _HIGH / 2 + 0.36 * _SIZE
            marks.append(Words(x + sign, baseline, words, _SIZE, look, centred=False))
        right = max(right, x + wide)
        x += wide + _APART
    bottom = y + _HIGH if marks else top
    return Part(("legend",), {}, tuple(marks)), right, bottom


def _items(picture: Picture) -> list[Item]:
    items: list[Item] = []
    if any(edge.value for edge in picture.edges):
        items.append(("value", "value, forward"))
    if any(edge.gradient for edge in picture.edges):
        items.append(("gradient", "gradient, backward"))
    if any(each and each.heat for edge in picture.edges for each in (edge.value, edge.gradient)):
        items.append(("map", "map: above 0, below 0; paler near it"))
    kinds = {node.kind for node in picture.nodes}
    items += [(kind, kind) for kind in _KINDS if kind in kinds]
    if picture.note:
        items.append(("note", picture.note))
    return items


def _sign(kind: str, x: float, y: float) -> list[Mark]:
    if kind == "value":
        head = ((x + 20, y), (x + 13.5, y - 2.8), (x + 13.5, y + 2.8))
        return [Curve((((x, y), (x + 13.5, y)),), "forward"), Shape(head, "head")]
    if kind == "gradient":
        return list(back_arrow(x, x + 20, y))
    if kind == "map":
        return [
            Frame(x + 1, y - 4.5, 9, 9, "positive", opacity=1.0),
            Frame(x + 12.5, y - 3, 6, 6, "negative", opacity=1.0),
        ]
    if kind in _KINDS:
        corner = {"variable": 5.0, "parameter": 1.5}.get(kind, 3.0)
        return [Frame(x + 2, y - 5, 17, 10, kind, corner)]
    return []
