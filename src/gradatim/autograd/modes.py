"""What is switched on just now: the tape, the phase of a training step, the listeners.

All of it belongs to one Python thread, so two threads can train two models.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol
from weakref import ReferenceType

if TYPE_CHECKING:
    from gradatim.primitives import Primitive

Phase = Literal["forward", "backward", "update"]

Listener = Callable[["Primitive", tuple[Any, ...], dict[str, Any], Any], None]
"""``listener(primitive, inputs, settings, output)``, called after each primitive has run."""

Watcher = Callable[[Any, str, Any], None]
"""``watcher(module, "enter" or "leave", inputs or output)``, called around each module."""

Call = tuple[ReferenceType[Any], int, int]
"""A module that was called, and the ticks of the clock before and after."""

MOST_CALLS = 2048
"""So many calls of modules are remembered, the latest; a model that is gone is not kept alive."""


class Recorder(Protocol):
    """What a recorder of a whole step is told beside the primitives."""

    def see(self, primitive: Primitive, inputs: Any, settings: Any, output: Any) -> None:
        """Take note of a primitive that has run."""

    def see_target(self, x: Any) -> None:
        """Take note that ``x`` is about to be written."""

    def see_gradient(self, of: Any, gradient: Any) -> None:
        """Take note of what ``gradient`` is the gradient of."""

    def see_module(self, module: Any, moment: str, value: Any) -> None:
        """Take note that a module is entered or left."""

    def see_reading(self, x: Any) -> None:
        """Take note, or offence, that Python reads the value of a Tensor."""


class Modes:
    """The switches of one thread."""

    __slots__ = (
        "calls",
        "depth",
        "has_read",
        "listeners",
        "phase",
        "pulling",
        "recorder",
        "taping",
        "watcher",
    )

    def __init__(self) -> None:
        self.taping = True
        self.phase: Phase = "forward"
        self.listeners: tuple[Listener, ...] = ()
        self.pulling: Any = None  # the Tensor whose rule a listener sees at work in backward
        self.depth = 0  # how many gd.grad are differentiating around us
        self.has_read = False  # whether the function they differentiate took out a value
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self.watcher: Watcher | None = None
        self.recorder: Recorder | None = None


class _Local(threading.local):
    def __init__(self) -> None:
        self.modes = Modes()


_local = _Local()


def current() -> Modes:
    """Return the switches of this thread."""
    return _local.modes


@contextmanager
def _switched(**values: Any) -> Iterator[None]:
    modes = _local.modes
    before = {name: getattr(modes, name) for name in values}
    for name, value in values.items():
        setattr(modes, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(modes, name, value)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without remembering how: nothing made inside can be differentiated.

    Also works as a decorator. It concerns the calling thread only.

    Examples
    --------
    >>> import gradatim as gd
    >>> x = gd.Tensor(3.0, requires_grad=True)
    >>> with gd.no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    with _switched(taping=False):
        yield


@contextmanager
def taping(on: bool) -> Iterator[None]:
    """Switch the tape on or off."""
    with _switched(taping=on):
        yield


@contextmanager
def phase(name: Phase, taping: bool) -> Iterator[None]:
    """Say which part of a training step runs, and whether it can be differentiated."""
    modes = _local.modes
    before = modes.phase, modes.taping
    modes.phase, modes.taping = name, taping
    try:
        yield
    finally:
        modes.phase, modes.taping = before


@contextmanager
def deeper() -> Iterator[None]:
    """Say that a gd.grad differentiates what runs inside."""
    with _switched(depth=_local.modes.depth + 1, has_read=False):
        yield


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Call ``listener(primitive, inputs, settings, output)`` after every primitive.

    Parameters
    ----------
    listener : callable
        Gets the :class:`~gradatim.primitives.Primitive`, the tuple of input Tensors, the
        settings (a dict) and the output Tensor. During backward it sees the primitives of the
        rules. It must not change what it is given.

    Examples
    --------
    >>> import gradatim as gd
    >>> names = []
    >>> with gd.listen(lambda primitive, inputs, settings, output: names.append(primitive.name)):
    ...     y = gd.tanh(gd.Tensor(0.5)) * 2
    >>> names
    ['tanh', 'multiply']
    """
    with _switched(listeners=(*_local.modes.listeners, listener)):
        yield


@contextmanager
def unheard() -> Iterator[None]:
    """Tell nobody of what runs inside: no listener, no watcher, no recorder."""
    with _switched(listeners=(), watcher=None, recorder=None):
        yield


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Tell ``watcher`` of every module that is called in this thread."""
    with _switched(watcher=watcher):
        yield


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Tell ``recorder`` of all that happens in this thread, primitive by primitive."""
    now = _local.modes
    with _switched(
        recorder=recorder,
        watcher=recorder.see_module,
        listeners=(*now.listeners, recorder.see),
    ):
        yield
