"""What a gradient check found: numbers side by side, and the verdict on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gradatim.types import Array, Shape

Verdict = Literal["ok", "zero", "WRONG", "not finite"]

_HEAD = ("name", "shape", "mean", "max", "relative", "largest", "verdict")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The gradient of one argument or parameter, numerical and by backprop.

    Parameters
    ----------
    name : str
        Of the argument, or path of the parameter.
    numerical : array of float64
        Central differences.
    backprop : array of float64 of the same shape
        Gradient by the chain rule.
    tolerance : float
        Largest difference that is right, relative to the largest element of either gradient.
    round_off : float
        Difference that rounding alone can make.
    """

    name: str
    numerical: Array
    backprop: Array
    tolerance: float
    round_off: float

    @property
    def shape(self) -> Shape:
        """Shape of the argument or parameter."""
        return self.numerical.shape

    @cached_property
    def difference(self) -> Array:
        """Absolute difference of each element; NaN where one of the two is not finite."""
        with np.errstate(invalid="ignore"):
            apart = np.abs(self.numerical - self.backprop)
        return np.where(np.isfinite(self.numerical) & np.isfinite(self.backprop), apart, np.nan)

    @property
    def mean(self) -> float:
        """Mean absolute difference; 0 for no elements."""
        return float(self.difference.mean()) if self.difference.size else 0.0

    @property
    def max(self) -> float:
        """Largest absolute difference; 0 for no elements."""
        return float(self.difference.max(initial=0.0))

    @cached_property
    def largest(self) -> float:
        """Largest element of either gradient, without its sign."""
        both = np.stack([self.numerical, self.backprop])
        return float(np.abs(both).max(initial=0.0))

    @property
    def relative(self) -> float:
        """Largest difference relative to the largest element; 0 where both gradients are 0."""
        return self.max / self.largest if self.max else 0.0

    @property
    def allowed(self) -> float:
        """Largest difference that counts as right."""
        # An error budget goes here: truncation and round-off predicted for each element, and left
        # and right slopes at kinks, in place of one tolerance for all.
        return self.tolerance * self.largest + self.round_off

    @property
    def verdict(self) -> Verdict:
        """``ok``, ``zero`` (nothing but rounding in both), ``WRONG`` or ``not finite``."""
        if np.isnan(self.difference).any():
            return "not finite"
        if self.max > self.allowed:
            return "WRONG"
        return "zero" if self.largest <= self.round_off else "ok"

    @property
    def passed(self) -> bool:
        """Whether backprop is right here."""
        return self.verdict in ("ok", "zero")

    @property
    def worst(self) -> tuple[int, ...]:
        """Index of the first element that is not finite, else of the largest difference."""
        apart = self.difference
        at = np.isnan(apart).argmax() if np.isnan(apart).any() else apart.argmax()
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
        figures = (self.mean, self.max, self.relative, self.largest)
        return (self.name, str(self.shape), *(f"{x:.3g}" for x in figures), self.verdict)


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

    def __str__(self) -> str:
        rows = [row._cells() for row in self.rows]
        widths = [max(map(len, column)) for column in zip(_HEAD, *rows)]
        lines = [
            f"gradient check: backprop against central differences, h = {self.h:g}",
            _line(_HEAD, widths),
            "  ".join("-" * width for width in widths),
            *(_line(row, widths) for row in rows),
            *(f"FAILED {row}" for row in self.rows if not row.passed),
            *(f"note: {note}" for note in self.notes),
        ]
        elements = sum(row.numerical.size for row in self.rows)
        right = sum(row.passed for row in self.rows)
        word = "passed" if self.passed else "failed"
        lines.append(f"{word}: {right} of {len(self.rows)} right, {elements:,} elements")
        return "\n".join(lines)

    __repr__ = __str__


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:2], widths)]
    right = [cell.rjust(width) for cell, width in zip(cells[2:-1], widths[2:-1])]
    return "  ".join([*left, *right, cells[-1]])
