"""Points so near to a tie that the function is the same, and what a layer gives there.

Where several numbers are equal, a function may stand still whichever one of them is moved, and yet
have a slope at every point nearby: the middle of four equal numbers does. A gradient that the layer
gives at such a point, and that is the slope there, is right at the tie too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gradatim.check.layers.call import Call, LayerAtPoint
from gradatim.check.layers.point import Kind
from gradatim.check.layers.slope import Move
from gradatim.types import Array

COUNT = 24
"""Points around."""

AWAY, STEP = 1e-5, 1e-7
"""How far these are, and how far they are moved, beside the size of the numbers."""

CLEAR = 1e-5
"""Share of the largest gradient from which on a difference may come from a tie."""

Read = Callable[[Call, LayerAtPoint], Array | None]
"""Which gradient of a call is looked at."""


@dataclass(frozen=True)
class Nearby:
    """A layer at points around the one where it is checked, each with the same dout."""

    subject: LayerAtPoint
    call: Call
    kinds: tuple[Kind, ...]
    size: float

    @property
    def has_ties(self) -> bool:
        """Whether numbers of an input are equal, or 0."""
        moving = [
            np.ravel(x) for x, kind in zip(self.subject.inputs, self.kinds) if kind == "moves"
        ]
        return any((x == 0).any() or np.unique(x).size < x.size for x in moving)

    def allows(
        self, got: float, at: int, read: Read, move: Callable[[LayerAtPoint], Move], room: float
    ) -> bool:
        """Whether one number of a gradient is given, and is the slope, at a point nearby.

        ``room`` must be less than what is to be explained: then no smooth function has it.
        """
        dout = np.asarray(self.call.dout, dtype=np.float64)
        step = STEP * self.size
        for subject, call in self._around():
            gradient = read(call, subject)
            if gradient is None or abs(float(gradient.reshape(-1)[at]) - got) > room:
                continue
            along = move(subject)
            apart = along(step) - along(-step)
            if abs(float((dout * apart).sum()) / (2 * step) - got) <= room:
                return True
        return False

    def _around(self) -> Iterator[tuple[LayerAtPoint, Call]]:
        mine, random = self.subject, np.random.default_rng(0)
        for _ in range(COUNT):
            inputs = tuple(
                (x + AWAY * self.size * random.uniform(-1, 1, np.shape(x)))[()]
                if kind == "moves"
                else x
                for x, kind in zip(mine.inputs, self.kinds)
            )
            subject = LayerAtPoint(mine.layer, inputs, mine.settings, mine.seed)
            call = subject.call(lambda out: self.call.dout)
            if call.raised is None and np.shape(call.output) == np.shape(self.call.output):
                yield subject, call
