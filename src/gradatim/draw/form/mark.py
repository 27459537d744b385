"""Marks: what a scene is made of, with coordinates and the names of their looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradatim.draw.form.paint import DRAWING, Paint
from gradatim.draw.layout.path import Point, Segment


@dataclass(frozen=True)
class Circle:
    """A circle.

    Parameters
    ----------
    x, y, radius : float
        Its centre and size.
    look : str
        Key of the looks of the scene's paint.
    """

    x: float
    y: float
    radius: float
    look: str


@dataclass(frozen=True)
class Frame:
    """A rectangle.

    Parameters
    ----------
    left, top, width, height : float
        Its corner and size.
    look : str
        As of a circle.
    corner : float
        Radius of its corners.
    opacity : float
        Of its fill.
    """

    left: float
    top: float
    width: float
    height: float
    look: str
    corner: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True)
class Curve:
    """A line through lines and cubic curves.

    Parameters
    ----------
    path : tuple of segments
        Each begins where the one before it ended.
    look : str
        As of a circle.
    """

    path: tuple[Segment, ...]
    look: str


@dataclass(frozen=True)
class Shape:
    """A filled polygon.

    Parameters
    ----------
    points : tuple of points
        Its corners.
    look : str
        As of a circle.
    """

    points: tuple[Point, ...]
    look: str


@dataclass(frozen=True)
class Words:
    """A line of text.

    Parameters
    ----------
    x, y : float
        The middle or an end of its base line.
    text : str
        What is written.
    size : float
        Of its font.
    look : str
        As of a circle.
    mono : bool
        Whether all letters are equally wide.
    centred : bool
        Whether ``x`` is the middle, else it is the left end.
    ending : bool
        Whether ``x`` is the right end.
    """

    x: float
    y: float
    text: str
    size: float
    look: str
    mono: bool = False
    centred: bool = True
    ending: bool = False


Mark = Circle | Frame | Curve | Shape | Words


@dataclass(frozen=True)
class Part:
    """Marks that belong together: a node, an edge, a label.

    Parameters
    ----------
    classes : tuple of str
        What it is, the most general first: ``("node", "primitive")``.
    data : mapping of str to str
        Keys of what is drawn: ``{"node": "n3"}``.
    marks : tuple of Mark
        What is drawn, the lowest first.
    parts : tuple of Part
        What lies above its marks.
    tip : str
        Shown where a pointer rests on it; may be empty.

    Examples
    --------
    >>> Part(("edge",), {"edge": "e1"}).parts
    ()
    """

    classes: tuple[str, ...]
    data: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    parts: tuple[Part, ...] = ()
    tip: str = ""


@dataclass(frozen=True)
class Scene:
    """All marks of a picture.

    Parameters
    ----------
    width, height : float
        Everything lies between (0, 0) and here.
    parts : tuple of Part
        What is drawn, the lowest first.
    title, description : str
        What it is, and what is to be seen, in words.
    kind : str
        What sort of picture it is, for those who hear it.
    paint : Paint
        Looks and colours of its marks.

    Examples
    --------
    >>> Scene(10, 10, ()).title
    ''
    """

    width: float
    height: float
    parts: tuple[Part, ...]
    title: str = ""
    description: str = ""
    kind: str = "computation graph"
    paint: Paint = DRAWING


def moved(mark: Mark, x: float, y: float) -> Mark:
    """Give the same mark further right and further down.

    Parameters
    ----------
    mark : Mark
        Any.
    x, y : float
        By how much.

    Returns
    -------
    Mark
        A new one.

    Examples
    --------
    >>> moved(Circle(1, 2, 3, "dot"), 10, 20)
    Circle(x=11, y=22, radius=3, look='dot')
    """
    if isinstance(mark, Circle):
        return Circle(mark.x + x, mark.y + y, mark.radius, mark.look)
    if isinstance(mark, Frame):
        place = mark.left + x, mark.top + y, mark.width, mark.height
        return Frame(*place, mark.look, mark.corner, mark.opacity)
    if isinstance(mark, Words):
        x, y = mark.x + x, mark.y + y
        how = mark.mono, mark.centred, mark.ending
        return Words(x, y, mark.text, mark.size, mark.look, *how)
    if isinstance(mark, Shape):
        return Shape(tuple((px + x, py + y) for px, py in mark.points), mark.look)
    path = tuple(tuple((px + x, py + y) for px, py in piece) for piece in mark.path)
    return Curve(path, mark.look)
