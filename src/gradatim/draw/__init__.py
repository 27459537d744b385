"""Pictures: a computation with its gradients, the curves of a run, a digit in a terminal.

The room itself can be called: ``gd.draw(loss)``. See :func:`draw`.
"""

import sys
from typing import TYPE_CHECKING

from gradatim.draw.room import Room
from gradatim.opening import opened as _opened

if TYPE_CHECKING:
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

_FILES = {
    "Chart": "chart.chart",
    "Drawing": "drawing",
    "Sketch": "chart.sketch",
    "architecture": "chart.block",
    "bars": "digit",
    "confusion": "chart.confusion",
    "curves": "chart.curve",
    "descent": "chart.descent",
    "digit_text": "digit",
    "draw": "door",
    "gradient_flow": "chart.flow",
    "landscape": "chart.landscape",
    "predictions": "chart.prediction",
    "regions": "chart.region",
    "sweep": "chart.sweep",
    "weights": "chart.weight",
}
"""Where each of them is. Who wants the curves of a run need not wait for the layout of graphs."""

if not TYPE_CHECKING:  # a type checker would take every name there is for one of ours

    def __getattr__(name):
        """Open the file that holds a name, and keep the name."""
        if name not in _FILES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(_opened(f"{__name__}.{_FILES[name]}"), name)
        return found


sys.modules[__name__].__class__ = Room
