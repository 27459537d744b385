"""Gradient flow: how large the gradient of each layer is in the course of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from gradatim.draw.chart.axis import logarithmic_axis, time_axis
from gradatim.draw.chart.line import Line
from gradatim.draw.chart.pen import pen_of
from gradatim.draw.chart.plot import Plot, scene_of
from gradatim.draw.chart.sketch import Sketch
from gradatim.errors import DataError, DtypeError
from gradatim.types import Array

_WIDTH = 480.0


class Norms(Protocol):
    """What `gradatim.train.GradientNorms` has taken down."""

    steps: list[int]
    norms: dict[str, list[float]]


def gradient_flow(norms: Norms, *, biases: bool = False, title: str = "") -> Sketch:
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
    Sketch
        Shows itself in a notebook; ``save("flow.svg")`` writes it.

    Raises
    ------
    DtypeError
        It is something else.
    DataError
        Nothing was taken down.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> seen = {"layers.0.weight": [0.5, 0.4], "layers.0.bias": [0.1, 0.1]}
    >>> gradient_flow(SimpleNamespace(steps=[0, 50], norms=seen))
    Sketch gradient_flow: size of the gradient by step: layers.0.weight from 0.5 to 0.4
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
    return Sketch("gradient_flow", scene_of([_plot(steps, named)], title, _WIDTH))


def _chosen(norms: Mapping[str, Sequence[float]], biases: bool) -> dict[str, Array]:
    weights = {path: values for path, values in norms.items() if not path.endswith("bias")}
    return {
        path: np.asarray(values, np.float64)
        for path, values in (norms if biases or not weights else weights).items()
    }


def _plot(steps: Array, norms: Mapping[str, Array]) -> Plot:
    lines = (
        Line(path, steps, _seen(values), pen_of(place), "{:.2g}".format)
        for place, (path, values) in enumerate(norms.items())
    )
    shown = tuple(line for line in lines if len(line.there))
    up = logarithmic_axis([line.y for line in shown])
    return Plot("size of the gradient", "step", shown, time_axis(steps, _WIDTH, whole=True), up)


def _seen(values: Array) -> Array:
    """A gradient of 0 has no place on the axis; one that is no number has diverged."""
    return np.where(np.isfinite(values), np.where(values > 0, values, np.nan), np.inf)
