"""What is laid out, boxes and links between them, and where everything came to stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradatim.draw.layout.path import Segment

Size = tuple[float, float]
"""Width and height."""


@dataclass(frozen=True)
class Box:
    """Something with a size that links lead to and from.

    Parameters
    ----------
    key : str
        Its name, different from that of every other box.
    width, height : float
        Its size.
    round : bool
        Whether it is a circle: then links end on its rim and point to its centre.

    Examples
    --------
    >>> Box("n1", 30, 30, round=True).key
    'n1'
    """

    key: str
    width: float
    height: float
    round: bool = False


@dataclass(frozen=True)
class Link:
    """A line from one box to another, with a label above and one below.

    Parameters
    ----------
    key : str
        Its name, different from that of every other link.
    source, target : str
        Keys of boxes.
    above, below : tuple of float
        Width and height of its labels; (0, 0) where there is none.
    pull : float
        How much the link wants to be straight, against others that begin or end in the same box;
        up to 0.5 for what is only put in.
    reach : int
        Over how many columns it leads at least.

    Examples
    --------
    >>> Link("e1", "n1", "n2", above=(40, 12)).below
    (0.0, 0.0)
    """

    key: str
    source: str
    target: str
    above: Size = (0.0, 0.0)
    below: Size = (0.0, 0.0)
    pull: float = 1.0
    reach: int = 1


@dataclass(frozen=True)
class Group:
    """Boxes that stand together in a frame of their own.

    Parameters
    ----------
    key : str
        Its name, different from that of every box and group.
    members : tuple of str
        Keys of boxes, and of groups that lie inside of this one.
    title : tuple of float
        Width and height of what is written at its top.

    Examples
    --------
    >>> Group("g1", ("n1", "n2")).title
    (0.0, 0.0)
    """

    key: str
    members: tuple[str, ...]
    title: Size = (0.0, 0.0)


@dataclass(frozen=True)
class Place:
    """Where something stands: its centre and its size.

    Parameters
    ----------
    x, y : float
        The centre.
    width, height : float
        The size.

    Examples
    --------
    >>> Place(10, 20, 4, 6).right
    12.0
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """The smallest x."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The greatest x."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """The smallest y."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """The greatest y."""
        return self.y + self.height / 2

    def moved(self, x: float, y: float) -> Place:
        """Give the same place ``x`` further right and ``y`` further down."""
        return Place(self.x + x, self.y + y, self.width, self.height)


@dataclass(frozen=True)
class Route:
    """The way of a link, and the places of its labels.

    Parameters
    ----------
    path : tuple of segments
        Each begins where the one before it ended.
    above, below : Place
        The labels; without width where there is none.

    Examples
    --------
    >>> here = Place(0, 0, 0, 0)
    >>> Route((((0.0, 0.0), (9.0, 0.0)),), here, here).moved(1, 2).path
    (((1.0, 2.0), (10.0, 2.0)),)
    """

    path: tuple[Segment, ...]
    above: Place
    below: Place

    def moved(self, x: float, y: float) -> Route:
        """Give the same route ``x`` further right and ``y`` further down."""
        path = tuple(tuple((px + x, py + y) for px, py in segment) for segment in self.path)
        return Route(path, self.above.moved(x, y), self.below.moved(x, y))


@dataclass(frozen=True)
class Layout:
    """Where all boxes, links and groups came to stand.

    Parameters
    ----------
    width, height : float
        Everything lies between (0, 0) and here.
    boxes : mapping of str to Place
        By the box's key.
    links : mapping of str to Route
        By the link's key.
    groups : mapping of str to Place
        The frames, by the group's key, the outer ones first.
    further : mapping of str to tuple of Place
        The pieces of frames that go on in further rows.

    Examples
    --------
    >>> Layout(0, 0, {}, {}, {}).boxes
    {}
    """

    width: float
    height: float
    boxes: Mapping[str, Place]
    links: Mapping[str, Route]
    groups: Mapping[str, Place]
    further: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
