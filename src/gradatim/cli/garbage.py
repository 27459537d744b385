"""How often Python looks for garbage that refers to itself while the program runs."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000
"""New objects from one look to the next; some 20 MB, if all were garbage."""


@contextmanager
def seldom_looked_for(*, for_good: bool = False) -> Iterator[None]:
    """Look for garbage seldom meanwhile.

    What is loaded at the start of a command stays, and to look through it for what does not took
    50 ms of each training. Results of computations never refer to themselves: they go at once.

    Where the process ends with the command, as ``for_good`` says, nothing is looked through at the
    end either: that took 80 ms more, for memory that the system takes back as a whole.

    Examples
    --------
    >>> with seldom_looked_for():
    ...     gc.get_threshold()[0]
    100000
    """
    first, *others = gc.get_threshold()
    if first:  # else somebody has switched it off
        gc.set_threshold(max(first, SELDOM), *others)
    if for_good:
        # Python looks once more when it ends, but not among what is frozen.
        atexit.unregister(gc.freeze)
        atexit.register(gc.freeze)
    try:
        yield
    finally:
        if not for_good:
            gc.set_threshold(first, *others)
