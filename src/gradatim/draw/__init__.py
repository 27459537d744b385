"""Pictures: a computation with its gradients, the curves of a run, a digit in a terminal.

The room itself can be called: ``gd.draw(loss)``. See :func:`draw`.
"""

import sys

from gradatim.draw.chart.block import architecture
from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.confusion import confusion
from gradatim.draw.chart.curve import curves
from gradatim.draw.chart.descent import descent
from gradatim.draw.chart.flow import gradient_flow
from gradatim.draw.chart.landscape import landscape
from gradatim.draw.chart.prediction import predictions
from gradatim.draw.chart.region import regions
from gradatim.draw.chart.sketch import Sketch
from gradatim.draw.chart.sweep import sweep
from gradatim.draw.chart.weight import weights
from gradatim.draw.digit import bars, digit_text
from gradatim.draw.door import draw
from gradatim.draw.drawing import Drawing
from gradatim.draw.room import Room

__all__ = [
    "Chart",
    "Drawing",
    "Sketch",
    "architecture",
    "bars",
    "confusion",
    "curves",
    "descent",
    "digit_text",
    "draw",
    "gradient_flow",
    "landscape",
    "predictions",
    "regions",
    "sweep",
    "weights",
]

sys.modules[__name__].__class__ = Room
