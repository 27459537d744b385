"""Shapes of formulas, as far as they can be told without computing."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import numpy as np

from gradatim.primitives import TABLE
from gradatim.types import Shape

Shapes = Mapping[str, Shape]

_ALIKE = {"softmax", "log_softmax", "flip", "cumsum", "tril", "triu"}
"""Functions beside the pointwise ones that keep the shape of their first argument."""


def extent(node: ast.expr, shapes: Shapes) -> Shape | None:
    """Return the shape of what a formula gives, or None where that is not known.

    Parameters
    ----------
    node : ast.expr
        A formula.
    shapes : mapping of str to tuple of int
        Shapes of its names.

    Returns
    -------
    tuple of int or None
        Sizes of the axes.

    Examples
    --------
    >>> import ast
    >>> extent(ast.parse("exp(x) * b[:, None]", mode="eval").body, {"x": (2, 3), "b": (2,)})
    (2, 3)
    """
    if isinstance(node, ast.Constant):
        return ()
    if isinstance(node, ast.Name):
        return shapes.get(node.id)
    if isinstance(node, ast.UnaryOp):
        return extent(node.operand, shapes)
    if isinstance(node, ast.BinOp):
        sides = [extent(node.left, shapes), extent(node.right, shapes)]
        return _matrix(sides) if isinstance(node.op, ast.MatMult) else _joined(sides)
    if isinstance(node, ast.Compare):
        return _joined([extent(part, shapes) for part in (node.left, *node.comparators)])
    if isinstance(node, ast.Attribute):
        inner = extent(node.value, shapes) if node.attr in ("T", "mT") else None
        return None if inner is None else (*inner[:-2], *inner[-2:][::-1])
    if isinstance(node, ast.Subscript):
        return _with_axes(node, extent(node.value, shapes))
    return _call(node, shapes) if isinstance(node, ast.Call) else None


def _call(node: ast.Call, shapes: Shapes) -> Shape | None:
    name = ast.unparse(node.func)
    if name == "broadcast_to":
        sizes: Shape = ast.literal_eval(node.args[1])
        return sizes
    parts = [extent(part, shapes) for part in node.args]
    if name in _ALIKE:
        return parts[0]
    if name == "one_hot" and parts[0] is not None and isinstance(node.args[1], ast.Constant):
        return (*parts[0], int(str(node.args[1].value)))
    known = TABLE.get(name)
    return _joined(parts) if known is not None and known.kind == "pointwise" else None


def _joined(parts: list[Shape | None]) -> Shape | None:
    known = [part for part in parts if part is not None]
    return np.broadcast_shapes(*known) if len(known) == len(parts) else None


def _matrix(sides: list[Shape | None]) -> Shape | None:
    a, b = sides
    if a is None or b is None or len(a) < 2 or len(b) < 2:
        return None
    return (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])


def _with_axes(node: ast.Subscript, inner: Shape | None) -> Shape | None:
    """Shape after a key of colons and None alone."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    words = [ast.unparse(part) for part in parts]
    if inner is None or set(words) - {":", "None"} or words.count(":") != len(inner):
        return None
    sizes = iter(inner)
    return tuple(1 if word == "None" else next(sizes) for word in words)
