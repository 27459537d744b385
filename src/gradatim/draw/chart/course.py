"""Course: the rows of a training, and the losses of its steps, wherever they are kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.draw.chart.series import Row, column
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.store import RunFolder
from gradatim.types import Array

_LONGEST, _KEYS = 28, 8
_POSSIBLE = 1 + 1e-6

FIGURES = ("train_loss", "test_loss", "loss", "train_accuracy", "test_accuracy")
"""What is drawn of a row, by its keys."""


@dataclass(frozen=True, eq=False)
class Course:
    """What was measured in one training.

    Parameters
    ----------
    name : str
        What it is called in a comparison.
    rows : sequence of mappings
        One for each evaluation.
    losses : array of float, shape (steps,), optional
        One for each step.
    """

    name: str
    rows: Sequence[Row]
    losses: Array | None = None

    def figure(self, key: str) -> Array:
        """Return one figure of every row, as `column` does; accuracies must be possible.

        Raises
        ------
        DataError
            An accuracy is beyond 1.
        """
        values = column(self.rows, key)
        most = float(values[np.isfinite(values)].max(initial=0.0)) if "accuracy" in key else 0.0
        if most > _POSSIBLE:
            raise DataError(
                f"curves: {key} of {self.name} is {most:g}; it must be from 0 to 1. "
                "If it is in percent, divide it by 100."
            )
        return values


def courses_of(runs: Sequence[Any], names: Sequence[str] | None, called: str) -> list[Course]:
    """Read the courses of several trainings.

    Parameters
    ----------
    runs : sequence
        Histories, rows of histories, folders of runs or their paths.
    names : sequence of str, optional
        What they are called; by default as their folders are.
    called : str
        Begins messages.

    Returns
    -------
    list of Course
        In the same order.

    Raises
    ------
    DataError
        There is none, a folder is not a run, no row has anything to draw, or there is not one name
        for each.
    DtypeError
        One is something else.
    ShapeError
        The losses of one are not a vector.

    Examples
    --------
    >>> rows = [{"step": 0, "test_loss": 2.3}]
    >>> [course.name for course in courses_of([rows, rows], None, "curves")]
    ['run 1', 'run 2']
    """
    if not runs:
        raise DataError(
            f"{called}: there is no run to draw; it must be given one or more. Try "
            f"{called}(history), with what fit returns, or {called}('runs/mnist-001')."
        )
    if names is not None and (isinstance(names, str) or len(names) != len(runs)):
        raise DataError(
            f"{called}: names is {names!r}; it must be a list of {len(runs)}, a name for each run."
        )
    told = _default_names(runs) if names is None else list(map(str, names))
    return [_course(run, _shortened(name), called) for run, name in zip(runs, told)]


def _shortened(name: str) -> str:
    """Leave out the middle of a name that would not stand beside a curve."""
    ends = _LONGEST // 2 - 1
    return name if len(name) <= _LONGEST else f"{name[:ends]}...{name[-ends:]}"


def _course(run: Any, name: str, called: str) -> Course:
    if isinstance(run, (str, os.PathLike)):
        run = RunFolder.open(run)
    if isinstance(run, RunFolder):
        return _checked(Course(name, run.load_history()), called)
    rows = getattr(run, "rows", run)
    is_rows = isinstance(rows, Sequence) and all(
        issubclass(kind, Mapping) for kind in set(map(type, rows))
    )
    if not is_rows or isinstance(rows, str):
        raise DtypeError(
            f"{called}: a run is {type(run).__name__}; it must be a History, as fit returns it, "
            "its rows, a RunFolder or the path of one.\n  Did you mean trainer.state.history?"
        )
    return _checked(Course(name, rows, _losses(getattr(run, "losses", None), called)), called)


def _checked(course: Course, called: str) -> Course:
    """Refuse rows of which nothing could be drawn whatever their values were."""
    if not course.rows or course.losses is not None:
        return course
    if any(key in row for row in course.rows for key in FIGURES):
        return course
    keys = [str(key) for key in course.rows[0]][:_KEYS]
    raise DataError(
        f"{called}: the rows of {course.name} hold {', '.join(keys) or 'nothing'}; they must hold "
        f"one or more of {', '.join(FIGURES)}, which alone are drawn."
    )


def _losses(losses: Any, called: str) -> Array | None:
    if losses is None:
        return None
    if np.ndim(losses) != 1:
        raise ShapeError(
            f"{called}: losses have shape {np.shape(losses)}; they must be (steps,), one for "
            "each step. Try losses.ravel()."
        )
    return np.asarray(losses, np.float64)


def _default_names(runs: Sequence[Any]) -> list[str]:
    """Folders by so many of their last names as tell them apart."""
    paths = [_path(run) for run in runs]
    known = [path.parts for path in paths if path is not None]
    most = max(map(len, known), default=1)
    few = next((n for n in range(1, most) if len({p[-n:] for p in known}) == len(known)), most)
    return [
        f"run {place + 1}" if path is None else "/".join(path.parts[-few:])
        for place, path in enumerate(paths)
    ]


def _path(run: Any) -> Path | None:
    path = run.path if isinstance(run, RunFolder) else run
    if not isinstance(path, (str, os.PathLike)):
        return None
    whole = Path(path).resolve()
    return whole.parent if whole.is_file() else whole
