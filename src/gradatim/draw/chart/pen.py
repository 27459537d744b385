"""Pens: the colours, dashes and markers of a chart's lines, on light paper and on dark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gradatim.draw.chart.palette import COLOURS, MARKERS, readable
from gradatim.draw.form.mark import Part
from gradatim.draw.form.paint import DRAWING, Look, Paint

NAMES = ("blue", "vermilion", "green", "purple", "orange", "sky", "grey")
_ON_DARK = ("#5aa9ee", "#ff8a4c", "#3cc79a", "#e9a0cd", "#f2be4a", "#a6dcfb", "#b4bac4")

DASHES = {
    "solid": (),
    "dashed": (8.0, 3.2),
    "dotted": (2.6, 2.6),
    "mixed": (12.0, 3.5, 2.6, 3.5),
}
"""Lengths of dashes and gaps."""


@dataclass(frozen=True)
class Pen:
    """What a line is drawn with.

    Parameters
    ----------
    colour : str
        One of `NAMES`.
    dash : str
        Key of `DASHES`.
    marker : str
        Of its points, as in `gradatim.draw.chart.marker`.

    Examples
    --------
    >>> Pen("blue", "dashed", "s").line
    'line-blue-dashed'
    """

    colour: str
    dash: str
    marker: str

    @property
    def line(self) -> str:
        """The look of the line."""
        return f"line-{self.colour}-{self.dash}"

    @property
    def point(self) -> str:
        """The look of its markers."""
        return f"point-{self.colour}"

    @property
    def letters(self) -> str:
        """The look of its name."""
        return f"letters-{self.colour}"


def pen_of(place: int) -> Pen:
    """Return the pen of one of several lines.

    Parameters
    ----------
    place : int
        Its place among them; no two of the first 28 look alike, and neighbours differ in colour,
        in dashes and in markers.

    Returns
    -------
    Pen
        The same for the same place.

    Examples
    --------
    >>> pen_of(0)
    Pen(colour='blue', dash='solid', marker='o')
    >>> pen_of(8)
    Pen(colour='vermilion', dash='solid', marker='s')
    """
    dashes = tuple(DASHES)
    return Pen(
        NAMES[place % len(NAMES)], dashes[place % len(dashes)], MARKERS[place % len(MARKERS)]
    )


def paint_of(parts: Iterable[Part]) -> Paint:
    """Return as much of the paint of charts as some parts need.

    Parameters
    ----------
    parts : iterable of Part
        What is drawn.

    Returns
    -------
    Paint
        With the paper.

    Examples
    --------
    >>> list(paint_of([]).colours)
    ['paper']
    """
    used = {"paper", *_looks(parts)}
    looks = {name: look for name, look in CHARTS.looks.items() if name in used}
    named = {name for look in looks.values() for name in (look.fill, look.stroke)}
    return Paint({name: pair for name, pair in CHARTS.colours.items() if name in named}, looks)


def _looks(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        yield from (mark.look for mark in part.marks)
        yield from _looks(part.parts)


def _charts() -> Paint:
    colours = {name: DRAWING.colours[name] for name in ("paper", "ink", "quiet", "frame")}
    colours |= {
        "grid": ("#e1e4e8", "#2b313a"),
        "pale": ("#c3ddee", "#29465c"),
        "average": ("#5fa5d1", "#3f7da6"),
    }
    looks = {name: DRAWING.looks[name] for name in ("paper", "name", "quiet", "strong")}
    looks |= {
        "grid": Look("", "grid", 1.0),
        "axis": Look("", "frame", 1.0),
        "leader": Look("", "frame", 0.8),
        "pale": Look("", "pale", 0.8, smooth=True),
        "average": Look("", "average", 1.5, smooth=True),
    }
    for name, light, dark in zip(NAMES, COLOURS, _ON_DARK):
        colours[name], colours[f"letters-{name}"] = (light, dark), (readable(light), dark)
        looks[f"point-{name}"] = Look(name)
        looks[f"letters-{name}"] = Look(f"letters-{name}", bold=True)
        for dash, lengths in DASHES.items():
            looks[f"line-{name}-{dash}"] = Look("", name, 2.0, lengths, smooth=True)
    return Paint(colours, looks)


CHARTS = _charts()
"""All that lines over an axis are painted with."""
