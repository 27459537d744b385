"""Which threads run next: all of a team, or one where others need the processors.

Threads that meet at barriers go at the speed of the slowest, so on a machine whose processors are
busy two of them are slower than one. The results do not depend on it, so the choice may follow
the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Generic, TypeVar

from gradatim.compiler.machine.team import Team

T = TypeVar("T")

LEAST_SHARE = 0.6
"""Of a processor that every thread of a team must have had: two of them make a step in about 0.6 of
the time that one takes."""

SHORTEST_SECONDS = 0.002
"""Of a run that tells something."""

TRIAL_SECONDS = 0.005
"""How long the whole team is tried again."""

FIRST_REST, LONGEST_REST = 0.05, 1.0
"""Seconds until it is, at first and after several times in vain."""


class Rota(Generic[T]):
    """Chooses who runs a program next.

    Parameters
    ----------
    team : Team
        All threads that may be had.
    make : callable
        ``make(team)`` compiles the program for some threads.

    Attributes
    ----------
    whole : T
        For the whole team.
    """

    def __init__(self, team: Team, make: Callable[[Team], T]) -> None:
        self.whole = make(team)
        self._team, self._make = team, make
        self._alone: T | None = None
        self._rest, self._until = FIRST_REST, 0.0
        self._pace, self._is_doubted = 0.0, False

    def next(self, steps: int) -> tuple[T, int]:
        """Return who runs now, and how many of the steps that are left."""
        if self._team.count == 1:
            return self.whole, steps
        left = self._until - perf_counter()
        if left <= 0:
            is_trial = self._rest > FIRST_REST
            return self.whole, self._within(TRIAL_SECONDS, steps) if is_trial else steps
        if self._alone is None:
            self._alone = self._make(Team(1))
        return self._alone, self._within(left, steps)

    def _within(self, seconds: float, steps: int) -> int:
        """As many steps as take some time, by what the latest ones took."""
        return min(steps, max(1, int(seconds / self._pace))) if self._pace else steps

    def look(self, runner: T, steps: int, seconds: float) -> None:
        """Draw the conclusion from a run of some steps that took some time."""
        self._pace = seconds / steps
        if runner is not self.whole or seconds < SHORTEST_SECONDS:
            return
        if self._team.share >= LEAST_SHARE:
            self._rest, self._is_doubted = FIRST_REST, False
        elif not self._is_doubted:  # to compile for one takes longer than a hiccup
            self._is_doubted = True
        else:
            self._until = perf_counter() + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
