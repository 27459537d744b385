"""Nodes as they are drawn: size, outline and what is written in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradatim.draw.form.label import Label, lines_label, stacked
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Circle, Frame, Mark
from gradatim.draw.layout.sheet import Place
from gradatim.draw.picture.picture import Node, Quantity
from gradatim.draw.picture.value import shape_text

_RADIUS, _FORK, _DOT = 18.0, 3.5, 5.0
_SIGN, _WORD, _NAME, _SMALL = 20.0, 12.5, 13.0, 10.5
_MOST_HELD, _LONGEST = 3, 34
"""Parameters of a module whose gradients are told in its box, and letters of each."""

_CORNERS = {"variable": 13.0, "input": 5.0, "constant": 5.0, "state": 5.0, "end": 13.0}


@dataclass(frozen=True)
class Outline:
    """A node before it has a place.

    Parameters
    ----------
    width, height : float
        Its size.
    round : bool
        Whether it is a circle.
    corner : float
        Radius of its corners.
    look : str
        Key of the look of its outline.
    text : Label
        What is written in it.

    Examples
    --------
    >>> outline_of(Node("n0", "primitive", ("×",))).round
    True
    """

    width: float
    height: float
    round: bool
    corner: float
    look: str
    text: Label

    def at(self, place: Place) -> tuple[Mark, ...]:
        """Give its marks at a place."""
        text = self.text.at(place.x, place.y - self.text.height / 2)
        if self.round:
            return Circle(place.x, place.y, self.width / 2, self.look), *text
        frame = place.left, place.top, place.width, place.height
        return Frame(*frame, self.look, self.corner), *text


def outline_of(node: Node, held: Sequence[Quantity] = ()) -> Outline:
    """Tell how a node is drawn.

    Parameters
    ----------
    node : Node
        A node of a picture.
    held : sequence of Quantity
        What a folded module keeps to itself; the gradients are told in its box.

    Returns
    -------
    Outline
        A circle for a primitive with a short sign, a dot for a fork, else a box as wide as its
        words.

    Examples
    --------
    >>> outline_of(Node("n1", "constant", ("tax",))).look
    'constant'
    """
    nothing = lines_label((), "name")
    if node.kind == "fork":
        return Outline(2 * _FORK, 2 * _FORK, True, 0.0, "fork", nothing)
    if not any(node.lines):
        return Outline(2 * _DOT, 2 * _DOT, True, 0.0, "dot", nothing)
    if node.kind == "primitive":
        return _primitive(node)
    look = {"end": "result", "module": "strong"}.get(node.kind, "name")
    first = lines_label(node.lines[:1], look, _NAME, bold=look != "name")
    second = lines_label(node.lines[1:], _second(node), _SMALL)
    text = stacked((first, second, lines_label(_learned(node, held), "gradient", _SMALL)))
    width, height = max(30.0, text.width + 18.0), max(26.0, text.height + 9.0)
    return Outline(width, height, False, _CORNERS.get(node.kind, 3.0), node.kind, text)


def _learned(node: Node, held: Sequence[Quantity]) -> tuple[str, ...]:
    """The gradients of what a module learns, one in a line."""
    known = [each for each in held if each.gradient is not None]
    lines = [_gradient(each, node.lines[-1]) for each in known[:_MOST_HELD]]
    more = len(known) - _MOST_HELD
    return (*lines, f"∂ of {more} more") if more > 0 else tuple(lines)


def _gradient(each: Quantity, path: str) -> str:
    """The name without the path to the module, and the numbers without their shape."""
    told = each.gradient.lines if each.gradient is not None else ()
    numbers = [" ".join(line.split()) for line in told if line != shape_text(each.shape)]
    line = f"∂{each.name.removeprefix(f'{path}.')} {' '.join(numbers)}"
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _second(node: Node) -> str:
    return "result" if node.kind == "end" else "quiet"


def _primitive(node: Node) -> Outline:
    sign = node.lines[0]
    size = _SIGN if len(sign) == 1 else _WORD
    text = stacked(
        (
            lines_label((sign,), "sign", size),
            lines_label(node.lines[1:], "quiet", _SMALL),
            lines_label((node.settings,) if node.settings else (), "quiet", _SMALL),
        )
    )
    if text.height < 30 and width_of(sign, size) <= 2 * _RADIUS - 5:
        return Outline(2 * _RADIUS, 2 * _RADIUS, True, 0.0, "primitive", text)
    height = max(2 * _RADIUS, text.height + 8.0)
    return Outline(text.width + 22.0, height, False, 13.0, "primitive", text)
