"""The course of a training as curves: loss and accuracy against steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gradatim.draw.chart.chart import Paths, save
from gradatim.draw.chart.series import DIVERGED, POINTS, Row, clock, column, moving_average, thinned
from gradatim.draw.chart.style import style
from gradatim.errors import ShapeError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Blue and vermilion of Okabe and Ito, which every kind of colour vision tells apart; lines and
# markers differ as well, for print in black.
_TRAIN, _TEST, _PALE, _INK, _GRID = "#0072B2", "#D55E00", "#C3DDEE", "#333333", "#E3E3E3"
_STEP = "#5FA5D1"
_LABEL_POINTS = 9.0


@dataclass(frozen=True)
class _Curve:
    name: str
    key: str
    colour: str
    dashed: bool
    marker: str


Points = list[tuple[_Curve, Array, Array]]
"""Curves with the times and the values to draw."""

_LOSS = (
    _Curve("train", "train_loss", _TRAIN, True, "s"),
    _Curve("test", "test_loss", _TEST, False, "o"),
)
_LOSS_OF_STEP = (_Curve("train", "loss", _TRAIN, True, "s"),)
_ACCURACY = (
    _Curve("train", "train_accuracy", _TRAIN, True, "s"),
    _Curve("test", "test_accuracy", _TEST, False, "o"),
)


def save_curves(
    path: Paths,
    rows: Sequence[Row],
    *,
    losses: Array | None = None,
    title: str = "",
) -> None:
    """Draw the history of a training into an SVG or PNG file.

    Loss on the left, accuracy on the right where there is one; each curve carries its name and
    last value. The same history gives the same bytes. In SVG text stays text, so that a browser
    shows any script with its own fonts.

    Parameters
    ----------
    path : str, path or sequence of them
        The suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole. Two files in one
        call are drawn once.
    rows : sequence of mappings
        One for each evaluation, with ``step`` and any of ``train_loss``, ``test_loss``,
        ``train_accuracy``, ``test_accuracy`` (in 0..1), or ``loss``. What is absent, ``None``,
        not finite or beyond 1e30 leaves a gap; a curve that ends so says that it diverged.
    losses : array of float, shape (steps,), optional
        The loss of every step, from step 1 on: drawn pale, with its moving average.
    title : str
        Above both panels, in any script for which a font is installed.

    Raises
    ------
    DataError
        The suffix is neither of the two, or the file cannot be written.
    ShapeError
        The losses are not a vector.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> rows = [{"step": 0, "test_loss": 2.3}, {"step": 600, "test_loss": 0.3}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_curves(f"{folder}/curves.svg", rows)
    ...     pathlib.Path(folder, "curves.svg").read_text(encoding="utf-8")[:5]
    '<?xml'
    """
    save(path, "save_curves", title, lambda: _figure("save_curves", rows, losses, title))


def draw_curves(rows: Sequence[Row], *, losses: Array | None = None, title: str = "") -> Figure:
    """Draw the history of a training as a matplotlib figure, to show or to change.

    Parameters
    ----------
    rows, losses, title
        As for `save_curves`.

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to ``pyplot``, so there is nothing to close.

    Raises
    ------
    ShapeError
        The losses are not a vector.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> figure = draw_curves([{"step": 0, "test_accuracy": 0.1}])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['accuracy']
    """
    with style(title, "draw_curves"):
        return _figure("draw_curves", rows, losses, title)


# --- the figure ------------------------------------------------------------------------------


def _figure(called: str, rows: Sequence[Row], losses: Array | None, title: str) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    if losses is not None and np.ndim(losses) != 1:
        raise ShapeError(
            f"{called}: losses have shape {np.shape(losses)}; they must be (steps,), one for "
            "each step. Try losses.ravel()."
        )
    unit, steps = clock(rows)
    loss = _points(steps, rows, _LOSS) or _points(steps, rows, _LOSS_OF_STEP)
    accuracy = _points(steps, rows, _ACCURACY)
    panels = ["loss"] * bool(loss or losses is not None or not accuracy)
    panels += ["accuracy"] * bool(accuracy)
    layout = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.09, wspace=0.04)
    figure = Figure(figsize=(5.2 * len(panels), 3.5), dpi=144, layout=layout)
    if title:
        figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold", color=_INK)
    for name, axes in zip(panels, np.ravel(figure.subplots(1, len(panels)))):
        _panel(axes, name, unit)
        if name == "loss":
            _draw_loss(axes, loss, _each_step(losses, steps, unit))
        else:
            _draw_accuracy(axes, accuracy)
        _span(axes, steps, losses if unit == "step" else None)
    figure.draw_without_rendering()  # only then is it known which labels would touch
    for axes in figure.axes:
        _spread_labels(axes)
    return figure


def _panel(axes: Axes, name: str, unit: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(name, loc="left", fontsize=11, color=_INK)
    axes.set_xlabel(unit, color=_INK)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#888888")
    axes.tick_params(which="both", length=0, labelcolor=_INK)
    axes.margins(x=0.02)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")


def _draw_loss(axes: Axes, points: Points, steps: tuple[Array, Array] | None) -> None:
    drawn = [y for _, _, y in points]
    if steps is not None:
        drawn.append(_draw_steps(axes, *steps, named=bool(points)))
    _draw(axes, points, "{:.3f}")
    values = np.concatenate([*drawn, np.zeros(0)])
    values = values[np.isfinite(values)]
    if not len(values):
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no finite values", transform=axes.transAxes, ha="center", color=_INK)
    elif values.min() > 0 and values.max() > 20 * values.min():
        _logarithmic(axes)


def _draw_accuracy(axes: Axes, points: Points) -> None:
    from matplotlib.ticker import PercentFormatter

    _draw(axes, points, "{:.1%}")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -0.02), min(max(high, low + 0.05), 1.02) if high <= 1.1 else high)


def _draw(axes: Axes, points: Points, form: str) -> None:
    for curve, x, y in points:
        axes.plot(
            x,
            np.where(np.isfinite(y), y, np.nan),
            color=curve.colour,
            linestyle=(0, (4, 1.6)) if curve.dashed else "-",
            linewidth=1.8,
            marker=curve.marker if np.isfinite(y).sum() <= 30 else "",
            markersize=3.8,
        )
        _label(axes, curve.name, curve.colour, x, y, form)


def _draw_steps(axes: Axes, x: Array, losses: Array, *, named: bool) -> Array:
    """Draw the losses of all steps pale, with their moving average, which is returned."""
    places, smooth = moving_average(
        losses, max(1, len(losses) // 50), max(1, len(losses) // POINTS)
    )
    axes.plot(*thinned(x, losses), color=_PALE, linewidth=0.6)
    axes.plot(x[places], smooth, color=_STEP, linewidth=1.3)
    note = "pale: each step, and their moving average"
    axes.set_title(note, loc="right", fontsize=8, color="#777777")
    if not named:
        _label(axes, "train", _TRAIN, x[places], smooth, "{:.3f}")
    return smooth


def _span(axes: Axes, steps: Array, losses: Array | None) -> None:
    """Show all steps, also those from which nothing could be drawn, and give one point room."""
    x = np.concatenate([steps[np.isfinite(steps)], [len(losses)] if losses is not None else []])
    if not len(x):
        axes.set_xticks([])
    elif x.min() < x.max():
        room = 0.02 * (x.max() - x.min())
        axes.set_xlim(x.min() - room, x.max() + room)
    else:
        axes.set_xlim(x[0] - 1, x[0] + 1)
        axes.set_xticks(x[:1])
        axes.set_ylim(0, 1.1 * max(axes.get_ylim()[1], 0.01))


def _logarithmic(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


# --- labels ----------------------------------------------------------------------------------


def _label(axes: Axes, name: str, colour: str, x: Array, y: Array, form: str) -> None:
    """Write a curve's name and last value beside its last point."""
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(there):
        return
    last = there[-1]
    # The value shown is the last that was one; that it was not the end must be seen.
    stopped = " (then diverged)" if np.isinf(y[last:]).any() else ""
    axes.annotate(
        f"{name} {form.format(y[last])}{stopped}",
        (x[last], y[last]),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=_LABEL_POINTS,
        fontweight="bold",
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
    )


def _spread_labels(axes: Axes) -> None:
    """Move labels apart that would overlap, each by as little as possible."""
    from matplotlib.text import Annotation

    labels = [text for text in axes.texts if isinstance(text, Annotation)]
    points = 72 / axes.figure.dpi
    heights = [axes.transData.transform(label.xy)[1] * points for label in labels]
    order = np.argsort(heights, kind="stable")
    gap = 1.35 * _LABEL_POINTS
    for lower, upper in pairwise(order):
        short = gap - (heights[upper] - heights[lower])
        if short > 0:
            labels[lower].set_position((7, -short / 2))
            labels[upper].set_position((7, short / 2))


# --- what to draw ----------------------------------------------------------------------------


def _points(steps: Array, rows: Sequence[Row], curves: Iterable[_Curve]) -> Points:
    found = ((curve, steps, column(rows, curve.key)) for curve in curves)
    return [(curve, x, y) for curve, x, y in found if np.isfinite(y).any()]


def _each_step(losses: Array | None, steps: Array, unit: str) -> tuple[Array, Array] | None:
    """Place the losses of all steps on the axis, and leave gaps where they diverged."""
    if losses is None or not (np.abs(losses) < DIVERGED).any():
        return None
    x = np.arange(1.0, len(losses) + 1)
    if unit != "step" and np.isfinite(steps).any():
        x *= np.nanmax(steps[np.isfinite(steps)]) / len(losses)
    values = np.asarray(losses, np.float64)
    return x, np.where(np.abs(values) < DIVERGED, values, np.nan)
