"""Pictures: a digit in a terminal, the curves of a run, a sweep over the step of a check."""

from gradatim.draw.chart.curve import draw_curves, save_curves
from gradatim.draw.chart.descent import draw_descent, save_descent
from gradatim.draw.digit import bars, digit_text
from gradatim.draw.chart.sweep import draw_sweep, save_sweep

__all__ = [
    "bars",
    "digit_text",
    "draw_curves",
    "draw_descent",
    "draw_sweep",
    "save_curves",
    "save_descent",
    "save_sweep",
]
