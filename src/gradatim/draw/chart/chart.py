"""Chart: a figure that shows itself in a notebook and becomes an SVG or a PNG file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
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


class Chart:
    """A figure of ours.

    A notebook shows it by itself. The same numbers give the same bytes, and in SVG text stays
    text, so that a browser shows any script with its own fonts.

    Parameters
    ----------
    called : str
        The function that was asked for it, for messages.
    text : str
        What is written in it; fonts for its scripts are looked for.
    make : callable
        Makes the figure; called at once, in our style.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        To change or to show elsewhere. It is laid out already, and unknown to ``pyplot``, so there
        is nothing to close.

    Raises
    ------
    BackendError
        matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> chart = Chart("mine", "", Figure)
    >>> chart.png()[1:4], chart
    (b'PNG', Chart mine)
    """

    def __init__(self, called: str, text: str, make: Callable[[], Figure]) -> None:
        self._called, self._text = called, text
        with style(text, called):
            self.figure = make()

    def svg(self) -> str:
        """Return the chart as the text of an SVG file."""
        return self._drawn("svg").decode("utf-8")

    def png(self) -> bytes:
        """Return the chart as the bytes of a PNG file."""
        return self._drawn("png")

    def save(self, *paths: str | os.PathLike[str]) -> None:
        """Write the chart into files.

        Parameters
        ----------
        *paths : str or path
            The suffix, ``.svg`` or ``.png``, chooses the format. Replaced whole.

        Raises
        ------
        DataError
            A suffix is neither of the two, and nothing was written; or a file cannot be written.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> Chart("walk", "", Figure).save("walk.pdf")
        Traceback (most recent call last):
            ...
        gradatim.errors.DataError: walk: walk.pdf: the suffix is .pdf; it must be .svg or .png. ...
        """
        kinds = [kind_of(Path(path), self._called) for path in paths]
        for path, kind in zip(paths, kinds):
            drawn = self._drawn(kind)
            with writing(path) as file:
                file.write(drawn)

    def _drawn(self, kind: str) -> bytes:
        file = io.BytesIO()
        with style(self._text, self._called):
            self.figure.savefig(file, format=kind, metadata=_METADATA[kind])
        return file.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"Chart {self._called}"


def kind_of(path: Path, called: str) -> str:
    """Return the format that the suffix of a file chooses.

    Parameters
    ----------
    path : Path
        The file.
    called : str
        The function that was asked for it, for messages.

    Returns
    -------
    str
        ``svg`` or ``png``.

    Raises
    ------
    DataError
        The suffix is neither of the two.

    Examples
    --------
    >>> kind_of(Path("curves.PNG"), "curves")
    'png'
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in _METADATA:
        raise DataError(
            f"{called}: {path}: the suffix is {path.suffix or 'missing'}; it must be .svg or .png. "
            f"Did you mean {path.with_suffix('.svg').name}?"
        )
    return kind
