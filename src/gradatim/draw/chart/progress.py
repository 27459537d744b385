"""The progress of one training: loss and accuracy, on the training and on the test data."""

from __future__ import annotations

import numpy as np

from gradatim.draw.chart.axis import Axis, loss_axis, percent_axis, time_axis
from gradatim.draw.chart.course import Course
from gradatim.draw.chart.line import Line, accuracy_text, loss_text
from gradatim.draw.chart.pen import Pen
from gradatim.draw.chart.plot import WIDTH, Plot
from gradatim.draw.chart.series import DIVERGED, POINTS, clock, moving_average, onward
from gradatim.types import Array

_TRAIN, _TEST = Pen("blue", "dashed", "s"), Pen("vermilion", "solid", "o")
_NOTE = "pale: each step, and their moving average"

Points = tuple[Array, Array]
"""Times and values."""


def progress_plots(course: Course) -> list[Plot]:
    """Plot one training: its loss, and its accuracy where there is one.

    Parameters
    ----------
    course : Course
        The training.

    Returns
    -------
    list of Plot
        One or two.

    Examples
    --------
    >>> [plot.title for plot in progress_plots(Course("a", [{"step": 0, "test_accuracy": 0.1}]))]
    ['accuracy']
    """
    unit, steps = clock(course.rows) if course.rows else ("step", np.zeros(0))
    each = _each_step(course.losses, steps, unit)
    loss = _lines(course, steps, "loss") or _of_steps(course, steps)
    accuracy = _lines(course, steps, "accuracy")
    times = np.append(steps, each[0][[0, -1]]) if each else steps
    across = time_axis(times, WIDTH, whole=unit != "epoch")
    plots = []
    if loss or course.losses is not None or not accuracy:
        plots.append(_loss_plot(loss, each, across, unit))
    if accuracy:
        up = percent_axis(np.concatenate([line.y for line in accuracy]))
        plots.append(Plot("accuracy", unit, accuracy, across, up))
    return plots


def _lines(course: Course, steps: Array, figure: str) -> tuple[Line, ...]:
    written = loss_text if figure == "loss" else accuracy_text
    lines = (
        Line(name, *onward(steps, course.figure(f"{name}_{figure}")), pen, written)
        for name, pen in (("train", _TRAIN), ("test", _TEST))
    )
    return tuple(line for line in lines if len(line.there))


def _of_steps(course: Course, steps: Array) -> tuple[Line, ...]:
    """The loss before each update, where nothing better was measured."""
    line = Line("train", *onward(steps, course.figure("loss")), _TRAIN, loss_text)
    return (line,) if len(line.there) else ()


def _loss_plot(lines: tuple[Line, ...], each: Points | None, across: Axis, unit: str) -> Plot:
    if each is None:
        return Plot("loss", unit, lines, across, loss_axis([line.y for line in lines]))
    x, losses = each
    window, every = max(1, len(losses) // 50), max(1, len(losses) // POINTS)
    places, smooth = moving_average(losses, window, every)
    up = loss_axis([smooth, *(line.y for line in lines)], [losses])
    if not lines:
        lines = (Line("train", x[places], smooth, Pen("blue", "solid", "o"), loss_text),)
    behind = ("pale", x, losses), ("average", x[places], smooth)
    return Plot("loss", unit, lines, across, up, behind, _NOTE)


def _each_step(losses: Array | None, steps: Array, unit: str) -> Points | None:
    """Place the losses of all steps on the axis, and leave gaps where they diverged."""
    if losses is None or not (np.abs(losses) < DIVERGED).any():
        return None
    x = np.arange(1.0, len(losses) + 1)
    if unit != "step" and np.isfinite(steps).any():
        x *= np.max(steps[np.isfinite(steps)]) / len(losses)
    return x, np.where(np.abs(losses) < DIVERGED, losses, np.nan)
