"""Chance kept still: the random numbers of NumPy and of Python, frozen or put back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def chance_kept() -> Iterator[None]:
    """Leave NumPy's and Python's own random numbers as they were.

    Examples
    --------
    >>> freeze_chance(0)
    >>> with chance_kept():
    ...     inside = random.random()
    >>> random.random() == inside
    True
    """
    theirs, pythons = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(theirs)
        random.setstate(pythons)


def freeze_chance(seed: int) -> None:
    """Let whoever draws from NumPy's or Python's own generators draw the same again.

    Parameters
    ----------
    seed : int
        What both begin with, from 0 to 2**32 - 1, which are NumPy's limits.

    Examples
    --------
    >>> freeze_chance(3)
    >>> first = random.random()
    >>> freeze_chance(3)
    >>> random.random() == first
    True
    """
    np.random.seed(seed)
    random.seed(seed)
