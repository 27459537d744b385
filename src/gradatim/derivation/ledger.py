"""Every equation of a graph: how values came about, and which rule handed on what gradient."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.counted import LONGEST_NUMBERS, added, counted
from gradatim.derivation.expression import input_names, replaced, value_expression
from gradatim.derivation.extent import extent
from gradatim.derivation.flow import Flow, Part
from gradatim.derivation.label import Formula, Label, named, numbers, written
from gradatim.derivation.number import FEW_NUMBERS
from gradatim.derivation.tracing import fitted_expression
from gradatim.primitives import Primitive
from gradatim.types import Raw, Shape

LONGEST = 160
"""Signs of a formula that is printed; a longer one goes by the name of its rule."""


@dataclass(frozen=True, slots=True)
class Equation:
    """A line of a derivation: ``dapple = dh1 * 2 = 1.1 * 2 = 2.2``.

    Parameters
    ----------
    left : Formula
        What is computed.
    formula : Formula
        From what, in names.
    numbers : Formula
        The same with numbers put in.
    value : Formula
        What comes out.
    exact : bool
        Whether the numbers give the value as they are written; else it says ``≈``.
    """

    left: Formula
    formula: Formula
    numbers: Formula
    value: Formula
    exact: bool = True

    @property
    def sides(self) -> tuple[Formula, ...]:
        """All sides from left to right, each that says something new."""
        found: dict[str, Formula] = {}
        for side in (self.left, self.formula, self.numbers, self.value):
            found.setdefault(side.text, side)
        return tuple(found.values())


class Ledger:
    """Writes the equations of one graph.

    Parameters
    ----------
    flow : Flow
        The graph and its gradients.
    names : mapping of Tensor to str
        What its Tensors are called; one without a name goes by its number.

    Attributes
    ----------
    end : str
        What is differentiated: the output, or of an array the loss that comes after it.
    keys : dict of Tensor to str
        A name for each Tensor in expressions: ``t0``, and ``dt0`` for its gradient.
    shapes : dict of str to tuple of int
        Shapes by these names.
    """

    def __init__(self, flow: Flow, names: Mapping[Tensor, str]) -> None:
        self.flow, self.names = flow, names
        self.keys = {t: f"t{i}" for i, t in enumerate(flow.tensors)}
        self.shapes: dict[str, Shape] = {}
        self._rules: dict[Part, ast.expr] = {}
        self.end = self.name(flow.output) if flow.output.size == 1 else "L"
        self._labels: dict[str, Label] = {}
        self._raws: dict[str, Raw] = {}
        self._lost = {self.keys[t] for t in flow.overwritten}
        for t, key in self.keys.items():
            value = self._raws[key] = flow.values[t]
            self._labels[key] = named(names[t], t.ndim > 0) if t in names else numbers(value)
            self.shapes[key] = self.shapes[f"d{key}"] = t.shape
            if t in flow.gradients:
                self._labels[f"d{key}"] = gradient_label(self.end, self.name(t), t.ndim > 0)
                self._raws[f"d{key}"] = flow.gradients[t]

    def name(self, t: Tensor) -> str:
        """Return what a Tensor is called, or its number."""
        return self.names.get(t) or numbers(self.flow.values[t]).formula.text

    def in_names(self, expression: ast.expr) -> Formula:
        """Write an expression over Tensors with their names."""
        return written(expression, self._labels)

    def equation(self, left: Formula, expression: ast.expr, value: Raw) -> Equation:
        """Return the equation of an expression over Tensors and what it gives.

        Numbers are put in where all of them can be written: large arrays go by their names, and so
        does what was overwritten since.
        """
        told, raws = self.in_names(expression), self._raws_in(expression)
        result = numbers(value).formula
        if raws.keys() & self._lost or not all(
            0 < raw.size <= FEW_NUMBERS for raw in raws.values()
        ):
            return Equation(left, told, told, result)
        whole, exact = counted(expression, raws, value)
        if len(whole.text) > LONGEST_NUMBERS:
            return Equation(left, told, told, result)
        return Equation(left, told, whole, result, exact)

    def _raws_in(self, expression: ast.expr) -> dict[str, Raw]:
        names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        return {name: self._raws[name] for name in names & self._raws.keys()}

    def value(self, y: Tensor) -> Equation:
        """Return how a result came about."""
        assert y.origin is not None
        primitive, inputs, settings = y.origin
        expression = value_expression(primitive, len(inputs), settings)
        if len(ast.unparse(expression)) > LONGEST:
            expression = _by_name(primitive.name, input_names(primitive, len(inputs)))
        whole = self._sized(replaced(expression, self._given(primitive, inputs)))
        left = self._labels[self.keys[y]].formula
        if self.keys[y] in self._lost:
            told = self.in_names(whole)
            return Equation(left, told, told, told)
        return self.equation(left, whole, self.flow.values[y])

    def part(self, part: Part) -> Equation:
        """Return what a rule handed to one input, as an equation of gradients."""
        gradient = ast.Name(f"d{self.keys[part.result]}")
        left = self._labels[f"d{self.keys[part.into]}"].formula
        return self.equation(left, self.rule(part, gradient), part.gradient)

    def seed(self) -> Equation:
        """Return the gradient with which everything begins."""
        output = self.flow.output
        value = numbers(self.flow.gradients[output]).formula
        return Equation(self._labels[f"d{self.keys[output]}"].formula, value, value, value)

    def total(self, x: Tensor, count: int | None = None) -> Equation:
        """Return the gradient of a Tensor as the sum of its parts, or of the first ``count``."""
        left = self._labels[f"d{self.keys[x]}"].formula
        parts = [part.gradient for part in self.flow.parts_into(x)[:count]]
        total = self.flow.gradients[x] if count is None else reduce(add, parts)
        whole, exact = added(parts, total)
        return Equation(left, whole, whole, numbers(total).formula, exact)

    def rule(self, part: Part, gradient: ast.expr) -> ast.expr:
        """Return the formula of a part over Tensors, with an expression for what arrived."""
        primitive, inputs, _ = _made(part.result)
        known = self._given(primitive, inputs)
        known |= {"y": ast.Name(self.keys[part.result]), "g": gradient}
        return self._sized(replaced(self._rule(part), known))

    def _sized(self, expression: ast.expr) -> ast.expr:
        """Put the number for ``x.shape[-1]``, and leave out the axis if it is the last."""
        whole: ast.expr = _Sizes(self.shapes).visit(expression)
        return whole

    def _rule(self, part: Part) -> ast.expr:
        found = self._rules.get(part)
        if found is None:
            primitive, inputs, settings = _made(part.result)
            values = self.flow.values
            raws = [values[x] for x in inputs]
            g, y = self.flow.gradients[part.result], values[part.result]
            read = fitted_expression(primitive, part.position, g, y, raws, settings)
            if read is None or len(ast.unparse(read)) > LONGEST:
                names = ["g", "y", *input_names(primitive, len(inputs))]
                read = _by_name(f"rule_of_{primitive.name}", names)
            found = self._rules[part] = read
        return found

    def _given(self, primitive: Primitive, inputs: tuple[Tensor, ...]) -> dict[str, ast.expr]:
        names = input_names(primitive, len(inputs))
        return {name: ast.Name(self.keys[x]) for name, x in zip(names, inputs)}


def gradient_label(end: str, name: str, wide: bool = False) -> Label:
    """Return the label of a gradient: ``dapple``, the derivative of the end by it."""
    over, under = named(end).formula.latex, named(name).formula.latex
    return Label(Formula(f"d{name}", rf"\frac{{\partial {over}}}{{\partial {under}}}"), wide)


def _made(y: Tensor) -> tuple[Primitive, tuple[Tensor, ...], dict[str, object]]:
    assert y.origin is not None
    return y.origin


def _by_name(name: str, arguments: Iterable[str]) -> ast.expr:
    called = "".join(letter if letter.isalnum() else "_" for letter in name)
    return ast.Call(ast.Name(called), [ast.Name(each) for each in arguments], [])


class _Sizes(ast.NodeTransformer):
    """Puts in what is known where the Tensors are: sizes, and which axis is the last."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = shapes

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        found = re.fullmatch(r"(\w+)\.shape\[(-?\d+)\]", ast.unparse(node))
        if found and found[1] in self.shapes:
            return ast.Constant(self.shapes[found[1]][int(found[2])])
        return ast.Subscript(self.visit(node.value), node.slice)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(part) for part in node.args]
        words = [ast.keyword(word.arg, self.visit(word.value)) for word in node.keywords]
        if ast.unparse(node.func) in ("softmax", "log_softmax"):
            shape = extent(arguments[0], self.shapes)
            last = {"-1"} if shape is None else {"-1", str(len(shape) - 1)}
            words = [word for word in words if ast.unparse(word.value) not in last]
        return ast.Call(self.visit(node.func), arguments, words)
