"""A sweep over the step of a numerical gradient: two errors, and the valley between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradatim.check import Sweep, SweepRow
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.palette import BLUE, INK, QUIET, VERMILION
from gradatim.draw.chart.panel import laid_out, new_figure, quiet
from gradatim.errors import DtypeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The predicted lines are dashed and pale besides.
_CENTRAL, _RICHARDSON, _PREDICTED = BLUE, VERMILION, QUIET


def sweep(found: Sweep, *, title: str = "") -> Chart:
    """Draw the differences between backprop and central differences over the step.

    Both axes are logarithmic. Each argument or parameter has a panel of its own: the difference
    measured, the same after Richardson's extrapolation, and dashed the truncation and the round-off
    that were predicted. The step at which backprop and difference are nearest is marked.

    Parameters
    ----------
    found : Sweep
        From `gradatim.check.sweep`.
    title : str
        Above all panels.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("sweep.svg")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    DtypeError
        It is something else.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import gradatim as gd
    >>> chart = sweep(gd.check.sweep(gd.exp, [1.0], steps=[1e-1, 1e-3, 1e-5]))
    >>> [axes.get_title(loc="left") for axes in chart.figure.axes]
    ['x']
    """
    if not isinstance(found, Sweep):
        raise DtypeError(
            f"sweep: it was given {type(found).__name__}; it must be what gd.check.sweep found.\n"
            "  Try gd.draw.sweep(gd.check.sweep(f, x))."
        )
    text = " ".join([title, *(row.name for row in found.rows)])
    return Chart("sweep", text, lambda: _figure(found, title))


def _figure(sweep: Sweep, title: str) -> Figure:
    columns = min(len(sweep.rows), 2)
    lines = -(-len(sweep.rows) // 2)
    figure = new_figure(5.2 * columns, 3.6 * lines, title)
    panels = np.ravel(figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False))
    for row, axes in zip(sweep.rows, panels):
        _panel(axes, row)
    for axes in panels[len(sweep.rows) :]:
        axes.remove()
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=2 * columns,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
    )
    return laid_out(figure)


def _panel(axes: Axes, row: SweepRow) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    quiet(axes, row.name, grid="both")
    axes.spines["bottom"].set_color(INK)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_major_formatter("{x:.0e}")
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("step h", color=INK)
    axes.set_ylabel("mean difference from backprop", color=INK, fontsize=9)
    axes.label_outer()
    _lines(axes, row)
    _valley(axes, row)


def _lines(axes: Axes, row: SweepRow) -> None:
    measured = np.concatenate([row.central, row.richardson])
    measured = measured[np.isfinite(measured) & (measured > 0)]
    least = measured.min() if measured.size else 0.0
    axes.set_xlim(1.5 * row.h.max(), row.h.min() / 1.5)  # from wide steps on the left to narrow
    if not measured.size:
        axes.set_ylim(1e-16, 1.0)
    dashes = (
        (row.truncation, "truncation, predicted", ":"),
        (row.round_off, "round-off, predicted", "--"),
    )
    for values, name, dash in dashes:
        seen = np.where(values >= 0.1 * least, values, np.nan)
        axes.plot(row.h, seen, dash, color=_PREDICTED, linewidth=1.6, label=name, zorder=3)
    for values, name, colour, marker in (
        (row.central, "central difference", _CENTRAL, "o"),
        (row.richardson, "Richardson", _RICHARDSON, "s"),
    ):
        seen = np.where(values > 0, values, np.nan)
        axes.plot(row.h, seen, "-", color=colour, linewidth=1.3, marker=marker, ms=3, label=name)


def _valley(axes: Axes, row: SweepRow) -> None:
    deepest = float(np.nanmin(row.central))
    if not deepest > 0:
        return
    axes.axvline(row.valley, color=_CENTRAL, linewidth=0.8, alpha=0.6)
    early = np.log(row.valley / row.h.min()) > np.log(row.h.max() / row.valley)
    # At the top, where the two errors are furthest apart, nothing is covered.
    axes.annotate(
        f"valley: h = {row.valley:.0e}, {deepest:.0e}",
        (row.valley, 1.0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(6 if early else -6, -3),
        textcoords="offset points",
        ha="left" if early else "right",
        va="top",
        color=_CENTRAL,
        fontsize=8.5,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
    )
