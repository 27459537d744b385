"""Pictures: a digit in a terminal, the curves of a run."""

from gradatim.draw.curve import draw_curves, save_curves
from gradatim.draw.descent import draw_descent, save_descent
from gradatim.draw.digit import bars, digit_text

__all__ = ["bars", "digit_text", "draw_curves", "draw_descent", "save_curves", "save_descent"]
