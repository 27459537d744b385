"""What a gradient check found: numbers side by side, their error budget, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gradatim.types import Array, Shape

Verdict = Literal["ok", "zero", "kink", "unsure", "WRONG", "not finite"]

RESOLVED = 1e-3
"""Largest part of a row's largest element that may be unknown where the row is called right."""

_HEAD = (
    *("name", "shape", "mean", "max", "relative"),
    *("truncation", "round-off", "richardson", "verdict"),
)


@dataclass(frozen=True, eq=False)
class Budget:
    """What is known of each numerical slope, and of its errors. All arrays are of one shape.

    Parameters
    ----------
    low, high : array of float64
        The slope as well as it is known; at a kink the left and the right one in order.
    error : array of float64
        How far the truth may be beyond either; a gradient outside is wrong.
    truncation : array of float64
        Predicted difference that comes of the step being wide, with its sign; NaN where it was
        not asked for.
    round_off : array of float64
        Predicted size of the difference that comes of rounding.
    resting : array of float64
        How large rounding alone can make backprop's own gradient where it is 0.
    unrest : array of float64
        How far backprop's own gradient is moved by rounding.
    """

    low: Array
    high: Array
    error: Array
    truncation: Array
    round_off: Array
    resting: Array
    unrest: Array


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The gradient of one argument or parameter, numerical and by backprop.

    Parameters
    ----------
    name : str
        Of the argument, or path of the parameter.
    numerical : array of float64
        Central differences; NaN for what was left out of a sample.
    backprop : array of float64 of the same shape
        Gradient by the chain rule.
    budget : Budget
        How exact each numerical slope is.
    checked : array of bool of the same shape
        What was checked.
    remarks : tuple of str
        What was seen at single elements, such as a kink.
    """

    name: str
    numerical: Array
    backprop: Array
    budget: Budget
    checked: Array
    remarks: tuple[str, ...] = ()

    @property
    def shape(self) -> Shape:
        """Shape of the argument or parameter."""
        return self.numerical.shape

    @property
    def count(self) -> int:
        """How many elements were checked."""
        return int(np.count_nonzero(self.checked))

    @cached_property
    def difference(self) -> Array:
        """Absolute difference of each element; NaN where one of the two is not finite."""
        return _apart(self.numerical, self.backprop)

    @property
    def mean(self) -> float:
        """Mean absolute difference; 0 for no elements."""
        return _mean(self.difference[self.checked])

    @property
    def max(self) -> float:
        """Largest absolute difference; 0 for no elements."""
        return float(self.difference[self.checked].max(initial=0.0))

    @cached_property
    def largest(self) -> float:
        """Largest element of either gradient, without its sign."""
        both = np.stack([self.numerical[self.checked], self.backprop[self.checked]])
        return float(np.abs(both).max(initial=0.0))

    @property
    def relative(self) -> float:
        """Largest difference relative to the largest element; 0 where both gradients are 0."""
        return self.max / self.largest if self.max else 0.0

    @property
    def truncation(self) -> float:
        """Predicted mean difference from truncation, where it is known; NaN if nowhere."""
        return _mean(np.abs(self.budget.truncation[self._known]))

    @property
    def round_off(self) -> float:
        """Predicted mean size of the round-off, ``eps |f| / h``."""
        return _mean(self.budget.round_off[self.checked])

    @property
    def richardson(self) -> float:
        """Mean absolute difference after Richardson's extrapolation, where it was made."""
        best = (self.budget.low + self.budget.high) / 2
        return _mean(_apart(best, self.backprop)[self._known])

    @cached_property
    def _known(self) -> Array:
        known: Array = self.checked & np.isfinite(self.budget.truncation)
        return known

    @cached_property
    def wrong(self) -> Array:
        """Which elements of backprop lie outside of what their budget allows."""
        low, high, room = self.budget.low, self.budget.high, self.budget.error
        with np.errstate(invalid="ignore"):
            outside = (self.backprop < low - room) | (self.backprop > high + room)
        wrong: Array = self.checked & outside
        return wrong

    @property
    def verdict(self) -> Verdict:
        """What follows from the budget.

        ``ok``
            Right, to a thousandth of the largest element at least.
        ``zero``
            Nothing but rounding in both gradients.
        ``kink``
            Right, and at some elements a slope between the left and the right one.
        ``unsure``
            No verdict: more is unknown than a thousandth of the largest element.
        ``WRONG``
            An element is farther off than all errors together can explain.
        ``not finite``
            A gradient is infinite or NaN.
        """
        finite = np.isfinite(self.backprop) & np.isfinite(self.budget.low)
        if not finite[self.checked].all():
            return "not finite"
        if self.wrong.any():
            return "WRONG"
        if np.isinf(self.budget.error[self.checked]).any():
            return "unsure"
        if (self.checked & (self.budget.high > self.budget.low)).any():
            return "kink"
        return self._resolved()

    def _resolved(self) -> Verdict:
        if self._nothing[self.checked].all():
            return "zero"
        at = np.where(self.checked, self._size, -1.0).argmax()
        resolved = self.budget.error.flat[at] <= RESOLVED * self._size.flat[at]
        return "ok" if resolved else "unsure"

    @property
    def faint(self) -> int:
        """How many elements are too small beside their error to be judged one by one."""
        faint = self.budget.error > RESOLVED * self._size
        return int(np.count_nonzero(self.checked & faint & ~self._nothing))

    @cached_property
    def _size(self) -> Array:
        size: Array = np.maximum(np.abs(self.backprop), np.abs(self.budget.low))
        return size

    @cached_property
    def _nothing(self) -> Array:
        """Where both gradients are nothing but rounding."""
        nothing: Array = np.abs(self.backprop) <= self.budget.resting
        return nothing & (np.abs(self.budget.low) <= self.budget.error / 3)

    @property
    def passed(self) -> bool:
        """Whether backprop is right here."""
        return self.verdict in ("ok", "zero", "kink")

    @property
    def worst(self) -> tuple[int, ...]:
        """Index of the first element that is not finite, else of the worst difference.

        The worst is the one that goes farthest beyond its budget; where none does, the largest.
        """
        apart = np.where(self.checked, self.difference, -1.0)
        if np.isnan(apart).any():
            at = np.isnan(apart).argmax()
        elif self.wrong.any():
            at = np.where(self.wrong, apart / np.maximum(self.budget.error, 1e-300), -1.0).argmax()
        else:
            at = apart.argmax()
        return tuple(int(i) for i in np.unravel_index(at, apart.shape))

    def __str__(self) -> str:
        if not self.numerical.size:
            return f"{self.name}: no elements"
        at = self.worst
        place = f" at {at if len(at) > 1 else at[0]}" if at else ""
        return (
            f"{self.name}{place}: numerical {float(self.numerical[at])!r}, "
            f"backprop {float(self.backprop[at])!r}"
        )

    def __repr__(self) -> str:
        return f"<{self.verdict}, {self}>"

    def _cells(self) -> tuple[str, ...]:
        figures = (self.mean, self.max, self.relative)
        predicted = (self.truncation, self.round_off, self.richardson)
        told = ["-" if np.isnan(x) else f"{x:.3g}" for x in (*figures, *predicted)]
        return (self.name, str(self.shape), *told, self.verdict)


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck:
    """What a gradient check found; true if backprop is right everywhere, printed as a table.

    Parameters
    ----------
    rows : tuple of Comparison
        One for each argument or parameter, in their order.
    h : float
        How far each number was moved.
    notes : tuple of str
        What the reader should know, such as what was not checked.
    """

    rows: tuple[Comparison, ...]
    h: float
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether backprop is right for every argument and parameter."""
        return all(row.passed for row in self.rows)

    @property
    def undecided(self) -> bool:
        """Whether nothing is wrong, but the budget is too large to call everything right."""
        verdicts = {row.verdict for row in self.rows}
        return "unsure" in verdicts and verdicts.isdisjoint(("WRONG", "not finite"))

    def __bool__(self) -> bool:
        return self.passed

    def __getitem__(self, name: str) -> Comparison:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"{name}; there are {', '.join(row.name for row in self.rows)}")

    def assert_passed(self) -> None:
        """Raise AssertionError with the table unless backprop is right everywhere."""
        if not self.passed:
            raise AssertionError(str(self))

    @property
    def explanation(self) -> str:
        """One sentence on the largest truncation error, and what Richardson makes of it."""
        known = [
            row
            for row in self.rows
            if row.verdict == "ok" and row.truncation > max(row.round_off, row.mean / 2)
        ]
        if not known:
            return ""
        row = max(known, key=lambda row: row.truncation)
        return (
            f"{row.name} is off by {row.mean:.2g} because the step is wide: h**2/6 times the third "
            f"derivative predicts {row.truncation:.2g}; Richardson brings it to "
            f"{row.richardson:.1g}"
        )

    def __str__(self) -> str:
        rows = [row._cells() for row in self.rows]
        widths = [max(map(len, column)) for column in zip(_HEAD, *rows)]
        notes = [self.explanation] if self.explanation else []
        notes += [f"{row.name}{remark}" for row in self.rows for remark in row.remarks]
        lines = [
            f"gradient check: backprop against central differences, h = {self.h:g}",
            _line(_HEAD, widths),
            "  ".join("-" * width for width in widths),
            *(_line(row, widths) for row in rows),
            *(_failure(row) for row in self.rows if not row.passed),
            *(f"note: {note}" for note in [*notes, *self.notes]),
        ]
        elements = sum(row.count for row in self.rows)
        right = sum(row.passed for row in self.rows)
        word = "passed" if self.passed else "undecided" if self.undecided else "failed"
        lines.append(f"{word}: {right} of {len(self.rows)} right, {elements:,} elements")
        return "\n".join(lines)

    __repr__ = __str__


def _failure(row: Comparison) -> str:
    if row.verdict != "unsure":
        return f"FAILED {row}"
    if np.isinf(row.budget.error[row.checked]).any():
        return f"NO VERDICT {row.name}: the function jumps here, it has no slope"
    error = row.budget.error[row.checked].max()
    return (
        f"NO VERDICT {row}: known only to {error:.1g}, which is too much beside the gradient. "
        "Try another h, or scale the function."
    )


def _apart(some: Array, others: Array) -> Array:
    with np.errstate(invalid="ignore"):
        apart = np.abs(some - others)
    return np.where(np.isfinite(some) & np.isfinite(others), apart, np.nan)


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else 0.0


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:2], widths)]
    right = [cell.rjust(width) for cell, width in zip(cells[2:-1], widths[2:-1])]
    return "  ".join([*left, *right, cells[-1]])
