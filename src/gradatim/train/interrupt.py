"""Ctrl-C, kept until a moment at which a training can stop."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


class Interrupt:
    """Counts the SIGINT that arrive inside its ``with``, so that nothing is left half done.

    The first one is only noted: whoever runs asks for ``count`` at a good moment. From the second
    on KeyboardInterrupt is raised at once, unless ``held`` says that something is being written.

    It does nothing outside the main thread, where Python delivers no signals, and where somebody
    else handles SIGINT already.

    Attributes
    ----------
    count : int
        How many have arrived.
    held : bool
        Whether to raise nothing just now; set by whoever runs.

    Examples
    --------
    >>> with Interrupt() as interrupt:
    ...     signal.raise_signal(signal.SIGINT)
    >>> interrupt.count
    1
    """

    def __init__(self) -> None:
        self.count = 0
        self.held = False
        self._installed = False

    def __enter__(self) -> Self:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._arrive)
            self._installed = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._installed = False

    def _arrive(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1 and not self.held:
            raise KeyboardInterrupt
