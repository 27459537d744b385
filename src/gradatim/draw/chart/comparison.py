"""Several trainings side by side: one curve each for loss and accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradatim.draw.chart.axis import Axis, loss_axis, percent_axis, time_axis
from gradatim.draw.chart.course import Course
from gradatim.draw.chart.line import Line, accuracy_text, loss_text
from gradatim.draw.chart.pen import pen_of
from gradatim.draw.chart.plot import WIDTH, Plot
from gradatim.draw.chart.series import clock, onward
from gradatim.types import Array

_KEYS = {
    "loss": (("test", "test_loss"), ("train", "train_loss"), ("train", "loss")),
    "accuracy": (("test", "test_accuracy"), ("train", "train_accuracy")),
}
_WRITTEN = {"loss": loss_text, "accuracy": accuracy_text}


def comparison_plots(courses: Sequence[Course]) -> list[Plot]:
    """Plot several trainings, told apart by colour, dashes and markers.

    A run shows what was measured on its test data, or on its training data where there is no
    test; if that differs among the runs, the names say it.

    Parameters
    ----------
    courses : sequence of Course
        The trainings.

    Returns
    -------
    list of Plot
        Of the loss, and of the accuracy where there is one.

    Examples
    --------
    >>> rows = [{"step": 0, "test_loss": 2.3}]
    >>> [plot.title for plot in comparison_plots([Course("a", rows), Course("b", rows)])]
    ['test loss']
    """
    unit, times = _common_clock(courses)
    across = time_axis(np.concatenate(times), WIDTH, whole=unit != "epoch")
    plots = []
    for figure in _KEYS:
        found = [_taken(course, figure) for course in courses]
        parts = {taken[0] for taken in found if taken}
        title = f"{next(iter(parts))} {figure}" if len(parts) == 1 else figure
        lines = tuple(
            _line(place, figure, course.name + f", {taken[0]}" * (len(parts) > 1), x, taken[1])
            for place, (course, x, taken) in enumerate(zip(courses, times, found))
            if taken
        )
        lines = tuple(line for line in lines if len(line.there))
        if lines or figure == "loss":
            note = _note(courses, found) if figure == "loss" else ""
            plots.append(Plot(title, unit, lines, across, _up(figure, lines), note=note))
    return plots


def _line(place: int, figure: str, name: str, x: Array, y: Array) -> Line:
    return Line(name, *onward(x, y), pen_of(place), _WRITTEN[figure])


def _note(courses: Sequence[Course], found: Sequence[object | None]) -> str:
    """What is missing among the lines."""
    missing = [course.name for course, taken in zip(courses, found) if not taken]
    if not missing or len(missing) == len(courses):
        return ""
    others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"no finite values: {missing[0]}{others}"


def _up(figure: str, lines: Sequence[Line]) -> Axis:
    values = [line.y for line in lines]
    if figure == "loss":
        return loss_axis(values)
    return percent_axis(np.concatenate(values))


def _taken(course: Course, figure: str) -> tuple[str, Array] | None:
    for part, key in _KEYS[figure]:
        values = course.figure(key)
        if np.isfinite(values).any():
            return part, values
    return None


def _common_clock(courses: Sequence[Course]) -> tuple[str, list[Array]]:
    """What all histories are counted in."""
    clocks = [clock(course.rows) for course in courses]
    if len({unit for unit, _ in clocks}) == 1:
        return clocks[0][0], [times for _, times in clocks]
    epochs = [course.figure("epoch") for course in courses]
    if all(np.isfinite(each).any() for each in epochs):
        return "epoch", epochs
    return "evaluation", [np.arange(len(course.rows), dtype=np.float64) for course in courses]
