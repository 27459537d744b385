"""Predictions: pictures with what a model takes them for, the worst mistakes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.draw.chart.answer import Run, Samples, chosen, model_of, samples_of
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.image import image_shape_of
from gradatim.draw.chart.palette import GRID, INK, QUIET, RIGHT, WRONG, readable
from gradatim.draw.chart.panel import laid_out, new_figure
from gradatim.draw.form.lettering import width_of
from gradatim.errors import DataError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BARS, _ACROSS = 3, 10.0
_HEAD, _BELOW, _BESIDE, _GAP = 0.28, 0.22, 0.12, 0.38  # round an image, in widths of an image
_LARGE, _SMALL, _INCH = 9.5, 8.0, 72.0
_LONGEST, _TRUE = 12, " (true)"


def predictions(
    model: Callable[..., Any] | Run,
    x: Any,
    t: Any = None,
    *,
    count: int = 12,
    image_shape: Sequence[int] | None = None,
    title: str = "",
) -> Chart:
    """Draw pictures with what a model takes them for, the worst mistakes first.

    Beside each picture stand the most probable classes, and the true one. First come mistakes,
    those first to whose truth the model gives least; then what is right, the least sure first.
    Without targets only the last order is left.

    Parameters
    ----------
    model : Module, callable, or the folder of a run
        Evaluates meanwhile, and is left as it was. Its outputs, (N, C), go through softmax unless
        they are probabilities already.
    x : array of shape (N, ...), Dataset, or tuple of inputs and targets
        Pictures, as the model takes them.
    t : array of int, shape (N,) or one-hot (N, C), optional
        What they are.
    count : int
        How many are shown.
    image_shape : sequence of int, optional
        (H, W) or (H, W, 3); by default the square that the numbers fill.
    title : str
        Above all.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("mistakes.png")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    DataError
        There is no sample, `count` is below 1, or a sample is of a class that the model does not
        know.
    ShapeError
        The samples are no pictures, or there is not one label for each.
    DtypeError
        The targets are not labels, or the model is none.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import gradatim as gd
    >>> chart = predictions(gd.nn.MLP([784, 10], rng=0), np.eye(2, 784), [1, 2])
    >>> len(chart.figure.axes[0].images)
    2
    """
    if count < 1:
        raise DataError(f"predictions: count is {count}; it must be 1 or more pictures.")
    model = model_of(model, "predictions")
    samples = samples_of(model, x, t, "predictions")
    shape = image_shape_of(samples.shape, image_shape, "predictions")
    p = chosen(model, samples, "predictions")
    order = _worst_first(p, samples.labels)[:count]
    pictures = samples.x[order].reshape(len(order), *shape)
    text = " ".join([title, *(samples.names or ())])
    note = _note(p, samples.labels, len(order))
    return Chart("predictions", text, lambda: _figure(pictures, p, order, samples, (title, note)))


def _worst_first(p: Array, labels: Array | None) -> Array:
    sure = p.max(axis=1)
    if labels is None:
        return np.argsort(sure, kind="stable")
    wrong = p.argmax(axis=1) != labels
    truth = p[np.arange(len(p)), labels]
    return np.lexsort((np.where(wrong, truth, sure), ~wrong))


def _note(p: Array, labels: Array | None, shown: int) -> str:
    if labels is None:
        return f"{shown} of {len(p):,} pictures, the least sure first"
    wrong = int((p.argmax(axis=1) != labels).sum())
    told = f"{wrong:,} of {len(p):,} wrong ({1 - wrong / len(p):.2%} right)"
    return f"{told}, the worst first" if wrong else f"{told}, the least sure first"


def _figure(
    pictures: Array, p: Array, order: Array, samples: Samples, words: tuple[str, str]
) -> Figure:
    found = [(int(p[i].argmax()), _truth(samples, i)) for i in order]
    wide = _room(samples, p.shape[1])
    heads = (width_of(_head(samples, *each), _LARGE, bold=True) / _INCH for each in found)
    cell = max(1 + _BESIDE + wide, *heads) + _GAP
    columns = min(len(order), max(1, int(_ACROSS // cell)))
    high = pictures.shape[1] / pictures.shape[2]
    step = _HEAD + high + _BELOW
    across, down = max(columns * cell - _GAP, 4.0), -(-len(order) // columns) * step - _BELOW
    title, note = words
    figure = new_figure(across, down + 0.55 + 0.4 * bool(title), title)
    axes = figure.subplots()
    axes.set_title(note, loc="left", fontsize=9, color=QUIET)
    for place, (i, (taken, truth), picture) in enumerate(zip(order, found, pictures)):
        x, y = place % columns * cell, place // columns * step + _HEAD
        _picture(axes, picture, x, y, high)
        _headline(axes, _head(samples, taken, truth), (x, y))
        _bars(axes, samples, p[i], truth, (x + 1 + _BESIDE, y, wide, high))
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-0.02, across + 0.02)
    axes.set_ylim(down, 0)
    return laid_out(figure)


def _truth(samples: Samples, i: int) -> int | None:
    return None if samples.labels is None else int(samples.labels[i])


def _room(samples: Samples, classes: int) -> float:
    """How long a bar must be to have name and percentage above it."""
    names = (f"{_short(samples.name(k))}{_TRUE} > 99.9%" for k in range(classes))
    return max(1.0, *(width_of(name, _SMALL) / _INCH for name in names))


def _picture(axes: Axes, picture: Array, x: float, y: float, high: float) -> None:
    from matplotlib.patches import Rectangle

    extent = (x, x + 1, y + high, y)
    if picture.ndim == 3:
        low, top = float(picture.min()), float(picture.max())
        axes.imshow((picture - low) / ((top - low) or 1.0), extent=extent)
    else:
        axes.imshow(picture, extent=extent, cmap="gray_r", interpolation="nearest")
    axes.add_patch(
        Rectangle((x, y), 1, high, fill=False, edgecolor="#BBBBBB", linewidth=0.6, clip_on=False)
    )


def _head(samples: Samples, taken: int, truth: int | None) -> str:
    name = _short(samples.name(taken))
    if truth is None:
        return name
    return f"✓ {name}" if taken == truth else f"✗ {_short(samples.name(truth))} taken for {name}"


def _headline(axes: Axes, text: str, at: tuple[float, float]) -> None:
    colour = {"✓": readable(RIGHT), "✗": readable(WRONG)}.get(text[0], INK)
    axes.text(at[0], at[1] - 0.07, text, fontsize=_LARGE, color=colour, fontweight="bold")


def _bars(
    axes: Axes,
    samples: Samples,
    p: Array,
    truth: int | None,
    at: tuple[float, float, float, float],
) -> None:
    """The most probable classes, with the true one in any case."""
    from matplotlib.patches import Rectangle

    x, y, wide, high = at
    step = high / _BARS
    best = [int(k) for k in np.argsort(-p, kind="stable")[:_BARS]]
    if truth is not None and truth not in best and truth < len(p):
        best[-1] = truth
    for place, k in enumerate(best):
        low = y + (place + 0.62) * step
        colour = RIGHT if k == truth else WRONG if place == 0 and truth is not None else QUIET
        name = _short(samples.name(k)) + (_TRUE if k == truth and best[0] != truth else "")
        words: dict[str, Any] = {"fontsize": _SMALL, "color": INK, "va": "baseline"}
        axes.text(x, low - 0.04, name, **words)
        axes.text(x + wide, low - 0.04, _percent(float(p[k])), ha="right", **words)
        axes.add_patch(Rectangle((x, low), wide, 0.07, color=GRID, linewidth=0))
        axes.add_patch(Rectangle((x, low), wide * float(p[k]), 0.07, color=colour, linewidth=0))


def _percent(share: float) -> str:
    """No 0.0% of what is possible, and no 100.0% of what is not sure."""
    if 0 < share < 0.0005:
        return "< 0.1%"
    return "> 99.9%" if 0.9995 <= share < 1 else f"{share:.1%}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
