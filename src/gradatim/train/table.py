"""Evaluations as a table of plain text: one line each, aligned under a heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Row = Mapping[str, float | int | None]
"""One evaluation: names of figures, and the figures that were taken."""


class _Column(NamedTuple):
    key: str
    heading: str
    width: int


_STEP = _Column("step", "step", 7)
_EPOCH = _Column("epoch", "epoch", 7)
_LOSS = _Column("loss", "loss", 10)
_TIME = _Column("seconds", "time", 10)
_ACCURACIES = (
    _Column("train_accuracy", "train accuracy", 17),
    _Column("test_accuracy", "test accuracy", 16),
)
_LOSSES = (_Column("train_loss", "train loss", 13), _Column("test_loss", "test loss", 12))


_FIGURE = 9
"""Characters of a loss at most, so that a column of ten keeps a space before it."""


class Table:
    """Which columns a table of evaluations has, and how each figure is written.

    Accuracies where there are any, else mean losses; nothing about a test that is not made.

    Parameters
    ----------
    row : mapping
        An evaluation of the run: what is None in it gets no column.

    Attributes
    ----------
    heading : str
        The line above all others.

    Examples
    --------
    >>> row = {"step": 600, "epoch": 1, "loss": 0.4004, "train_accuracy": 0.9034, "seconds": 1.25}
    >>> table = Table(row)
    >>> print(table.heading, table.line(row), sep="\\n")
       step  epoch      loss   train accuracy      time
        600      1    0.4004           0.9034     1.2 s
    """

    def __init__(self, row: Row) -> None:
        figures = _ACCURACIES if row.get("train_accuracy") is not None else _LOSSES
        present = [column for column in figures if row.get(column.key) is not None]
        self._columns = [_STEP, _EPOCH, _LOSS, *present, _TIME]
        self.heading = "".join(f"{column.heading:>{column.width}}" for column in self._columns)

    def line(self, row: Row) -> str:
        """Return a ``row`` as one line, as wide as the heading."""
        return "".join(
            f"{figure(column.key, row.get(column.key)):>{column.width}}" for column in self._columns
        )

    def html(self, rows: Sequence[Row]) -> str:
        """Return ``rows`` as a table of HTML."""
        from html import escape

        head = "".join(f"<th>{escape(column.heading)}</th>" for column in self._columns)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{figure(c.key, row.get(c.key))}</td>" for c in self._columns)
            + "</tr>"
            for row in rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def figure(key: str, value: float | None) -> str:
    """Return one figure as text.

    Parameters
    ----------
    key : str
        Its name in a row.
    value : float, int or None
        What was found.

    Returns
    -------
    str
        Empty for None.

    Examples
    --------
    >>> figure("seconds", 75.0), figure("loss", 0.4003737), figure("loss", 1e-9)
    ('1:15', '0.4004', '1.000e-09')
    """
    if value is None:
        return ""
    if key == "seconds":
        return duration(value)
    if key in ("step", "epoch"):
        return f"{value:d}"
    plain = f"{value:.4f}"
    if not 0 < abs(value) < 1e-4 and len(plain) <= _FIGURE:
        return plain
    short = f"{value:.3e}"
    return short if len(short) <= _FIGURE else f"{value:.2e}"


def duration(seconds: float) -> str:
    """Return a time span as text.

    Parameters
    ----------
    seconds : float
        Zero or more.

    Returns
    -------
    str
        Tenths of a second below a minute, else minutes or hours.

    Examples
    --------
    >>> duration(8.04), duration(75), duration(7384)
    ('8.0 s', '1:15', '2:03:04')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
