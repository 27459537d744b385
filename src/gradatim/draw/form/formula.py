"""What is said of each primitive while a graph is played: its formula, and the same in numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.flow import Flow, Part
from gradatim.derivation.label import names_of
from gradatim.derivation.ledger import Equation, Ledger
from gradatim.derivation.number import FEW_NUMBERS
from gradatim.draw.form.step import Line, in_a_line
from gradatim.draw.picture.value import tell

_MOST_ADDED = 12
"""Parts of a gradient up to which it is told after each of them what they come to."""


class Formulas:
    """The equations of a graph, as they are said step by step.

    Parameters
    ----------
    flow : Flow
        The graph and its gradients.
    name : callable
        Returns what a Tensor is called in the picture; empty if nothing. Results without a name
        are called h1, h2 and so on, as where the graph is explained.

    Examples
    --------
    >>> import gradatim as gd
    >>> from gradatim.derivation.flow import flow_of
    >>> apple = gd.Tensor(100.0, requires_grad=True, name="apple")
    >>> said = Formulas(flow_of(apple * 2 * 1.1), lambda x: x.name or "")
    >>> said.forward(0)
    [('rule', 'h1 = apple × 2'), ('numbers', '= 100 × 2 = 200')]
    >>> said.backward(0)
    [('rule', 'dapple = dh1 × 2'), ('numbers', '= 1.1 × 2 = 2.2')]
    """

    def __init__(self, flow: Flow, name: Callable[[Tensor], str]) -> None:
        self._flow, self._results = flow, flow.results
        self._ledger = Ledger(flow, names_of(flow, {id(x): name(x) for x in flow.tensors}))
        self.forward = cache(self._forward)
        self.backward = cache(self._backward)

    def _forward(self, born: int) -> Sequence[Line]:
        """How the result of that place in the computation came about."""
        return _lines(self._ledger.value(self._results[born]))

    def _backward(self, born: int) -> Sequence[Line]:
        """What its rules hand to the inputs, and what has come together thereby."""
        parts = self._flow.parts_from(self._results[born])
        return [line for part in parts for line in self._part(part)]

    def learned(self, members: Sequence[int]) -> Sequence[Line]:
        """What the rules of several results hand to leaves, in the order of backward."""
        results = [self._results[born] for born in sorted(members, reverse=True)]
        parts = (part for y in results for part in self._flow.parts_from(y))
        return [line for part in parts if part.into.origin is None for line in self._part(part)]

    def gradients(self) -> Sequence[str]:
        """All leaves with their gradients."""
        leaves = [x for x in self._flow.leaves if x in self._flow.gradients]
        told = ((self._ledger.name(x), tell(self._flow.gradients[x])) for x in leaves)
        return [f"d{name} = {in_a_line(numbers)}" for name, numbers in told]

    def _part(self, part: Part) -> list[Line]:
        equation, parts = self._ledger.part(part), self._flow.parts_into(part.into)
        if len(parts) == 1:
            return _lines(equation)
        number, count = parts.index(part) + 1, len(parts)
        lines = _lines(equation, "+=", f"   part {number} of {count}")
        if number == count:
            total = _joined(self._ledger.total(part.into))
            lines.append(("sum", f"{total}   added, where {count} paths meet"))
        elif 1 < number <= _MOST_ADDED and part.gradient.size <= FEW_NUMBERS:
            lines.append(("sum", f"{_joined(self._ledger.total(part.into, number))}   so far"))
        return lines


def _lines(equation: Equation, sign: str = "=", note: str = "") -> list[Line]:
    left, *sides = (_printed(side.text) for side in equation.sides)
    lines: list[Line] = [("rule", f"{left} {sign} {sides[0]}" if sides else left)]
    if sides[1:]:
        lines.append(("numbers", f"= {_equal(sides[1:], equation.exact)}"))
    kind, last = lines[-1]
    return [*lines[:-1], (kind, f"{last}{note}")]


def _equal(sides: Sequence[str], exact: bool) -> str:
    *most, last = sides
    return f"{' = '.join(most)} {'=' if exact else '≈'} {last}" if most else last


def _joined(equation: Equation) -> str:
    left, *sides = (_printed(side.text) for side in equation.sides)
    return f"{left} = {_equal(sides, equation.exact)}"


def _printed(text: str) -> str:
    """A formula of Python with the sign of the picture for a product."""
    return text.replace(" * ", " × ")
