"""Progress in a terminal: a bar below the table of evaluations, gone when it is done."""

from __future__ import annotations

from typing import Any

from gradatim.train.progress import PlainProgress
from gradatim.train.state import TrainingState


class TerminalProgress(PlainProgress):
    """A bar with rate, loss and time left; evaluations stay readable above it.

    Parameters
    ----------
    every_seconds : float
        How often the bar is drawn.
    console : rich.console.Console, optional
        Where to; standard output if not given.

    Notes
    -----
    Nothing runs beside the training: the bar is drawn by the training itself, when it is time. To
    draw it takes about 2 ms.
    """

    def __init__(self, every_seconds: float = 0.2, console: Any = None) -> None:
        super().__init__(every_seconds)
        self._console = console
        self._bar: Any = None
        self._task: Any = None

    def start(self, state: TrainingState) -> None:
        """Show an empty bar for ``state``."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        super().start(state)
        self._console = self._console or Console(highlight=False)
        columns = [TextColumn("{task.fields[doing]}"), BarColumn(bar_width=24)]
        columns += [MofNCompleteColumn(), TextColumn("{task.fields[figures]}")]
        # Drawn by hand: a thread of rich's own would draw in the middle of a step.
        self._bar = Bar(*columns, console=self._console, auto_refresh=False, transient=True)
        self._task = self._bar.add_task(
            "", total=state.plan.stop, completed=state.step, doing="training", figures=""
        )
        self._bar.start()

    def draw(self, state: TrainingState) -> None:
        """Draw the bar of ``state``."""
        self._show(state, "training")

    def step(self, state: TrainingState) -> None:
        """Draw the bar of ``state``, if it is time."""
        super(PlainProgress, self).step(state)

    def evaluating(self, state: TrainingState) -> None:
        """Show that ``state`` is being evaluated, unless that is done before anybody reads it."""
        usual = self.speed.evaluation_seconds
        super().evaluating(state)
        if usual is None or usual >= self._every:
            self._show(state, "evaluating")

    def note(self, text: str) -> None:
        """Print a ``text`` above the bar."""
        if self._console is None:
            super().note(text)
        else:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, state: TrainingState, doing: str) -> None:
        figures = "  ".join(filter(None, self.speed.describe(state)))
        self._bar.update(self._task, completed=state.step, doing=doing, figures=figures)
        self._bar.refresh()
