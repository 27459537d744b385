"""The sign of a primitive, as it is written in its node, and the settings that matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradatim.primitives import Primitive
from gradatim.types import Settings

SIGNS: Mapping[str, str] = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "negative": "−x",
    "power": "^",
    "square": "x²",
    "sqrt": "√",
    "cbrt": "∛",
    "reciprocal": "1/x",
    "remainder": "mod",
    "abs": "|x|",
    "matmul": "@",
    "sum": "Σ",
    "prod": "Π",
    "max": "max",
    "min": "min",
    "equal": "=",
    "not_equal": "≠",
    "less": "<",
    "less_equal": "≤",
    "greater": ">",
    "greater_equal": "≥",
    "logical_and": "and",
    "logical_or": "or",
    "logical_not": "not",
    "log_softmax": "log softmax",
    "cross_entropy": "cross entropy",
    "assign": "←",
    "add_into": "+=",
    "subtract_from": "−=",
    "put": "[ ] ←",
    "index": "[ ]",
    "index_add": "[ ] +=",
    "stop_gradient": "stop",
    "alias": "=",
    "transpose": "T",
    "astype": "dtype",
    "astype_exact": "dtype",
    "floor_divide": "⌊÷⌋",
}
"""Signs of the primitives that are not written by their name."""

_BETWEEN = (
    *("add", "subtract", "multiply", "divide", "matmul", "equal", "not_equal"),
    *("less", "less_equal", "greater", "greater_equal"),
)
INFIX: Mapping[str, str] = {name: SIGNS[name] for name in _BETWEEN} | {
    "power": "**",
    "add_into": "+",
    "subtract_from": "−",
}
"""Signs that stand between two inputs where a result is written as an equation."""

_UNSAID = {"keepdims", "shape", "rng"}
"""Settings that the shape of the result tells, or that have no text."""

_LONGEST = 24


def sign_of(primitive: Primitive) -> str:
    """Return what is written in the node of a primitive.

    Examples
    --------
    >>> from gradatim.primitives import TABLE
    >>> sign_of(TABLE["multiply"]), sign_of(TABLE["relu"])
    ('×', 'relu')
    """
    return SIGNS.get(primitive.name, primitive.name.replace("_", " "))


def settings_text(primitive: Primitive, settings: Settings) -> str:
    """Return the settings that change what a primitive does.

    Examples
    --------
    >>> from gradatim.primitives import TABLE
    >>> settings_text(TABLE["sum"], {"axis": (0,), "keepdims": False})
    'axis=0'
    """
    if primitive.name == "transpose" and settings.get("axes") == (1, 0):
        return ""
    told = [
        f"{name}={_text(value)}"
        for name, value in settings.items()
        if value is not None and name not in _UNSAID
    ]
    text = ", ".join(told)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], int):
        return str(value[0])
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, slice):
        ends = ["" if end is None else str(end) for end in (value.start, value.stop, value.step)]
        return ":".join(ends[: 2 if value.step is None else 3])
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    if value is Ellipsis:
        return "…"
    return str(value)
