"""`gradatim reproduce`: every number of the five notebooks, computed anew and compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from gradatim.cli import terminal
from gradatim.draw.chart.style import style
from gradatim.errors import DataError
from gradatim.notebooks import NOTEBOOKS, Notebook, Outcome, Report, Session, save_picture
from gradatim.notebooks.pictures import PICTURES

Name = Literal["apples", "losses", "layers", "training", "mlp", "facts", "all"]

_WRONG = 1
_COLOURS = {
    "ok": "\x1b[32m",
    "WRONG": "\x1b[1;31m",
    "timed": "\x1b[36m",
}

_SHORT = """\
Short runs: 601 of the 10,000 training steps, of seed 0 alone, and 1,000 steps of mlp.
--full makes all of them; that takes some minutes.
"""


def reproduce(
    notebook: Name = "all", /, *, full: bool = False, pictures: Path | None = None
) -> int:
    """Compute every number of the notebooks and compare it with what it must be.

    For a bug of a notebook it shows what the notebook's own lines give, and why. Exit status 0
    means that all claims hold, 1 that one does not.

    Parameters
    ----------
    notebook
        apples, losses, layers, training, mlp; facts, which all of them share; or all.
    full
        Make the long runs too: 10,000 steps of three seeds, three epochs of mlp.
    pictures
        Folder for a picture of each notebook; made if it is not there.
    """
    chosen = list(NOTEBOOKS) if notebook == "all" else [notebook]
    if pictures is not None:
        _prepare(pictures)
    status = _Status()
    session, report = Session(full, status.show), Report(min(terminal.columns(), 100))
    print("All runs are made; that takes some minutes.\n" if full else _SHORT, flush=True)
    summaries, holds = [], True
    try:
        for name in chosen:
            outcomes = _compute(NOTEBOOKS[name], session, report, status)
            summaries.append(report.summary(NOTEBOOKS[name], outcomes))
            holds &= all(outcome.holds for outcome in outcomes)
        drawn = [] if pictures is None else _draw(pictures, chosen, session, status)
    finally:
        status.clear()
    print("\n".join(summaries))
    if drawn:
        print(f"Pictures: {', '.join(map(str, drawn))}")
    return 0 if holds else _WRONG


def _compute(
    notebook: Notebook, session: Session, report: Report, status: _Status
) -> list[Outcome]:
    """Compute and print the rows of one notebook."""
    _print(report.heading(notebook), status)
    outcomes = []
    for row in notebook.rows:
        status.show(f"{notebook.name} {row.number}")
        outcomes.append(row(session))
        _print([*report.row(outcomes[-1]), ""], status)
    return outcomes


def _draw(folder: Path, chosen: Sequence[str], session: Session, status: _Status) -> list[Path]:
    paths = []
    for name in chosen:
        if name in PICTURES:
            status.show(f"drawing {name}")
            paths.append(folder / f"{name}.png")
            save_picture(paths[-1], name, session)
    return paths


def _prepare(folder: Path) -> None:
    """Find out before the long runs whether pictures can be drawn and where to."""
    with style():
        pass
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise DataError(
            f"--pictures {folder}: this is a file; it must be a folder, or not exist yet."
        ) from None
    except OSError as error:
        raise DataError(_no_place(folder, (error.strerror or str(error)).lower())) from error
    if not os.access(folder, os.W_OK):
        raise DataError(_no_place(folder, "nothing may be written there"))


def _no_place(folder: Path, reason: str) -> str:
    return (
        f"--pictures {folder}: the folder cannot be used: {reason}; name one where you may write, "
        "as in --pictures pictures."
    )


def _print(lines: Iterable[str], status: _Status) -> None:
    status.clear()
    for line in lines:
        print(_coloured(line) if status.is_terminal else line)
    print(end="", flush=True)  # sys.stdout is None after `gradatim reproduce >&-`


def _coloured(line: str) -> str:
    """Colour the verdict at the end of a line."""
    for verdict, colour in _COLOURS.items():
        if line.endswith(f"  {verdict}") and "NO_COLOR" not in os.environ:
            return f"{line.removesuffix(verdict)}{colour}{verdict}\x1b[0m"
    return line


class _Status:
    """One line in a terminal that says what goes on; nothing in a file or a pipe."""

    def __init__(self) -> None:
        shown = sys.stdout is not None and sys.stdout.isatty()
        self.is_terminal = shown and os.environ.get("TERM") != "dumb"

    def show(self, what: str, done: int = 0, of: int = 0) -> None:
        """Say what goes on, and how far it has come."""
        if self.is_terminal:
            share = f" {done / of:.0%}" if of > 1 else ""
            print(f"\r\x1b[K{what}{share}"[: terminal.columns()], end="", flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self.is_terminal:
            print("\r\x1b[K", end="", flush=True)
