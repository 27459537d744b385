"""Paths of gradient descent over the contours of a function of two numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.palette import BLUE, INK, VERMILION
from gradatim.draw.chart.panel import bare, laid_out, new_figure
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PATH, _CONTOUR, _START = VERMILION, "#9DB6C9", BLUE
_CELLS = 121

Paths = Mapping[str, Array]
"""Positions, shape (steps + 1, 2), by what stands above their panel."""


def descent(
    f: Callable[[Array, Array], Array],
    paths: Paths,
    *,
    title: str = "",
    reach: float | None = None,
) -> Chart:
    """Draw paths of gradient descent, each on contours of its own.

    Parameters
    ----------
    f : callable
        ``f(x, y)`` of two arrays of one shape gives the heights; elementwise.
    paths : mapping of str to array of shape (steps + 1, 2)
        Positions from the start on, by the text above the panel. A position that is not finite
        ends a path, and is said to have diverged.
    title : str
        Above all panels.
    reach : float, optional
        How far from the origin a panel shows at least; 1.35 times the start if not given. A path
        that leaves it is cut off where it does, and an arrow shows where it went.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("descent.svg")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    DataError
        There is no path, or one starts where nothing is finite.
    DtypeError
        The heights are no function, or the paths no mapping.
    ShapeError
        A path is not of shape (steps + 1, 2).
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> chart = descent(lambda x, y: x**2 + y**2, {"rate 1": np.array([[1.0, 1.0]])})
    >>> [axes.get_title(loc="left") for axes in chart.figure.axes]
    ['rate 1']
    """
    _check(f, paths)
    walks = {name: _checked(name, walk) for name, walk in paths.items()}
    if not walks:
        raise DataError("descent: there is no path to draw; give one or more, by their names.")
    return Chart("descent", " ".join([title, *walks]), lambda: _figure(f, walks, title, reach))


def _figure(
    f: Callable[[Array, Array], Array], walks: Paths, title: str, reach: float | None
) -> Figure:
    figure = new_figure(3.9 * len(walks), 4.4, title)
    for (name, walk), axes in zip(walks.items(), np.ravel(figure.subplots(1, len(walks)))):
        bound = reach or 1.35 * max(float(np.abs(walk[0]).max()), 1e-9)
        _panel(axes, name, bound)
        _contours(axes, f, bound)
        _walk(axes, walk, bound)
    return laid_out(figure)


def _check(f: Any, paths: Any) -> None:
    if not callable(f):
        raise DtypeError(
            f"descent: the heights are {type(f).__name__}; they must be a function f(x, y) of two "
            "arrays, such as lambda x, y: x**2 + y**2."
        )
    if not isinstance(paths, Mapping):
        raise DtypeError(
            f"descent: the paths are {type(paths).__name__}; they must be a dict of positions by "
            "what stands above their panel. Try descent(f, {'rate 0.1': positions})."
        )


def _checked(name: str, walk: Array) -> Array:
    positions = np.asarray(walk, np.float64)
    if positions.ndim != 2 or positions.shape[1] != 2 or not len(positions):
        raise ShapeError(
            f"descent: the path {name!r} has shape {positions.shape}; it must be "
            "(steps + 1, 2), a position of two numbers for the start and for each step."
        )
    if not np.isfinite(positions[0]).all():
        raise DataError(
            f"descent: the path {name!r} starts at {positions[0].tolist()}; a start must be finite."
        )
    return positions


def _panel(axes: Axes, name: str, bound: float) -> None:
    from matplotlib.ticker import MaxNLocator

    bare(axes, name)
    axes.set_xlim(-bound, bound)
    axes.set_ylim(-bound, bound)
    axes.set_aspect("equal")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], prune="both"))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], prune="both"))


def _contours(axes: Axes, f: Callable[[Array, Array], Array], bound: float) -> None:
    line = np.linspace(-bound, bound, _CELLS)
    heights = np.asarray(f(*np.meshgrid(line, line)), np.float64)
    # Evenly spaced in the root of the height: circles of a bowl then lie evenly apart.
    low, high = float(heights.min()), float(heights.max())
    if high > low:
        levels = low + (high - low) * (np.arange(1, 12) / 12) ** 2
        axes.contour(line, line, heights, levels=levels, colors=_CONTOUR, linewidths=0.8)


def _walk(axes: Axes, walk: Array, bound: float) -> None:
    inside = np.isfinite(walk).all(axis=1) & (np.abs(walk).max(axis=1) <= bound)
    left = int(np.argmin(inside)) if not inside.all() else len(walk)
    seen = walk[:left]
    axes.plot(*seen.T, color=_PATH, linewidth=1.2, marker="o", markersize=3.2)
    axes.plot(*walk[0], color=_START, marker="o", markersize=7, linestyle="none")
    axes.annotate("start", walk[0], xytext=(8, 4), textcoords="offset points", color=_START)
    if left < len(walk):
        _arrow_out(axes, walk[left - 1], walk[left], bound)
    axes.text(
        0.02,
        0.015,
        _ending(walk),
        transform=axes.transAxes,
        fontsize=8.5,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2},
    )


def _arrow_out(axes: Axes, last: Array, beyond: Array, bound: float) -> None:
    """Point to where the path leaves the panel."""
    step = np.nan_to_num(beyond - last, posinf=1e300, neginf=-1e300)
    step = step / max(float(np.abs(step).max()), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(step > 0, bound - last, -bound - last) / step
    edge = last + step * float(np.nanmin(np.where(np.isfinite(room), room, np.inf)))
    axes.annotate(
        "",
        (float(edge[0]), float(edge[1])),
        (float(last[0]), float(last[1])),
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-|>",
            "color": _PATH,
            "linewidth": 1.2,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def _ending(walk: Array) -> str:
    """Say where a path ends."""
    steps = f"{len(walk) - 1} step{'s' * (len(walk) != 2)}"
    if not np.isfinite(walk).all():
        return f"diverged within {steps}"
    x, y = walk[-1]
    return f"after {steps}: ({x:.3g}, {y:.3g})"
