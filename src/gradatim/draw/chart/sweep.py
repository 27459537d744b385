"""A sweep over the step of a numerical gradient: two errors, and the valley between them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from gradatim.check import Sweep, SweepRow
from gradatim.draw.chart.chart import save
from gradatim.draw.chart.style import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of Okabe and Ito, as in the curves; the predicted lines are dashed and pale besides.
_CENTRAL, _RICHARDSON, _PREDICTED, _INK, _GRID = (
    *("#0072B2", "#D55E00"),
    *("#777777", "#333333", "#E3E3E3"),
)


def save_sweep(path: str | os.PathLike[str], sweep: Sweep, *, title: str = "") -> None:
    """Draw the differences between backprop and central differences over the step.

    Both axes are logarithmic. Each argument or parameter has a panel of its own: the difference
    measured, the same after Richardson's extrapolation, and dashed the truncation and the round-off
    that were predicted. The step at which backprop and difference are nearest is marked.

    Parameters
    ----------
    path : str or path
        Its suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole.
    sweep : Sweep
        From `gradatim.check.sweep`.
    title : str
        Above all panels.

    Raises
    ------
    DataError
        The suffix is neither of the two, or the file cannot be written.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import gradatim as gd
    >>> found = gd.check.sweep(gd.exp, [1.0], steps=[1e-1, 1e-3, 1e-5, 1e-7])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_sweep(f"{folder}/sweep.svg", found)
    ...     pathlib.Path(folder, "sweep.svg").read_text(encoding="utf-8")[:5]
    '<?xml'
    """
    save(path, "save_sweep", title, lambda: _figure(sweep, title))


def draw_sweep(sweep: Sweep, *, title: str = "") -> Figure:
    """Draw a sweep as a matplotlib figure, to show or to change.

    Parameters
    ----------
    sweep, title
        As for `save_sweep`.

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to ``pyplot``, so there is nothing to close.

    Raises
    ------
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import gradatim as gd
    >>> figure = draw_sweep(gd.check.sweep(gd.exp, [1.0], steps=[1e-1, 1e-3, 1e-5]))
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['x']
    """
    with style(title, "draw_sweep"):
        return _figure(sweep, title)


def _figure(sweep: Sweep, title: str) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = min(len(sweep.rows), 2)
    lines = -(-len(sweep.rows) // 2)
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.09, wspace=0.03)
    figure = Figure(figsize=(5.2 * columns, 3.6 * lines), dpi=144, layout=layout)
    if title:
        figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold", color=_INK)
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
        labelcolor=_INK,
    )
    return figure


def _panel(axes: Axes, row: SweepRow) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    axes.set_title(row.name, loc="left", fontsize=11, color=_INK)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_major_formatter("{x:.0e}")
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("step h", color=_INK)
    axes.set_ylabel("mean difference from backprop", color=_INK, fontsize=9)
    axes.label_outer()
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(which="both", length=0, labelcolor=_INK)
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
