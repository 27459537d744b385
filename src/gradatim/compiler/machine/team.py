"""Threads that run one function together, over and over, each on a processor of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter, thread_time

from gradatim.errors import BackendError
from gradatim.threads import processors

_SEATS = threading.Lock()
"""Held by the one team of the process whose threads stay on their processors. Where two teams
run at once the system places them all: pinned, they would wait for the same processors."""


class Team:
    """Threads that wait for work; the one that calls is the first of them.

    Parameters
    ----------
    count : int
        How many work together.

    Attributes
    ----------
    share : float
        How much of a processor the thread had that had least of it, in the latest work.

    Raises
    ------
    BackendError
        The system has no more threads.

    Notes
    -----
    Work that waits at barriers needs all threads at once, so they are there from the beginning.
    A piece of work costs some 30 us for being handed over.
    """

    def __init__(self, count: int) -> None:
        self.count, self.share = count, 1.0
        self._processors = processors()
        self._pool: ThreadPoolExecutor | None = None
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        if self.count > 1:
            self._pool = ThreadPoolExecutor(self.count - 1, "gradatim")
            self._gather(self._pool)

    def _gather(self, pool: ThreadPoolExecutor) -> None:
        """See that all threads are there."""
        meeting = threading.Barrier(self.count)
        try:
            for _ in range(1, self.count):
                pool.submit(meeting.wait)
        except RuntimeError as error:
            meeting.abort()
            self.close()
            raise BackendError(
                f"compile: the system has no {self.count} threads for a program ({error}).\n"
                "  Try gd.set_num_threads(1)."
            ) from error
        meeting.wait()

    def run(self, work: Callable[[int], None]) -> None:
        """Call ``work(i)`` in thread i for all threads, and return when all are done."""
        if self._pool is None:
            self.share = _timed(work, 0)
            return
        if self._process != os.getpid():  # a fork has no threads but the one that forked
            self._begin()
        pinned = len(self._processors) >= self.count and _SEATS.acquire(blocking=False)
        try:
            others = [self._pool.submit(self._work, work, i, pinned) for i in range(1, self.count)]
            own = self._work(work, 0, pinned)
            self.share = min(own, *(other.result() for other in others))
        finally:
            if pinned:
                _SEATS.release()

    def _work(self, work: Callable[[int], None], number: int, pinned: bool) -> float:
        if not pinned:
            return _timed(work, number)
        _stay_on([self._processors[number]])
        try:
            return _timed(work, number)
        finally:
            _stay_on(self._processors)

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown()


def _timed(work: Callable[[int], None], number: int) -> float:
    """Do work; return the share of the time in which this thread had a processor."""
    begun, used = perf_counter(), thread_time()
    work(number)
    passed = perf_counter() - begun
    return (thread_time() - used) / passed if passed > 0 else 1.0


def _stay_on(numbers: list[int]) -> None:
    """Keep this thread on some processors, where the system lets us; else it is only slower."""
    if hasattr(os, "sched_setaffinity"):
        with suppress(OSError):
            os.sched_setaffinity(0, numbers)
