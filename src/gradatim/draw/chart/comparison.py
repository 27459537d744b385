"""Several trainings side by side: one curve each for loss and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradatim.draw.chart.course import Course
from gradatim.draw.chart.label import POINTS, label_end, part_labels
from gradatim.draw.chart.palette import line_of
from gradatim.draw.chart.panel import laid_out, new_figure
from gradatim.draw.chart.progress import MOST_MARKED, fit_losses, in_percent, over_time, span
from gradatim.draw.chart.series import clock, column
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KEYS = {
    "loss": (("test", "test_loss"), ("train", "train_loss"), ("train", "loss")),
    "accuracy": (("test", "test_accuracy"), ("train", "train_accuracy")),
}
_FORMS = {"loss": "{:.3f}", "accuracy": "{:.1%}"}

Found = list[tuple[str, Array] | None]
"""For each training the data on which a figure was taken, and its values."""


def comparison_figure(courses: Sequence[Course], title: str) -> Figure:
    """Draw several trainings, told apart by colour, dashes and markers.

    A run shows what was measured on its test data, or on its training data where there is no
    test; if that differs among the runs, the labels say it.

    Parameters
    ----------
    courses : sequence of Course
        The trainings.
    title : str
        Above both panels.
    """
    unit, times = _common_clock(courses)
    found = {name: [_taken(course, name) for course in courses] for name in _KEYS}
    panels = [name for name in _KEYS if name == "loss" or any(found[name])]
    # Each line needs a label beside it.
    height = max(3.6, 1.2 + len(courses) * 1.5 * POINTS / 72)
    figure = new_figure(5.6 * len(panels), height, title)
    for name, axes in zip(panels, np.ravel(figure.subplots(1, len(panels)))):
        _panel(axes, name, unit, times, found[name], [course.name for course in courses])
    laid_out(figure)
    for axes in figure.axes:
        part_labels(axes)
    return figure


def _panel(
    axes: Axes, figure: str, unit: str, times: list[Array], found: Found, names: list[str]
) -> None:
    parts = {taken[0] for taken in found if taken}
    over_time(axes, f"{next(iter(parts))} {figure}" if len(parts) == 1 else figure, unit)
    for place, (x, taken, name) in enumerate(zip(times, found, names)):
        if taken is not None:
            told = name if len(parts) == 1 else f"{name}, {taken[0]}"
            _draw(axes, place, told, x, taken[1], _FORMS[figure])
    if figure == "loss":
        fit_losses(axes, [taken[1] for taken in found if taken])
    else:
        in_percent(axes)
    span(axes, np.concatenate(times))


def _draw(axes: Axes, place: int, name: str, x: Array, y: Array, form: str) -> None:
    look = line_of(place)
    if np.isfinite(y).sum() > MOST_MARKED:
        look["marker"] = ""
    axes.plot(x, np.where(np.isfinite(y), y, np.nan), **look, linewidth=1.8, markersize=3.8)
    label_end(axes, name, look["color"], x, y, form)


def _taken(course: Course, figure: str) -> tuple[str, Array] | None:
    for part, key in _KEYS[figure]:
        values = column(course.rows, key)
        if np.isfinite(values).any():
            return part, values
    return None


def _common_clock(courses: Sequence[Course]) -> tuple[str, list[Array]]:
    """What all histories are counted in."""
    clocks = [clock(course.rows) for course in courses]
    if len({unit for unit, _ in clocks}) == 1:
        return clocks[0][0], [times for _, times in clocks]
    epochs = [column(course.rows, "epoch") for course in courses]
    if all(np.isfinite(each).any() for each in epochs):
        return "epoch", epochs
    return "evaluation", [np.arange(len(course.rows), dtype=np.float64) for course in courses]
