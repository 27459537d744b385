"""Chance kept still: the random numbers of NumPy and of Python, frozen or put back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def chance_kept() -> Iterator[None]:
    """Leave NumPy's and Python's own random numbers as they were."""
    theirs, pythons = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(theirs)
        random.setstate(pythons)


def freeze_chance(seed: int) -> None:
    """Let whoever draws from NumPy's or Python's own generators draw the same again."""
    np.random.seed(seed)
    random.seed(seed)
