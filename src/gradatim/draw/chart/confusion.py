"""The confusion matrix: which classes a model takes for which, with counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.draw.chart.answer import Run, Samples, chosen, model_of, samples_of
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.palette import INK, RIGHT
from gradatim.draw.chart.panel import bare, laid_out, new_figure
from gradatim.errors import DataError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAMED, _COUNTED = 8, 20
_PALE, _DARK, _DIAGONAL = "#FDF0E7", "#E58E4D", "#D6E8F3"
"""Of a cell with one mistake, with the most of them, and of what is right: under dark letters."""


def confusion(
    model: Callable[..., Any] | Run, data: Any, t: Any = None, *, title: str = ""
) -> Chart:
    """Draw how often each class is taken for each other.

    A row for each true class, a column for what it was taken for. What is right stands framed on
    the diagonal; mistakes are the darker the more frequent, and the most frequent are listed.

    Parameters
    ----------
    model : Module, callable, or the folder of a run
        Evaluates meanwhile, and is left as it was. It takes each sample for the class of its
        largest output.
    data : Dataset, tuple of inputs and targets, or array of shape (N, ...)
        The samples.
    t : array of int, shape (N,) or one-hot (N, C), optional
        What they are, where `data` does not hold it.
    title : str
        Above all.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("confusion.svg")`` writes it, ``figure`` is
        matplotlib's.

    Raises
    ------
    DataError
        There is no sample, nothing says what they are, or one is of a class that the model does
        not know.
    ShapeError
        There is not one label for each.
    DtypeError
        The targets are not labels, or the model is none.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import gradatim as gd
    >>> chart = confusion(gd.nn.MLP([2, 2], rng=0), gd.data.xor())
    >>> sum(int(text.get_text()) for text in chart.figure.axes[0].texts)
    400
    """
    model = model_of(model, "confusion")
    samples = samples_of(model, data, t, "confusion")
    if samples.labels is None:
        raise DataError(
            "confusion: nothing says what the samples are; their labels must be given. "
            "Try confusion(model, x, t) or a Dataset."
        )
    p = chosen(model, samples, "confusion")
    counts = _counted(samples.labels, p.argmax(axis=1), p.shape[1])
    text = " ".join([title, *(samples.names or ())])
    return Chart("confusion", text, lambda: _figure(counts, samples, title))


def _counted(true: Array, taken: Array, size: int) -> Array:
    return np.bincount(true * size + taken, minlength=size * size).reshape(size, size)


def _figure(counts: Array, samples: Samples, title: str) -> Figure:
    size = len(counts)
    names = [samples.name(k) for k in range(size)]
    side = min(max(3.2, 0.5 * size), 8.0)
    figure = new_figure(side + 3.4, side + 0.9 + 0.4 * bool(title), title)
    axes, beside = figure.subplots(1, 2, width_ratios=[side, 2.0])
    _matrix(axes, counts, names)
    beside.set_axis_off()
    _list(beside, counts, names)
    return laid_out(figure)


def _matrix(axes: Axes, counts: Array, names: list[str]) -> None:
    from matplotlib.patches import Rectangle

    size = len(counts)
    bare(axes)
    axes.imshow(_colours(counts), interpolation="nearest")
    for k in range(size):
        frame = Rectangle((k - 0.5, k - 0.5), 1, 1, fill=False, edgecolor=RIGHT, linewidth=1.2)
        frame.set_clip_on(False)
        axes.add_patch(frame)
    if size <= _COUNTED:
        _counts(axes, counts)
    every = -(-size // 30)
    shown = range(0, size, every)
    long = max(map(len, names)) > 3
    axes.set_xticks(shown, [names[k] for k in shown], rotation=45 if long else 0,
                    ha="right" if long else "center", rotation_mode="anchor")  # fmt: skip
    axes.set_yticks(shown, [names[k] for k in shown])
    axes.tick_params(labelsize=9, labelcolor=INK, length=0)
    axes.set_xlabel("taken for", color=INK)
    axes.set_ylabel("is", color=INK)


def _colours(counts: Array) -> Array:
    mistakes = counts * (1 - np.eye(len(counts), dtype=int))
    share = (mistakes / max(1, mistakes.max()))[..., None]
    pale, dark, diagonal = map(_levels, (_PALE, _DARK, _DIAGONAL))
    colours = np.where(mistakes[..., None] > 0, pale + share * (dark - pale), 1.0)
    colours[np.arange(len(counts)), np.arange(len(counts))] = diagonal
    return colours


def _levels(colour: str) -> Array:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _counts(axes: Axes, counts: Array) -> None:
    size = len(counts)
    for i in range(size):
        for j in range(size):
            if not counts[i, j]:
                continue
            axes.text(
                j,
                i,
                str(counts[i, j]),
                ha="center",
                va="center",
                fontsize=9 if size <= 12 else 7,
                fontweight="bold" if i == j else "normal",
                color=RIGHT if i == j else INK,
            )


def _list(axes: Axes, counts: Array, names: list[str]) -> None:
    """What is right in all, and the most frequent mistakes in words."""
    total, right = int(counts.sum()), int(np.trace(counts))
    axes.text(0, 1, f"{right / total:.2%} right", fontsize=13, fontweight="bold",
              color=RIGHT, va="top", transform=axes.transAxes)  # fmt: skip
    words = [f"{total - right:,} of {total:,} wrong"]
    mistakes = counts * (1 - np.eye(len(counts), dtype=int))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:_NAMED]
    found = [(int(k) // len(counts), int(k) % len(counts)) for k in order]
    words += ["", "most frequent mistakes:"] * bool(total > right)
    words += [
        f"{names[i]} taken for {names[j]}: {_times(int(mistakes[i, j]))}"
        for i, j in found
        if mistakes[i, j]
    ]
    axes.text(0, 0.93, "\n".join(words), fontsize=9.5, color=INK, va="top", linespacing=1.6,
              transform=axes.transAxes)  # fmt: skip


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
