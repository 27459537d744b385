"""Which kind of progress suits the place where the output goes."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Literal, get_args

from gradatim.errors import DtypeError
from gradatim.train.notebook import NotebookProgress
from gradatim.train.progress import PlainProgress, Progress
from gradatim.train.terminal import TerminalProgress

Kind = Literal["auto", "terminal", "notebook", "plain", "none"]
"""How a training is shown."""


def make_progress(kind: Kind | Progress) -> Progress:
    """Make what shows a training.

    Parameters
    ----------
    kind : str or Progress
        ``"auto"``: a bar in a terminal, a display in a notebook, plain lines in a file or a pipe.
        ``"terminal"``, ``"notebook"``, ``"plain"`` or ``"none"``: that. A Progress stays itself.

    Returns
    -------
    Progress
        Not started yet.

    Raises
    ------
    DtypeError
        `kind` is none of these.

    Examples
    --------
    >>> type(make_progress("plain")).__name__
    'PlainProgress'
    """
    if isinstance(kind, Progress):
        return kind
    if kind not in get_args(Kind):
        raise DtypeError(
            f"Trainer: progress is {kind!r}; it must be one of {', '.join(get_args(Kind))}.\n"
            '  Try progress="auto".'
        )
    if sys.stdout is None:  # closed before the program began: there is nobody to show it to
        return Progress()
    found = suited() if kind == "auto" else kind
    if found == "terminal":
        return TerminalProgress()
    if found == "notebook":
        return NotebookProgress()
    return PlainProgress() if found == "plain" else Progress()


def suited() -> Kind:
    """Return what suits standard output as it is now.

    Returns
    -------
    str
        ``"terminal"``, ``"notebook"`` or ``"plain"``.

    Examples
    --------
    >>> suited() in ("terminal", "notebook", "plain")
    True
    """
    if _in_notebook():
        return "notebook"
    terminal = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return "terminal" if terminal and find_spec("rich") else "plain"


def _in_notebook() -> bool:
    """A shell with a kernel draws HTML. IPython is asked only if somebody has loaded it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
