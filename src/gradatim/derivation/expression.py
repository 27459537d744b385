"""Formulas as syntax: what a primitive computes, and what its rules do.

A formula is an expression of Python in the functions of NumPy: ``g * (1 - y * y)``. Its names are
``g`` (the gradient that arrives), ``y`` (the result) and the inputs; of any number of inputs
``xs*`` the first is ``xs0``. It is written beside the row where a person writes it better, else
read off the row itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradatim.primitives import Primitive
from gradatim.types import Settings

Names = Mapping[str, ast.expr]


def value_expression(primitive: Primitive, count: int, settings: Settings) -> ast.expr:
    """Return what a primitive of ``count`` inputs computes.

    Parameters
    ----------
    primitive : Primitive
        Of the table, or a user's own.
    count : int
        How many inputs it has.
    settings : dict
        Its settings, which are put in.

    Returns
    -------
    ast.expr
        In the names of the inputs.

    Examples
    --------
    >>> import ast
    >>> from gradatim.primitives import TABLE
    >>> ast.unparse(value_expression(TABLE["divide"], 2, {}))
    'a / b'
    """
    written = worded(primitive, "y", settings)
    text = _source(primitive) if written is None else written
    return filled(parsed(text), settings, _rest(primitive, count))


def called_expression(primitive: Primitive, count: int, settings: Settings) -> ast.expr:
    """Return how a primitive is named inside the formula of another: ``softmax(x)``."""
    if primitive.kind == "structural" or "y" not in primitive.formulas:
        return value_expression(primitive, count, settings)
    words = [*primitive.inputs, *(f"{name}={name}" for name in settings)]
    return filled(parsed(f"{primitive.name}({', '.join(words)})"), settings, {})


def worded(primitive: Primitive, key: str, settings: Settings) -> str | None:
    """Return the text that stands beside the row, if one does."""
    wording = primitive.formulas.get(key)
    return wording(**settings) if callable(wording) else wording


def parsed(text: str) -> ast.expr:
    """Read a formula."""
    return ast.parse(text, mode="eval").body


def input_names(primitive: Primitive, count: int) -> list[str]:
    """Return a name for each of ``count`` inputs."""
    if not primitive.variadic:
        return list(primitive.inputs)
    *fixed, stem = primitive.inputs
    return [*fixed, *(f"{stem[:-1]}{i}" for i in range(count - len(fixed)))]


def filled(expression: ast.expr, settings: Settings, rest: Mapping[str, list[str]]) -> ast.expr:
    """Put settings into a formula, and each of any number of inputs; drop what is usual."""
    literals = {name: literal(value) for name, value in settings.items()}
    whole: ast.expr = _Filling(literals, rest).visit(expression)
    return whole


def replaced(expression: ast.expr, names: Names) -> ast.expr:
    """Put expressions in the place of names."""
    whole: ast.expr = _Filling(names, {}).visit(_copied(expression))
    return whole


def literal(value: Any) -> ast.expr:
    """Write a setting, or a number, as Python does."""
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return ast.Name(np.dtype(value).name)
    if isinstance(value, (np.generic, np.ndarray)) and np.ndim(value) == 0:
        return number(value)
    if isinstance(value, (tuple, list)):
        parts = [literal(part) for part in value]
        return ast.Tuple(parts) if isinstance(value, tuple) else ast.List(parts)
    if isinstance(value, slice):
        ends = (None if v is None else literal(v) for v in (value.start, value.stop, value.step))
        return ast.Slice(*ends)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    if value is None or isinstance(value, (bool, str)) or value is Ellipsis:
        return ast.Constant(value)
    return ast.Name("rng" if isinstance(value, np.random.Generator) else type(value).__name__)


def number(value: Any) -> ast.expr:
    """Write one number, as short as its dtype allows: 2 for 2.0, 0.1 for float32(0.1)."""
    plain = float(str(value)) if isinstance(value, np.floating) else np.asarray(value).item()
    if isinstance(plain, bool):
        return ast.Constant(plain)
    if not np.isfinite(plain):
        name = ast.Name("nan" if np.isnan(plain) else "inf")
        return ast.UnaryOp(ast.USub(), name) if plain < 0 else name
    if plain == int(plain) and abs(plain) < 1e15:
        plain = int(plain)
    return ast.UnaryOp(ast.USub(), ast.Constant(-plain)) if plain < 0 else ast.Constant(plain)


def _source(primitive: Primitive) -> str:
    """The row's own text with names for braces and NumPy's functions by their bare names."""
    return re.sub(r"\{(\w+)\}", r"\1", primitive.source)


def _rest(primitive: Primitive, count: int) -> dict[str, list[str]]:
    if not primitive.variadic:
        return {}
    names = input_names(primitive, count)
    return {primitive.inputs[-1][:-1]: names[len(primitive.inputs) - 1 :]}


def _copied(expression: ast.expr) -> ast.expr:
    return parsed(ast.unparse(expression))


_USUAL = {("keepdims", False), ("axis", None)}


class _Filling(ast.NodeTransformer):
    """Puts expressions for names; ``np.exp`` becomes ``exp``, ``*xs`` each of them."""

    def __init__(self, names: Names, rest: Mapping[str, list[str]]) -> None:
        self.names, self.rest = names, rest

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if re.fullmatch(r"np(\.\w+)?", ast.unparse(node.value)):
            return self.visit_Name(ast.Name(node.attr))
        return ast.Attribute(self.visit(node.value), node.attr)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        kept = []
        for word in node.keywords:
            value = self.visit(word.value)
            known = isinstance(value, ast.Constant) and (word.arg, value.value) in _USUAL
            if not known:
                kept.append(ast.keyword(word.arg, value))
        return ast.Call(self.visit(node.func), self._all(node.args), kept)

    def visit_List(self, node: ast.List) -> ast.expr:
        return ast.List(self._all(node.elts))

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        return ast.Tuple(self._all(node.elts))

    def _all(self, parts: Sequence[ast.expr]) -> list[ast.expr]:
        found: list[ast.expr] = []
        for part in parts:
            if isinstance(part, ast.Starred):
                found += [ast.Name(name) for name in self.rest[ast.unparse(part.value)]]
            else:
                found.append(self.visit(part))
        return found
