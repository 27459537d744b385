"""Lines of a chart: a name, its numbers, and the pen they are drawn with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradatim.draw.chart.axis import Axis
from gradatim.draw.chart.marker import marker
from gradatim.draw.chart.pen import Pen
from gradatim.draw.chart.series import thinned
from gradatim.draw.form.mark import Curve, Mark
from gradatim.draw.layout.path import Segment
from gradatim.types import Array

MOST_MARKED = 30
"""Points of a line that are marked one by one."""

_REACH = 3.0


@dataclass(frozen=True, eq=False)
class Line:
    """One figure in the course of a training.

    Parameters
    ----------
    name : str
        What stands beside it.
    x, y : arrays of float, shape (N,)
        Its points; NaN leaves a gap, infinity says that it diverged.
    pen : Pen
        What it is drawn with.
    written : callable
        What a value is written as: `loss_text`, `accuracy_text`.

    Examples
    --------
    >>> pen = Pen("blue", "solid", "o")
    >>> Line("train", np.arange(2), np.array([2.0, np.inf]), pen, loss_text).told
    'train 2.000 (then diverged)'
    """

    name: str
    x: Array
    y: Array
    pen: Pen
    written: Callable[[float], str]

    @cached_property
    def there(self) -> Array:
        """Indices of the points that have a place."""
        return np.flatnonzero(np.isfinite(self.x) & np.isfinite(self.y))

    @property
    def told(self) -> str:
        """The name with the last value; if that was not the end, it says so."""
        last = self.there[-1]
        stopped = " (then diverged)" if np.isinf(self.y[last:]).any() else ""
        return f"{self.name} {self.written(self.y[last])}{stopped}"


def loss_text(x: float) -> str:
    """Write a loss: with three decimals, unless these say nothing.

    Parameters
    ----------
    x : float
        The loss.

    Returns
    -------
    str
        For small and for huge ones by their first digits.

    Examples
    --------
    >>> loss_text(2.3), loss_text(0.00028), loss_text(1e29)
    ('2.300', '0.00028', '1e+29')
    """
    return f"{x:.3f}" if x == 0 or 1e-3 <= abs(x) < 1e6 else f"{x:.3g}"


def accuracy_text(x: float) -> str:
    """Write an accuracy in percent.

    Parameters
    ----------
    x : float
        From 0 to 1.

    Returns
    -------
    str
        With one decimal.

    Examples
    --------
    >>> accuracy_text(0.9472)
    '94.7%'
    """
    return f"{x:.1%}"


@dataclass(frozen=True)
class Field:
    """Where the lines of a chart are: a rectangle with two axes.

    Parameters
    ----------
    left, top, width, height : float
        The rectangle.
    across, up : Axis
        What lies along its sides.

    Examples
    --------
    >>> x, y = Field(10, 0, 100, 50, Axis(0, 1), Axis(0, 1)).places(np.array([0.5]), np.array([1]))
    >>> x.tolist(), y.tolist()
    ([60.0], [0.0])
    """

    left: float
    top: float
    width: float
    height: float
    across: Axis
    up: Axis

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height

    def places(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return where points are, NaN for those that have no place."""
        return (
            self.left + self.width * self.across.shares(x),
            self.bottom - self.height * self.up.shares(y),
        )


def stroke(field: Field, x: Array, y: Array, look: str) -> Iterator[Mark]:
    """Yield a line through points, with gaps, if there is any; it never goes back.

    Parameters
    ----------
    field : Field
        Where it is drawn.
    x, y : arrays of float, shape (N,)
        Its points; of many, the least and the greatest of each stretch are kept.
    look : str
        Of the mark.
    """
    path = tuple(_segments(*field.places(*thinned(x, y))))
    if path:
        yield Curve(path, look)


def points(field: Field, line: Line) -> Iterator[Mark]:
    """Yield the markers of a line: of all its points if they are few, else of lonely ones.

    Parameters
    ----------
    field : Field
        Where they are drawn.
    line : Line
        What is drawn.
    """
    x, y = field.places(*thinned(line.x, line.y))
    there = np.isfinite(x) & np.isfinite(y)
    if there.sum() > MOST_MARKED:
        beside = np.zeros(len(there) + 2, bool)
        beside[1:-1] = there
        there = there & ~beside[:-2] & ~beside[2:]
    for px, py in zip(x[there].tolist(), y[there].tolist()):
        yield marker(line.pen.marker, px, py, _REACH, line.pen.point)


def _segments(x: Array, y: Array) -> Iterator[Segment]:
    places = list(zip(x.tolist(), y.tolist()))
    there = (np.isfinite(x) & np.isfinite(y)).tolist()
    for k in range(1, len(places)):
        if there[k - 1] and there[k] and places[k - 1][0] <= places[k][0]:
            yield places[k - 1], places[k]
