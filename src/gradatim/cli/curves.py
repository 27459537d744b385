"""`gradatim curves`: the course of one or several runs, as lines of text and as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from gradatim.cli import terminal
from gradatim.draw import curves as drawn
from gradatim.draw.chart.course import Course, courses_of
from gradatim.draw.chart.series import clock
from gradatim.draw.spark import spark
from gradatim.errors import DataError
from gradatim.types import Array

_FIGURES = {
    "train_loss": "loss on the training data",
    "test_loss": "loss on the test data",
    "train_accuracy": "accuracy on the training data",
    "test_accuracy": "accuracy on the test data",
}
_WIDEST, _NARROWEST, _NUMBERS = 60, 8, 48


def curves(*runs: Path, out: Path | None = None) -> int:
    """Show the course of trainings: loss and accuracy of each run, and where it was best.

    Parameters
    ----------
    runs
        Folders of runs; several are compared.
    out
        File to draw them into: .svg, .html or .png.
    """
    if not runs:
        raise DataError("there is no RUN to show; name the folder of one run or more.")
    courses = courses_of(runs, None, "curves")
    if out is not None:
        drawn(*runs).save(out)
    print("\n\n".join(_told(courses)) or "No evaluation was made in any of them.")
    if out is not None:
        print(f"\nDrew {out}")
    return 0


def _told(courses: Sequence[Course]) -> list[str]:
    """A paragraph for each figure that was measured, a line in it for each run."""
    wide = max(len(course.name) for course in courses)
    room = min(_WIDEST, max(_NARROWEST, terminal.columns() - wide - _NUMBERS))
    paragraphs = []
    for key, name in _FIGURES.items():
        taken = [(course, course.figure(key)) for course in courses]
        taken = [(course, values) for course, values in taken if np.isfinite(values).any()]
        if taken:
            lines = _lines(taken, "accuracy" in key, wide, room)
            paragraphs.append("\n".join([name, *lines]))
    return paragraphs


def _lines(
    taken: Sequence[tuple[Course, Array]], is_accuracy: bool, wide: int, room: int
) -> list[str]:
    written: Callable[[float], str] = "{:.2%}".format if is_accuracy else "{:.4f}".format
    heights = [values if is_accuracy else _logarithm(values) for _, values in taken]
    known = np.concatenate([each[np.isfinite(each)] for each in heights])
    low, high = float(known.min()), float(known.max())
    lines = []
    for (course, values), height in zip(taken, heights):
        there = np.flatnonzero(np.isfinite(values))
        first, last = values[there[0]], values[there[-1]]
        best = there[(values[there].argmax if is_accuracy else values[there].argmin)()]
        line = spark(height, room, low=low, high=high, blocks=terminal.shows_blocks())
        unit, times = clock(course.rows)
        lines.append(
            f"  {course.name:{wide}}  {written(first):>8} {line:{min(room, _longest(taken))}} "
            f"{written(last):>8}  best {written(values[best])} at {unit} {times[best]:,.0f}"
            + " (then diverged)"
            * bool(np.isinf(values[there[-1] :]).any())
        )
    return lines


def _longest(taken: Sequence[tuple[Course, Array]]) -> int:
    return max(len(values) for _, values in taken)


def _logarithm(values: Array) -> Array:
    """Losses fall by factors; one that is 0 has no logarithm."""
    return np.log(np.where(values > 0, values, np.nan))
