"""What is said of each primitive while a graph is played: its formula, and the same in numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.flow import Flow
from gradatim.derivation.label import names_of
from gradatim.derivation.ledger import Equation, Ledger
from gradatim.draw.form.step import Line


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
        self._flow = flow
        self._ledger = Ledger(flow, names_of(flow, {id(x): name(x) for x in flow.tensors}))
        self.forward = cache(self._forward)
        self.backward = cache(self._backward)

    def _forward(self, born: int) -> Sequence[Line]:
        """How the result of that place in the computation came about."""
        return _lines(self._ledger.value(self._flow.results[born]))

    def _backward(self, born: int) -> Sequence[Line]:
        """What its rules hand to the inputs, and the sums that are complete thereby."""
        lines: list[Line] = []
        for part in self._flow.parts_from(self._flow.results[born]):
            lines += _lines(self._ledger.part(part))
            parts = self._flow.parts_into(part.into)
            if len(parts) > 1 and parts[-1] is part:
                total = _joined(self._ledger.total(part.into))
                lines.append(("sum", f"{total}   added, where {len(parts)} paths meet"))
        return lines


def _lines(equation: Equation) -> list[Line]:
    left, *sides = (_printed(side.text) for side in equation.sides)
    lines: list[Line] = [("rule", f"{left} = {sides[0]}" if sides else left)]
    if sides[1:]:
        lines.append(("numbers", f"= {_equal(sides[1:], equation.exact)}"))
    return lines


def _equal(sides: Sequence[str], exact: bool) -> str:
    *most, last = sides
    return f"{' = '.join(most)} {'=' if exact else '≈'} {last}" if most else last


def _joined(equation: Equation) -> str:
    left, *sides = (_printed(side.text) for side in equation.sides)
    return f"{left} = {_equal(sides, equation.exact)}"


def _printed(text: str) -> str:
    """A formula of Python with the sign of the picture for a product."""
    return text.replace(" * ", " × ")
