"""Plots: lines over steps or epochs, with their axes, and their names beside their ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradatim.draw.chart.axis import SIZE, Axis
from gradatim.draw.chart.caption import caption
from gradatim.draw.chart.label import parted
from gradatim.draw.chart.line import Field, Line, points, stroke
from gradatim.draw.chart.marker import marker
from gradatim.draw.chart.pen import paint_of
from gradatim.draw.chart.tip import tips
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Curve, Mark, Part, Scene, Words
from gradatim.types import Array

WIDTH = 340.0
"""Of what lies between the axes of a plot; more plots stand beside each other."""

_HEIGHT, _EDGE, _BETWEEN = 220.0, 14.0, 26.0
_TITLE, _NAME, _NOTE = 18.0, 15.0, 11.0
_LINE = 1.35 * _TITLE
_GAP, _SAMPLE, _LEADER = 1.4 * SIZE, 34.0, 14.0


@dataclass(frozen=True, eq=False)
class Plot:
    """What one plot shows.

    Parameters
    ----------
    title, unit : str
        Above it and below it.
    lines : tuple of Line
        With at least one point each.
    across, up : Axis
        Below it and beside it.
    behind : tuple of (look, x, y)
        What is drawn behind the lines, without a name.
    note : str
        Above it on the right, small.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    across: Axis
    up: Axis
    behind: tuple[tuple[str, Array, Array], ...] = ()
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it shows nothing."""
        return not (self.lines or self.behind)

    @property
    def told(self) -> str:
        """What is to be seen, in words."""
        if self.is_empty:
            return f"{self.title}: no finite values"
        each = (
            f"{line.name} from {line.written(line.y[line.there[0]])} to "
            + line.told.removeprefix(f"{line.name} ")
            for line in self.lines
        )
        return f"{self.title} by {self.unit}: {', '.join(each)}"


def scene_of(plots: Sequence[Plot], title: str, wide: float = WIDTH) -> Scene:
    """Draw plots beside each other.

    Parameters
    ----------
    plots : sequence of Plot
        One or more.
    title : str
        Above all of them; may be empty.
    wide : float
        Of each, between its axes.

    Returns
    -------
    Scene
        As wide as what is in it.

    Examples
    --------
    >>> scene_of([Plot("loss", "step", (), Axis(0, 1), Axis(0, 1))], "").description
    'loss: no finite values'
    """
    content = (
        _EDGE
        - _BETWEEN
        + sum(_BETWEEN + _numbers_width(plot) + wide + _names_width(plot) for plot in plots)
    )
    lines = caption(title, content - _EDGE, _TITLE)
    top = _EDGE + (len(lines) * _LINE + 0.5 * _TITLE if lines else 0.0)
    height = max(_HEIGHT, *(_GAP * (len(plot.lines) + 0.5) for plot in plots))
    parts, right = list[Part](), _EDGE - _BETWEEN
    if lines:
        parts.append(Part(("caption",), {}, tuple(_title(lines))))
    for plot in plots:
        left = right + _BETWEEN + _numbers_width(plot)
        field = Field(left, top + 1.9 * _NAME, wide, height, plot.across, plot.up)
        parts.append(_plot(plot, field))
        right = field.right + _names_width(plot)
    return Scene(
        right + _EDGE,
        top + 1.9 * _NAME + height + 3.3 * SIZE + _EDGE,
        tuple(parts),
        title or " and ".join(plot.title for plot in plots),
        "; ".join(plot.told for plot in plots),
        kind="line chart",
        paint=paint_of(parts),
    )


def _title(lines: Sequence[str]) -> Iterator[Mark]:
    for place, line in enumerate(lines):
        y = _EDGE + 0.85 * _TITLE + place * _LINE
        yield Words(_EDGE, y, line, _TITLE, "strong", centred=False)


def _numbers_width(plot: Plot) -> float:
    return max((width_of(text, SIZE) for _, text in plot.up.ticks), default=0.0) + 8.0


def _names_width(plot: Plot) -> float:
    widths = [width_of(line.told, SIZE, bold=True) for line in plot.lines]
    return _LEADER + _SAMPLE + 6.0 + max(widths) if widths else 1.5 * SIZE


def _plot(plot: Plot, field: Field) -> Part:
    behind = [mark for look, x, y in plot.behind for mark in stroke(field, x, y, look)]
    parts = [
        Part(("axes",), {}, (*_heading(plot, field), *_grid(field), *_below(plot, field))),
        Part(("behind",), {}, tuple(behind)),
        *(_line(line, field) for line in plot.lines),
        *_names(plot.lines, field),
        *tips(plot.lines, field, plot.unit),
    ]
    return Part(("plot",), {"plot": plot.title}, parts=tuple(part for part in parts if _full(part)))


def _full(part: Part) -> bool:
    return bool(part.marks or part.parts)


# --- axes ------------------------------------------------------------------------------------


def _heading(plot: Plot, field: Field) -> Iterator[Mark]:
    base = field.top - 0.75 * _NAME
    yield Words(field.left, base, plot.title, _NAME, "name", centred=False)
    if plot.note:
        yield Words(field.right, base, plot.note, _NOTE, "quiet", ending=True)
    if plot.is_empty:
        x, y = field.left + field.width / 2, field.top + field.height / 2
        yield Words(x, y, "no finite values", SIZE, "name")


def _grid(field: Field) -> Iterator[Mark]:
    for share, text in _ticks(field.up):
        y = field.bottom - field.height * share
        yield Curve((((field.left, y), (field.right, y)),), "grid")
        yield Words(field.left - 8.0, y + 0.36 * SIZE, text, SIZE, "name", ending=True)


def _below(plot: Plot, field: Field) -> Iterator[Mark]:
    y = field.bottom
    yield Curve((((field.left, y), (field.right, y)),), "axis")
    for share, text in _ticks(field.across):
        x = field.left + field.width * share
        yield Curve((((x, y), (x, y + 4.0)),), "axis")
        yield Words(x, y + 1.5 * SIZE, text, SIZE, "name")
    yield Words(field.left + field.width / 2, y + 3.1 * SIZE, plot.unit, SIZE, "quiet")


def _ticks(axis: Axis) -> Iterator[tuple[float, str]]:
    shares = axis.shares(np.array([value for value, _ in axis.ticks], np.float64))
    return zip(shares.tolist(), (text for _, text in axis.ticks))


# --- lines and their names -------------------------------------------------------------------


def _line(line: Line, field: Field) -> Part:
    marks = (*stroke(field, line.x, line.y, line.pen.line), *points(field, line))
    return Part(("line",), {"line": line.name}, marks, tip=line.told)


def _names(lines: Sequence[Line], field: Field) -> Iterator[Part]:
    """Names beside the ends of lines, each with a sample of its line, moved apart."""
    ends = []
    for line in lines:
        last = line.there[-1:]
        x, y = field.places(line.x[last], line.y[last])
        ends.append((float(x[0]), float(y[0])))
    low, high = field.top + 0.4 * SIZE, field.bottom - 0.4 * SIZE
    places = parted([y for _, y in ends], _GAP, low, high)
    for line, end, place in zip(lines, ends, places):
        yield Part(("name",), {"line": line.name}, tuple(_name(line, field, end, place)))


def _name(line: Line, field: Field, end: tuple[float, float], y: float) -> Iterator[Mark]:
    left = field.right + _LEADER
    if end[0] > field.right - 0.1 * field.width:
        yield Curve((((end[0] + 5.0, end[1]), (left - 2.0, y)),), "leader")
    yield Curve((((left, y), (left + _SAMPLE, y)),), line.pen.line)
    yield marker(line.pen.marker, left + _SAMPLE / 2, y, 3.0, line.pen.point)
    x, base = left + _SAMPLE + 6.0, y + 0.36 * SIZE
    yield Words(x, base, line.told, SIZE, line.pen.letters, centred=False)
