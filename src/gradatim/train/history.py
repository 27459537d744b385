"""History: what was measured in the course of a training."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable

import numpy as np

from gradatim.errors import StateError
from gradatim.store import write_history
from gradatim.train.table import Table
from gradatim.types import Array

Figures = dict[str, float | int | None]
"""One evaluation: step, epoch, loss, train_loss, train_accuracy, test_loss, test_accuracy,
seconds, examples_per_second; None where a figure does not apply."""


class History:
    """The course of a training: a row for each evaluation, a loss for each step.

    Parameters
    ----------
    rows : list of dict
        What earlier parts of the same run left.
    losses : iterable of float
        The same of their steps.

    Attributes
    ----------
    rows : list of dict
        One for each evaluation. ``step`` updates had been made, which is ``epoch`` whole epochs;
        ``loss`` is that of the batch whose update comes next, or in the row after the last
        update, where none is drawn any more, that of the batch before; ``train_loss``,
        ``train_accuracy``, ``test_loss`` and ``test_accuracy`` are means over whole datasets;
        ``seconds`` since the start, ``examples_per_second`` since the row before, evaluations
        not counted. None where a figure does not apply.
    stopped : str
        ``"finished"``, ``"early"``, ``"interrupted"`` (by Ctrl-C), ``"failed"`` (by an error), or
        ``"running"``.
    off_plan : bool
        Whether the last row was taken only because the training stopped there.

    Examples
    --------
    >>> history = History([{"step": 0, "epoch": 0, "loss": 2.0, "train_loss": 2.0}], [2.0, 1.5])
    >>> history.step, history.losses
    (2, array([2. , 1.5]))
    >>> print(history)
       step  epoch      loss   train loss      time
          0      0    2.0000       2.0000
    """

    def __init__(self, rows: Iterable[Figures] = (), losses: Iterable[float] = ()) -> None:
        self.rows: list[Figures] = list(rows)
        self.stopped = "running"
        self.off_plan = False
        self._losses = array("d", losses)

    def append_loss(self, loss: float) -> None:
        """Take note of a step: the ``loss`` of its batch, before its update."""
        self._losses.append(loss)

    def extend_losses(self, losses: Array) -> None:
        """Take note of several steps: the ``losses``, shape (n,), of their batches."""
        self._losses.extend(losses.astype(np.float64).tolist())

    @property
    def losses(self) -> Array:
        """Losses of the batches before their updates, one for each step, float64; a copy."""
        return np.array(self._losses, np.float64)

    @property
    def step(self) -> int:
        """Number of updates made."""
        return len(self._losses)

    @property
    def last(self) -> Figures:
        """The latest row."""
        if not self.rows:
            raise StateError("History.last: nothing has been evaluated yet.")
        return self.rows[-1]

    def best(self, key: str | None = None) -> Figures:
        """Return the row that is best in one figure, the earliest of several.

        Parameters
        ----------
        key : str, optional
            The largest accuracy or the smallest loss; ``"test_loss"`` if not given, or
            ``"train_loss"`` where there was no test.

        Returns
        -------
        dict
            A row.

        Raises
        ------
        StateError
            If no row has that figure.

        Examples
        --------
        >>> rows = [{"step": 0, "test_loss": 2.3}, {"step": 1, "test_loss": 0.4}]
        >>> History(rows).best()["step"]
        1
        """
        if key is None:
            tested = any(row.get("test_loss") is not None for row in self.rows)
            key = "test_loss" if tested else "train_loss"
        found = [row for row in self.rows if row.get(key) is not None]
        if not found:
            known = [name for name in (self.rows or [{}])[-1] if self.rows[-1][name] is not None]
            raise StateError(
                f"History.best: no evaluation has the figure {key!r}; there are {known}.\n"
                "  Was validation data given to fit?"
            )
        sign = -1.0 if is_larger_better(key) else 1.0
        return min(found, key=lambda row: sign * float(row[key] or 0.0))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the rows to a CSV file at ``path``; ``gd.store.read_history`` reads them."""
        write_history(path, self.rows)

    def __repr__(self) -> str:
        if not self.rows:
            return f"History: no evaluations yet, {self.stopped}"
        table = Table(self.rows[-1])
        lines = [table.heading, *map(table.line, self.rows)]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        return Table(self.rows[-1]).html(self.rows) if self.rows else f"<p>{self!r}</p>"


def is_larger_better(key: str) -> bool:
    """Return whether a figure gets better as it grows.

    Parameters
    ----------
    key : str
        Name of the figure.

    Returns
    -------
    bool
        True for accuracies and rates.

    Examples
    --------
    >>> is_larger_better("test_accuracy"), is_larger_better("test_loss")
    (True, False)
    """
    return key.endswith("accuracy") or key == "examples_per_second"
