"""The progress of one training: loss and accuracy, on the training and on the test data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradatim.draw.chart.course import Course
from gradatim.draw.chart.label import label_end, part_labels
from gradatim.draw.chart.palette import BLUE, INK, QUIET, VERMILION
from gradatim.draw.chart.panel import laid_out, logarithmic, new_figure, quiet
from gradatim.draw.chart.series import DIVERGED, POINTS, Row, clock, column, moving_average, thinned
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PALE, _STEP = "#C3DDEE", "#5FA5D1"

MOST_MARKED = 30
"""Points of a curve that are marked one by one."""


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
    _Curve("train", "train_loss", BLUE, True, "s"),
    _Curve("test", "test_loss", VERMILION, False, "o"),
)
_LOSS_OF_STEP = (_Curve("train", "loss", BLUE, True, "s"),)
_ACCURACY = (
    _Curve("train", "train_accuracy", BLUE, True, "s"),
    _Curve("test", "test_accuracy", VERMILION, False, "o"),
)


def progress_figure(course: Course, title: str) -> Figure:
    """Draw one training: loss on the left, accuracy on the right where there is one.

    Parameters
    ----------
    course : Course
        The training.
    title : str
        Above both panels.
    """
    rows, losses = course.rows, course.losses
    unit, steps = clock(rows)
    loss = _points(steps, rows, _LOSS) or _points(steps, rows, _LOSS_OF_STEP)
    accuracy = _points(steps, rows, _ACCURACY)
    panels = ["loss"] * bool(loss or losses is not None or not accuracy)
    panels += ["accuracy"] * bool(accuracy)
    figure = new_figure(5.2 * len(panels), 3.5, title)
    for name, axes in zip(panels, np.ravel(figure.subplots(1, len(panels)))):
        over_time(axes, name, unit)
        if name == "loss":
            _draw_loss(axes, loss, _each_step(losses, steps, unit))
        else:
            _draw(axes, accuracy, "{:.1%}")
            in_percent(axes)
        span(axes, steps, losses if unit == "step" else None)
    laid_out(figure)
    for axes in figure.axes:
        part_labels(axes)
    return figure


def over_time(axes: Axes, title: str, unit: str) -> None:
    """Prepare a panel over steps, epochs or evaluations.

    Parameters
    ----------
    axes : Axes
        The panel.
    title, unit : str
        Above it and below it.
    """
    from matplotlib.ticker import MaxNLocator

    quiet(axes, title)
    axes.set_xlabel(unit, color=INK)
    axes.margins(x=0.02)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")


def fit_losses(axes: Axes, drawn: Sequence[Array]) -> None:
    """Make the axis logarithmic where losses fall far; say so where there is none.

    Parameters
    ----------
    axes : Axes
        The panel.
    drawn : sequence of arrays of float
        What was drawn in it.
    """
    values = np.concatenate([*drawn, np.zeros(0)])
    values = values[np.isfinite(values)]
    if not len(values):
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no finite values", transform=axes.transAxes, ha="center", color=INK)
    elif values.min() > 0 and values.max() > 20 * values.min():
        logarithmic(axes)


def in_percent(axes: Axes) -> None:
    """Show accuracies in percent, and nothing beyond the possible.

    Parameters
    ----------
    axes : Axes
        The panel, with its curves.
    """
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -0.02), min(max(high, low + 0.05), 1.02) if high <= 1.1 else high)


def span(axes: Axes, steps: Array, losses: Array | None = None) -> None:
    """Show all steps, also those from which nothing could be drawn, and give one point room.

    Parameters
    ----------
    axes : Axes
        The panel.
    steps : array of float
        Times of all rows.
    losses : array of float, optional
        One for each step.
    """
    x = np.concatenate([steps[np.isfinite(steps)], [len(losses)] if losses is not None else []])
    if not len(x):
        axes.set_xticks([])
    elif x.min() < x.max():
        room = 0.02 * (x.max() - x.min())
        axes.set_xlim(x.min() - room, x.max() + room)
    else:
        axes.set_xlim(x[0] - 1, x[0] + 1)
        axes.set_xticks(x[:1])
        if axes.get_yscale() == "linear":
            axes.set_ylim(0, 1.1 * max(axes.get_ylim()[1], 0.01))


# --- curves ----------------------------------------------------------------------------------


def _draw_loss(axes: Axes, points: Points, steps: tuple[Array, Array] | None) -> None:
    drawn = [y for _, _, y in points]
    if steps is not None:
        drawn.append(_draw_steps(axes, *steps, named=bool(points)))
    _draw(axes, points, "{:.3f}")
    fit_losses(axes, drawn)


def _draw(axes: Axes, points: Points, form: str) -> None:
    for curve, x, y in points:
        axes.plot(
            x,
            np.where(np.isfinite(y), y, np.nan),
            color=curve.colour,
            linestyle=(0, (4, 1.6)) if curve.dashed else "-",
            linewidth=1.8,
            marker=curve.marker if np.isfinite(y).sum() <= MOST_MARKED else "",
            markersize=3.8,
        )
        label_end(axes, curve.name, curve.colour, x, y, form)


def _draw_steps(axes: Axes, x: Array, losses: Array, *, named: bool) -> Array:
    """Draw the losses of all steps pale, with their moving average, which is returned."""
    places, smooth = moving_average(
        losses, max(1, len(losses) // 50), max(1, len(losses) // POINTS)
    )
    axes.plot(*thinned(x, losses), color=_PALE, linewidth=0.6)
    axes.plot(x[places], smooth, color=_STEP, linewidth=1.3)
    note = "pale: each step, and their moving average"
    axes.set_title(note, loc="right", fontsize=8, color=QUIET)
    if not named:
        label_end(axes, "train", BLUE, x[places], smooth, "{:.3f}")
    return smooth


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
    return x, np.where(np.abs(losses) < DIVERGED, losses, np.nan)
