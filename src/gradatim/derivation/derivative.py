"""The chain rule from the end of a graph to one Tensor: path by path, factor by factor."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.pull import PULLS, fit, plain_pulls
from gradatim.autograd.tensor import Tensor
from gradatim.derivation.expression import parsed, replaced
from gradatim.derivation.flow import Part
from gradatim.derivation.label import Formula, numbers
from gradatim.derivation.ledger import Equation, Ledger, gradient_label
from gradatim.derivation.path import Path, count_paths, walk_paths
from gradatim.derivation.simplify import ONE, simplified, size
from gradatim.types import Raw

MOST_PATHS = 6
"""Paths that are told one by one; of more the first are, and all are counted."""

MOST_SIGNS = 120
"""Parts of syntax in the formula of a whole path; a longer path is told by its steps alone."""


@dataclass(frozen=True, slots=True)
class Way:
    """One path of the chain rule.

    Parameters
    ----------
    stations : tuple of str
        Names of the Tensors that it leads through, the end of the graph first; with the number
        of the input where the step before takes the Tensor as several.
    factors : tuple of Equation
        The derivative of each station by the next, where all are single numbers; else none.
    product : Equation or None
        The whole path in one formula; None where that would be too long.
    value : Formula
        What the path adds to the gradient.
    amount : array or NumPy scalar
        The same as it is.
    """

    stations: tuple[str, ...]
    factors: tuple[Equation, ...]
    product: Equation | None
    value: Formula
    amount: Raw


@dataclass(frozen=True, slots=True)
class Derivative:
    """The derivative of the end of a graph by one Tensor.

    Parameters
    ----------
    name : str
        What the Tensor is called.
    symbol : Formula
        How the derivative is written: ``dL/dx``.
    count : int
        Number of paths that lead there; the gradient is the sum over all of them.
    ways : tuple of Way
        The first of them.
    value : Formula
        The gradient.
    amount : array or NumPy scalar
        The same as it is.
    """

    name: str
    symbol: Formula
    count: int
    ways: tuple[Way, ...]
    value: Formula
    amount: Raw


def derivative(ledger: Ledger, x: Tensor) -> Derivative:
    """Return the chain rule of a graph with respect to one Tensor.

    Parameters
    ----------
    ledger : Ledger
        The graph with its names.
    x : Tensor
        One that a gradient arrives at.

    Returns
    -------
    Derivative
        With :data:`MOST_PATHS` of its paths at most.

    Examples
    --------
    >>> import gradatim as gd
    >>> from gradatim.derivation.flow import flow_of
    >>> from gradatim.derivation.label import names_of
    >>> x = gd.Tensor(3.0, requires_grad=True, name="x")
    >>> flow = flow_of(x * x + x)
    >>> found = derivative(Ledger(flow, names_of(flow, {})), x)
    >>> found.count, [way.value.text for way in found.ways]
    (3, ['3', '3', '1'])
    """
    flow = ledger.flow
    paths = islice(walk_paths(flow, x), MOST_PATHS)
    ways = tuple(_way(ledger, path) for path in paths)
    total = flow.gradients[x]
    whole = symbol(ledger.end, ledger.name(x))
    count = count_paths(flow, x)
    return Derivative(ledger.name(x), whole, count, ways, numbers(total).formula, total)


def symbol(over: str, under: str) -> Formula:
    """Return how the derivative of one Tensor by another is written."""
    return Formula(f"d{over}/d{under}", gradient_label(over, under).formula.latex)


def _way(ledger: Ledger, path: Path) -> Way:
    output = ledger.flow.output
    stations = (ledger.name(output), *(_station(ledger, part) for part in path))
    amount = _pulled(ledger, path)
    product = _product(ledger, path, amount)
    return Way(stations, _factors(ledger, path), product, numbers(amount).formula, amount)


def _station(ledger: Ledger, part: Part) -> str:
    beside = [other for other in ledger.flow.parts_from(part.result) if other.into is part.into]
    name = ledger.name(part.into)
    return f"{name} (input {part.position + 1})" if len(beside) > 1 else name


def _factors(ledger: Ledger, path: Path) -> tuple[Equation, ...]:
    if any(part.into.size != 1 or part.result.size != 1 for part in path):
        return ()  # derivatives by arrays are not numbers that could be multiplied
    return tuple(_factor(ledger, part) for part in path)


def _factor(ledger: Ledger, part: Part) -> Equation:
    whole = simplified(ledger.rule(part, ONE))
    one = np.ones_like(ledger.flow.values[part.result])
    left = symbol(ledger.name(part.result), ledger.name(part.into))
    return ledger.equation(left, whole, _pull(ledger.flow.values, part, one))


def _product(ledger: Ledger, path: Path, amount: Raw) -> Equation | None:
    """All rules of a path put into one another, the gradient 1 innermost."""
    output = ledger.flow.output
    whole = ONE
    if output.size != 1:
        whole = ast.Name(f"d{ledger.keys[output]}")
    elif output.ndim:
        whole = replaced(parsed(f"broadcast_to(g, {output.shape})"), {"g": ONE})
    for part in path:
        whole = simplified(ledger.rule(part, whole), ledger.shapes)
        if size(whole) > MOST_SIGNS:
            return None
    end = path[-1].into if path else ledger.flow.output
    left = gradient_label(ledger.end, ledger.name(end)).formula
    return ledger.equation(left, whole, amount)


def _pulled(ledger: Ledger, path: Sequence[Part]) -> Raw:
    """What one path alone hands on, rule after rule, on plain arrays."""
    g: Raw = ledger.flow.seed
    for part in path:
        g = _pull(ledger.flow.values, part, g)
    return g


def _pull(values: Mapping[Tensor, Raw], part: Part, g: Raw) -> Raw:
    assert part.result.origin is not None
    primitive, inputs, settings = part.result.origin
    pull = (PULLS.get(primitive) or plain_pulls(primitive, len(inputs)))[part.position]
    assert pull is not None
    raws = [values[x] for x in inputs]
    quiet = np.errstate(all="ignore")
    with modes.phase("backward", taping=False), modes.unheard(), quiet:
        return fit(pull(g, values[part.result], *raws, **settings), values[part.into])
