"""The numbers behind a curve: taken from a history, averaged and thinned for drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gradatim.types import Array

Row = Mapping[str, float | int | str | None]
"""One evaluation: names of figures, and the figures that were taken."""

DIVERGED = 1e30
"""No axis shows both a number beyond this and what came before it."""

_NUMBER = int | float | np.number

POINTS = 600
"""More do not fit into the width of a panel."""


def clock(rows: Sequence[Row]) -> tuple[str, Array]:
    """Find what a history is counted in.

    Parameters
    ----------
    rows : sequence of mappings, length N
        The history.

    Returns
    -------
    name : str
        ``step``, ``epoch``, or ``evaluation`` when the rows hold neither.
    times : array of float64, shape (N,)
        One for each row.

    Examples
    --------
    >>> clock([{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0}])
    ('epoch', array([1., 2.]))
    """
    key = next((key for key in ("step", "epoch") if any(key in row for row in rows)), None)
    if key is None:
        return "evaluation", np.arange(len(rows), dtype=np.float64)
    return key, column(rows, key)


def column(rows: Sequence[Row], key: str) -> Array:
    """Take one figure of every row.

    Parameters
    ----------
    rows : sequence of mappings, length N
        The history.
    key : str
        The figure's name.

    Returns
    -------
    array of float64, shape (N,)
        NaN where there is no number, infinity where it diverged.

    Examples
    --------
    >>> column([{"loss": 1}, {"loss": None}, {"loss": float("nan")}], "loss")
    array([ 1., nan, inf])
    """
    found = [row.get(key) for row in rows]
    kinds = set(map(type, found))  # few, even of a million
    if not any(issubclass(kind, _NUMBER) for kind in kinds):
        return np.full(len(found), np.nan)
    if all(issubclass(kind, _NUMBER) for kind in kinds):
        there = np.ones(len(found), bool)
    else:
        there = np.array([isinstance(value, _NUMBER) for value in found], bool)
        found = [value if ok else 0.0 for value, ok in zip(found, there)]
    values = np.array(found, np.float64)
    return np.where(there, np.where(np.abs(values) < DIVERGED, values, np.inf), np.nan)


def onward(x: Array, y: Array) -> tuple[Array, Array]:
    """Put a curve into the order of its times, if no two of them are the same.

    Where some are, as in two runs one after the other, the order is that in which it was measured.

    Parameters
    ----------
    x, y : arrays of float, shape (N,)
        Times and values.

    Returns
    -------
    x, y : arrays of float, shape (N,)
        The same.

    Examples
    --------
    >>> onward(np.array([2.0, 1.0]), np.array([0.2, 0.1]))
    (array([1., 2.]), array([0.1, 0.2]))
    """
    known = x[np.isfinite(x)]
    if not (np.diff(known) < 0).any() or len(np.unique(known)) < len(known):
        return x, y
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def moving_average(values: Array, window: int, every: int = 1) -> tuple[Array, Array]:
    """Average the last ``window`` values, leaving out those that are not numbers.

    Parameters
    ----------
    values : array of float, shape (N,)
        NaN where there is none.
    window : int
        How many values to look back over.
    every : int
        Average at every so many values only, and at the last.

    Returns
    -------
    places : array of int, shape (K,)
        Indices of the values at which the average was taken.
    averages : array of float64, shape (K,)
        NaN where the value itself is.

    Examples
    --------
    >>> moving_average(np.array([1.0, 3.0, np.nan, 5.0]), 2)[1]
    array([ 1.,  2., nan,  5.])
    """
    if not len(values):
        return np.zeros(0, int), np.zeros(0)
    last = len(values) - 1
    places = np.append(np.arange(0, last, every), last)
    slices = np.stack([np.maximum(0, places - window + 1), places + 1], axis=1).ravel()
    there = np.append(np.isfinite(values), False)
    numbers = np.where(there, np.append(values, 0.0), 0.0)
    # Sums of slices, not differences of one running sum, which a single huge value would spoil.
    sums, counts = (np.add.reduceat(each, slices)[::2] for each in (numbers, there.astype(float)))
    return places, np.where(there[places], sums / np.maximum(counts, 1), np.nan)


def thinned(x: Array, y: Array) -> tuple[Array, Array]:
    """Keep the least and the greatest of each stretch: it looks the same and is far smaller.

    Parameters
    ----------
    x, y : arrays of float, shape (N,)
        A curve; NaN in ``y`` is a gap.

    Returns
    -------
    x, y : arrays of float, shape (K,)
        Unchanged below 1200 points, else about as many.

    Examples
    --------
    >>> x, y = thinned(np.arange(6000.0), np.sin(np.arange(6000.0)))
    >>> len(x), round(float(y.min()), 3), round(float(y.max()), 3)
    (1200, -1.0, 1.0)
    """
    every = -(-len(x) // POINTS)
    if every <= 2:
        return x, y
    parts = np.pad(y, (0, -len(y) % every), constant_values=np.nan).reshape(-1, every)
    low = np.where(np.isnan(parts), np.inf, parts).min(axis=1)
    high = np.where(np.isnan(parts), -np.inf, parts).max(axis=1)
    ends = np.stack([low, high], axis=1).ravel()
    return np.repeat(x[::every], 2), np.where(np.isfinite(ends), ends, np.nan)
