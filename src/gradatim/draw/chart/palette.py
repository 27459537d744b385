"""Colours and markers of charts: told apart by every kind of colour vision, and in print."""

from __future__ import annotations

INK, QUIET, GRID, AXIS = "#333333", "#777777", "#E3E3E3", "#888888"
"""Of words, of remarks, of what lies behind the data, and of an axis."""

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = (
    *("#0072B2", "#D55E00", "#009E73"),
    *("#CC79A7", "#E69F00", "#56B4E9"),
)
"""Of Okabe and Ito."""

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, "#555555")
MARKERS = "os^DvPX"

RIGHT, WRONG = BLUE, VERMILION
"""What was told rightly and wrongly; a mark says the same."""

LABEL_CONTRAST = 4.5
"""Of small letters on white: WCAG 2.1, 1.4.3."""


def readable(colour: str) -> str:
    """Darken a colour until letters of it can be read on white.

    Parameters
    ----------
    colour : str
        As ``#RRGGBB``.

    Returns
    -------
    str
        The same colour, or a darker one of the same hue.

    Examples
    --------
    >>> readable("#E69F00"), readable("#0072B2")
    ('#9D6C00', '#0072B2')
    """
    levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    while 1.05 / (_luminance(levels) + 0.05) < LABEL_CONTRAST:
        levels = [0.98 * level for level in levels]
    return "#" + "".join(f"{round(255 * level):02X}" for level in levels)


def _luminance(levels: list[float]) -> float:
    """Relative luminance of a colour of sRGB, as WCAG 2.1 defines it."""
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
