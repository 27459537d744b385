"""Slopes of a plain function at one point, along one direction, and what a kink there allows.

Away from kinks the slope is Richardson's: two central differences whose truncation cancels to
fourth order. Where it disagrees with a gradient, smaller steps are tried, for a kink may be near;
and where the slopes to the left and to the right differ at the smallest step, the point is on a
kink, and every slope between the two is right.

This serves the check of a learner's layer; `ladder` serves that of gradatim's own gradients, and
there are two because they ask for different things. A learner's mistake is far off, at one of a
dozen points at least, and any of their code comes: it may compute in float32, and each of its
outputs may stand at a kink of its own. So four evaluations a number and a fixed tolerance do, and
every output is looked at by itself. A rule of gradatim may be wrong by a trifle, and is compared at
one point: there up to thirty-eight evaluations buy an error budget, of all outputs together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradatim.types import Array

Move = Callable[[float], Array]
"""``move(t)``: all outputs of the function, with something moved by t."""

Standing = Literal["right", "kink", "wrong"]

ROUNDINGS = 50
"""How many roundings of the outputs, all in one direction, still count as round-off."""


@dataclass(frozen=True)
class Precision:
    """With how many digits the function computes, and what follows from that."""

    epsilon: float

    @property
    def step(self) -> float:
        """Where truncation of fourth order and round-off are balanced: 7e-4 in float64."""
        return float(self.epsilon**0.2)

    @property
    def tolerance(self) -> float:
        """Largest relative difference that is right: 1e-6 in float64."""
        return 1e-6 if self.epsilon < 1e-12 else 1e-3

    @property
    def steps(self) -> list[float]:
        """Smaller and smaller steps, for the sake of kinks near by."""
        return [self.step * 10.0**-i for i in range(1, 4 if self.epsilon < 1e-12 else 2)]


@dataclass(frozen=True)
class Slope:
    """Slope of ``(dout * outputs).sum()`` along a direction, and what rounding may add to it."""

    value: float
    doubt: float


@dataclass(frozen=True)
class Question:
    """A gradient that disagrees with a slope: by how much it may, and what is large here."""

    got: float
    allowed: float
    scale: float


def slope(move: Move, dout: Array, precision: Precision) -> Slope:
    """Richardson's slope, of central differences with a step and with half of it."""
    h = precision.step
    above, below = move(h), move(-h)
    wide = _central(above, below, dout, h)
    narrow = _central(move(h / 2), move(-h / 2), dout, h / 2)
    doubt = _rounding(above, dout, precision, h) + 1e-4 * abs(wide - narrow)
    return Slope((4 * narrow - wide) / 3, doubt)


def standing(
    question: Question, move: Move, dout: Array, precision: Precision
) -> tuple[Standing, float, float]:
    """Judge a gradient that disagrees with Richardson's slope; also the bounds of what is right."""
    before = None
    for h in precision.steps:
        above, below = move(h), move(-h)
        central = _central(above, below, dout, h)
        doubt = _rounding(above, dout, precision, h)
        if before is not None:
            doubt += 0.02 * abs(central - before)  # truncation falls to a hundredth each time
        if abs(central - question.got) <= question.allowed + doubt:
            return "right", central, central
        before = central
    return _at_kink(question, move, dout, precision)


def _at_kink(
    question: Question, move: Move, dout: Array, precision: Precision
) -> tuple[Standing, float, float]:
    h = precision.steps[-1]
    middle = move(0.0)
    left, right = dout * (middle - move(-h)) / h, dout * (move(h) - middle) / h
    size = np.maximum(np.abs(left), np.abs(right))
    rounding = ROUNDINGS * precision.epsilon * np.abs(dout) * np.maximum(np.abs(middle), 1.0) / h
    apart = np.abs(left - right) > 1e-3 * size + 1e-4 * question.scale + rounding
    between = (left + right) / 2
    low = float(np.where(apart, np.minimum(left, right), between).sum())
    high = float(np.where(apart, np.maximum(left, right), between).sum())
    if not apart.any():
        return "wrong", float(between.sum()), float(between.sum())
    slack = question.allowed + float(rounding.sum()) + 1e-3 * float(size[apart].max())
    if low - slack <= question.got <= high + slack:
        return "kink", low, high
    # What moves several outputs may have its kink further inside, where the bounds are wider.
    inside = np.count_nonzero(size > rounding) > 1
    return ("kink" if inside else "wrong"), low, high


def _central(above: Array, below: Array, dout: Array, h: float) -> float:
    return float((dout * (above - below)).sum() / (2 * h))


def _rounding(outputs: Array, dout: Array, precision: Precision, h: float) -> float:
    # On its way to a small output, as log(1) is, forward handles numbers around 1.
    size = float(np.sqrt(np.square(dout * np.maximum(np.abs(outputs), 1.0)).sum()))
    return ROUNDINGS * precision.epsilon * size / h
