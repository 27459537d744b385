"""A program as NumPy source: straight-line Python that a person reads and a computer runs.

Three headed sections, names from the model, shape and dtype at the end of each line. What one
line alone reads is written into that line. Large results go to memory that is kept from call to
call.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.compiler.emit.names import name_values
from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.primitives import product, shape
from gradatim.primitives.index import HOLE
from gradatim.types import Array

WIDTH = 72
"""Longest expression that is put into another one."""

LARGE_BYTES = 50_000
"""From here on memory that is kept is faster than memory that is asked for in every call."""

_OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "@": "matmul"}
_OPERATION = re.compile(r"\{(\w+)\} ([-+*/@]) \{(\w+)\}")
_ONE_CALL = re.compile(r"np\.(\w+)\([^()]*\)")
_ATOM = re.compile(r"-?[\w.]+|[\w.]+\([^()]*\)")


@dataclass(frozen=True)
class Listing:
    """Source text, and what of a program is written in it.

    Parameters
    ----------
    text : str
        Defines ``step``, a function of the arguments and the state of the program.
    names : mapping of Value to str
        The variables.
    """

    text: str
    names: Mapping[Value, str]


def listing(program: Program, arguments: Iterable[str], head: str = "") -> Listing:
    """Print a program as NumPy source.

    Parameters
    ----------
    program : Program
        Sound, as :func:`~gradatim.compiler.spec.check` wants it.
    arguments : iterable of str
        What the step calls its arguments.
    head : str
        What the docstring says.

    Returns
    -------
    Listing
        ``text`` runs by itself: it defines ``step(*arguments, *state)``, which returns a tuple.
    """
    printing = _Printing(program, name_values(program, arguments))
    for line in program.lines:
        printing.add(line)
    return Listing(printing.text(head), printing.names)


def loaded(source: str, title: str) -> Callable[..., Any]:
    """Return the function ``step`` of a listing; a traceback through it shows its lines.

    Parameters
    ----------
    source : str
        The text of a :class:`Listing`.
    title : str
        What the file is called in a traceback.
    """
    name = f"<program of {title}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(source, name, "exec"), space)  # text of our own, made of the table's expressions
    return space["step"]


class _Printing:
    def __init__(self, program: Program, names: dict[Value, str]) -> None:
        self.program, self.names = program, names
        self._readers = program.readers()
        self._last = {v: lines[-1] for v, lines in self._readers.items() if lines}
        self._inside = _inlined(program, self._readers)
        self._text: dict[Value, str] = {}
        self._constants: list[str] = []
        self._memory: list[str] = []
        self._kept: set[Value] = set()
        self._needed: dict[str, str] = {}
        self._body: list[str] = []
        self._holes = False
        self._written = {origin(line.output) for line in program.lines if line.writes}
        self._phase = ""
        self._place = ""
        for value, array in program.literals.items():
            self._text[value] = names[value]
            if array.ndim or value in program.results:
                self._constants.append(f"{names[value]} = {_array(array)}")

    def add(self, line: Line) -> None:
        expression = self._expression(line)
        if line.output in self._inside and len(expression) <= WIDTH:
            self._text[line.output] = expression
            return
        if line.phase != self._phase:
            self._body += (
                ["", f"# --- {line.phase} ---"] if self._body else [f"# --- {line.phase} ---"]
            )
            self._phase = line.phase
        statement = expression if line.writes else self._assignment(line, expression)
        self._body.append(self._with_comment(statement, line))
        self._text[line.output] = self.names[line.output]

    def _assignment(self, line: Line, expression: str) -> str:
        into = self._into(line)
        if into is None:
            return f"{self.names[line.output]} = {expression}"
        self._kept.add(line.output)
        return into

    def _into(self, line: Line) -> str | None:
        """The statement that writes a large result into memory that is kept; None for others."""
        value = line.output
        if value.nbytes < LARGE_BYTES or value in self.program.results:
            return None
        if any(part in self._inside for part in line.inputs):
            return None
        written = _called(line, [self._text.get(v, self.names[v]) for v in line.inputs])
        if written is None:
            return None
        self._take_over(line) if line.primitive.kind == "pointwise" else None
        name = self.names[value]
        if not any(kept.startswith(f"{name} =") for kept in self._memory) and name not in {
            self.names[v] for v in self._kept
        }:
            self._memory.append(f"{name} = np.empty({value.shape}, np.{value.dtype})")
        return f"{written[:-1]}, out={name})"

    def _take_over(self, line: Line) -> None:
        """Take the memory of an input that nobody reads afterwards."""
        for value in line.inputs:
            fits = (value.shape, value.dtype) == (line.output.shape, line.output.dtype)
            if value in self._kept and fits and self._last.get(value) is line:
                self.names[line.output] = self.names[value]
                return

    def _with_comment(self, statement: str, line: Line) -> str:
        place = f"  {line.place}" if line.place != self._place else ""
        self._place = line.place
        return f"{statement:<70}  # {line.output.shape} {line.output.dtype}{place}"

    def _expression(self, line: Line) -> str:
        parts = {}
        names = [name.rstrip("*") for name in line.primitive.inputs]
        texts = [self._operand(line, value) for value in line.inputs]
        if line.primitive.variadic:
            fixed = len(names) - 1
            parts[names[-1]] = ", ".join(texts[fixed:]) + ("," if len(texts) - fixed == 1 else "")
            names, texts = names[:-1], texts[:fixed]
        parts.update(zip(names, texts))
        parts.update({name: _setting(value) for name, value in line.settings.items()})
        axis = line.settings.get("axis")
        if isinstance(axis, tuple) and len(axis) == 1:
            parts["axis"] = repr(axis[0])
        self._need(line)
        if line.primitive is shape.cast and line.output in self._written:
            return f"np.array({texts[0]}, np.{parts['dtype']})"
        if line.primitive.name in self._needed:
            return _call_of(line, self._needed[line.primitive.name], texts, parts)
        return _filled(_source(line), parts)

    def _need(self, line: Line) -> None:
        """Name the function of a primitive whose expression is not NumPy's."""
        source = line.primitive.source
        if "HOLE" in repr(line.settings):
            self._holes = True
        if re.match(r"[a-z_]+\(", source) or "key" in line.settings:
            self._needed[line.primitive.name] = f"primitive_{line.primitive.name}"

    def _operand(self, line: Line, value: Value) -> str:
        array = self.program.literals.get(value)
        if array is not None and not array.ndim:
            return _number(array, line)
        return self._text.get(value) or self.names[value]

    def text(self, head: str) -> str:
        given = [self.names[v] for v in (*self.program.arguments, *self.program.state)]
        results = ", ".join(self._text.get(v) or self.names[v] for v in self.program.results)
        comma = "," if len(self.program.results) == 1 else ""
        blocks = ["import numpy as np"]
        if self._holes:
            blocks.append("from gradatim.primitives.index import HOLE")
        if self._needed:
            table = "\n".join(
                f'{called} = TABLE["{name}"].forward' for name, called in self._needed.items()
            )
            blocks.append(f"from gradatim.primitives import TABLE\n\n{table}")
        if self._constants or self._memory:
            blocks.append("\n".join([*self._constants, *self._memory]))
        quoted = [f'"""{head}"""'] if head else []
        body = [*quoted, *self._body, f"return ({results}{comma})" if results else "return ()"]
        inner = "\n".join(f"    {row}".rstrip() for row in body)
        blocks.append(f"\ndef step({', '.join(given)}):\n{inner}")
        return "\n\n".join(blocks) + "\n"


def _inlined(program: Program, readers: Mapping[Value, list[Line]]) -> set[Value]:
    """Values that can be written into the one line that reads them."""
    position = {line.output: i for i, line in enumerate(program.lines)}
    writes = [i for i, line in enumerate(program.lines) if line.writes]
    found = set()
    for line in program.lines:
        value, users = line.output, readers[line.output]
        if line.primitive.kind != "pointwise" and line.primitive is not shape.transpose:
            continue
        if len(users) != 1 or users[0].inputs.count(value) != 1 or value in program.results:
            continue
        user = users[0]
        if (
            value.nbytes >= LARGE_BYTES
            and not user.writes
            and line.primitive is not shape.transpose
        ):
            continue
        here, there = position[value], position[user.output]
        if line.phase == user.phase and not any(here < i < there for i in writes):
            found.add(value)
    return found


def _called(line: Line, texts: list[str]) -> str | None:
    """A line as one call of a NumPy function; None if its expression is more than that."""
    source = line.primitive.source
    if line.primitive is product.matmul:
        plain = all(len(value.shape) == 2 for value in line.inputs)
        return f"np.{'dot' if plain else 'matmul'}({', '.join(texts)})"
    operation = _OPERATION.fullmatch(source)
    if operation is not None:
        return f"np.{_OPERATORS[operation[2]]}({', '.join(texts)})"
    if line.primitive.kind != "pointwise" or not _ONE_CALL.fullmatch(source):
        return None
    return source.format(**dict(zip(line.primitive.inputs, texts)))


def _call_of(line: Line, name: str, texts: list[str], parts: Mapping[str, str]) -> str:
    settings = [f"{key}={parts[key]}" for key in line.settings]
    rest = (
        [parts[line.primitive.inputs[-1].rstrip("*")].rstrip(",")]
        if line.primitive.variadic
        else []
    )
    return f"{name}({', '.join([*texts, *(r for r in rest if r), *settings])})"


def _source(line: Line) -> str:
    """The expression of a primitive, shorter where a setting is the usual one."""
    source = line.primitive.source
    if line.primitive is shape.transpose and line.settings["axes"] == (1, 0):
        return "{x}.T"
    if line.settings.get("keepdims") is False:
        source = source.replace(", keepdims={keepdims}", "")
    if "axis" in line.settings and line.settings["axis"] is None:
        source = source.replace(", axis={axis}", "")
    return source


def _filled(source: str, parts: Mapping[str, str]) -> str:
    """An expression with its parts put in, in parentheses where the parts need them."""

    def part(match: re.Match[str]) -> str:
        text = parts[match[1]]
        if source[match.start() - 1] == '"':
            return text[1:-1]
        before, after = source[: match.start()], source[match.end() :]
        alone = before[-1:] in ("", "(", "[") or before.endswith((", ", "= ", "="))
        alone = alone and after[:1] in ("", ")", "]", ",")
        return text if alone or _ATOM.fullmatch(text) else f"({text})"

    return re.sub(r"\{(\w+)\}", part, source)


def _setting(value: Any) -> str:
    if value is HOLE:
        return "HOLE"
    if isinstance(value, np.dtype):
        return value.name if value.kind != "b" else "bool_"
    return repr(value)


def _number(array: Array, line: Line) -> str:
    """A literal as a plain number where NumPy would compute the same with one."""
    value = array.item()
    shortest = str(array) if array.dtype == np.float32 == line.output.dtype else repr(value)
    text = shortest if np.isfinite(value) else f"np.{value}".replace("np.-inf", "-np.inf")
    others = [v.dtype for v in line.inputs if v.shape or v.home is not None]
    if others and np.result_type(*others) == np.result_type(*others, array.dtype):
        return text
    return f"np.{array.dtype.name}({text})"


def _array(array: Array) -> str:
    dtype = f"np.{_setting(array.dtype)}"
    if not array.size:
        return f"np.empty({array.shape}, {dtype})"
    numbers = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(array.tolist()))
    return f"np.array({numbers}, {dtype})"
