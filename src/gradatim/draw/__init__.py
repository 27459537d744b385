"""Pictures: a computation with its gradients, the curves of a run, a digit in a terminal.

The room itself can be called: ``gd.draw(loss)``. See :func:`draw`.
"""

import sys
from typing import cast

from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.curve import curves
from gradatim.draw.chart.descent import descent
from gradatim.draw.chart.sweep import sweep
from gradatim.draw.digit import bars, digit_text
from gradatim.draw.door import draw
from gradatim.draw.drawing import Drawing
from gradatim.draw.room import Room

__all__ = [
    "Chart",
    "Drawing",
    "bars",
    "curves",
    "descent",
    "digit_text",
    "draw",
    "sweep",
]

sys.modules[__name__].__class__ = Room
room = cast(Room, sys.modules[__name__])
"""This module, as what type checkers shall take it for."""
