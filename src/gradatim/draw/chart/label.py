"""Labels at the ends of curves: names and last values, moved apart where they would touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradatim.draw.chart.palette import readable
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 9.0
"""Size of the letters."""

_ASIDE = 7.0


def label_end(axes: Axes, name: str, colour: str, x: Array, y: Array, form: str) -> None:
    """Write a curve's name and last value beside its last point.

    Parameters
    ----------
    axes : Axes
        The panel.
    name, colour : str
        Of the curve.
    x, y : arrays of float, shape (N,)
        Its points; infinity where it diverged.
    form : str
        Of the value: ``{:.3f}``; empty for none.
    """
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(there):
        return
    last = there[-1]
    # The value shown is the last that was one; that it was not the end must be seen.
    stopped = " (then diverged)" if np.isinf(y[last:]).any() else ""
    axes.annotate(
        f"{name} {form.format(y[last])}".rstrip() + stopped,
        (x[last], y[last]),
        xytext=(_ASIDE, 0),
        textcoords="offset points",
        va="center",
        color=readable(colour),
        fontsize=POINTS,
        fontweight="bold",
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
    )


def part_labels(axes: Axes) -> None:
    """Move labels apart that would overlap; the panel must have been laid out.

    Parameters
    ----------
    axes : Axes
        The panel.
    """
    from matplotlib.text import Annotation

    labels = [text for text in axes.texts if isinstance(text, Annotation)]
    points = 72 / axes.figure.dpi
    heights = [float(axes.transData.transform(each.xy)[1]) * points for each in labels]
    # Below the panel stand the numbers of its axis.
    low, high = axes.bbox.y0 * points + 0.7 * POINTS, axes.bbox.y1 * points
    for label, height, place in zip(labels, heights, parted(heights, 1.35 * POINTS, low, high)):
        label.set_position((_ASIDE, place - height))


def parted(
    heights: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf
) -> list[float]:
    """Move places on a line apart, each by as little as possible and in their order.

    Parameters
    ----------
    heights : sequence of float, length N
        Where they would like to be.
    gap : float
        The least distance between neighbours.
    low, high : float
        What none may pass; above the upper bound there may be some if they are too many.

    Returns
    -------
    list of float
        Where they are, in the order given: nearest in the sum of squares.

    Examples
    --------
    >>> parted([0.0, 10.0, 1.0], 2.0)
    [-0.5, 10.0, 1.5]
    """
    order = np.argsort(heights, kind="stable")
    # Less their gaps, the places must only not decrease: neighbours that do are put together.
    stacks: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        mean, count = heights[i] - rank * gap, 1
        while stacks and stacks[-1][0] > mean:
            other, many = stacks.pop()
            mean, count = (mean * count + other * many) / (count + many), count + many
        stacks.append((mean, count))
    places = [0.0] * len(heights)
    high = max(low, high - (len(heights) - 1) * gap)
    levels = (min(max(mean, low), high) for mean, count in stacks for _ in range(count))
    for rank, (i, level) in enumerate(zip(order, levels)):
        places[i] = level + rank * gap
    return places
