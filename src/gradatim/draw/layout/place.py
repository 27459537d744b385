"""Coordinates: the y of every slot, the x of every column, and room between the columns to bend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradatim.draw.layout.columns import Columns

OUT, IN = 12.0, 30.0
"""Least room right of a column, where links leave it, and left of one, where arrows arrive."""

_BEND, _MOST = 0.42, 64.0
"""Room for a bend, as a part of its height, and the most that is given."""


@dataclass(frozen=True)
class Span:
    """A column on the sheet.

    Parameters
    ----------
    left, right : float
        Between these stand its boxes or labels; links run level here.

    Examples
    --------
    >>> Span(0, 10).middle
    5.0
    """

    left: float
    right: float

    @property
    def middle(self) -> float:
        """Half way between the two."""
        return (self.left + self.right) / 2


def spans(graph: Columns, widths: Sequence[float], y: Sequence[float], boxes: int) -> list[Span]:
    """Place the columns from left to right.

    Parameters
    ----------
    graph : Columns
        In their final order.
    widths : sequence of float
        The width of every slot.
    y : sequence of float
        The height of every slot's line.
    boxes : int
        How many of the slots are boxes: the first.

    Returns
    -------
    list of Span
        One for each column; the first begins at 0. The more the links between two columns rise
        or fall, the further apart the columns stand.

    Examples
    --------
    >>> spans(Columns([[0], [1]], [[0, 1]]), [10, 20], [0, 0], 2)
    [Span(left=0.0, right=10.0), Span(left=40.0, right=60.0)]
    """
    found: list[Span] = []
    x = 0.0
    for at, column in enumerate(graph.columns):
        if at:
            steps = [abs(y[a] - y[b]) for b in column for a in graph.before[b]]
            arrives = any(slot < boxes for slot in column)
            x += (IN if arrives else OUT) + min(_MOST, _BEND * max(steps, default=0.0))
        right = x + max((widths[slot] for slot in column), default=0.0)
        found.append(Span(x, right))
        x = right
    return found
