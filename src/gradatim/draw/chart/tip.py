"""Tips: what the lines of a chart are where a pointer rests, told by stretches of its axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gradatim.draw.chart.line import Field, Line
from gradatim.draw.form.mark import Frame, Part
from gradatim.types import Array

_MOST = 100
"""Stretches of an axis: more are narrower than a pointer is steady."""


def tips(lines: Sequence[Line], field: Field, unit: str) -> Iterator[Part]:
    """Yield unseen stretches of a field, each with the values of all lines in it.

    Parameters
    ----------
    lines : sequence of Line
        What is told.
    field : Field
        Where they are drawn.
    unit : str
        Of the axis below them.
    """
    times = _times(lines)
    if not len(times):
        return
    x, _ = field.places(times, times)
    between = (x[1:] + x[:-1]) / 2
    edges = np.concatenate([[field.left], between, [field.right]]).tolist()
    told = [_near(line, times) for line in lines]
    for k, time in enumerate(times.tolist()):
        values = [text for texts in told if (text := texts[k])]
        frame = Frame(edges[k], field.top, edges[k + 1] - edges[k], field.height, "paper", 0.0, 0.0)
        yield Part(("tip",), {}, (frame,), tip="\n".join([f"{unit} {time:,.6g}", *values]))


def _times(lines: Sequence[Line]) -> Array:
    """Where something was measured; of many times some, evenly among them."""
    # np.unique would load NumPy's masked arrays when it is first called: 15 ms.
    ordered = np.sort(np.concatenate([np.zeros(0), *(line.x[line.there] for line in lines)]))
    times = ordered[np.diff(ordered, prepend=-np.inf) > 0]
    if len(times) <= _MOST:
        return times
    return times[np.linspace(0, len(times) - 1, _MOST).round().astype(int)]


def _near(line: Line, times: Array) -> list[str]:
    """The values of a line nearest to some times, no further away than the next of these."""
    x, y = line.x[line.there], line.y[line.there]
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    right = np.clip(np.searchsorted(x, times), 0, len(x) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(x[left] - times) < np.abs(x[right] - times), left, right)
    middles = (times[1:] + times[:-1]) / 2
    stretches = np.searchsorted(middles, x[nearest], side="right")
    return [
        f"{line.name} {line.written(y[i])}" if stretches[k] == k else ""
        for k, i in enumerate(nearest.tolist())
    ]
