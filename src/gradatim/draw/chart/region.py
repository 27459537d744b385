"""Decision regions: what a model takes each point of the plane for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.draw.chart.answer import Run, Samples, chosen, model_of, probabilities, samples_of
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.palette import COLOURS, INK, MARKERS, QUIET
from gradatim.draw.chart.panel import bare, laid_out, new_figure
from gradatim.errors import DataError, ShapeError
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CELLS = 200
_POINTS = 2000


def regions(
    model: Callable[..., Any] | Run,
    data: Any,
    t: Any = None,
    *,
    margin: float = 0.15,
    title: str = "",
) -> Chart:
    """Draw what a model takes each point of the plane for, with the samples.

    A region has the colour of its class, the paler the less sure the model is. Samples carry
    colour and mark of the class that they are of; those in the wrong region are ringed.

    Parameters
    ----------
    model : Module, callable, or the folder of a run
        Of two numbers; evaluates meanwhile, and is left as it was. Its outputs, (N, C), go
        through softmax unless they are probabilities already; one output stands for two classes.
    data : Dataset, tuple of inputs and targets, or array of shape (N, 2)
        The samples.
    t : array of int, shape (N,) or one-hot (N, C), optional
        Their classes, where `data` does not hold them.
    margin : float
        How far the plane goes beyond the samples, as a share of how far they spread.
    title : str
        Above it.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("regions.svg")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    ShapeError
        A sample is not two numbers, or there is not one label for each.
    DtypeError
        The targets are not labels, or the model is none.
    DataError
        There is no sample, nothing says of which class they are, or one is of a class that the
        model does not know.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import gradatim as gd
    >>> chart = regions(gd.nn.MLP([2, 8, 2], rng=0), gd.data.moons(50))
    >>> chart.figure.axes[0].get_xlabel()
    'x0'
    """
    model = model_of(model, "regions")
    samples = samples_of(model, data, t, "regions")
    if samples.x.shape[1:] != (2,):
        raise ShapeError(
            f"regions: a sample has shape {samples.x.shape[1:]}; it must be two numbers, (2,), to "
            "be a point of the plane."
        )
    if samples.labels is None:
        raise DataError(
            "regions: nothing says of which class the samples are; their labels must be given. "
            "Try regions(model, x, t) or a Dataset."
        )
    taken = chosen(model, samples, "regions").argmax(axis=1)
    lines = _plane(samples.x, margin)
    points = np.stack(np.meshgrid(*lines), axis=-1).reshape(-1, 2).astype(samples.x.dtype)
    p = probabilities(model, points, "regions").reshape(_CELLS, _CELLS, -1)
    text = " ".join([title, *(samples.names or ())])
    return Chart("regions", text, lambda: _figure(lines, p, samples, taken, title))


def _plane(x: Array, margin: float) -> list[Array]:
    low, high = x.min(axis=0).astype(float), x.max(axis=0).astype(float)
    room = margin * np.maximum(high - low, 1e-9) + 1e-9
    return [np.linspace(a, b, _CELLS) for a, b in zip(low - room, high + room)]


def _figure(lines: list[Array], p: Array, samples: Samples, taken: Array, title: str) -> Figure:
    from matplotlib.ticker import MaxNLocator

    spread = [float(line[-1] - line[0]) for line in lines]
    height = float(np.clip(5.0 * spread[1] / spread[0], 3.0, 6.0))
    figure = new_figure(5.0 + 1.4, height + 0.5 + 0.4 * bool(title), title)
    axes = figure.subplots()
    right = float((taken == samples.labels).mean())
    bare(axes)
    axes.set_title(f"{right:.1%} of {len(samples.x):,} right", loc="left", fontsize=10, color=QUIET)
    extent = (lines[0][0], lines[0][-1], lines[1][0], lines[1][-1])
    axes.imshow(_ground(p), extent=extent, origin="lower", interpolation="bilinear", aspect="auto")
    _borders(axes, lines, p)
    _samples(axes, samples, taken)
    axes.set(xlim=extent[:2], ylim=extent[2:])
    if max(spread) < 4 * min(spread):
        axes.set_aspect("equal")
    axes.set_xlabel("x0", color=INK)
    axes.set_ylabel("x1", color=INK)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    legend = axes.legend(
        loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, labelcolor=INK, fontsize=10
    )
    legend.set_in_layout(True)
    return laid_out(figure)


def _ground(p: Array) -> Array:
    """Colours of the regions: the surer the model, the less pale."""
    classes = p.shape[2]
    sure = (p.max(axis=2) * classes - 1) / max(1, classes - 1)
    deep = (0.08 + 0.34 * np.clip(sure, 0, 1))[..., None]
    colours = np.array([_levels(COLOURS[k % len(COLOURS)]) for k in range(classes)])
    return 1 - deep * (1 - colours[p.argmax(axis=2)])


def _levels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _borders(axes: Axes, lines: list[Array], p: Array) -> None:
    """Where the two most probable classes are equally so."""
    for k in range(p.shape[2]):
        lead = p[..., k] - np.delete(p, k, axis=2).max(axis=2, initial=-1.0)
        if lead.min() < 0 < lead.max():
            axes.contour(*lines, lead, levels=[0.0], colors="#444444", linewidths=1.1)


def _samples(axes: Axes, samples: Samples, taken: Array) -> None:
    assert samples.labels is not None
    every = -(-len(samples.x) // _POINTS)
    x, labels, taken = samples.x[::every], samples.labels[::every], taken[::every]
    size = 26 if len(x) <= 400 else 12
    for k in range(int(labels.max()) + 1):
        of = labels == k
        axes.scatter(
            x[of, 0],
            x[of, 1],
            s=size,
            marker=MARKERS[k % len(MARKERS)],
            color=COLOURS[k % len(COLOURS)],
            edgecolors="white",
            linewidths=0.6,
            label=samples.name(k) if samples.names else f"class {k}",
        )
    wrong = taken != labels
    if wrong.any():
        axes.scatter(
            *(x[wrong, 0], x[wrong, 1], 3.2 * size),
            marker="o",
            facecolors="none",
            edgecolors="black",
            linewidths=1.0,
            label="wrong",
        )
