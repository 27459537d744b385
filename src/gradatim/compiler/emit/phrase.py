"""One line of a program as a NumPy expression."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradatim.compiler.program import Line
from gradatim.primitives import Primitive, bounds, product, shape
from gradatim.primitives.index import HOLE
from gradatim.types import Array

_OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_OPERATION = re.compile(r"\{(\w+)\} ([-+*/]) \{(\w+)\}")
_DRAW = re.compile(r"\{rng\}\.(\w+)\(\{shape\}, np\.\{dtype\}\)")
_ONE_CALL = re.compile(r"np\.(\w+)\([^()]*\)")
_OWN_FUNCTION = re.compile(r"([a-z_]+)\(|.*[(\s]([a-z_]+)\(")


class Word(str):
    """A setting that is written as it stands, such as the name of a variable."""

    __slots__ = ()
    __repr__ = str.__str__


def phrase(line: Line, operands: Sequence[str], needed: Mapping[Primitive, str]) -> str:
    """Return the expression of a line, with as few parentheses as can be.

    Parameters
    ----------
    line : Line
        Any.
    operands : sequence of str
        The expressions of its inputs.
    needed : mapping of Primitive to str
        Functions that stand for primitives whose own expression is not NumPy's.
    """
    names = [name.rstrip("*") for name in line.primitive.inputs]
    parts = {name: setting(value) for name, value in line.settings.items()}
    texts = list(operands)
    called = needed.get(line.primitive)
    if called is not None:
        return f"{called}({', '.join([*texts, *(f'{k}={v}' for k, v in parts.items())])})"
    if line.primitive.variadic:
        fixed = len(names) - 1
        parts[names[-1]] = ", ".join(texts[fixed:]) + ("," if len(texts) - fixed == 1 else "")
        names, texts = names[:-1], texts[:fixed]
    parts.update(zip(names, texts))
    axis = line.settings.get("axis")
    if isinstance(axis, tuple) and len(axis) == 1:
        parts["axis"] = repr(axis[0])
    bare = {
        *line.settings,
        line.primitive.inputs[-1].rstrip("*") if line.primitive.variadic else "",
    }
    return tidy(_filled(_source(line), parts, bare))


def function_of(line: Line) -> str | None:
    """Return what to call the function of a primitive whose expression is not NumPy's."""
    if "key" in line.settings and line.primitive.variadic and len(line.inputs) > 1:
        return f"primitive_{line.primitive.name}"
    if re.match(r"[a-z_]+\(", line.primitive.source) or "key" in line.settings:
        plain = line.primitive is bounds.within_
        return "within" if plain else f"primitive_{line.primitive.name}"
    return None


def into(line: Line, operands: Sequence[str], target: str) -> str | None:
    """Return a statement that puts the result of a line into memory that is there.

    Parameters
    ----------
    line : Line
        Any.
    operands : sequence of str
        The expressions of its inputs.
    target : str
        The name of the memory.

    Returns
    -------
    str or None
        None if no single function of NumPy does it.
    """
    source = line.primitive.source
    draw = _DRAW.fullmatch(source)
    if draw is not None:
        dtype = "" if line.output.dtype == np.float64 else f"dtype=np.{line.output.dtype}, "
        return f"{setting(line.settings['rng'])}.{draw[1]}({dtype}out={target})"
    operation = _OPERATION.fullmatch(source)
    if line.primitive is product.matmul and all(len(v.shape) == 2 for v in line.inputs):
        called = f"np.dot({', '.join(operands)}"
    elif operation is not None:
        called = f"np.{_OPERATORS[operation[2]]}({', '.join(operands)}"
    elif line.primitive.kind == "pointwise" and _ONE_CALL.fullmatch(source):
        if source.startswith("np.where("):
            return None
        called = source.format(**dict(zip(line.primitive.inputs, operands)))[:-1]
    else:
        return None
    return f"{called}, out={target})"


def mentions_once(line: Line, position: int) -> bool:
    """Whether an input stands in the expression of its line no more than once."""
    names = line.primitive.inputs
    name = names[min(position, len(names) - 1)].rstrip("*")
    return line.primitive.source.count(f"{{{name}}}") == 1


def tidy(expression: str) -> str:
    """Return an expression without parentheses that change nothing."""
    text = ast.unparse(ast.parse(expression))
    return text.replace("'", '"') if '"' not in text else text


def _source(line: Line) -> str:
    """The expression of a primitive, shorter where a setting is the usual one."""
    source = line.primitive.source
    if line.primitive is shape.transpose and line.settings["axes"] == (1, 0):
        return "{x}.T"
    if line.primitive.kind == "chance" and line.settings["dtype"] == np.float64:
        source = source.replace(", np.{dtype}", "")
    if line.settings.get("keepdims") is False:
        source = source.replace(", keepdims={keepdims}", "")
    if "axis" in line.settings and line.settings["axis"] is None:
        source = source.replace(", axis={axis}", "")
    return source


def _filled(source: str, parts: Mapping[str, str], bare: set[str]) -> str:
    """An expression with its parts put in, those that are expressions in parentheses."""

    def part(match: re.Match[str]) -> str:
        text = parts[match[1]]
        if source[match.start() - 1] == '"':
            return text[1:-1]
        return text if match[1] in bare or text.isidentifier() else f"({text})"

    return re.sub(r"\{(\w+)\}", part, source)


def setting(value: Any) -> str:
    """Return a setting as it is written."""
    if value is HOLE:
        return "HOLE"
    if isinstance(value, np.dtype):
        return value.name if value.kind != "b" else "bool_"
    return repr(value)


def number(array: Array, line: Line, literals: Mapping[Any, Array]) -> str:
    """Return a literal as a plain number where NumPy would compute the same with one."""
    value = array.item()
    shortest = str(array) if array.dtype == np.float32 == line.output.dtype else repr(value)
    text = shortest if np.isfinite(value) else f"np.{value}".replace("np.-inf", "-np.inf")
    others = [v.dtype for v in line.inputs if v.shape or v not in literals]
    weak = others and array.dtype.kind in "fi" and line.primitive.name != "power"
    if weak and np.result_type(*others) == np.result_type(*others, array.dtype):
        return text
    return f"np.{setting(array.dtype)}({text})"


def table(array: Array) -> str:
    """Return an array as it is written."""
    dtype = f"np.{setting(array.dtype)}"
    if not array.size:
        return f"np.empty({array.shape}, {dtype})"
    first = array.reshape(-1)[:1]
    if array.size > 1 and array.tobytes() == first.tobytes() * array.size and np.isfinite(first[0]):
        return f"np.full({array.shape}, {first.item()!r}, {dtype})"
    numbers = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(array.tolist()))
    return f"np.array({numbers}, {dtype})"
