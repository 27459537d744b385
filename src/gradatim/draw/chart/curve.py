"""The course of one or several trainings as curves: loss and accuracy against steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradatim.draw.chart.comparison import comparison_plots
from gradatim.draw.chart.course import courses_of
from gradatim.draw.chart.plot import scene_of
from gradatim.draw.chart.progress import progress_plots
from gradatim.draw.chart.sketch import Sketch


def curves(*runs: Any, names: Sequence[str] | None = None, title: str = "") -> Sketch:
    """Draw the course of a training, or of several beside each other.

    Loss on the left, accuracy on the right where there is one; each curve carries its name and
    last value, and a browser tells the values of all of them where a pointer rests. One training
    shows both its training and its test data, and the loss of every step pale, with its moving
    average. Of several each has one curve, of its test data where there is any; they differ in
    colour, dashes and markers.

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
        Above both, in any script for which a font is installed.

    Returns
    -------
    Sketch
        Shows itself in a notebook; ``save("curves.svg")`` writes it. Of many points the least and
        the greatest of each stretch are drawn, so that even a million steps take a fraction of a
        second and a small file.

    Raises
    ------
    DataError
        There is no run, a folder is not a run, its rows have none of these figures or an accuracy
        above 1, or there is not one name for each.
    DtypeError
        A run is something else.
    ShapeError
        The losses of the steps are not a vector.

    Examples
    --------
    >>> rows = [{"step": 0, "test_loss": 2.3}, {"step": 600, "test_loss": 0.3}]
    >>> curves(rows)
    Sketch curves: loss by step: test from 2.300 to 0.300
    >>> curves(rows, rows, names=["SGD", "Adam"])
    Sketch curves: test loss by step: SGD from 2.300 to 0.300, Adam from 2.300 to 0.300
    >>> curves(rows, rows, names="ab")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: curves: names is 'ab'; it must be a list of 2, a name for each run.
    """
    courses = courses_of(runs, names, "curves")
    plots = progress_plots(courses[0]) if len(courses) == 1 else comparison_plots(courses)
    return Sketch("curves", scene_of(plots, str(title)))
