"""A scene as PNG: the same marks, painted by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from gradatim.draw.chart.style import style
from gradatim.draw.form.mark import Circle, Curve, Frame, Mark, Part, Scene, Shape, Words
from gradatim.draw.form.paint import Look, Paint
from gradatim.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

_MOST = 16_000
"""Most pixels of a side: what viewers still show, and matplotlib can still hold."""


@dataclass(frozen=True)
class _Brush:
    """A scene's paint, for one kind of paper."""

    paint: Paint
    dark: bool

    def look(self, mark: Mark) -> Look:
        return self.paint.looks[mark.look]

    def colour(self, name: str) -> str:
        return self.paint.colours[name][self.dark] if name else "none"

    def is_cell(self, mark: Mark) -> bool:
        """Whether a mark is a rectangle without an outline, as maps have by the hundred."""
        return isinstance(mark, Frame) and not mark.corner and not self.look(mark).stroke


def png_of(scene: Scene, *, scale: float = 2.0, dark: bool = False) -> bytes:
    """Paint a scene as PNG.

    Parameters
    ----------
    scene : Scene
        What is shown.
    scale : float
        Pixels for each unit of the scene; less where a side would grow beyond 16000 pixels.
    dark : bool
        Whether the paper is dark.

    Returns
    -------
    bytes
        A PNG file. The same scene gives the same bytes.

    Raises
    ------
    ShapeError
        The scale is not positive.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> png_of(Scene(20, 10, ()))[:4]
    b'\\x89PNG'
    """
    if not scale > 0:
        raise ShapeError(
            f"png_of: scale is {scale}; it must be positive, the pixels for each unit of the "
            "drawing. Try scale=2."
        )
    marks = list(_marks(scene.parts))
    brush = _Brush(scene.paint, dark)
    said = "".join(mark.text for mark in marks if isinstance(mark, Words))
    with style(said, "png_of"):
        from matplotlib.figure import Figure

        scale = min(scale, _MOST / max(scene.width, scene.height, 1.0))
        # With 72 units to the inch a size of a font is the same number here as in the scene.
        size = max(scene.width, 1.0) / 72, max(scene.height, 1.0) / 72
        figure = Figure(figsize=size, dpi=72 * scale, facecolor=brush.colour("paper"))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(0, scene.width)
        axes.set_ylim(scene.height, 0)
        for order, (cells, group) in enumerate(groupby(marks, brush.is_cell)):
            if cells:
                _fill(axes, group, order, brush)
            for mark in group:
                _paint(axes, mark, order, brush)
        file = io.BytesIO()
        figure.savefig(
            file, format="png", facecolor=brush.colour("paper"), metadata={"Software": "gradatim"}
        )
    return file.getvalue()


def _marks(parts: tuple[Part, ...]) -> Iterator[Mark]:
    for part in parts:
        yield from part.marks
        yield from _marks(part.parts)


def _fill(axes: Axes, cells: Iterable[Mark], order: int, brush: _Brush) -> None:
    """Paint many rectangles at once, which is far faster than one by one."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    corners, colours = [], []
    for cell in cells:
        if isinstance(cell, Frame):
            x, y, u, v = cell.left, cell.top, cell.left + cell.width, cell.top + cell.height
            corners.append([(x, y), (u, y), (u, v), (x, v)])
            colours.append(to_rgba(brush.colour(brush.look(cell).fill), cell.opacity))
    axes.add_collection(
        PolyCollection(corners, facecolors=colours, edgecolors="none", zorder=order)
    )


def _paint(axes: Axes, mark: Mark, order: int, brush: _Brush) -> None:
    from matplotlib import patches

    if isinstance(mark, Words):
        _write(axes, mark, order, brush)
        return
    look = brush.look(mark)
    given = {**_pens(look, brush), "zorder": order}
    patch: patches.Patch
    if isinstance(mark, Circle):
        patch = patches.Circle((mark.x, mark.y), mark.radius, **given)
    elif isinstance(mark, Frame):
        patch = patches.PathPatch(_rounded(mark), **given)
    elif isinstance(mark, Shape):
        patch = patches.Polygon(mark.points, closed=True, **given)
    else:
        corners: Literal["round", "miter"] = "round" if look.smooth else "miter"
        patch = patches.PathPatch(_curve(mark), **given, capstyle="butt", joinstyle=corners)
    axes.add_patch(patch)


def _pens(look: Look, brush: _Brush) -> dict[str, Any]:
    dashes = (0, tuple(dash / look.width for dash in look.dashes)) if look.dashes else "-"
    return {
        "facecolor": brush.colour(look.fill),
        "edgecolor": brush.colour(look.stroke),
        "linewidth": look.width,
        "linestyle": dashes,
    }


def _write(axes: Axes, mark: Words, order: int, brush: _Brush) -> None:
    from matplotlib import rcParams

    look = brush.look(mark)
    names = list(rcParams["font.family"])
    axes.text(
        mark.x,
        mark.y,
        mark.text,
        fontsize=mark.size,
        color=brush.colour(look.fill),
        ha="right" if mark.ending else "center" if mark.centred else "left",
        va="baseline",
        family=["DejaVu Sans Mono", *names] if mark.mono else names,
        fontweight="bold" if look.bold else "normal",
        zorder=order,
    )


def _curve(mark: Curve) -> Path:
    from matplotlib.path import Path

    points = [mark.path[0][0]]
    codes = [Path.MOVETO]
    for segment in mark.path:
        points += segment[1:]
        codes += [Path.LINETO] if len(segment) == 2 else [Path.CURVE4] * 3
    return Path(points, codes)


def _rounded(mark: Frame) -> Path:
    from matplotlib.path import Path

    x, y = mark.left, mark.top
    u, v = x + mark.width, y + mark.height
    corner = min(mark.corner, mark.width / 2, mark.height / 2)
    # A quarter of a circle, as a cubic curve.
    c, k = corner, 0.4477 * corner
    points = [
        *((x + c, y), (u - c, y), (u - k, y), (u, y + k), (u, y + c), (u, v - c)),
        *((u, v - k), (u - k, v), (u - c, v), (x + c, v), (x + k, v), (x, v - k), (x, v - c)),
        *((x, y + c), (x, y + k), (x + k, y), (x + c, y), (x + c, y)),
    ]
    curve = [Path.CURVE4] * 3
    side = [Path.LINETO, *curve]
    return Path(points, [Path.MOVETO, *side * 4, Path.CLOSEPOLY])
