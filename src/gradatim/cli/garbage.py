"""How often Python looks for garbage that refers to itself while the program runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000
"""New objects from one look to the next; some 20 MB, if all were garbage."""


@contextmanager
def seldom_looked_for() -> Iterator[None]:
    """Look for garbage seldom meanwhile.

    What is loaded at the start of a command stays, and to look through it for what does not took
    50 ms of each training. Results of computations never refer to themselves: they go at once.

    Examples
    --------
    >>> with seldom_looked_for():
    ...     gc.get_threshold()[0]
    100000
    """
    first, *others = gc.get_threshold()
    if first:  # else somebody has switched it off
        gc.set_threshold(max(first, SELDOM), *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)
