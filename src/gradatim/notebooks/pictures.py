"""The picture of each notebook."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.autograd import no_grad
from gradatim.book import numerical_gradient
from gradatim.draw import Chart, curves, descent
from gradatim.errors import DataError
from gradatim.notebooks.apples import NAMES
from gradatim.notebooks.golden import GoldenRun
from gradatim.notebooks.session import Session
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RATES = {"rate 0.1 arrives": 0.1, "rate 1.02 diverges": 1.02, "rate 0.001 crawls": 0.001}
"""What descends over the bowl of notebook `losses`."""

_INK, _RIGHT, _WRONG, _GRID = "#333333", "#0072B2", "#D55E00", "#E3E3E3"


def save_picture(path: str | os.PathLike[str], notebook: str, session: Session) -> None:
    """Draw what a notebook has to show into an SVG or PNG file.

    Parameters
    ----------
    path : str or path
        Its suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole.
    notebook : str
        ``apples`` and ``training``: the course of the training. ``losses``: descent with three
        rates. ``layers``: the gradient check. ``mlp``: digits, and what two networks take them for.
    session : Session
        Whose runs are drawn; what has not been run yet is run.

    Raises
    ------
    DataError
        There is no picture of this name, the suffix is neither of the two, or the file cannot be
        written.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> save_picture("facts.png", "facts", Session())
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: save_picture: there is no picture of facts; there are apples, ...
    """
    if notebook not in PICTURES:
        raise DataError(
            f"save_picture: there is no picture of {notebook}; there are {', '.join(PICTURES)}."
        )
    PICTURES[notebook](Path(path), session)


def descent_path(rate: float, steps: int = 100) -> Array:
    """Return where descent over ``x**2 + y**2`` comes from (-3, 4).

    Parameters
    ----------
    rate : float
        Learning rate.
    steps : int
        How many.

    Returns
    -------
    array of shape (steps + 1, 2)
        The start first.

    Examples
    --------
    >>> descent_path(0.1, 2).round(2).tolist()
    [[-3.0, 4.0], [-2.4, 3.2], [-1.92, 2.56]]
    """
    positions = [np.array([-3.0, 4.0])]
    for _ in range(steps):
        slope = numerical_gradient(lambda x: np.sum(x**2), positions[-1])
        positions.append(positions[-1] - rate * slope)
    return np.stack(positions)


def _apples(path: Path, session: Session) -> None:
    _curves(path, session.golden(0), session)


def _training(path: Path, session: Session) -> None:
    _curves(path, session.golden(session.seeds[-1]), session)


def _curves(path: Path, run: GoldenRun, session: Session) -> None:
    title = f"784-50-10 on MNIST, np.random.seed({run.seed}), rate 0.1"
    curves(run, title=title).save(path)


def _losses(path: Path, session: Session) -> None:
    paths = {name: descent_path(rate) for name, rate in RATES.items()}
    title = "Gradient descent on x² + y² from (-3, 4)"
    descent(lambda x, y: x**2 + y**2, paths, title=title, reach=6.0).save(path)


def _layers(path: Path, session: Session) -> None:
    """How far backprop is from differences, for every parameter."""
    found = session.gradient_check(0)
    rows = {name: found[key].difference.ravel() for key, name in NAMES.items()}
    title = "Gradient check of 784-50-10: |backprop - central difference|, h = 1e-4"
    _save(path, title, lambda figure: _strips(figure, rows))


def _strips(figure: Figure, rows: dict[str, Array]) -> None:
    axes = figure.subplots()
    random = np.random.default_rng(0)
    for place, values in enumerate(reversed(rows.values())):
        seen = values[values > 0]
        seen = seen if len(seen) <= 1500 else random.choice(seen, 1500, replace=False)
        height = place + random.uniform(-0.28, 0.28, len(seen))
        axes.plot(seen, height, ".", color="#9DB6C9", markersize=2.5, zorder=1)
        mean = values.mean()
        axes.plot([mean, mean], [place - 0.36, place + 0.36], color=_WRONG, linewidth=2.2)
        axes.text(
            mean,
            place + 0.4,
            f"mean {mean:.3g}",
            color=_WRONG,
            fontsize=9,
            ha="center",
            va="bottom",
            fontweight="bold",
        )
    axes.axvline(1.2e-10, color=_RIGHT, linewidth=1.2, linestyle=(0, (4, 2)), zorder=0)
    axes.text(
        1.35e-10,
        len(rows) - 0.6,
        "h²/6 · p(1-p)(1-2p)\nat p = 0.1",
        color=_RIGHT,
        fontsize=9,
        va="top",
    )
    _log_axis(axes)
    axes.set_ylim(-0.45, len(rows) - 0.25)
    axes.set_yticks(
        range(len(rows)), [f"{n}\n{v.size:,} numbers" for n, v in reversed(rows.items())]
    )


def _log_axis(axes: Axes) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:.0e}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(1e-16, 3e-9)
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(which="both", length=0, labelcolor=_INK)


def _mlp(path: Path, session: Session) -> None:
    """Test digits with what the failing and the healthy network take them for."""
    failing = session.last_cell("normal:1", 1.0, epochs=2 if session.full else 1)
    healthy = session.last_cell("he", 0.1, epochs=3 if session.full else 1)
    x, t = session.digits.x_test[:24], session.digits.t_test[:24]
    answers = []
    for result in (failing, healthy):
        with no_grad():
            answers.append(result.model(x).numpy().argmax(axis=1))
    names = (
        f"left: as written, N(0, 1) weights, rate 1 ({failing.accuracies[-1]:.1%})",
        f"right: He weights, rate 0.1 ({healthy.accuracies[-1]:.1%})",
    )
    title = "784-512-10: what it takes the first test digits for"
    _save(path, title, lambda figure: _grid(figure, x, t, answers, names), size=(8.6, 6.2))


def _grid(figure: Figure, x: Array, t: Array, answers: list[Array], names: tuple[str, str]) -> None:
    cells = figure.subplots(4, 6)
    for axes, image, label, first, second in zip(cells.flat, x, t, *answers):
        axes.imshow(1 - image.reshape(28, 28), cmap="gray", vmin=0, vmax=1)
        axes.set_axis_off()
        for place, answer in ((0.28, first), (0.72, second)):
            axes.text(
                place,
                -0.02,
                f"{answer}",
                transform=axes.transAxes,
                va="top",
                ha="center",
                fontsize=13,
                fontweight="bold",
                color=_RIGHT if answer == label else _WRONG,
            )
    note = f"{names[0]}        {names[1]}        vermilion: wrong"
    figure.supxlabel(note, fontsize=9, color=_INK)


def _save(
    path: Path, title: str, fill: Callable[[Figure], None], size: tuple[float, float] = (8.2, 4.0)
) -> None:
    def make() -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=size, dpi=144, layout="constrained")
        figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold", color=_INK)
        fill(figure)
        return figure

    Chart("save_picture", title, make).save(path)


PICTURES: dict[str, Callable[[Path, Session], Any]] = {
    "apples": _apples,
    "losses": _losses,
    "layers": _layers,
    "training": _training,
    "mlp": _mlp,
}
"""What draws the picture of each notebook."""
