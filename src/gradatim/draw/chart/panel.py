"""Panels: the figure of a chart, its title, and axes that stay behind the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradatim.draw.chart.caption import caption
from gradatim.draw.chart.palette import AXIS, GRID, INK, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLE = 13.0


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Make a figure that is laid out by its contents.

    Parameters
    ----------
    width, height : float
        In inches, of 144 dots in PNG.
    title : str
        Above all panels.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.09, wspace=0.04)
    lines = caption(title, 72 * width - 20, _TITLE)
    height += 1.3 * _TITLE / 72 * max(0, len(lines) - 1)
    figure = Figure(figsize=(width, height), dpi=144, layout=layout)
    if lines:
        look = {"fontsize": _TITLE, "fontweight": "bold", "color": INK}
        figure.suptitle("\n".join(lines), x=0.012, ha="left", **look)
    return figure


def laid_out(figure: Figure) -> Figure:
    """Lay a figure out once: what is drawn several times need not be laid out as often.

    Parameters
    ----------
    figure : Figure
        With all its contents.
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        if any(axes.get_aspect() != "auto" for axes in figure.axes):
            engine.execute(figure)  # such a panel has other ticks once it has its size
        figure.set_layout_engine(None)  # "none" keeps a placeholder, for which all is drawn twice
    return figure


def quiet(
    axes: Axes, title: str = "", *, note: str = "", grid: Literal["x", "y", "both"] | None = "y"
) -> None:
    """Let axes stay behind the data: a pale grid, and one line below.

    Parameters
    ----------
    axes : Axes
        The panel.
    title : str
        Above it, on the left.
    note : str
        Above it, small, on the right.
    grid : {"x", "y", "both"}, optional
        Which values have lines of their own.
    """
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    if note:
        axes.set_title(note, loc="right", fontsize=8, color=QUIET)
    if grid is not None:
        axes.grid(axis=grid, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(AXIS)
    axes.tick_params(which="both", length=0, labelcolor=INK)


def bare(axes: Axes, title: str = "") -> None:
    """Leave nothing of axes but their tick labels, for panels that are filled.

    Parameters
    ----------
    axes : Axes
        The panel.
    title : str
        Above it, on the left.
    """
    quiet(axes, title, grid=None)
    axes.spines["bottom"].set_visible(False)
