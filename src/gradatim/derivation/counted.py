"""Numbers put into formulas, with as many digits as it takes for an equation to be true."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradatim.derivation.label import Formula, numbers, summed, written
from gradatim.derivation.number import DIGITS, FEW_NUMBERS, read
from gradatim.primitives import TABLE
from gradatim.types import Raw

LONGEST_NUMBERS = 100
"""Signs of a formula with its numbers; a longer one says nothing and is left out."""

_TRIED = (DIGITS, 8, 12, 17)
"""Significant digits: those of every number, and more where their difference would vanish."""

_NEAR = 1e-3
"""How far a formula in rounded numbers may be off, as a share of what it gives."""

_MOST_CHECKED = 1000
"""Elements of a result that is checked; only numbers repeated many times give more."""

_DELICATE = ast.Add, ast.Sub, ast.Pow, ast.Call, ast.Compare, ast.MatMult, ast.Subscript
"""What may make little errors large; in products they stay as they are."""

_WORDS: dict[str, Any] = {
    "__builtins__": {},
    **{name: row.forward for name, row in TABLE.items() if row.kind == "pointwise"},
    **{name: TABLE[name].forward for name in ("softmax", "log_softmax")},
    **{name: getattr(np, name) for name in ("sum", "mean", "max", "min", "prod", "broadcast_to")},
    **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "abs", "inf", "nan", "pi")},
}


def counted(expression: ast.expr, raws: Mapping[str, Raw], value: Raw) -> tuple[Formula, bool]:
    """Write a formula with numbers for its names.

    Parameters
    ----------
    expression : ast.expr
        The formula.
    raws : mapping of str to array or NumPy scalar
        What its names stand for.
    value : array or NumPy scalar
        What it gives.

    Returns
    -------
    Formula
        Numbers are rounded. They have more digits than usual where the formula would give
        something else without them, as in a difference of what is almost equal.
    bool
        Whether what is written gives the value; False too where it would get too long.

    Examples
    --------
    >>> from gradatim.derivation.expression import parsed
    >>> a, b = np.float64(0.1 + 0.2), np.float64(0.3)
    >>> counted(parsed("a - b"), {"a": a, "b": b}, a - b)[0].text
    '0.30000000000000004 - 0.3'
    """

    def write(digits: int) -> Formula:
        return written(expression, {name: numbers(raw, digits) for name, raw in raws.items()})

    if not _is_checked(expression):
        return write(DIGITS), True
    code = compile(ast.unparse(expression), "<formula>", "eval")

    def evaluate(digits: int) -> Any:
        known = {name: _as_read(raw, digits) for name, raw in raws.items()}
        return eval(code, _WORDS, known)  # our own formula, with numbers for its names

    return _true(write, evaluate, value)


def _is_checked(expression: ast.expr) -> bool:
    nodes = list(ast.walk(expression))
    spread = (node for node in nodes if isinstance(node, ast.Subscript))
    if any(isinstance(node.value, ast.Constant) for node in spread):
        return False  # a number as an array, 1[:, None], is nothing that Python computes
    return any(isinstance(node, _DELICATE) for node in nodes)


def added(parts: Sequence[Raw], total: Raw) -> tuple[Formula, bool]:
    """Write numbers, or arrays of a few, as a sum; of large ones say how many they are.

    Parameters
    ----------
    parts : sequence of array or NumPy scalar
        What is added, two at least.
    total : array or NumPy scalar
        What they come to.

    Returns
    -------
    Formula, bool
        As :func:`counted`.
    """
    short = _counted_parts(len(parts))
    if not 0 < total.size <= FEW_NUMBERS:
        return short, True

    def write(digits: int) -> Formula:
        return summed([numbers(part, digits).formula for part in parts])

    def evaluate(digits: int) -> Any:
        return sum(_as_read(part, digits) for part in parts)

    whole, is_true = _true(write, evaluate, total)
    return (whole, is_true) if len(whole.text) <= LONGEST_NUMBERS else (short, True)


def _counted_parts(count: int) -> Formula:
    first, last = ("part 1", "part 2") if count == 2 else ("part 1 + ...", f"part {count}")
    text = f"{first} + {last}"
    return Formula(text, " + ".join(rf"\text{{{part}}}" for part in text.split(" + ")))


def _true(
    write: Callable[[int], Formula], evaluate: Callable[[int], Any], value: Raw
) -> tuple[Formula, bool]:
    """The shortest writing that is true; else the usual one."""
    for digits in _TRIED:
        whole = write(digits)
        if len(whole.text) > LONGEST_NUMBERS:
            break
        if _agrees(evaluate, digits, value):
            return whole, True
    return write(DIGITS), False


def _agrees(evaluate: Callable[[int], Any], digits: int, value: Raw) -> bool:
    """Whether numbers that are read as they are written come to a value, as far as one can see."""
    if value.size > _MOST_CHECKED:
        return True
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(evaluate(digits), np.float64)
            # What cancels to nothing may leave round-off of the last digit behind.
            slack = np.where(np.asarray(value) == 0, 10.0 ** (1 - digits), 0.0)
            close = np.isclose(found, value, _NEAR, slack, equal_nan=True)
    except Exception:
        return True  # a word of the formula that NumPy does not know
    return bool(close.all())


def _as_read(raw: Raw, digits: int) -> Any:
    array = np.asarray(raw)
    if array.dtype.kind != "f" or array.size > FEW_NUMBERS:
        return raw
    flat = [read(x, digits) for x in array.reshape(-1).tolist()]
    return np.array(flat, np.float64).reshape(array.shape)[()]
