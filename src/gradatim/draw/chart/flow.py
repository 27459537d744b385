"""Gradient flow: how large the gradient of each layer is in the course of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.label import POINTS, label_end, part_labels
from gradatim.draw.chart.palette import line_of
from gradatim.draw.chart.panel import laid_out, logarithmic, new_figure
from gradatim.draw.chart.progress import MOST_MARKED, over_time, span
from gradatim.errors import DataError, DtypeError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Norms(Protocol):
    """What `gradatim.train.GradientNorms` has taken down."""

    steps: list[int]
    norms: dict[str, list[float]]


def gradient_flow(norms: Norms, *, biases: bool = False, title: str = "") -> Chart:
    """Draw how large the gradient of each layer was, step by step.

    Each weight has a line, named by its path and its last value, on a logarithmic axis: lines far
    below the others are layers that learn little, lines that rise together a training that is
    about to diverge. A gradient of exactly 0 is a gap.

    Parameters
    ----------
    norms : GradientNorms
        The callback that watched the training.
    biases : bool
        Whether parameters of one axis are drawn too.
    title : str
        Above it.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("flow.svg")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    DtypeError
        It is something else.
    DataError
        Nothing was taken down.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> seen = {"layers.0.weight": [0.5, 0.4], "layers.0.bias": [0.1, 0.1]}
    >>> chart = gradient_flow(SimpleNamespace(steps=[0, 50], norms=seen))
    >>> [text.get_text() for text in chart.figure.axes[0].texts]
    ['layers.0.weight 0.4']
    """
    found = getattr(norms, "norms", None)
    if not isinstance(found, Mapping):
        raise DtypeError(
            f"gradient_flow: it was given {type(norms).__name__}; it must be the callback that "
            "watched the training.\n  Try norms = gd.train.GradientNorms(), "
            "Trainer(..., callbacks=[norms]), fit, and gradient_flow(norms)."
        )
    steps = np.asarray(norms.steps, np.float64)
    if not len(steps) or not found:
        raise DataError(
            "gradient_flow: no gradient was taken down; the callback must have seen a training. "
            "Was it given to the Trainer, and fit called?"
        )
    named = _chosen(found, biases)
    return Chart("gradient_flow", title, lambda: _figure(steps, named, title))


def _chosen(norms: Mapping[str, Sequence[float]], biases: bool) -> dict[str, Array]:
    weights = {path: values for path, values in norms.items() if not path.endswith("bias")}
    return {
        path: np.asarray(values, np.float64)
        for path, values in (norms if biases or not weights else weights).items()
    }


def _figure(steps: Array, norms: dict[str, Array], title: str) -> Figure:
    height = max(3.6, 1.2 + len(norms) * 1.5 * POINTS / 72)
    figure = new_figure(7.4, height, title)
    axes = figure.subplots()
    over_time(axes, "size of the gradient", "step")
    for place, (path, values) in enumerate(norms.items()):
        look = line_of(place)
        if len(values) > MOST_MARKED:
            look["marker"] = ""
        seen = np.where(np.isfinite(values) & (values > 0), values, np.nan)
        axes.plot(steps, seen, **look, linewidth=1.6, markersize=3.8)
        ended = np.where(np.isnan(values) | np.isinf(values), np.inf, seen)
        label_end(axes, path, look["color"], steps, ended, "{:.2g}")
    if any((np.isfinite(v) & (v > 0)).any() for v in norms.values()):
        logarithmic(axes)
    span(axes, steps)
    laid_out(figure)
    part_labels(axes)
    return figure
