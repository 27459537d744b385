"""The record of a measurement: what is known of the numbers of one array, to be told in a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gradatim.check.comparison import Budget, Comparison
from gradatim.check.ladder import Slope
from gradatim.check.tie import Breach
from gradatim.types import Array


@dataclass
class Record:
    """What is known of the numbers of one array, all flat."""

    numerical: Array
    backprop: Array
    budget: Budget
    checked: Array
    idle: Array
    studied: dict[int, Slope] = field(default_factory=dict)
    patched: list[int] = field(default_factory=list)
    breach: Breach | None = None

    def share(self) -> None:
        """Take for the slopes of tied numbers what is left for each of the one that they share."""
        if self.breach is not None:
            for i, sign in self.breach.way.items():
                part = sign * self.breach.slope / len(self.breach.way)
                self.budget.low[i] = self.budget.high[i] = part


def compared(name: str, found: Record, shape: tuple[int, ...]) -> Comparison:
    """Compare the numbers of a record, in the shape of their array."""
    budget = found.budget
    told = Budget(
        *(
            part.reshape(shape)
            for part in (
                *(budget.low, budget.high, budget.error),
                *(budget.truncation, budget.round_off, budget.resting, budget.unrest),
            )
        )
    )
    return Comparison(
        name,
        found.numerical.reshape(shape),
        found.backprop.reshape(shape),
        told,
        found.checked.reshape(shape),
        tuple(_remarks(found, shape)),
    )


def _remarks(found: Record, shape: tuple[int, ...]) -> Iterable[str]:
    """Say of each kind of oddity where it was first seen, and how often."""
    for kind in ("kink", "edge"):
        at = [i for i, slope in found.studied.items() if slope.kind == kind]
        if not at:
            continue
        slope, told = found.studied[at[0]], f"backprop {found.backprop[at[0]]:g}"
        where, more = _where(at[0], shape), f" ({len(at)} such)" if len(at) > 1 else ""
        if kind == "kink":
            yield f"{where}: a kink, slopes {slope.low:g} and {slope.high:g}, {told}{more}"
        else:
            yield f"{where}: finite on one side only, slope {slope.low:g}, {told}{more}"
    if found.breach:
        where = " and".join(_where(i, shape) for i in found.breach.way)
        yield (
            f"{where}: a tie; moved together the slope is {found.breach.slope:g}, "
            f"backprop adds up to {found.breach.found:g}"
        )
    near = [i for i in found.patched if found.studied[i].kind == "smooth"]
    if near:
        yield f"{_where(near[0], shape)}: not finite within h; the slope is from narrower steps"


def _where(i: int, shape: tuple[int, ...]) -> str:
    place = tuple(int(k) for k in np.unravel_index(i, shape))
    return f" at {place if len(place) > 1 else place[0]}" if place else ""
