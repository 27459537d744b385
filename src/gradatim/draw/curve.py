"""The course of a training as curves: loss and accuracy against steps."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.errors import BackendError, DataError, ShapeError
from gradatim.store.atomic import writing
from gradatim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, float | int | str | None]

# Blue and vermilion of Okabe and Ito, which every kind of colour vision tells apart; lines and
# markers differ as well, for print in black.
_TRAIN, _TEST, _PALE, _INK, _GRID = "#0072B2", "#D55E00", "#9CC7E3", "#333333", "#E3E3E3"
_CJK = (
    *("Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans JP", "Noto Sans KR", "Malgun Gothic"),
    *("Yu Gothic", "Meiryo", "Apple SD Gothic Neo", "Hiragino Sans", "NanumGothic", "IPAexGothic"),
)
_BEYOND_LATIN = re.compile("[\u1100-\u11ff\u3000-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_LABEL_POINTS = 9.0


@dataclass(frozen=True)
class _Curve:
    name: str
    key: str
    colour: str
    dashed: bool
    marker: str


_LOSS = (
    _Curve("train", "train_loss", _TRAIN, True, "s"),
    _Curve("test", "test_loss", _TEST, False, "o"),
)
_ACCURACY = (
    _Curve("train", "train_accuracy", _TRAIN, True, "s"),
    _Curve("test", "test_accuracy", _TEST, False, "o"),
)


def save_curves(
    path: str | os.PathLike[str],
    rows: Sequence[Row],
    *,
    losses: Array | None = None,
    title: str = "",
) -> None:
    """Draw the history of a training into an SVG or PNG file.

    Loss on the left, accuracy on the right where there is one; each curve carries its name and
    last value. The same history gives the same bytes. In SVG text stays text, so that a browser
    shows any script with its own fonts.

    Parameters
    ----------
    path : str or path
        Its suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole.
    rows : sequence of mappings
        One for each evaluation, with ``step`` and any of ``train_loss``, ``test_loss``,
        ``train_accuracy``, ``test_accuracy`` (in 0..1), or ``loss``. What is absent, ``None`` or
        not finite is left out.
    losses : array of float, shape (steps,), optional
        The loss of every step, from step 1 on: drawn pale, with its moving average.
    title : str
        Above both panels, in any script for which a font is installed.

    Raises
    ------
    DataError
        The suffix is neither of the two, or the file cannot be written.
    ShapeError
        The losses are not a vector.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> import tempfile
    >>> rows = [{"step": 0, "test_loss": 2.3}, {"step": 600, "test_loss": 0.3}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_curves(f"{folder}/curves.svg", rows)
    ...     Path(folder, "curves.svg").read_text(encoding="utf-8")[:5]
    '<?xml'
    """
    kind = Path(path).suffix.lower().lstrip(".")
    if kind not in ("svg", "png"):
        raise DataError(
            f"save_curves: {path}: the suffix is {Path(path).suffix or 'missing'}; it must be "
            f".svg or .png. Did you mean {Path(path).with_suffix('.svg').name}?"
        )
    # Dates and random ids would make two drawings of one history differ.
    metadata = {"Date": None, "Creator": "gradatim"} if kind == "svg" else {"Software": "gradatim"}
    with _style(title):
        figure = _figure(rows, losses, title)
        with writing(path) as file:
            figure.savefig(file, format=kind, metadata=metadata)


def draw_curves(
    rows: Sequence[Row], *, losses: Array | None = None, title: str = ""
) -> Figure:
    """Draw the history of a training as a matplotlib figure, to show or to change.

    Parameters
    ----------
    rows, losses, title
        As for `save_curves`.

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to ``pyplot``, so there is nothing to close.

    Raises
    ------
    ShapeError
        The losses are not a vector.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> figure = draw_curves([{"step": 0, "test_accuracy": 0.1}])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['accuracy']
    """
    with _style(title):
        return _figure(rows, losses, title)


# --- the figure ------------------------------------------------------------------------------


def _figure(rows: Sequence[Row], losses: Array | None, title: str) -> Figure:
    from matplotlib.figure import Figure

    if losses is not None and np.ndim(losses) != 1:
        raise ShapeError(
            f"save_curves: losses have shape {np.shape(losses)}; they must be (steps,), one for "
            "each step. Try losses.ravel()."
        )
    steps = _steps(rows)
    loss = _points(steps, rows, _LOSS) or _points(steps, rows, [_single(rows)])
    accuracy = _points(steps, rows, _ACCURACY)
    panels = [name for name, there in (("accuracy", accuracy),) if there]
    if loss or losses is not None or not accuracy:
        panels.insert(0, "loss")
    figure = Figure(figsize=(5.4 * len(panels) + 0.2, 3.6), dpi=144, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.08)  # type: ignore[union-attr, call-arg]
    if title:
        figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold")
    for name, axes in zip(panels, np.ravel(figure.subplots(1, len(panels)))):
        _panel(axes, name)
        if name == "loss":
            _draw_loss(axes, loss, losses)
        else:
            _draw_accuracy(axes, accuracy)
    figure.draw_without_rendering()  # places are needed to keep labels apart
    for axes in figure.axes:
        _spread_labels(axes)
    return figure


def _single(rows: Sequence[Row]) -> _Curve:
    """Take the loss before each update where nothing better was measured."""
    return _Curve("train", "loss", _TRAIN, True, "s")


def _steps(rows: Sequence[Row]) -> Array:
    key = next((key for key in ("step", "epoch") if any(key in row for row in rows)), None)
    if key is None:
        return np.arange(len(rows), dtype=np.float64)
    return _column(rows, key)


def _column(rows: Sequence[Row], key: str) -> Array:
    """Give one figure of each row; what is absent, a text or infinite becomes NaN, a gap."""
    found = [row.get(key) for row in rows]
    values = np.array([v if isinstance(v, int | float | np.number) else np.nan for v in found], float)
    return np.where(np.isfinite(values), values, np.nan)


Points = list[tuple[_Curve, Array, Array]]


def _points(steps: Array, rows: Sequence[Row], curves: Iterable[_Curve]) -> Points:
    found = ((curve, steps, _column(rows, curve.key)) for curve in curves)
    return [(curve, x, y) for curve, x, y in found if np.isfinite(y).any()]


def _panel(axes: Axes, name: str) -> None:
    axes.set_title(name, loc="left", fontsize=11, color=_INK)
    axes.set_xlabel("step", color=_INK)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#888888")
    axes.tick_params(length=0, colors=_INK)
    axes.margins(x=0.02)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)  # type: ignore[call-arg]
