"""Steps of backward, one for each gradient that a rule hands on."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.flow import Flow, Part
from gradatim.derivation.ledger import Equation, Ledger


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The rule of one primitive hands a gradient to one input.

    Parameters
    ----------
    part : Part
        From which result, by which primitive, into which input, how much.
    equation : Equation
        The formula of the rule, the same with numbers, and what comes out.
    number, count : int
        Which part of its Tensor's gradient it is, and of how many.
    total : Equation or None
        Where it is the last of several parts: their sum.
    """

    part: Part
    equation: Equation
    number: int
    count: int
    total: Equation | None


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A step before its equations are written.

    Parameters
    ----------
    part : Part
        What it hands on.
    number, count : int
        Which part of its Tensor's gradient it is, and of how many.
    """

    part: Part
    number: int
    count: int

    def step(self, ledger: Ledger) -> Step:
        """Write its equations."""
        total = ledger.total(self.part.into) if self.is_last_of_several else None
        return Step(self.part, ledger.part(self.part), self.number, self.count, total)

    @property
    def is_last_of_several(self) -> bool:
        """Whether the gradient of its Tensor is a sum that it completes."""
        return self.number == self.count > 1


def turns_into(flow: Flow, wanted: Set[Tensor]) -> tuple[Turn, ...]:
    """Return every step that hands a gradient to one of the ``wanted``, in backward's order.

    Parameters
    ----------
    flow : Flow
        The graph.
    wanted : set of Tensor
        Whose gradients are told.

    Returns
    -------
    tuple of Turn
        One for each part. O(parts) time; only writing equations takes longer.
    """
    met: dict[Tensor, int] = {}
    found = []
    for part in flow.parts:
        x = part.into
        if x in wanted:
            met[x] = met.get(x, 0) + 1
            found.append(Turn(part, met[x], len(flow.parts_into(x))))
    return tuple(found)
