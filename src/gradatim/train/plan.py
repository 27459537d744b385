"""How many steps a training takes, and after which of them it is evaluated: whole numbers only."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from gradatim.errors import DataError


@dataclass(frozen=True)
class Plan:
    """Steps of a training.

    Parameters
    ----------
    start : int
        Number of updates made already.
    stop : int
        Number of updates made at the end.
    every : int
        Updates from one evaluation to the next.
    epoch_steps : int
        Updates of an epoch.

    Examples
    --------
    >>> plan = Plan(0, 1000, 300, 600)
    >>> [step for step in range(1001) if plan.is_event(step)]
    [0, 300, 600, 900, 1000]
    """

    start: int
    stop: int
    every: int
    epoch_steps: int

    def is_event(self, step: int) -> bool:
        """Return whether the state after ``step`` updates is evaluated: the first, the last too."""
        return step % self.every == 0 or step == self.stop

    def is_off_plan(self, step: int) -> bool:
        """Return whether a longer training would not be evaluated after ``step`` updates."""
        return step % self.every != 0

    def events_left(self, step: int) -> int:
        """Return how many evaluations come after that of ``step`` updates."""
        last_is_extra = step < self.stop and self.is_off_plan(self.stop)
        return self.stop // self.every - step // self.every + last_is_extra


def make_plan(
    *,
    steps: int | None,
    epochs: int | None,
    evaluate_every: int | None,
    epoch_steps: int,
    start: int = 0,
) -> Plan:
    """Make a plan of what was asked for.

    Parameters
    ----------
    steps, epochs : int or None
        One of the two, counted from the very beginning of the run.
    evaluate_every : int or None
        Updates from one evaluation to the next; an epoch if None.
    epoch_steps : int
        Updates of an epoch.
    start : int
        Number of updates made already.

    Returns
    -------
    Plan
        Of whole numbers.

    Raises
    ------
    DataError
        Both or neither of `steps` and `epochs` were given, a number is not whole or too small, or
        more steps were made already than were asked for.

    Examples
    --------
    >>> make_plan(steps=None, epochs=2, evaluate_every=None, epoch_steps=469)
    Plan(start=0, stop=938, every=469, epoch_steps=469)
    """
    if (steps is None) == (epochs is None):
        given = "neither steps nor epochs" if steps is None else f"{steps=} and {epochs=}"
        raise DataError(
            f"fit: {given} was given.\n  Give one of the two: steps=10_000 updates, or epochs=17 "
            "times through the data."
        )
    if epochs is not None:
        stop = _whole("epochs", epochs, 0) * epoch_steps
    else:
        stop = _whole("steps", steps, 0)
    every = epoch_steps if evaluate_every is None else _whole("evaluate_every", evaluate_every, 1)
    if start > stop:
        raise DataError(
            f"fit: {start} steps of this run are done, {stop} were asked for.\n"
            "  Steps and epochs count from the very beginning. Try more of them, or no resume=?"
        )
    return Plan(start, stop, every, epoch_steps)


def _whole(name: str, value: Any, least: int) -> int:
    try:
        whole = operator.index(value)
    except TypeError:
        whole = least - 1
    if whole < least or isinstance(value, bool):
        raise DataError(
            f"fit: {name} is {value!r}.\n  It must be a whole number of {least} or more. "
            f"Try {name}={_nearest(value, least)}?"
        )
    return whole


def _nearest(value: Any, least: int) -> int:
    try:
        return max(1, least, round(float(value)))
    except (TypeError, ValueError, OverflowError):
        return max(1, least)
