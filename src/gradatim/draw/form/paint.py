"""How every kind of mark looks: colours by light and dark, widths of lines, and dashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COLOURS: Mapping[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14171c"),
    "ink": ("#23272f", "#e7eaf0"),
    "quiet": ("#5b6472", "#a0a9b8"),
    "frame": ("#aab2bf", "#525b69"),
    "forward": ("#0a56b0", "#7ab7ff"),
    "backward": ("#b3261e", "#ff9a8f"),
    "primitive": ("#ffffff", "#1d2128"),
    "variable": ("#e3eefb", "#1c2f47"),
    "parameter": ("#fdf0cf", "#40351a"),
    "constant": ("#eef0f3", "#282d36"),
    "module": ("#e9f3ec", "#1d3327"),
    "end": ("#23272f", "#e7eaf0"),
    "group": ("#f7f8fa", "#191d23"),
}
"""Colours by name: for light paper, and for dark."""


@dataclass(frozen=True)
class Look:
    """How a kind of mark is painted.

    Parameters
    ----------
    fill, stroke : str
        Names of colours; empty where there is none.
    width : float
        Of the stroke.
    dashes : tuple of float
        Lengths of dashes and gaps; empty for a solid line.
    bold : bool
        Whether text is bold.
    smooth : bool
        Whether the corners of a line are round.

    Examples
    --------
    >>> LOOKS["backward"].dashes
    (4.0, 2.5)
    """

    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dashes: tuple[float, ...] = ()
    bold: bool = False
    smooth: bool = False


LOOKS: Mapping[str, Look] = {
    "paper": Look("paper"),
    "forward": Look("", "forward", 1.4),
    "head": Look("forward"),
    "backward": Look("", "backward", 1.2, (4.0, 2.5)),
    "back-head": Look("backward"),
    "primitive": Look("primitive", "ink", 1.5),
    "fork": Look("forward"),
    "dot": Look("paper", "ink", 1.4),
    "variable": Look("variable", "ink", 1.2),
    "parameter": Look("parameter", "ink", 2.2),
    "input": Look("constant", "ink", 1.2),
    "state": Look("constant", "quiet", 1.2),
    "constant": Look("constant"),
    "module": Look("module", "ink", 1.8),
    "rest": Look("paper", "quiet", 1.2, (1.5, 3.0)),
    "end": Look("end"),
    "group": Look("group", "frame", 1.0),
    "name": Look("ink"),
    "title": Look("quiet", bold=True),
    "sign": Look("ink"),
    "result": Look("paper", bold=True),
    "quiet": Look("quiet"),
    "strong": Look("ink", bold=True),
    "value": Look("forward"),
    "gradient": Look("backward"),
    "note": Look("quiet"),
    "cell-frame": Look("paper", "frame", 0.8),
    "positive": Look("backward"),
    "negative": Look("forward"),
    "unknown": Look("", "ink", 0.8),
}
"""Looks by name. Forward is blue and solid, backward is red and dashed: never colour alone.
In maps positive numbers are red and negative ones blue, as in all charts of weights."""


@dataclass(frozen=True)
class Paint:
    """All that a scene is painted with.

    A name means the same in every paint: a page may show several scenes, and has one style.

    Parameters
    ----------
    colours : mapping of str to tuple of two str
        For light paper and for dark; ``paper`` is one of them.
    looks : mapping of str to Look
        Of its marks, and of the ``paper``.

    Examples
    --------
    >>> DRAWING.looks["paper"].fill
    'paper'
    """

    colours: Mapping[str, tuple[str, str]]
    looks: Mapping[str, Look]


DRAWING = Paint(COLOURS, LOOKS)
"""What drawings of computations are painted with."""
