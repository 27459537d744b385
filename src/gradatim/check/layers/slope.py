"""Slopes of a plain function at one point, along one direction, and what a kink there allows.

Away from kinks the slope is Richardson's: two central differences whose truncation cancels to
fourth order. Where it disagrees with a gradient, smaller steps are tried, for a kink may be near;
and where the slopes to the left and to the right differ at the smallest step, the point is on a
kink, and every slope between the two is right.

A smaller step sees nearer kinks and more rounding. So where the wide steps are even, that is, where
two of its widths foretell the third and the function bends as a smooth one does, a smaller step is
heard only if what it says differs from them by more than its own rounding.

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

Standing = Literal["right", "kink", "wrong", "edge"]
"""At an edge the function is not finite, however small a step is made to one of the sides."""

INWARD = [10.0**-k for k in range(7, 13)]
"""Still smaller steps, for what is not finite a step away."""

ROUNDINGS = 50
"""How many roundings of the outputs, all in one direction, still count as round-off."""


@dataclass(frozen=True)
class Precision:
    """With how many digits the function computes, and what follows from that."""

    epsilon: float
    backward: float = 0.0
    """How far backward itself is rounded, relatively."""

    @property
    def step(self) -> float:
        """Where truncation of fourth order and round-off are balanced: 7e-4 in float64."""
        return float(self.epsilon**0.2)

    @property
    def tolerance(self) -> float:
        """Largest relative difference that is right: 1e-7 in float64."""
        return max(1e-7 if self.epsilon < 1e-12 else 1e-3, 64 * self.backward)

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
    doubt = _rounding(above, below, dout, precision, h) + 1e-4 * abs(wide - narrow)
    return Slope((4 * narrow - wide) / 3, doubt)


def unevenness(move: Move, dout: Array, precision: Precision) -> float:
    """How far Richardson's slope may be off because the function is not smooth, or is noisy.

    A kink within the step shows in the fourth difference, which is of no size for a smooth
    function, or where it does not, in three central differences: each is a quarter as far from
    the next one as the one before. Truncation is what Richardson took off, times the share of it.
    """
    h = precision.step
    above, upper, middle, lower, below = (move(k * h / 2) for k in (2, 1, 0, -1, -2))
    wide, narrow = _central(above, below, dout, h), _central(upper, lower, dout, h / 2)
    least = _central(move(h / 4), move(-h / 4), dout, h / 4)
    bend = float((dout * (above - 4 * upper + 6 * middle - 4 * lower + below)).sum()) / h
    gap = abs(wide - narrow)
    truncation = gap * min(1.0, gap / (max(abs(wide), abs(narrow)) or 1.0))
    return abs(bend) + abs(wide - narrow - 4 * (narrow - least)) + truncation


def standing(
    question: Question, move: Move, dout: Array, precision: Precision, seen: Slope | None = None
) -> tuple[Standing, float, float]:
    """Judge a gradient that disagrees with Richardson's slope; also the bounds of what is right.

    ``seen`` is Richardson's slope, if it is known.
    """
    sure = seen if seen is not None and _is_sure(seen, question, move, dout, precision) else None
    before = np.nan
    for h in precision.steps:
        above, below = move(h), move(-h)
        central = _central(above, below, dout, h)
        doubt = _rounding(above, below, dout, precision, h)
        if np.isfinite(before):
            doubt += 0.02 * abs(central - before)  # truncation falls to a hundredth each time
        new = sure is None or not abs(central - sure.value) <= question.allowed + doubt
        if new and abs(central - question.got) <= question.allowed + doubt:
            return "right", central, central
        before = central
        sure = None if new else sure
    if sure is not None:
        return "wrong", sure.value, sure.value
    if not np.isfinite(before):
        return _near_edge(question, move, dout, precision)
    return _at_kink(question, move, dout, precision)


def _is_sure(
    seen: Slope, question: Question, move: Move, dout: Array, precision: Precision
) -> bool:
    """Whether Richardson's slope is worth more than any that smaller steps give."""
    width = 3 * (unevenness(move, dout, precision) + seen.doubt + question.allowed)
    return width < abs(question.got - seen.value) and width < 0.1 * abs(seen.value)


def _near_edge(
    question: Question, move: Move, dout: Array, precision: Precision
) -> tuple[Standing, float, float]:
    """Judge with steps so small that they stay where the function is finite, if any do."""
    for h in INWARD:
        if not all(np.isfinite(move(t)).all() for t in (h, -h)):
            continue
        h /= 30  # so near an edge functions bend within the distance to it, as a root does
        above, below = move(h), move(-h)
        central = _central(above, below, dout, h)
        doubt = 0.01 * abs(central) + _rounding(above, below, dout, precision, h)
        right = abs(central - question.got) <= question.allowed + doubt
        return "right" if right else "wrong", central, central
    return "edge", np.nan, np.nan


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


def _rounding(above: Array, below: Array, dout: Array, precision: Precision, h: float) -> float:
    # On its way to a small output, as log(1) is, forward handles numbers around 1. What has not
    # moved by a single bit may have moved by less than one, and by no more.
    count = np.where(above == below, 1.0, ROUNDINGS)
    size = float(np.sqrt(np.square(count * dout * np.maximum(np.abs(above), 1.0)).sum()))
    return precision.epsilon * size / h
