"""Chart: a figure of matplotlib that shows itself in a notebook and becomes a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradatim.draw.chart.sheet import Sheet
from gradatim.draw.chart.style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Dates and random ids would make two drawings of one history differ.
_METADATA = {
    "svg": {"Date": None, "Creator": "gradatim"},
    "png": {"Software": "gradatim"},
}


class Chart(Sheet):
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
        super().__init__(called)
        self._text = text
        with style(text, called):
            self.figure = make()

    def svg(self) -> str:
        """Return the chart as the text of an SVG file."""
        return self._drawn("svg").decode("utf-8")

    def png(self) -> bytes:
        """Return the chart as the bytes of a PNG file."""
        return self._drawn("png")

    def _drawn(self, kind: str) -> bytes:
        file = io.BytesIO()
        with style(self._text, self._called):
            self.figure.savefig(file, format=kind, metadata=_METADATA[kind])
        return file.getvalue()
