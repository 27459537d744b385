"""A slope with the width of what is not known of it, from differences over steps of many sizes.

A central difference over a step s is off by truncation, which falls with s, and by round-off,
which rises as s falls. Neither is known, but over a ladder of steps both are seen: truncation as
what still changes from step to step, round-off as what jumps about at the smallest ones. The step
between the two where least is unknown gives the slope. A kink is seen as a left and a right slope
that stay apart however small the step is.

The check of a learner's layer is content with less, and has `slope`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradatim.types import Array

Kind = Literal["smooth", "kink", "edge", "jump", "not finite"]

EPS = float(np.finfo(float).eps)

ROUNDINGS = 8.0
"""How many roundings of the outputs, all in one direction, still count as round-off."""

GRAINS = 4.0
"""How many grains of an output still count as round-off."""

TOP, BOTTOM = 0.1, 1e-10
"""Widest and narrowest step, for numbers of size 1 and below."""

STILL = 1e-30
"""A gradient that counts as none where the function does not move by a single bit."""

FOLD = 1e-5
"""Slopes nearer to each other than this part of them make no kink, but leave doubt."""

NARROW = 8
"""How many of the narrowest steps are asked for their noise."""

RATIO = float(np.sqrt(10.0))
"""Between two steps of a ladder."""


@dataclass(frozen=True)
class Slope:
    """What is known of a derivative along one line.

    Parameters
    ----------
    low, high : float
        The slope; at a kink the lower and the higher of the left and the right one.
    error : float
        How far the truth may be beyond either.
    kind : {"smooth", "kink", "edge", "jump", "not finite"}
        At an edge the function is finite on one side only.
    """

    low: float
    high: float
    error: float
    kind: Kind = "smooth"

    def holds(self, slope: float, slack: float = 0.0) -> bool:
        """Whether a slope is one that this allows."""
        room = self.error + slack
        return self.low - room <= slope <= self.high + room


@dataclass(frozen=True)
class Rung:
    """Differences over one step: of the two sides, and of each to the middle."""

    up: float
    down: float
    above: float
    below: float
    across: float
    scale: float

    @property
    def central(self) -> float:
        """Central difference."""
        return self.across / (self.up + self.down)

    @property
    def right(self) -> float:
        """Slope to the right."""
        return self.above / self.up

    @property
    def left(self) -> float:
        """Slope to the left."""
        return self.below / self.down


Reading = Callable[[float], Rung]
"""``reading(step)`` takes the differences over one step each way."""


def steps_from(h: float, at: float, top: float = TOP, bottom: float = BOTTOM) -> list[float]:
    """Steps from wide to narrow, each less than the one before by `RATIO`; h is one of them."""
    wide = max(1.0, abs(at)) if np.isfinite(at) else 1.0
    most = int(np.floor(np.log(max(top * wide / h, 1.0)) / np.log(RATIO) + 1e-9))
    least = int(np.ceil(np.log(min(bottom * wide / h, 1.0)) / np.log(RATIO) - 1e-9))
    return [h * RATIO**k for k in range(most, least - 1, -1)]


def steps_within(size: float) -> list[float]:
    """Steps from wide to narrow for a function that bends within the size of its numbers."""
    return [size * TOP * RATIO**-k for k in range(16)]


def settle(rungs: list[Rung], whole: bool, grain: float = 0.0) -> Slope:
    """Judge a ladder, from its widest step to its narrowest.

    Parameters
    ----------
    rungs : list of Rung
        From wide to narrow.
    whole : bool
        Whether the ladder goes down to where round-off rules, so that round-off and kinks can be
        measured. If not, kinks are not looked for.
    grain : float
        How large the steps are that rounding inside the function has cut its outputs into.
    """
    rounding = np.array([ROUNDINGS * EPS * rung.scale + GRAINS * grain for rung in rungs])
    steps = np.array([(rung.up + rung.down) / 2 for rung in rungs])
    central = np.array([rung.central for rung in rungs])
    if whole and (jump := _jump(rungs, rounding)):
        return jump
    noise = rounding + (_scatter(steps, central, rounding) if whole else 0.0)
    middle = _best(central, noise / steps, 2)
    if not whole:
        return Slope(middle[0], middle[0], middle[1])
    right = _best(np.array([rung.right for rung in rungs]), 2 * noise / steps, 1)
    left = _best(np.array([rung.left for rung in rungs]), 2 * noise / steps, 1)
    return _joined(middle, left, right)


def _joined(
    middle: tuple[float, float], left: tuple[float, float], right: tuple[float, float]
) -> Slope:
    """One slope of three: the central one, unless left and right stay apart."""
    sides = [side for side in (left, right) if np.isfinite(side).all()]
    if not sides:
        return Slope(np.nan, np.nan, np.inf, "not finite")
    if len(sides) == 1:
        # Near its edge a function may bend like a root, of which steps tell less than they seem to.
        return Slope(sides[0][0], sides[0][0], 10 * sides[0][1], "edge")
    gap = abs(left[0] - right[0])
    if gap > 2 * (left[1] + right[1]):
        low, high = sorted((left[0], right[0]))
        if gap > FOLD * max(abs(low), abs(high)):
            return Slope(low, high, max(left[1], right[1]), "kink")
        return Slope(middle[0], middle[0], max(middle[1], gap))
    return Slope(middle[0], middle[0], middle[1])


def _best(values: Array, rounding: Array, order: int) -> tuple[float, float]:
    """The slope of which least is unknown, and how much that is.

    ``order`` is that of the truncation: 2 for central differences, 1 for one-sided ones. A wide
    step counts only where the narrower ones are no farther off than it is itself, but for their
    rounding: else something lies between, such as a kink, that the wide step has leapt over.
    """
    gain = RATIO**order
    widths = _truncated(values, gain) + rounding
    finer = values + np.append(np.nan, np.diff(values)) / (gain - 1)
    # The next term is of order 4 for central differences and of order 2 for one-sided ones.
    closer = _truncated(finer, RATIO ** (2 * order)) + 1.5 * rounding
    best, error = np.nan, np.inf
    for k in range(len(values)):
        apart = np.abs(values[k + 1 :] - values[k]) > widths[k] + rounding[k + 1 :]
        if apart.any() or not np.isfinite(widths[k]):
            continue
        for value, width in ((values[k], widths[k]), (finer[k], closer[k])):
            if width < error:
                best, error = float(value), float(width)
    return best, error


def _truncated(values: Array, gain: float) -> Array:
    """How much truncation is left in each value, with room: thrice what the step before tells."""
    change = np.abs(np.append(np.nan, np.diff(values)))
    # One change may be small by luck, where two terms cancel, so that two are asked for.
    change[1:] = np.maximum(change[1:], change[:-1] / gain)
    left: Array = 3 * change / (gain - 1)
    return left


def _scatter(steps: Array, central: Array, rounding: Array) -> float:
    """Round-off as it is, where inner steps of the function round more than its result does.

    Noise moves the difference over each step by as much as its width falls, so that change times
    width stays level from step to step; what falls away steeply is truncation.
    """
    levels = (np.abs(np.diff(central)) * steps[1:])[: -NARROW - 1 : -1]
    # A difference of 0 beside others that are not is a step lost in rounding, and shows no noise.
    known = np.isfinite(levels) & (central[1:] != 0)[: -NARROW - 1 : -1]
    levels, usual = levels[known], rounding[: -NARROW - 1 : -1][known]
    if (levels[:3] <= usual[:3]).all():
        return 0.0
    steep = (levels[1:-1] > 8 * levels[:-2]) & (levels[2:] > 8 * levels[1:-1])
    level = levels[: int(steep.argmax()) + 1 if steep.any() else None]
    return (2 + 10 / level.size) * float(level.max())  # one alone may be small by luck


def _jump(rungs: list[Rung], rounding: Array) -> Slope | None:
    """A function that steps up or down by as much, however narrow the step is."""
    widest, wide, narrow = rungs[0], rungs[-5], rungs[-1]
    # A kink so near that even the narrowest step leaps over it looks alike, but is small.
    small = 1e-6 * np.nanmax(np.abs([widest.above, widest.below, 0.0]))
    for far, near in ((wide.above, narrow.above), (wide.below, narrow.below)):
        if abs(near) > max(100 * rounding[-1], 0.9 * abs(far), small):
            return Slope(narrow.central, narrow.central, np.inf, "jump")
    return None
