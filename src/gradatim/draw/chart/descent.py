"""Paths of gradient descent over the contours of a function of two numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradatim.draw.chart.chart import save
from gradatim.draw.chart.style import style
from gradatim.errors import DataError, ShapeError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PATH, _INK, _CONTOUR, _START = "#D55E00", "#333333", "#9DB6C9", "#0072B2"
_CELLS = 121

Paths = Mapping[str, Array]
"""Positions, shape (steps + 1, 2), by what stands above their panel."""


def save_descent(
    path: str | os.PathLike[str],
    f: Callable[[Array, Array], Array],
    paths: Paths,
    *,
    title: str = "",
    reach: float | None = None,
) -> None:
    """Draw paths of gradient descent into an SVG or PNG file, each on contours of its own.

    The same paths give the same bytes.

    Parameters
    ----------
    path : str or path
        Its suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole.
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

    Raises
    ------
    DataError
        The suffix is neither of the two, there is no path, or the file cannot be written.
    ShapeError
        A path is not of shape (steps + 1, 2).
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> walk = np.array([[-3.0, 4.0], [-2.4, 3.2]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_descent(f"{folder}/walk.svg", lambda x, y: x**2 + y**2, {"rate 0.1": walk})
    ...     pathlib.Path(folder, "walk.svg").read_text(encoding="utf-8")[:5]
    '<?xml'
    """
    save(path, "save_descent", title, lambda: _figure("save_descent", f, paths, title, reach))


def draw_descent(
    f: Callable[[Array, Array], Array],
    paths: Paths,
    *,
    title: str = "",
    reach: float | None = None,
) -> Figure:
    """Draw paths of gradient descent as a matplotlib figure, to show or to change.

    Parameters
    ----------
    f, paths, title, reach
        As for `save_descent`.

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to ``pyplot``, so there is nothing to close.

    Raises
    ------
    DataError
        There is no path.
    ShapeError
        A path is not of shape (steps + 1, 2).
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> figure = draw_descent(lambda x, y: x**2 + y**2, {"rate 1": np.array([[1.0, 1.0]])})
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['rate 1']
    """
    with style(title, "draw_descent"):
        return _figure("draw_descent", f, paths, title, reach)


def _figure(
    called: str,
    f: Callable[[Array, Array], Array],
    paths: Paths,
    title: str,
    reach: float | None,
) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    walks = {name: _checked(called, name, walk) for name, walk in paths.items()}
    if not walks:
        raise DataError(f"{called}: there is no path to draw; give one or more, by their names.")
    figure = Figure(
        figsize=(3.9 * len(walks), 4.4),
        dpi=144,
        layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.09, wspace=0.03),
    )
    if title:
        figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold", color=_INK)
    for (name, walk), axes in zip(walks.items(), np.ravel(figure.subplots(1, len(walks)))):
        bound = reach or 1.35 * max(float(np.abs(walk[0]).max()), 1e-9)
        _panel(axes, name, bound)
        _contours(axes, f, bound)
        _walk(axes, walk, bound)
    return figure


def _checked(called: str, name: str, walk: Array) -> Array:
    positions = np.asarray(walk, np.float64)
    if positions.ndim != 2 or positions.shape[1] != 2 or not len(positions):
        raise ShapeError(
            f"{called}: the path {name!r} has shape {positions.shape}; it must be "
            "(steps + 1, 2), a position of two numbers for the start and for each step."
        )
    if not np.isfinite(positions[0]).all():
        raise DataError(
            f"{called}: the path {name!r} starts at {positions[0].tolist()}; a start must be "
            "finite."
        )
    return positions


def _panel(axes: Axes, name: str, bound: float) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(name, loc="left", fontsize=11, color=_INK)
    axes.set_xlim(-bound, bound)
    axes.set_ylim(-bound, bound)
    axes.set_aspect("equal")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], prune="both"))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], prune="both"))
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.tick_params(which="both", length=0, labelcolor=_INK)


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
        color=_INK,
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
