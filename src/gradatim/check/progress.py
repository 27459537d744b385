"""How far a long check has come, and how long it will still take."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Literal, TextIO, get_args

from gradatim.errors import DtypeError

Kind = Literal["auto", "none"]
"""A line where somebody can see it, or nothing at all."""

PATIENCE_SECONDS = 1.0
"""How long nothing is shown: a short check needs no progress."""


class Progress:
    """One line on stderr that is rewritten while a check runs, and gone when it ends.

    Parameters
    ----------
    kind : {"auto", "none"}
        "auto" shows it where stderr is a terminal.
    called : str
        What is running.
    stream : text stream, optional
        Stderr if not given.

    Raises
    ------
    DtypeError
        If kind is neither of the two.
    """

    def __init__(self, kind: Kind, called: str, stream: TextIO | None = None) -> None:
        if kind not in get_args(Kind):
            raise DtypeError(
                f"{called}: progress is {kind!r}; it must be one of {', '.join(get_args(Kind))}.\n"
                '  Try progress="auto".'
            )
        # Stderr is None where a program was begun without one.
        self._stream = sys.stderr if stream is None else stream
        self.shown = kind == "auto" and self._stream is not None and self._stream.isatty()
        self._called = called
        self._start = perf_counter()
        self._due = self._start + PATIENCE_SECONDS
        self._drawn = 0
        self.done = 0
        self.total = 0

    def expect(self, count: int) -> None:
        """Add to what is to be done."""
        self.total += count

    def advance(self, count: int, name: str) -> None:
        """Add to what has been done, and show it if it is time."""
        self.done += count
        now = perf_counter()
        if self.shown and now >= self._due:
            self._due = now + 0.2
            self._draw(name, now - self._start)

    def close(self) -> None:
        """Wipe the line away."""
        if self._drawn:
            self._stream.write("\r" + " " * self._drawn + "\r")
            self._stream.flush()
            self._drawn = 0

    def _draw(self, name: str, seconds: float) -> None:
        left = seconds * (self.total - self.done) / max(self.done, 1)
        text = f"{self._called}: {name}, {self.done:,} of {self.total:,}, {_time(left)} left"
        self._stream.write("\r" + text.ljust(self._drawn))
        self._stream.flush()
        self._drawn = max(len(text), self._drawn)


def _time(seconds: float) -> str:
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {whole % 60:02} s"
