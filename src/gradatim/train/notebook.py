"""Progress in a notebook: one display of HTML that is renewed, with no widgets to install."""

from __future__ import annotations

from typing import Any

from gradatim.train.progress import Progress
from gradatim.train.state import TrainingState
from gradatim.train.table import Table


class NotebookProgress(Progress):
    """A bar above the table of evaluations, in the output of the cell.

    Parameters
    ----------
    every_seconds : float
        How often it is renewed; each time is a message to the browser.
    """

    def __init__(self, every_seconds: float = 0.25) -> None:
        super().__init__(every_seconds)
        self._handle: Any = None
        self._notes: list[str] = []
        self._state: TrainingState | None = None
        self._done = False

    def start(self, state: TrainingState) -> None:
        """Make the display for ``state``."""
        from IPython.display import HTML, display  # type: ignore[import-not-found,unused-ignore]

        super().start(state)
        self._html = HTML
        self._state = state
        self._handle = display(HTML(self._page(state)), display_id=True)

    def draw(self, state: TrainingState) -> None:
        """Renew the display from ``state``."""
        if self._handle is not None:
            self._handle.update(self._html(self._page(state)))

    def row(self, state: TrainingState) -> None:
        """Renew the display with the latest evaluation of ``state``."""
        super().row(state)
        self.draw(state)

    def note(self, text: str) -> None:
        """Show a ``text`` below the table."""
        self._notes.append(text)
        if self._state is not None:
            self.draw(self._state)

    def close(self) -> None:
        """Take the bar away; the table stays."""
        self._done = True
        if self._state is not None:
            self.draw(self._state)

    def _page(self, state: TrainingState) -> str:
        from html import escape

        bar = ""
        if not self._done:
            figures = escape(", ".join(filter(None, self.speed.describe(state))))
            bar = (
                f'<progress value="{state.step}" max="{max(1, state.plan.stop)}"></progress> '
                f"{state.step}/{state.plan.stop} steps, {figures}"
            )
        rows = state.history.rows
        table = Table(rows[-1]).html(rows) if rows else ""
        notes = "".join(f"<div>{escape(text)}</div>" for text in self._notes)
        return f"<div>{bar}</div>{table}{notes}"
