"""Signals, held back while state is written, so that no handler can raise in the middle of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

_PLAIN: Any = import_module("_signal")
"""What ``signal`` wraps: it makes no enums of what it tells, which takes 30 times as long."""

_NUMBERS = sorted(map(int, signal.valid_signals()))

Handler = Callable[[int, FrameType | None], object]


class SignalsHeld:
    """Lets handlers of signals wait until the end of its ``with``.

    Python calls a handler in the main thread, between any two lines, and a handler may raise:
    KeyboardInterrupt, a limit of time, the wish to end. Inside the ``with`` each signal is only
    noted; its handler is called at the end, and what it raises comes out there.

    It does nothing in other threads, where no handler runs, nor inside another one.

    Notes
    -----
    Cost: about 3 us.

    Examples
    --------
    >>> def late(number, frame):
    ...     raise TimeoutError
    >>> before = signal.signal(signal.SIGTERM, late)
    >>> done = []
    >>> try:
    ...     with SignalsHeld():
    ...         signal.raise_signal(signal.SIGTERM)
    ...         done.append("all of it")
    ... except TimeoutError:
    ...     done.append("too late")
    >>> done
    ['all of it', 'too late']
    >>> _ = signal.signal(signal.SIGTERM, before)
    """

    __slots__ = ("_arrived", "_before")

    _is_on = False

    def __init__(self) -> None:
        self._before: list[tuple[int, Handler]] = []
        self._arrived: list[tuple[int, FrameType | None]] = []

    def __enter__(self) -> Self:
        if SignalsHeld._is_on or threading.current_thread() is not threading.main_thread():
            return self
        try:
            for number, handler in _handlers():
                self._before.append((number, handler))
                _PLAIN.signal(number, self._note)
            SignalsHeld._is_on = bool(self._before)
        except BaseException:  # one that was not held yet has raised
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            handlers = dict(self._before)
            try:
                SignalsHeld._is_on = False
                self._let_go()
            finally:
                self._deliver(handlers)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._arrived.append((number, frame))

    def _let_go(self) -> None:
        """Put the handlers back, also if one of them raises as soon as it is there."""
        while self._before:
            number, handler = self._before[-1]
            try:
                if _PLAIN.getsignal(number) == self._note:  # else somebody has set another one
                    _PLAIN.signal(number, handler)
            finally:
                self._before.pop()
                self._let_go()

    def _deliver(self, handlers: dict[int, Handler]) -> None:
        """Call the handlers of what has arrived, each of them even if an earlier one raises."""
        while self._arrived:
            number, frame = self._arrived.pop(0)
            try:
                handlers[number](number, frame)
            finally:
                self._deliver(handlers)


_known: tuple[list[Any], list[tuple[int, Handler]]] = [], []


def _handlers() -> list[tuple[int, Handler]]:
    """Handlers that Python would call; mostly those of the time before."""
    global _known
    found = list(map(_PLAIN.getsignal, _NUMBERS))
    if found != _known[0]:
        _known = found, [(n, each) for n, each in zip(_NUMBERS, found) if callable(each)]
    return _known[1]
