"""How many threads NumPy's products run on while the program runs."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

from gradatim.threads import numpy_on_one_thread

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
"""Environment variables by which somebody has decided already."""


def numpy_threads() -> AbstractContextManager[None]:
    """Let NumPy multiply on one thread meanwhile, unless the environment says how many.

    For networks of this size a second one gains nothing.

    Examples
    --------
    >>> with numpy_threads():
    ...     pass
    """
    if any(os.environ.get(name) for name in VARIABLES):
        return nullcontext()
    return numpy_on_one_thread()
