"""How far a long job with many files is: a bar on a terminal or in a notebook, else silence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol, get_args

from gradatim.errors import DtypeError

Kind = Literal["auto", "none"]
"""A bar where somebody can see it, or nothing at all."""


class Advance(Protocol):
    """Told how many more are done."""

    def __call__(self, count: int) -> None:
        """Count them."""


@contextmanager
def metering(kind: Kind, doing: str, total: int) -> Iterator[Advance]:
    """Show how far a job is while the block runs; the bar is gone afterwards.

    Parameters
    ----------
    kind
        ``"auto"``: a bar on stderr if that is a terminal or a notebook. ``"none"``: nothing.
    doing
        What is being done, before the bar.
    total
        How many there are to do.

    Yields
    ------
    Advance
        To be told how many more are done.

    Raises
    ------
    DtypeError
        `kind` is neither of the two.

    Examples
    --------
    >>> with metering("none", "counting", 10) as advance:
    ...     advance(10)
    """
    if kind not in get_args(Kind):
        raise DtypeError(
            f"ImageFolder: progress is {kind!r}; it must be one of {', '.join(get_args(Kind))}.\n"
            '  Try progress="auto".'
        )
    if kind == "none" or not _is_seen():
        yield lambda count: None
        return
    with _bar() as bar:
        task = bar.add_task(doing, total=total)

        def advance(count: int) -> None:
            bar.advance(task, count)
            bar.refresh()

        bar.refresh()
        yield advance


def notify(kind: Kind, text: str) -> None:
    """Say something in a line on stderr, unless nothing is to be shown.

    Parameters
    ----------
    kind
        As for `metering`.
    text
        The line.

    Examples
    --------
    >>> notify("none", "nobody reads this")
    """
    if kind != "none" and sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)


def _is_seen() -> bool:
    # A kernel's stderr is no terminal, but rich knows how to draw there.
    return (sys.stderr is not None and sys.stderr.isatty()) or "ipykernel" in sys.modules


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = [TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn()]
    console = Console(stderr=True, highlight=False)
    # Drawn by hand: a thread of rich's own would compete with the decoding.
    return Progress(
        *columns, TimeRemainingColumn(), console=console, auto_refresh=False, transient=True
    )
