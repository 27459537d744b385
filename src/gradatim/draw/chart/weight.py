"""The weights of the first layer as images: what each unit looks for in its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.autograd import Parameter
from gradatim.draw.chart.answer import Run, opened
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.image import image_shape_of
from gradatim.draw.chart.palette import INK, QUIET, WRONG
from gradatim.draw.chart.panel import laid_out, new_figure
from gradatim.errors import DataError, DtypeError
from gradatim.nn import Module
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 60
_GAP, _HEAD = 0.12, 0.24  # between the images and above them, in widths of an image


def weights(
    model: Module | Run,
    *,
    units: Sequence[int] | None = None,
    image_shape: Sequence[int] | None = None,
    title: str = "",
) -> Chart:
    """Draw the weights of the first layer, a picture for each unit.

    All pictures have one scale of colours, with white at 0: red weights excite, blue ones inhibit.
    One that holds NaN or infinity says so.

    Parameters
    ----------
    model : Module, or the folder of a run
        Its first parameter of two axes, (n_in, n_out), is drawn.
    units : sequence of int, optional
        Which units; by default all, or the first 60.
    image_shape : sequence of int, optional
        (H, W) of the pictures, or (H, W, 3), whose channels are then averaged. By default the
        square that the inputs fill, as 784 do 28 by 28.
    title : str
        Above all.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``save("weights.png")`` writes it, ``figure`` is matplotlib's.

    Raises
    ------
    DtypeError
        The model is none.
    DataError
        It has no such parameter, a unit is not there, or the folder is not a run.
    ShapeError
        The inputs do not fill the picture.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import gradatim as gd
    >>> chart = weights(gd.nn.MLP([784, 50, 10], rng=0), units=[0, 7])
    >>> [text.get_text() for text in chart.figure.axes[0].texts]
    ['0', '7']
    """
    path, matrix = _first(opened(model, "weights"))
    shape = image_shape_of(matrix.shape[:1], image_shape, "weights")
    shown = _units(units, matrix.shape[1])
    images = matrix.T[shown].reshape(len(shown), *shape)
    images = images.mean(axis=3) if images.ndim == 4 else images
    note = f"{path}: {matrix.shape[0]} inputs, "
    note += f"{len(shown)} of {matrix.shape[1]} units" if len(shown) < matrix.shape[1] else (
        f"{len(shown)} units"
    )  # fmt: skip
    return Chart("weights", title, lambda: _figure(images, shown, note, title))


def _first(model: Any) -> tuple[str, Array]:
    if not isinstance(model, Module):
        raise DtypeError(
            f"weights: the model is {type(model).__name__}; it must be a Module, or the folder of "
            "a run. For an array of your own try gd.nn.Parameter and a class that holds it."
        )
    for path, parameter in model.named_parameters():
        if isinstance(parameter, Parameter) and parameter.ndim == 2:
            return path, np.asarray(parameter.data, np.float64)
    raise DataError(
        "weights: the model has no parameter of two axes; it must have a layer whose weight is "
        "(n_in, n_out), such as gd.nn.Linear."
    )


def _units(units: Sequence[int] | None, count: int) -> list[int]:
    if units is None:
        return list(range(min(count, _MOST)))
    wanted = [int(unit) for unit in units]
    absent = [unit for unit in wanted if not 0 <= unit < count]
    if absent or not wanted:
        raise DataError(
            f"weights: units is {wanted}; the layer has the units 0 to {count - 1}, and one of "
            "them or more must be named."
        )
    return wanted


def _figure(images: Array, units: list[int], note: str, title: str) -> Figure:
    count, height, width = images.shape
    columns = min(count, 10 if count > 12 else 6)
    rows = -(-count // columns)
    high = height / width
    across, down = columns * (1 + _GAP) - _GAP, rows * (high + _HEAD + _GAP) - _GAP
    inch = min(0.9, 9.0 / across) if columns > 6 else 1.2
    figure = new_figure(across * inch + 1.2, down * inch + 0.45 + 0.45 * bool(title), title)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, across)
    axes.set_ylim(down, 0)
    axes.set_aspect("equal")
    axes.set_title(note, loc="left", fontsize=9, color=QUIET)
    known = np.abs(images[np.isfinite(images)])
    bound = float(np.quantile(known, 0.998)) or 1.0 if len(known) else 1.0
    for place, (image, unit) in enumerate(zip(images, units)):
        x = place % columns * (1 + _GAP)
        y = place // columns * (high + _HEAD + _GAP)
        _image(axes, image, (x, y + _HEAD, high), bound)
        axes.text(x + 0.5, y + _HEAD - 0.03, str(unit), fontsize=8, color=INK, ha="center")
    axes.set_xlim(0, across)
    axes.set_ylim(down, 0)
    _scale(figure, axes)
    return laid_out(figure)


def _image(axes: Axes, image: Array, place: tuple[float, float, float], bound: float) -> None:
    from matplotlib.patches import Rectangle

    x, y, high = place
    axes.imshow(
        image,
        extent=(x, x + 1, y + high, y),
        cmap="RdBu_r",
        vmin=-bound,
        vmax=bound,
        interpolation="nearest",
    )
    if not np.isfinite(image).all():
        axes.text(x + 0.5, y + high / 2, "NaN", fontsize=8, color=WRONG, ha="center", va="center")
    axes.add_patch(
        Rectangle((x, y), 1, high, fill=False, edgecolor="#BBBBBB", linewidth=0.6, clip_on=False)
    )


def _scale(figure: Figure, axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    bar = figure.colorbar(
        axes.images[0], ax=axes, fraction=0.03, pad=0.02, aspect=25, shrink=0.9, extend="both"
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=8, labelcolor=INK)
    bar.ax.yaxis.set_major_locator(MaxNLocator(nbins=5, symmetric=True))
