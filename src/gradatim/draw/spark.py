"""Sparks: a curve in one line of text."""

from __future__ import annotations

import numpy as np

from gradatim.types import Array

_BLOCKS, _PLAIN = "▁▂▃▄▅▆▇█", "_.-=+*%#"


def spark(
    values: Array,
    width: int = 24,
    *,
    low: float | None = None,
    high: float | None = None,
    blocks: bool = True,
) -> str:
    """Draw a curve in one line of text.

    Parameters
    ----------
    values : array of float, shape (N,)
        What is not finite leaves a blank.
    width : int
        Letters at most; of more values each letter shows the mean of a stretch.
    low, high : float, optional
        What the lowest and the highest letter stand for; by default the least and the greatest
        value.
    blocks : bool
        Block elements; ``False`` for plain ASCII.

    Returns
    -------
    str
        A letter for each value, or `width` of them.

    Examples
    --------
    >>> spark(np.array([1.0, 0.5, np.nan, 0.0]))
    '█▅ ▁'
    """
    if not len(values):
        return ""
    numbers = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    stretches = np.array_split(numbers, min(width, len(numbers)))
    heights = np.array([_mean(each) for each in stretches])
    there = heights[~np.isnan(heights)]
    least = low if low is not None else float(there.min(initial=np.inf))
    most = high if high is not None else float(there.max(initial=-np.inf))
    letters = _BLOCKS if blocks else _PLAIN
    shares = (heights - least) / (most - least) if most > least else np.where(
        np.isnan(heights), np.nan, 0.0
    )  # fmt: skip
    places = np.clip(np.round(np.nan_to_num(shares) * 7), 0, 7).astype(int)
    return "".join(" " if np.isnan(share) else letters[k] for share, k in zip(shares, places))


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
