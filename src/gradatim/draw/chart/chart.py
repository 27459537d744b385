"""A figure's file: SVG or PNG by its suffix, the same bytes for the same figure."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gradatim.atomic import writing
from gradatim.draw.chart.style import style
from gradatim.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Dates and random ids would make two drawings of one history differ.
_METADATA = {
    "svg": {"Date": None, "Creator": "gradatim"},
    "png": {"Software": "gradatim"},
}


Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file, or several that show the same figure."""


def save(path: Paths, called: str, title: str, make: Callable[[], Figure]) -> None:
    """Write a figure in our style.

    Parameters
    ----------
    path : str, path or sequence of them
        The suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole. The figure is made
        once for all of them.
    called : str
        The function that was asked for it, for messages.
    title : str
        Text of the figure; a font for its script is looked for.
    make : callable
        Makes the figure; called in our style, and only if the suffix is right.

    Raises
    ------
    DataError
        The suffix is neither of the two, or the file cannot be written.
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> save("walk.pdf", "save_walk", "", lambda: None)
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: save_walk: walk.pdf: the suffix is .pdf; it must be .svg or .png. ...
    """
    paths = [Path(path)] if isinstance(path, (str, os.PathLike)) else [Path(each) for each in path]
    kinds = [_kind(each, called) for each in paths]
    with style(title, called):
        figure = make()
        for each, kind in zip(paths, kinds):
            with writing(each) as file:
                figure.savefig(file, format=kind, metadata=_METADATA[kind])
            figure.set_layout_engine("none")  # what was laid out once stays as it is


def _kind(path: Path, called: str) -> str:
    kind = path.suffix.lower().lstrip(".")
    if kind not in _METADATA:
        raise DataError(
            f"{called}: {path}: the suffix is {path.suffix or 'missing'}; it must be .svg or .png. "
            f"Did you mean {path.with_suffix('.svg').name}?"
        )
    return kind
