"""Steps of backward, one for each gradient that a rule hands on."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.flow import Part
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


def steps_into(ledger: Ledger, wanted: Set[Tensor]) -> tuple[Step, ...]:
    """Return every step that hands a gradient to one of the ``wanted``, in backward's order.

    Parameters
    ----------
    ledger : Ledger
        The graph with its names.
    wanted : set of Tensor
        Whose gradients are told.

    Returns
    -------
    tuple of Step
        One for each part.
    """
    met: dict[Tensor, int] = {}
    found = []
    for part in ledger.flow.parts:
        x = part.into
        if x in wanted:
            met[x] = met.get(x, 0) + 1
            count = len(ledger.flow.parts_into(x))
            total = ledger.total(x) if met[x] == count > 1 else None
            found.append(Step(part, ledger.part(part), met[x], count, total))
    return tuple(found)
