"""How what few programs ask for is opened: once, when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import Any

_TURN = RLock()
"""One thread opens at a time: two that import rooms which need each other stop each other."""


def opened(module: str) -> Any:
    """Return one of our modules, imported now if it was not yet.

    Parameters
    ----------
    module : str
        Its whole name.

    Returns
    -------
    module
        The same each time.

    Notes
    -----
    For those who show what others hold, and only for them; `tests/house/test_levels.py` lists
    them. Everybody else imports at the top of the file.

    Examples
    --------
    >>> opened("gradatim.draw.digit").__name__
    'gradatim.draw.digit'
    """
    with _TURN:
        return import_module(module)
