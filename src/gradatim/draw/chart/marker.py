"""Markers: the small shapes at the points of a line, by the letters of the palette."""

from __future__ import annotations

from math import cos, pi, sin

from gradatim.draw.form.mark import Circle, Frame, Mark, Shape
from gradatim.draw.layout.path import Point

_PLUS = ((1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3))
"""The right half of a plus sign, in thirds of its reach."""


def marker(kind: str, x: float, y: float, reach: float, look: str) -> Mark:
    """Return the marker of a point.

    Parameters
    ----------
    kind : str
        ``o`` circle, ``s`` square, ``^`` and ``v`` triangles, ``D`` diamond, ``P`` plus, ``X``
        cross.
    x, y : float
        Its middle.
    reach : float
        Half of its size, about.
    look : str
        Of the mark.

    Returns
    -------
    Mark
        A filled shape; all kinds cover about as much.

    Examples
    --------
    >>> marker("o", 5.0, 5.0, 2.0, "point-blue")
    Circle(x=5.0, y=5.0, radius=2.0, look='point-blue')
    """
    if kind == "o":
        return Circle(x, y, reach, look)
    if kind == "s":
        return Frame(x - 0.9 * reach, y - 0.9 * reach, 1.8 * reach, 1.8 * reach, look)
    return Shape(tuple((x + reach * u, y + reach * v) for u, v in _CORNERS[kind]), look)


def _star(points: tuple[Point, ...], turn: float) -> tuple[Point, ...]:
    c, s = cos(turn), sin(turn)
    return tuple((c * u - s * v, s * u + c * v) for u, v in points)


def _corners() -> dict[str, tuple[Point, ...]]:
    plus = tuple((1.2 * u / 3, 1.2 * v / 3) for u, v in (*_PLUS, *((-u, -v) for u, v in _PLUS)))
    up = ((0.0, -1.25), (1.15, 0.85), (-1.15, 0.85))
    diamond = ((0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0))
    return {
        "^": up,
        "v": tuple((u, -v) for u, v in up),
        "D": diamond,
        "P": plus,
        "X": _star(plus, pi / 4),
    }


_CORNERS = _corners()
