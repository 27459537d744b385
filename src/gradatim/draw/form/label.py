"""Labels of edges: numbers, rows of numbers, or shape, range and a map of the array."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Curve, Frame, Mark, Shape, Words, moved
from gradatim.draw.picture.picture import Heat, Numbers

SIZE = 12.0
_LINE, _RISE, _CELL, _GAP, _ARROW, _SMALL = 14.5, 0.36, 6.0, 3.0, 7.0, 10.5


_MOST_LARGE = 14
"""Columns up to which the cells of a map are large."""


@dataclass(frozen=True)
class Label:
    """What stands above or below a line.

    Parameters
    ----------
    width, height : float
        Its size.
    marks : tuple of Mark
        With the middle of its top at (0, 0).

    Examples
    --------
    >>> Label(0, 0, ()).at(5, 5)
    ()
    """

    width: float
    height: float
    marks: tuple[Mark, ...]

    def at(self, x: float, y: float) -> tuple[Mark, ...]:
        """Give its marks with the middle of its top at ``x`` and ``y``."""
        return tuple(moved(mark, x, y) for mark in self.marks)


NOTHING = Label(0.0, 0.0, ())


def lines_label(
    lines: tuple[str, ...], look: str, size: float = SIZE, *, mono: bool = False, bold: bool = False
) -> Label:
    """Write lines of text, one below the other.

    Parameters
    ----------
    lines : tuple of str
        From the top to the bottom.
    look : str
        The key of their look.
    size : float
        Of their font.
    mono, bold : bool
        Whether all letters are equally wide; whether they are bold.

    Returns
    -------
    Label
        As wide as the longest line.

    Examples
    --------
    >>> lines_label(("100", "2"), "value").height
    29.0
    """
    step = _LINE * size / SIZE
    width = max((width_of(line, size, mono=mono, bold=bold) for line in lines), default=0.0)
    words = (
        Words(0.0, (at + 0.5) * step + _RISE * size, line, size, look, mono)
        for at, line in enumerate(lines)
    )
    return Label(width, len(lines) * step, tuple(words))


def stacked(labels: tuple[Label, ...]) -> Label:
    """Put labels below each other.

    Parameters
    ----------
    labels : tuple of Label
        From the top to the bottom; those without height are left out.

    Returns
    -------
    Label
        All of them, with a little room between.

    Examples
    --------
    >>> one = lines_label(("1",), "value")
    >>> stacked((one, NOTHING, one)).height
    32.0
    """
    marks: list[Mark] = []
    y = 0.0
    for label in labels:
        if label.height:
            y += _GAP if marks else 0.0
            marks += label.at(0.0, y)
            y += label.height
    return Label(max((label.width for label in labels), default=0.0), y, tuple(marks))


def value_label(numbers: Numbers | None, name: str, look: str = "strong") -> Label:
    """Tell a value, for above a line.

    Parameters
    ----------
    numbers : Numbers or None
        The value; None where it is not told.
    name : str
        Stands over it; may be empty.
    look : str
        The key of the look of the name.

    Returns
    -------
    Label
        Map, name and numbers, the numbers next to the line.

    Examples
    --------
    >>> [mark.text for mark in value_label(Numbers(("220",)), "price").marks]
    ['price', '220']
    """
    title = lines_label((name,), look, bold=look == "strong") if name else NOTHING
    if numbers is None:
        return title
    return stacked((_heat_label(numbers.heat), title, _numbers_label(numbers, "value")))


def gradient_label(numbers: Numbers | None, inside: Numbers | None = None) -> Label:
    """Tell a gradient, for below a line, under a dashed arrow that points back.

    Parameters
    ----------
    numbers : Numbers or None
        The gradient; None where there is none.
    inside : Numbers, optional
        What of it comes from within the box that the line leaves.

    Returns
    -------
    Label
        Arrow, numbers and map.

    Examples
    --------
    >>> gradient_label(None).height
    0.0
    """
    if numbers is None:
        return NOTHING
    text = _numbers_label(numbers, "gradient")
    below = stacked((text, _inside_label(inside), _heat_label(numbers.heat)))
    width = max(24.0, below.width)
    marks = (*back_arrow(-width / 2, width / 2, _ARROW / 2), *below.at(0.0, _ARROW))
    return Label(width, below.height + _ARROW, marks)


def back_arrow(left: float, right: float, y: float) -> tuple[Mark, ...]:
    """Draw the sign of a gradient: a dashed line with its head on the left.

    Parameters
    ----------
    left, right, y : float
        Where it is.

    Returns
    -------
    tuple of Mark
        The line and its head.

    Examples
    --------
    >>> [type(mark).__name__ for mark in back_arrow(0, 20, 5)]
    ['Curve', 'Shape']
    """
    head = ((left, y), (left + 6.5, y - 2.6), (left + 6.5, y + 2.6))
    return Curve((((left + 6.5, y), (right, y)),), "backward"), Shape(head, "back-head")


def _inside_label(inside: Numbers | None) -> Label:
    if inside is None:
        return NOTHING
    part = inside.lines[0] if len(inside.lines) == 1 else "a part"
    return lines_label((f"{part} of it inside",), "quiet", _SMALL)


def _numbers_label(numbers: Numbers, look: str) -> Label:
    return lines_label(numbers.lines, look, mono=numbers.aligned)


def _heat_label(heat: Heat | None) -> Label:
    """Draw a map: full cells are positive, small ones negative, crosses are no numbers."""
    if heat is None or not heat.levels:
        return NOTHING
    rows, columns = len(heat.levels), len(heat.levels[0])
    size = _CELL if columns <= _MOST_LARGE else _CELL / 2
    width, height = columns * size, rows * size
    marks: list[Mark] = [Frame(-width / 2 - 1, 0, width + 2, height + 2, "cell-frame")]
    for row, levels in enumerate(heat.levels):
        for column, level in enumerate(levels):
            marks += _cell(column * size - width / 2, row * size + 1, level, size)
    return Label(width + 2, height + 2, tuple(marks))


def _cell(left: float, top: float, level: float, size: float) -> list[Mark]:
    if math.isnan(level):
        near, far = 0.2 * size, 0.8 * size
        a, b = (left + near, top + near), (left + far, top + far)
        c, d = (a[0], b[1]), (b[0], a[1])
        return [Curve(((a, b),), "unknown"), Curve(((c, d),), "unknown")]
    strength = round(abs(level), 2)
    if not strength:
        return []
    inset = 0.0 if level > 0 else size / 6
    side = size - 2 * inset
    look = "positive" if level > 0 else "negative"
    return [Frame(left + inset, top + inset, side, side, look, opacity=strength)]
