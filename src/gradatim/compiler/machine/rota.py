"""Which threads run next: all of a team, or one where others need the processors.

Threads that meet at barriers go at the speed of the slowest, so on a machine whose processors are
busy two of them are slower than one. The results do not depend on it, so the choice may follow
the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from gradatim.compiler.machine.runner import Runner
from gradatim.compiler.machine.team import Team

LEAST_SHARE = 0.75
"""Of a processor that every thread of a team must have had."""

SHORTEST_SECONDS = 0.005
"""Of a run that tells something."""

FIRST_REST, LONGEST_REST = 0.25, 2.0
"""Seconds until the whole team is tried again, at first and after several times in vain."""


class Rota:
    """Chooses who runs a program next.

    Parameters
    ----------
    team : Team
        All threads that may be had.
    make : callable
        ``make(team)`` compiles the program for some threads.

    Attributes
    ----------
    whole : Runner
        For the whole team.
    """

    def __init__(self, team: Team, make: Callable[[Team], Runner]) -> None:
        self.whole = make(team)
        self._team, self._make = team, make
        self._alone: Runner | None = None
        self._rest, self._until = FIRST_REST, 0.0

    def next(self) -> Runner:
        """Return who runs now."""
        if perf_counter() >= self._until or self._team.count == 1:
            return self.whole
        if self._alone is None:
            self._alone = self._make(Team(1))
        return self._alone

    def look(self, runner: Runner, seconds: float) -> None:
        """Draw the conclusion from a run that took some time."""
        if runner is not self.whole or seconds < SHORTEST_SECONDS:
            return
        if self._team.share >= LEAST_SHARE:
            self._rest = FIRST_REST
        else:
            self._until = perf_counter() + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
