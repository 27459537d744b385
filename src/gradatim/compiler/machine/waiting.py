"""When threads wait for each other, and when the step may be left."""

from __future__ import annotations

from gradatim.compiler.machine.kernel import Kernel, Product
from gradatim.compiler.machine.layout import Layout
from gradatim.compiler.machine.schedule import Schedule
from gradatim.compiler.program import Value


class Waiting:
    """Tells which kernels need what others have just written; asked about each in turn.

    Parameters
    ----------
    plan : Schedule
        All kernels.
    layout : Layout
        Says which of them copy or note something: they use the same memory for it.
    """

    def __init__(self, plan: Schedule, layout: Layout) -> None:
        self._plan, self._layout = plan, layout
        self._written: set[Value] = set()
        self._read: set[Value] = set()
        self._copied = False

    def must_wait(self, kernel: Kernel) -> bool:
        """Return whether all must be done with what came before when ``kernel`` begins."""
        root = self._plan.root
        copies = kernel in self._layout.panels
        writes = {root(line.output) for line in kernel.lines}
        reads = {root(value) for value in kernel.used()}
        must = bool(reads & self._written or writes & (self._read | self._written))
        is_second = isinstance(kernel, Product) and bool(kernel.crew)
        must = must or (copies and self._copied and not is_second)  # all copies share memory
        if must:
            self._read, self._written, self._copied = set(), set(), False
        self._copied = self._copied or copies
        self._read |= reads
        self._written |= writes
        return must


class Watch:
    """Tells when to look at a number that must be finite; asked about each kernel in turn.

    Parameters
    ----------
    plan : Schedule
        All kernels.
    value : Value
        The number: it is looked at once, before what may be written only after it.
    """

    def __init__(self, plan: Schedule, value: Value) -> None:
        self.value = value
        root = plan.root(value)
        places = [i for i, k in enumerate(plan.kernels) if root in map(plan.root, k.made())]
        self._order = {kernel: i for i, kernel in enumerate(plan.kernels)}
        self._made = places[-1] if places else len(plan.kernels)
        self._done = False

    def is_due(self, kernel: Kernel, waits: bool) -> bool:
        """Return whether to look before ``kernel``: where all ``waits``, or it would be late."""
        late = any(line.writes for line in kernel.lines)
        due = not self._done and self._order[kernel] > self._made and (waits or late)
        self._done = self._done or due
        return due
