"""Replay: running again only what depends on the variable that was moved.

A check calls its function twice for each number. Most of such a call is the same each time, so
its primitives are noted once and run again on the moved numbers, which takes less than half the
time. A function may compute past the primitives, in plain NumPy or by reading a value out, and a
replay would not see that: so it is used only where it gives, bit for bit, what the function itself
gives when all numbers are moved at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradatim.autograd.double import Variable
from gradatim.autograd.modes import listen
from gradatim.autograd.tensor import Tensor
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings

Call = tuple[Primitive, tuple[Tensor, ...], Settings, Tensor]

TRIALS = 3
"""Random directions, each both ways, in which a replay must equal the function itself."""


class Replay:
    """The primitives of one run of a function, to be run again on other numbers."""

    def __init__(self, run: Callable[[], list[Tensor]]) -> None:
        self.calls: list[Call] = []
        with listen(lambda *call: self.calls.append(call)):
            self.outputs = run()

    def after(self, variables: list[Variable]) -> Callable[[], None]:
        """Return what runs every primitive again that depends on these variables.

        Where one primitive alone takes a variable and its result is what it was, bit for bit, all
        that follows is what it was too: a weight of a pixel without ink costs half.
        """
        moved = {id(v.tensor) for v in variables}
        users = sum(not moved.isdisjoint(map(id, inputs)) for _, inputs, *_ in self.calls)
        steps = []
        for primitive, inputs, settings, y in self.calls:
            if not moved.isdisjoint(map(id, inputs)):
                moved.add(id(y))
                steps.append((primitive.forward, inputs, settings, y))

        def again() -> None:
            alone = users == 1
            for forward, inputs, settings, y in steps:
                raw = forward(*[x.raw for x in inputs], **settings)
                if alone and raw.tobytes() == y.raw.tobytes():
                    return
                alone = False
                y.raw = raw

        return again

    def values(self) -> list[Raw]:
        """What the outputs are now."""
        return [y.raw for y in self.outputs]

    def agrees(self, run: Callable[[], list[Tensor]], variables: list[Variable], h: float) -> bool:
        """Whether a replay gives what the function gives, wherever all numbers are moved to."""
        if any(primitive.kind == "effect" for primitive, *_ in self.calls):
            return False  # what was overwritten is not there to start from again
        again = self.after(variables)
        before = [v.numbers.copy() for v in variables]
        random = np.random.default_rng(0)
        same = True
        for _ in range(TRIALS):
            ways = [h * random.choice([-1.0, 1.0], v.numbers.shape) for v in variables]
            for sign in (1, -1):
                for v, middle, way in zip(variables, before, ways):
                    v.numbers[...] = middle + sign * way
                again()
                same = same and equal(self.values(), [y.raw for y in run()])
        for v, middle in zip(variables, before):
            v.numbers[...] = middle
        again()
        return same


def equal(some: list[Raw], others: list[Raw]) -> bool:
    """Whether two lists of outputs are the same, bit for bit but for the sign of 0."""
    return len(some) == len(others) and all(
        np.array_equal(a, b, equal_nan=True) for a, b in zip(some, others)
    )
