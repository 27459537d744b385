"""The NumPy expression of a primitive, as machine code on registers.

The text of the table is the truth: it is parsed, and each operator and function in it becomes
the instructions of :mod:`arithmetic` and :mod:`exponential`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache

from gradatim.compiler.machine import exponential
from gradatim.native import arithmetic as on
from gradatim.native.arithmetic import Unlowered
from gradatim.native.ir import Function, Kind, Register
from gradatim.primitives import Primitive

Lowering = Callable[..., Register]


def _through_library(name: str) -> Lowering:
    return lambda f, *xs: exponential.library(f, name, *xs)


FUNCTIONS: dict[str, Lowering] = {
    "maximum": on.maximum,
    "minimum": on.minimum,
    "abs": on.absolute,
    "sign": on.sign,
    "where": on.where,
    "sqrt": lambda f, x: f.intrinsic("sqrt", x),
    "exp": exponential.exp,
    "log": exponential.log,
    "tanh": exponential.tanh,
    "floor": on.rounded("floor"),
    "ceil": on.rounded("ceil"),
    "trunc": on.rounded("trunc"),
    "rint": on.rounded("rint"),
    "isnan": on.is_nan,
    "isfinite": on.is_finite,
    "isinf": on.is_infinite,
    "logical_and": on.both,
    "logical_or": on.either,
    "logical_xor": on.differ,
    "logical_not": lambda f, x: on.differ(f, x, f.number(1, x.kind.of("i1"))),
    "copysign": lambda f, a, b: f.intrinsic("copysign", *on.matched(f, a, b)),
    "reciprocal": lambda f, x: on.divide(f, f.number(1, x.kind), x),
    "clip": lambda f, x, low, high: on.minimum(f, on.maximum(f, x, low), high),
    "erf": _through_library("erf"),
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "log2": _through_library("log2"),
    "log10": _through_library("log10"),
    "log1p": exponential.log1p,
    "sin": _through_library("sin"),
    "cos": _through_library("cos"),
    "tan": _through_library("tan"),
    "arcsin": _through_library("asin"),
    "arccos": _through_library("acos"),
    "arctan": _through_library("atan"),
    "arctan2": _through_library("atan2"),
    "sinh": _through_library("sinh"),
    "cosh": _through_library("cosh"),
    "arcsinh": _through_library("asinh"),
    "arccosh": _through_library("acosh"),
    "arctanh": _through_library("atanh"),
    "cbrt": _through_library("cbrt"),
    "hypot": _through_library("hypot"),
}
"""NumPy's functions that have machine code."""

BETTER: dict[str, Lowering] = {"sigmoid": exponential.sigmoid}
"""Primitives for which there is a shorter way than their expression."""

_OPERATORS: dict[type[ast.operator], Lowering] = {
    ast.Add: on.add,
    ast.Sub: on.subtract,
    ast.Mult: on.multiply,
    ast.Div: on.divide,
}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_FLOATS_ONLY = {
    *(
        n
        for n, x in FUNCTIONS.items()
        if n
        not in (
            "maximum",
            "minimum",
            "abs",
            "sign",
            "where",
            "floor",
            "ceil",
            "trunc",
            "rint",
            "logical_and",
            "logical_or",
            "logical_xor",
            "logical_not",
            "clip",
        )
    ),
}


def lower(f: Function, primitive: Primitive, inputs: tuple[Register, ...]) -> Register:
    """Return the result of a pointwise primitive on registers.

    Parameters
    ----------
    f : Function
        What is being written.
    primitive : Primitive
        A pointwise one.
    inputs : tuple of Register
        Of equally many lanes, or single.

    Raises
    ------
    Unlowered
        If something in its expression has no machine code.
    """
    better = BETTER.get(primitive.name)
    if better is not None and inputs[0].kind.is_float:
        return better(f, *inputs)
    return _Walk(f, dict(zip(primitive.inputs, inputs))).visit(_tree(primitive))


@cache
def can_lower(primitive: Primitive, kinds: tuple[str, ...]) -> bool:
    """Whether a pointwise primitive has machine code for elements of these types."""
    if primitive.kind != "pointwise":
        return False
    trial = Function("trial", "", {})
    registers = tuple(Register(f"%x{i}", Kind(kind)) for i, kind in enumerate(kinds))
    try:
        lower(trial, primitive, registers)
    except Unlowered:
        return False
    return True


@cache
def _tree(primitive: Primitive) -> ast.expr:
    names = {name: name for name in primitive.inputs}
    return ast.parse(primitive.source.format(**names), mode="eval").body


class _Walk:
    """Walks the tree of an expression and writes instructions as it goes."""

    def __init__(self, f: Function, names: Mapping[str, Register]) -> None:
        self._f, self._names = f, names

    def visit(self, node: ast.expr) -> Register:
        if isinstance(node, ast.Name):
            return self._names[node.id]
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return on.negative(self._f, self.visit(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = self._pair(node.left, node.comparators[0])
            return on.compare(self._f, _SIGNS[type(node.ops[0])], left, right)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise Unlowered(ast.unparse(node))

    def _pair(self, left: ast.expr, right: ast.expr) -> tuple[Register, Register]:
        """Two operands; a number in the text takes the type of the other one."""
        if isinstance(left, ast.Constant):
            other = self.visit(right)
            return self._f.number(_value(left), other.kind), other
        first = self.visit(left)
        if isinstance(right, ast.Constant):
            return first, self._f.number(_value(right), first.kind)
        return first, self.visit(right)

    def _operation(self, node: ast.BinOp) -> Register:
        left, right = self._pair(node.left, node.right)
        if isinstance(node.op, ast.Pow):
            return self._power(left, right)
        how = _OPERATORS.get(type(node.op))
        if how is None:
            raise Unlowered(ast.unparse(node))
        return how(self._f, left, right)

    def _power(self, a: Register, b: Register) -> Register:
        a, b = on.matched(self._f, a, b)
        if not a.kind.is_float:
            raise Unlowered("power of integers")
        return exponential.power(self._f, a, b)

    def _call(self, node: ast.Call) -> Register:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
        how = FUNCTIONS.get(name)
        if how is None:
            raise Unlowered(name)
        if len(node.args) == 2 and name in ("maximum", "minimum"):
            return how(self._f, *self._pair(node.args[0], node.args[1]))
        inputs = [self.visit(argument) for argument in node.args]
        if name in _FLOATS_ONLY and not all(x.kind.is_float for x in inputs):
            if name in ("isnan", "isfinite", "isinf"):
                return self._f.spread(
                    self._f.number(name == "isfinite", Kind("i1")), inputs[0].kind.lanes
                )
            raise Unlowered(f"{name} of integers")
        lanes = max(x.kind.lanes for x in inputs)
        return how(self._f, *(self._f.spread(x, lanes) for x in inputs))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def _value(node: ast.Constant) -> float:
    if not isinstance(node.value, (int, float)):
        raise Unlowered(repr(node.value))
    return node.value
