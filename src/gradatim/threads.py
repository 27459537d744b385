"""How many threads compiled programs run on, and NumPy's products beside them."""

from __future__ import annotations

import operator
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradatim.errors import BackendError

VARIABLE = "GRADATIM_NUM_THREADS"
"""Environment variable that says how many where the program does not."""

_chosen: list[int] = []
_lock = threading.Lock()
_limits: list[Any] = []
"""Of NumPy's products: one for each of those who want them on one thread; only the first limits."""


def get_num_threads() -> int:
    """Return how many threads compiled programs may run on.

    Returns
    -------
    int
        What :func:`set_num_threads` was given; else the environment variable
        GRADATIM_NUM_THREADS; else the processors that this process may run on.

    Raises
    ------
    BackendError
        The environment variable is no whole number of 1 or more.

    Examples
    --------
    >>> get_num_threads() >= 1
    True
    """
    if _chosen:
        return _chosen[0]
    given = os.environ.get(VARIABLE, "").strip()
    return _checked(given, VARIABLE) if given else len(processors())


def set_num_threads(count: int | None) -> None:
    """Say how many threads compiled programs may run on from now on, in this process.

    Parameters
    ----------
    count : int or None
        1 or more; None for what it was at the start.

    Raises
    ------
    BackendError
        It is no whole number of 1 or more.

    Notes
    -----
    A training takes fewer where its steps are too small to be shared. Results do not depend on
    the number of threads. NumPy's own products, which compiled programs do not use, have threads
    of their own: set OPENBLAS_NUM_THREADS before Python starts. While compiled steps train a
    model, they have one.

    Examples
    --------
    >>> set_num_threads(2)
    >>> get_num_threads()
    2
    >>> set_num_threads(None)
    """
    _chosen[:] = [] if count is None else [_checked(count, "count")]


def processors() -> list[int]:
    """Return the numbers of the processors that this process may run on.

    Returns
    -------
    list of int
        As the system counts them, in order.

    Examples
    --------
    >>> len(processors()) >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextmanager
def numpy_on_one_thread() -> Iterator[None]:
    """Let NumPy multiply on one thread meanwhile, in the whole process.

    Its other threads go on waiting for work after each product, for some 0.1 s, on processors
    that compiled programs need.

    Examples
    --------
    >>> with numpy_on_one_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with _lock:
        _limits.append(None if _limits else threadpool_limits(1, "blas"))
    try:
        yield
    finally:
        with _lock:
            if len(_limits) == 1:
                _limits[0].restore_original_limits()
            _limits.pop()


def _checked(count: Any, called: str) -> int:
    try:
        whole = int(count) if isinstance(count, str) else operator.index(count)
    except (TypeError, ValueError):
        whole = 0
    if whole < 1 or isinstance(count, bool):
        raise BackendError(
            f"set_num_threads: {called} is {count!r}; it must be a whole number of 1 or more.\n"
            f"  This process may run on {len(processors())}: try that, or 1."
        )
    return whole
