"""The course of one or several trainings as curves: loss and accuracy against steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.comparison import comparison_figure
from gradatim.draw.chart.course import courses_of
from gradatim.draw.chart.progress import progress_figure


def curves(*runs: Any, names: Sequence[str] | None = None, title: str = "") -> Chart:
    """Draw the course of a training, or of several beside each other.

    Loss on the left, accuracy on the right where there is one; each curve carries its name and
    last value. One training shows both its training and its test data, and the loss of every step
    pale, with its moving average. Of several each has one curve, of its test data where there is
    any; they differ in colour, dashes and markers.

    Parameters
    ----------
    *runs : History, RunFolder, path, or sequence of mappings
        What `gradatim.train.Trainer.fit` returned, the folder of a run, or rows: one mapping for
        each evaluation, with ``step`` and any of ``train_loss``, ``test_loss``,
        ``train_accuracy``, ``test_accuracy`` (in 0..1), or ``loss``. What is absent, ``None``,
        not finite or beyond 1e30 leaves a gap; a curve that ends so says that it diverged.
    names : sequence of str, optional
        What the runs are called; by default as their folders are.
    title : str
        Above both panels, in any script for which a font is installed.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("curves.svg")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    DataError
        There is no run, a folder is not a run, or there is not one name for each.
    DtypeError
        A run is something else.
    ShapeError
        The losses of the steps are not a vector.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> rows = [{"step": 0, "test_loss": 2.3}, {"step": 600, "test_loss": 0.3}]
    >>> [axes.get_title(loc="left") for axes in curves(rows).figure.axes]
    ['loss']
    >>> [axes.get_title(loc="left") for axes in curves(rows, rows, names="ab").figure.axes]
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: curves: names is 'ab'; it must be a list of 2, a name for each run.
    >>> chart = curves(rows, rows, names=["SGD", "Adam"])
    >>> chart.figure.axes[0].get_title(loc="left")
    'test loss'
    """
    courses = courses_of(runs, names, "curves")
    text = " ".join([title, *(course.name for course in courses)])
    if len(courses) == 1:
        return Chart("curves", text, lambda: progress_figure(courses[0], title))
    return Chart("curves", text, lambda: comparison_figure(courses, title))
