"""The landscape of a loss around a solution, and the path of descent that led there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gradatim.draw.chart.answer import Run, opened
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.palette import BLUE, INK, QUIET, VERMILION
from gradatim.draw.chart.panel import bare, laid_out, new_figure
from gradatim.draw.chart.surface import (
    Plane,
    heights,
    path_plane,
    random_plane,
    refined,
    walk_of,
)
from gradatim.errors import DataError, DtypeError
from gradatim.nn import Module
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEVELS = 14


def landscape(
    model: Module | Run,
    loss: Any,
    data: Any,
    t: Any = None,
    *,
    path: Any = None,
    directions: Literal["auto", "path", "random"] = "auto",
    reach: float = 1.0,
    cells: int = 31,
    samples: int = 500,
    seed: int = 0,
    title: str = "",
) -> Chart:
    """Draw the loss around a model's weights, over two directions, with the path that led there.

    ``L(a, b) = loss(theta + a d1 + b d2)``. The directions are those in which the path of descent
    went furthest, or random ones: then each column of a weight is as long as that of the model
    itself, and biases stay, so that networks of different scales can be compared.

    Parameters
    ----------
    model : Module, or the folder of a run
        Its weights are the middle; it evaluates, and is left as it was.
    loss : callable
        ``loss(outputs, targets)``.
    data : Dataset, tuple of inputs and targets, or array of shape (N, ...)
        What the loss is taken on.
    t : array of shape (N, ...), optional
        Targets, where `data` does not hold them.
    path : WeightPath, or sequence of mappings of str to array, optional
        Weights in the course of the training, by the paths of the parameters.
    directions : {"auto", "path", "random"}
        ``"auto"``: those of the path where there is one.
    reach : float
        How far random directions go to each side, in lengths of the weights.
    cells : int
        Points of the grid in each direction; between them the contours are rounded.
    samples : int
        How many of the samples are used at most.
    seed : int
        Of random directions.
    title : str
        Above it.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("landscape.png")`` writes it, ``figure`` is
        matplotlib's.

    Raises
    ------
    DtypeError
        The model is none, the loss is no function, or the path is something else.
    DataError
        The path does not fit the model or does not move, `directions` is unknown, or the grid is
        too small, or the loss is nowhere finite.
    BackendError
        matplotlib is not installed.

    Notes
    -----
    The time is that of ``cells ** 2`` evaluations. Source: Li, Xu, Taylor, Studer and Goldstein,
    Visualizing the Loss Landscape of Neural Nets, 2018, sections 4 and 7.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([2, 4, 2], rng=0)
    >>> chart = landscape(model, gd.cross_entropy, gd.data.moons(20), cells=5)
    >>> chart.figure.axes[0].get_xlabel()
    'random direction 1, in lengths of the weights'
    """
    net = _net(opened(model, "landscape"))
    _check(loss, cells, directions)
    walk = _walk(net, path, directions)
    if walk is None or directions == "random":
        plane = random_plane(net, walk, seed, reach)
    else:
        plane = path_plane(net, walk)
    lines = plane.lines(cells)
    found = heights(net, loss, data, t, plane, lines, samples)
    _check_heights(found)
    return Chart("landscape", title, lambda: _figure(lines, found, plane, title))


def _net(model: Any) -> Module:
    if not isinstance(model, Module):
        raise DtypeError(
            f"landscape: the model is {type(model).__name__}; it must be a Module, or the folder "
            "of a run. Has landscape(model, loss, data) its arguments in this order?"
        )
    return model


def _check(loss: Any, cells: int, directions: str) -> None:
    if not callable(loss):
        raise DtypeError(
            f"landscape: the loss is {loss!r}; it must be a function of outputs and targets, such "
            "as gd.cross_entropy or gd.mse."
        )
    if cells < 3 or directions not in ("auto", "path", "random"):
        raise DataError(
            f"landscape: cells is {cells}, directions is {directions!r}; cells must be 3 or more, "
            'and directions "auto", "path" or "random".'
        )


def _check_heights(found: Array) -> None:
    if not np.isfinite(found).any():
        raise DataError(
            "landscape: the loss is NaN or infinite everywhere around the model; it must be finite "
            "somewhere. Has the training diverged? gd.check.finite says where."
        )


def _walk(model: Module, path: Any, directions: str) -> list[Mapping[str, Array]] | None:
    if path is None and directions == "path":
        raise DataError(
            "landscape: directions is 'path', but there is no path; it must be given.\n  Try "
            "path = gd.train.WeightPath(), Trainer(..., callbacks=[path]), fit, landscape(..., "
            "path=path)."
        )
    if path is None:
        return None
    points = getattr(path, "points", path)
    if not isinstance(points, Sequence) or not all(isinstance(each, Mapping) for each in points):
        raise DtypeError(
            f"landscape: the path is {type(path).__name__}; it must be a WeightPath, or a list of "
            "what state_dict() returned."
        )
    return walk_of(model, points)


# --- the figure ------------------------------------------------------------------------------


def _figure(lines: tuple[Array, Array], found: Array, plane: Plane, title: str) -> Figure:
    from matplotlib.ticker import MaxNLocator

    spread = [float(line[-1] - line[0]) for line in lines]
    height = float(np.clip(5.2 * spread[1] / spread[0], 3.2, 5.6))
    figure = new_figure(5.2 + 1.6, height + 0.5 + 0.4 * bool(title), title)
    axes = figure.subplots()
    bare(axes)
    axes.set_xlabel(plane.names[0], color=INK)
    axes.set_ylabel(plane.names[1], color=INK)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], prune="both"))
    _relief(figure, axes, lines, found)
    if plane.walk is not None:
        _path(axes, plane.walk)
    else:
        axes.plot(0, 0, "o", color=VERMILION, markersize=8, markeredgecolor="white")
        _named(axes, "the model", np.zeros(2), np.zeros(2), VERMILION)
    axes.set(xlim=lines[0][[0, -1]], ylim=lines[1][[0, -1]])
    return laid_out(figure)


def _relief(figure: Figure, axes: Axes, lines: tuple[Array, Array], found: Array) -> None:
    """Heights in steps that a pale colour and a line tell apart."""
    there = found[np.isfinite(found)]
    if there.min() == there.max():
        axes.set_title(
            "flat: the loss is the same everywhere", loc="right", fontsize=8, color=QUIET
        )
        return
    low, high = float(there.min()), float(there.max())
    steep = low > 0 and high > 5 * low
    levels = np.geomspace(low, high, _LEVELS) if steep else np.linspace(low, high, _LEVELS)
    seen = np.clip(found, low, high)
    (x, y), fine = refined(lines, np.log(seen) if steep else seen)
    shown = np.ma.masked_invalid(np.clip(np.exp(fine) if steep else fine, low, high))
    ground = axes.contourf(x, y, shown, levels=levels, colors=_ground(_LEVELS - 1))
    axes.contour(x, y, shown, levels=levels, colors="#5B7C99", linewidths=0.6)
    bar = figure.colorbar(ground, ax=axes, fraction=0.04, pad=0.02, ticks=levels[::3])
    bar.ax.set_title("loss", fontsize=9, color=INK, loc="left")
    bar.ax.yaxis.set_major_formatter("{x:.3g}")
    bar.ax.tick_params(length=0, labelsize=8, labelcolor=INK)
    bar.ax.minorticks_off()
    bar.outline.set_visible(False)


def _ground(count: int) -> list[Any]:
    """Pale below, deeper above, in even steps whatever the heights are."""
    from matplotlib import colormaps

    return list(colormaps["Blues"](np.linspace(0.0, 0.6, count)))


def _path(axes: Axes, walk: Array) -> None:
    mark = {"marker": "o", "markersize": 3} if len(walk) <= 60 else {}
    axes.plot(*walk.T, color=VERMILION, linewidth=1.5, **mark)  # type: ignore[arg-type]
    axes.plot(*walk[0], "s", color=BLUE, markersize=8, markeredgecolor="white")
    axes.plot(*walk[-1], "o", color=VERMILION, markersize=8, markeredgecolor="white")
    _named(axes, "start", walk[0], walk[1] - walk[0], BLUE)
    _named(axes, "end", walk[-1], walk[-2] - walk[-1], VERMILION)


def _named(axes: Axes, text: str, at: Array, way: Array, colour: str) -> None:
    """Name a point on the side from which no path comes."""
    right, up = way[0] <= 0, way[1] <= 0
    axes.annotate(
        text,
        (float(at[0]), float(at[1])),
        xytext=(8 if right else -8, 6 if up else -6),
        textcoords="offset points",
        ha="left" if right else "right",
        va="bottom" if up else "top",
        color=colour,
        fontsize=10,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
    )
