"""NumPy's global random numbers, which the notebooks draw from, borrowed and given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw as after ``np.random.seed(seed)``, and leave the global generator as it was.

    Parameters
    ----------
    seed : int
        As for ``np.random.seed``.

    Examples
    --------
    >>> with seeded(0):
    ...     print(round(np.random.randn(), 4))
    1.7641
    """
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)
