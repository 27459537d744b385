"""Progress: a training shown while it runs. Here the silent kind, and plain lines for files."""

from __future__ import annotations

import sys
from time import perf_counter

from gradatim.train.state import TrainingState
from gradatim.train.table import Row, Table, duration


class Progress:
    """Base of what shows a training, and the silent one itself.

    Parameters
    ----------
    every_seconds : float
        How often something is drawn between evaluations; in between ``step`` costs next to
        nothing.

    Attributes
    ----------
    speed : Speed
        How fast the training goes.

    Examples
    --------
    >>> Progress().note("nobody reads this")
    """

    def __init__(self, every_seconds: float = 0.1) -> None:
        self._every = every_seconds
        self._due = 0.0
        self.speed = Speed()

    def start(self, state: TrainingState) -> None:
        """Begin to show ``state``."""
        self.speed = Speed(state.step)

    def step(self, state: TrainingState) -> None:
        """Show ``state`` after an update, if it is time."""
        now = perf_counter()
        if now < self._due:
            return
        self._due = now + self._every
        self.draw(state)

    def evaluating(self, state: TrainingState) -> None:
        """Show that ``state`` is being evaluated."""
        self.speed.pause()

    def row(self, state: TrainingState) -> None:
        """Show the latest evaluation of ``state``."""
        self.speed.go_on()

    def draw(self, state: TrainingState) -> None:
        """Show where ``state`` is between evaluations."""

    def note(self, text: str) -> None:
        """Show a ``text`` of one line."""

    def close(self) -> None:
        """End; called once, whatever has happened."""


class PlainProgress(Progress):
    """A line for each evaluation and no control characters: for files, pipes and logs.

    Parameters
    ----------
    every_seconds : float
        Has no effect here.

    Examples
    --------
    >>> PlainProgress().note("done")
    done
    """

    def __init__(self, every_seconds: float = 0.1) -> None:
        super().__init__(every_seconds)
        self._table: Table | None = None

    def step(self, state: TrainingState) -> None:
        """Show nothing of ``state`` between evaluations."""

    def row(self, state: TrainingState) -> None:
        """Print the latest evaluation of ``state``, under a heading if it is the first."""
        super().row(state)
        line = self.line(state.row)
        self.note(line)

    def line(self, row: Row) -> str:
        """Return a ``row`` as text, with the heading before it the first time."""
        heading = ""
        if self._table is None:
            self._table = Table(row)
            heading = self._table.heading + "\n"
        return heading + self._table.line(row)

    def note(self, text: str) -> None:
        """Print a ``text``, and do not let it wait in a buffer."""
        print(text, file=sys.stdout, flush=True)


class Speed:
    """How fast the updates are, evaluations not counted, and how long it will take yet.

    Parameters
    ----------
    step : int
        Number of updates made before.

    Examples
    --------
    >>> Speed().rate(0)
    0.0
    """

    def __init__(self, step: int = 0) -> None:
        self._first = step
        self._since = perf_counter()
        self._spent = 0.0
        self._evaluations = 0
        self._evaluating = 0.0
        self._paused = False

    def pause(self) -> None:
        """Begin an evaluation."""
        now = perf_counter()
        self._spent += now - self._since
        self._since, self._paused = now, True

    def go_on(self) -> None:
        """End an evaluation."""
        now = perf_counter()
        if self._paused:
            self._evaluating += now - self._since
            self._evaluations += 1
        self._since, self._paused = now, False

    def rate(self, step: int) -> float:
        """Return updates a second up to ``step``."""
        spent = self._spent + (0.0 if self._paused else perf_counter() - self._since)
        return (step - self._first) / spent if step > self._first and spent > 0 else 0.0

    def left_seconds(self, state: TrainingState) -> float | None:
        """Return how long ``state`` will take yet; None while nobody can know."""
        rate = self.rate(state.step)
        if not rate:
            return None
        events = state.plan.events_left(state.step)
        return (state.plan.stop - state.step) / rate + events * (self.evaluation_seconds or 0.0)

    @property
    def evaluation_seconds(self) -> float | None:
        """How long an evaluation takes on average; None before the first."""
        return self._evaluating / self._evaluations if self._evaluations else None

    def describe(self, state: TrainingState) -> tuple[str, str, str]:
        """Return rate, loss and time left of ``state`` as texts."""
        rate, left = self.rate(state.step), self.left_seconds(state)
        speed = f"{rate:,.0f} steps/s" if rate >= 10 else f"{rate:.1f} steps/s"
        return (
            speed if rate else "",
            "loss -" if state.loss is None else f"loss {state.loss:.4f}",
            "" if left is None else f"{duration(left)} left",
        )
