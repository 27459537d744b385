"""A program as NumPy source: straight-line Python that a person reads and a computer runs.

Three headed sections, names from the model, shape and dtype at the end of each line. What one
line alone reads is written into that line. Large results go to memory that is kept from call to
call.
"""

from __future__ import annotations

import linecache
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from numpy.random import RandomState

from gradatim.compiler.emit.memory import Memory
from gradatim.compiler.emit.names import name_generators, name_values
from gradatim.compiler.emit.order import settled
from gradatim.compiler.emit.phrase import (
    Word,
    function_of,
    into,
    mentions_once,
    number,
    phrase,
    table,
)
from gradatim.compiler.program import Line, Program, Value
from gradatim.primitives import Primitive, bounds, product, shape

WIDTH = 60
"""Longest expression that is put into another one."""

COLUMN = 70
"""Where the remarks begin."""

_WORDS = (shape.reshape, shape.cast, product.matmul)

LARGE_BYTES = 50_000
"""From here on memory that is kept is faster than memory that is asked for in every call."""


class Listing(NamedTuple):
    """Source text, and what of a program is written in it.

    Parameters
    ----------
    text : str
        Defines ``step``, a function of the arguments, the state and the generators of the program.
    names : mapping of Value to str
        The variables.
    kept : tuple of int
        Bytes of each array that is kept from call to call, for large results.
    """

    text: str
    names: Mapping[Value, str]
    kept: tuple[int, ...] = ()


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
        ``text`` runs by itself: it defines ``step(*arguments, *state, *generators)``, which
        returns a tuple.
    """
    names = name_values(program, arguments)
    printing = _Printing(settled(program), names)
    return Listing(printing.text(head), names, tuple(printing.kept_bytes.values()))


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
        self.program, self.names = program, dict(names)
        self._generators = name_generators(program, names)
        self._readers = program.readers()
        self._needed = self._functions()
        self._inside: dict[Value, Line] = {}
        self._statements: list[Line] = []
        self._same: dict[Value, Value] = {}
        self._tables: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self.kept_bytes: dict[str, int] = {}
        candidates = self._candidates()
        for line in program.lines:
            self._arrange(line, candidates)

    # --- what becomes a statement of its own ----------------------------------------------------
    def _arrange(self, line: Line, candidates: set[Value]) -> None:
        text = self._statement(line)
        parts = [v for v in line.inputs if v in self._inside]
        for part in sorted(parts, key=lambda v: -len(self._operand(line, v))):
            if len(text) <= COLUMN - 4:
                break
            self._statements.append(self._inside.pop(part))
            text = self._statement(line)
        if line.output in candidates and len(self._expression(line)) <= WIDTH:
            self._inside[line.output] = line
        else:
            self._statements.append(line)
        if line.primitive is bounds.within_:
            self._same[line.output] = line.inputs[0]

    def _candidates(self) -> set[Value]:
        """Values that can be written into the one line that reads them."""
        position = {line.output: i for i, line in enumerate(self.program.lines)}
        writes = [i for i, line in enumerate(self.program.lines) if line.writes]
        found = set()
        for line in self.program.lines:
            value, users = line.output, self._readers[line.output]
            if line.writes or value.name or value in self.program.results or len(users) != 1:
                continue
            user, here = users[0], position[value]
            if user.inputs.count(value) != 1 or line.phase != user.phase:
                continue
            there = position[user.output]
            fits = mentions_once(user, user.inputs.index(value)) and self._is_short(line, user)
            if fits and not any(here < i < there for i in writes):
                found.add(value)
        return found

    def _is_short(self, line: Line, user: Line) -> bool:
        """Whether a line is no more than a word in the line that reads it."""
        if line.primitive is shape.transpose:
            return True
        if line.primitive in self._needed or user.primitive in self._needed:
            return False
        if line.output.nbytes >= LARGE_BYTES and not user.writes:
            return False
        return line.primitive.kind == "pointwise" or line.primitive in _WORDS

    def _functions(self) -> dict[Primitive, str]:
        found = {line.primitive: function_of(line) for line in self.program.lines}
        return {primitive: name for primitive, name in found.items() if name is not None}

    # --- expressions ----------------------------------------------------------------------------
    def _operand(self, line: Line, value: Value) -> str:
        if value in self._inside:
            return self._expression(self._inside[value])
        if value in self._same:
            return self._operand(line, self._same[value])
        array = self.program.literals.get(value)
        if array is None:
            return self.names[value]
        if not array.ndim:
            return number(array, line, self.program.literals)
        return self._constant(value)

    def _constant(self, value: Value) -> str:
        name = self.names[value]
        self._tables[name] = f"{name} = {table(self.program.literals[value])}"
        return name

    def _expression(self, line: Line) -> str:
        operands = [self._operand(line, value) for value in line.inputs]
        if line.primitive is shape.cast and any(x.writes for x in self._readers[line.output]):
            return f"np.array({operands[0]}, np.{line.output.dtype})"  # surely a copy
        return phrase(self._named(line), operands, self._needed)

    def _named(self, line: Line) -> Line:
        """The same line with its generator by name."""
        if line.primitive.kind != "chance":
            return line
        name = Word(self._generators[id(line.settings["rng"])])
        return replace(line, settings={**line.settings, "rng": name})

    def _statement(self, line: Line) -> str:
        if line.writes or line.primitive is bounds.within_:
            return self._expression(line)
        return f"{self.names[line.output]} = {self._expression(line)}"

    # --- the text -------------------------------------------------------------------------------
    def _rows(self) -> list[str]:
        memory = Memory(self.program, self._statements, self._inside)
        rows: list[str] = []
        phase = place = ""
        for number_of, line in enumerate(self._statements):
            if line.phase != phase:
                rows += ["", f"# --- {line.phase} ---"] if rows else [f"# --- {line.phase} ---"]
                phase = line.phase
            if line.place and line.place != place:
                rows.append(f"# {line.place}  {line.code}".rstrip()[:96])
                place = line.place
            statement = self._kept_statement(line, number_of, memory) or self._statement(line)
            rows.append(f"{statement:<{COLUMN - 4}}  # {line.output.shape} {line.output.dtype}")
        return rows

    def _kept_statement(self, line: Line, number_of: int, memory: Memory) -> str | None:
        """The statement that puts a large result into memory that is kept; None for others."""
        value = line.output
        if value.nbytes < LARGE_BYTES or value in self.program.results or line.writes:
            return None
        if isinstance(line.settings.get("rng"), RandomState):  # these make memory of their own
            return None
        line = self._named(line)
        inner = [self._inside[v] for v in line.inputs if v in self._inside]
        if any(part.primitive is not shape.transpose for part in inner):
            return None
        operands = [self._operand(line, v) for v in line.inputs]
        if into(line, operands, "") is None:
            return None
        owner = memory.take(line, number_of)
        name = self.names[value] = self.names[owner]
        self._kept[name] = f"{name} = np.empty({value.shape}, np.{value.dtype})"
        self.kept_bytes[name] = value.nbytes
        return into(line, operands, name)

    def text(self, head: str) -> str:
        body = self._rows()
        results = ", ".join(self._result(value) for value in self.program.results)
        comma = "," if len(self.program.results) == 1 else ""
        blocks = [self._imports(), *filter(None, [self._memory()])]
        quoted = [f'"""{head}"""'] if head else []
        body = [*quoted, *body, _folded(f"return ({results}{comma})" if results else "return ()")]
        inner = textwrap.indent("\n".join(body), "    ")
        given = [self.names[v] for v in (*self.program.arguments, *self.program.state)]
        given += self._generators.values()
        head = _folded(f"def step({', '.join(given)}):")
        blocks.append(f"\n{head}\n{inner}")
        return "\n\n".join(blocks) + "\n"

    def _result(self, value: Value) -> str:
        if value in self._same:
            return self._result(self._same[value])
        return self._constant(value) if value in self.program.literals else self.names[value]

    def _memory(self) -> str:
        return "\n".join([*self._tables.values(), *self._kept.values()])

    def _imports(self) -> str:
        rows = ["import numpy as np"]
        used = dict(self._needed)
        if used.pop(bounds.within_, None):
            rows += ["", "from gradatim.primitives.bounds import within"]
        if any("HOLE" in repr(line.settings) for line in self.program.lines):
            rows += ["", "from gradatim.primitives.index import HOLE"]
        if used:
            rows += ["", "from gradatim.primitives import TABLE", ""]
            rows += [f'{name} = TABLE["{x.name}"].forward' for x, name in used.items()]
        return "\n".join(rows)


def _folded(text: str) -> str:
    """A long row as several, those that follow indented."""
    return "\n".join(textwrap.wrap(text, 96, subsequent_indent="    " * 2, break_long_words=False))
