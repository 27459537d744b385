"""The course of a function along one line: one number moved, or all of them in one direction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradatim.check.ladder import (
    EPS,
    ROUNDINGS,
    STILL,
    Rung,
    Slope,
    settle,
    steps_from,
    steps_within,
)
from gradatim.check.projection import Projection
from gradatim.errors import GradatimError
from gradatim.types import Array, Raw

SHARP = 1e-5
"""Part of a slope that may be unknown before more steps are tried."""

SMALL = 1e-2
"""Numbers below this may need steps of their own size."""

OUTSIDE = (ValueError, ArithmeticError, AssertionError, GradatimError)
"""What a function raises where it is not defined; a step other than h may lead there."""


class Course:
    """Outputs of a function along one line through its point.

    Parameters
    ----------
    move : callable
        Takes how far to go, moves there and returns how far that was, as floats round it.
    evaluate : callable
        Computes the outputs there.
    projection : Projection
        Makes one number of them.
    middle : list of array
        The outputs at the point itself.
    h : float
        The step of the central difference that is judged.
    at : float
        The number that is moved; the size of wide steps follows it.
    size : float
        How large the number is, or those beside it: where a function bends faster than the
        steps go, they follow this.
    coarse : callable
        How large a number is that is rounded on the way to the outputs.
    """

    def __init__(
        self,
        move: Callable[[float], float],
        evaluate: Callable[[], list[Raw]],
        projection: Projection,
        middle: list[Raw],
        h: float,
        at: float = 0.0,
        size: float = 0.0,
        coarse: Callable[[], float] = float,
    ) -> None:
        self._move, self._evaluate, self._projection = move, evaluate, projection
        self._middle = middle
        self.h, self._size, self._coarse = h, size, coarse
        self._steps = steps_from(h, at)
        self._first = self._steps.index(h)
        self._rungs: dict[float, Rung] = {}
        self._touched = [np.zeros(shape, dtype=bool) for shape in projection.shapes]

    def rung(self, step: float) -> Rung:
        """Take the differences over one step each way."""
        if step not in self._rungs:
            try:
                self._rungs[step] = self._read(step)
            except OUTSIDE:
                self._rungs[step] = Rung(step, step, np.nan, np.nan, np.nan, 0.0)
            finally:
                self._move(0.0)
        return self._rungs[step]

    def _read(self, step: float) -> Rung:
        up = self._move(step)
        above = self._evaluate()
        down = -self._move(-step)
        below = self._evaluate()
        difference = self._projection.difference
        return Rung(
            up,
            down,
            difference(above, self._middle),
            difference(self._middle, below),
            difference(above, below),
            self._projection.scale(above, below, self._touched),
        )

    def truncation(self, slope: float) -> float:
        """What the central difference over h is off by, told from wider ones by the law of h**2.

        Where they do not follow it, for a kink lies between, the least that any of them tells.
        """
        steps = [self._steps[self._first - k] for k in (0, 1, 2) if k <= self._first]
        told = [(self.rung(s).central - slope) * (self.h / s) ** 2 for s in steps]
        if len(told) < 3:
            return told[0]  # h is one of the widest steps; its truncation is seen without others
        rounding = ROUNDINGS * EPS * self.rung(self.h).scale / self.h
        if max(abs(told[2] - told[1]), abs(told[2] - told[0]) - rounding) <= 0.5 * abs(told[2]):
            return told[2]
        return told[0] if abs(told[0]) > rounding else min(told, key=abs)

    def slope(self, backprop: float, slack: float = 0.0) -> Slope:
        """Find the slope; where wide steps leave backprop in doubt, over narrow ones too."""
        wide = self._steps[: self._first + 1]
        rungs = [self.rung(step) for step in wide]
        if abs(backprop) < STILL and all(rung.above == rung.below == 0 for rung in rungs):
            return Slope(0.0, 0.0, 3 * STILL)
        found = settle(rungs, whole=False)
        sharp = SHARP * max(abs(found.low), abs(backprop))
        if found.error <= sharp and found.holds(backprop, slack):
            return found
        rungs = [self.rung(step) for step in self._steps if self._moves(step)]
        found = settle(rungs, whole=True)
        settled = found.kind == "kink" or found.error <= 100 * sharp
        if found.holds(backprop, slack) and settled:
            return found
        if grain := self._grain(rungs):
            return settle(rungs, whole=True, grain=grain)
        return self._within(found)

    def _grain(self, rungs: list[Rung]) -> float:
        """How large the steps of an output are that rounding has cut into level pieces; 0 if none.

        On its way to a small output, as 1 + exp(-33) is to its log, a function may round numbers
        that are far larger. Then the output does not change at all over narrow steps, and over
        wider ones by no less than a grain.
        """
        if not all(rung.above == 0 or rung.below == 0 for rung in rungs[-3:]):
            return 0.0
        seen = [abs(d) for rung in rungs for d in (rung.above, rung.below) if d and np.isfinite(d)]
        least, unit = min(seen, default=0.0), EPS * self._coarse()
        return max(least, unit) if least <= 64 * unit else 0.0

    def _within(self, found: Slope) -> Slope:
        """The slope over steps that follow the size of the numbers, if that is sharp."""
        if not 0 < self._size < SMALL:
            return found
        steps = [step for step in steps_within(self._size) if self._moves(step)]
        if len(steps) < 6:
            return found
        closer = settle([self.rung(step) for step in steps], whole=True)
        sharp = closer.error <= SHARP * max(abs(closer.low), abs(closer.high))
        return closer if sharp else found

    def _moves(self, step: float) -> bool:
        rung = self.rung(step)
        return rung.up > 0 and rung.down > 0


def number(numbers: Array, i: int) -> Callable[[float], float]:
    """Return what moves one number of an array."""
    flat = numbers.reshape(-1)
    middle = float(flat[i])

    def move(way: float) -> float:
        flat[i] = middle + way
        return float(flat[i]) - middle

    return move


def direction(arrays: list[Array], ways: list[Array]) -> Callable[[float], float]:
    """Return what moves all numbers of some arrays at once."""
    before = [array.copy() for array in arrays]

    def move(way: float) -> float:
        for array, middle, each in zip(arrays, before, ways):
            np.add(middle, way * each, out=array)
        return way

    return move
