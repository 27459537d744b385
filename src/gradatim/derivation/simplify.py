"""Formulas made shorter: factors of 1 and doubled signs left out."""

from __future__ import annotations

import ast
from typing import TypeGuard

import numpy as np

from gradatim.derivation.expression import parsed
from gradatim.derivation.extent import Shapes, extent


def simplified(expression: ast.expr, shapes: Shapes | None = None) -> ast.expr:
    """Return an equal formula without factors of 1, doubled signs and idle repetition.

    Parameters
    ----------
    expression : ast.expr
        Any formula.
    shapes : mapping of str to tuple of int, optional
        Shapes of its names; those not known keep what stands round them.

    Returns
    -------
    ast.expr
        Equal for all numbers of these shapes.

    Examples
    --------
    >>> ast.unparse(simplified(parsed("-1 * y / b * (1 - 1 * y)")))
    '-y / b * (1 - y)'
    >>> ast.unparse(simplified(parsed("broadcast_to(1 / 3, (3,)) * y"), {"y": (3,)}))
    '1 / 3 * y'
    """
    whole: ast.expr = _Shortening(shapes or {}).visit(expression)
    return whole


class _Shortening(ast.NodeTransformer):
    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, (ast.Mult, ast.Div)):
            left, right = self._unrepeated(left, right), self._unrepeated(right, left)
        if isinstance(node.op, ast.Mult):
            if _is_one(left):
                return right
            if _is_one(right):
                return left
            if _is_inverse(right):
                return ast.BinOp(left, ast.Div(), right.right)
            if isinstance(left, ast.UnaryOp) and _is_one(left.operand):
                return self.visit_UnaryOp(ast.UnaryOp(left.op, right))
        if isinstance(node.op, ast.Div) and _is_one(right):
            return left
        return ast.BinOp(left, node.op, right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        inner = self.visit(node.operand)
        doubled = isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub)
        if isinstance(node.op, ast.USub) and doubled:
            return inner.operand
        if isinstance(node.op, ast.USub) and _is_repeated(inner):
            inner.args[0] = ast.UnaryOp(node.op, inner.args[0])
            return inner
        return ast.UnaryOp(node.op, inner)

    def _unrepeated(self, part: ast.expr, other: ast.expr) -> ast.expr:
        """One number stands for itself beside an array that is as large as its repetition."""
        inner = part.value if isinstance(part, ast.Subscript) else part
        if not _is_repeated(inner) or extent(inner.args[0], self.shapes) != ():
            return part
        here, there = extent(part, self.shapes), extent(other, self.shapes)
        if here is None or there is None or np.broadcast_shapes(here, there) != there:
            return part
        return inner.args[0]


def _is_inverse(node: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_one(node.left)


def _is_repeated(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "broadcast_to"


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1 and node.value is not True


def size(expression: ast.expr) -> int:
    """Return how many parts a formula has."""
    return sum(isinstance(node, ast.expr) for node in ast.walk(expression))


ONE: ast.expr = parsed("1")
