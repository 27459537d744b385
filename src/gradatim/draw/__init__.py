"""Pictures: a digit in a terminal, the curves of a run, a sweep over the step of a check."""

from gradatim.draw.chart.chart import Chart
from gradatim.draw.chart.curve import curves
from gradatim.draw.chart.descent import descent
from gradatim.draw.chart.sweep import sweep
from gradatim.draw.digit import bars, digit_text

__all__ = [
    "Chart",
    "bars",
    "curves",
    "descent",
    "digit_text",
    "sweep",
]
