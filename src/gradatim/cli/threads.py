"""How many threads NumPy's products run on while the program runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
"""Environment variables by which somebody has decided already."""


@contextmanager
def numpy_on_one_thread() -> Iterator[None]:
    """Let NumPy multiply on one thread meanwhile, unless the environment says how many.

    For networks of this size a second one gains nothing, and it goes on waiting for work after
    each product, on a processor that compiled steps need.

    Examples
    --------
    >>> with numpy_on_one_thread():
    ...     pass
    """
    if any(os.environ.get(name) for name in VARIABLES):
        yield
        return
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1, "blas"):
        yield
