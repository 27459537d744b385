"""What passes are written with: a walk over the lines that replaces values as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.compiler.program import Line, Program, Value
from gradatim.primitives import Primitive
from gradatim.types import Array

Change = Value | Sequence[Line] | None
"""What becomes of a line: another value stands for its output, other lines compute it, or it
stays."""


def rewrite(program: Program, change: Callable[[Line], Change]) -> Program:
    """Return the program with each line as ``change`` says, all later reads following.

    Where other lines take the place of one, the last of them defines its output anew.
    """
    instead: dict[Value, Value] = {}
    names: dict[Value, str] = {}
    lines: list[Line] = []
    for line in program.lines:
        now = line.reading(tuple(instead.get(value, value) for value in line.inputs))
        new = change(now)
        if new is None:
            lines.append(now)
            continue
        if not isinstance(new, Value):
            lines += new
        stand_in = new if isinstance(new, Value) else new[-1].output
        instead[line.output] = stand_in
        if line.output.name and not stand_in.name:
            names[stand_in] = line.output.name
    results = tuple(instead.get(value, value) for value in program.results)
    return _renamed(program.changed(lines=tuple(lines), results=results), names)


def _renamed(program: Program, names: dict[Value, str]) -> Program:
    """A value that stands in for one with a name takes the name over."""
    made = {line.output for line in program.lines}
    new = {value: replace(value, name=name) for value, name in names.items() if value in made}
    if not new:
        return program
    lines = [
        replace(
            line,
            output=new.get(line.output, line.output),
            inputs=tuple(new.get(value, value) for value in line.inputs),
        )
        for line in program.lines
    ]
    results = tuple(new.get(value, value) for value in program.results)
    return program.changed(lines=tuple(lines), results=results)


def call(like: Line, primitive: Primitive, *inputs: Value, **settings: Any) -> Line:
    """Make a line in the phase and at the place of another one."""
    shape = primitive.shape(*(value.shape for value in inputs), **settings)
    dtype = np.dtype(primitive.dtype(*(value.dtype for value in inputs), **settings))
    return Line(Value("", shape, dtype), primitive, inputs, settings, like.phase, like.place)


def literal(array: Array) -> Value:
    """Make the value of a literal."""
    return Value("", array.shape, array.dtype)


def is_pure(line: Line) -> bool:
    """Whether the output depends on the inputs alone and nothing is written or drawn."""
    return line.primitive.kind not in ("effect", "chance")


def written(program: Program) -> set[Value]:
    """Return every state that is written, with all its versions."""
    homes = {line.output.home for line in program.lines if line.output.home is not None}
    versions = {line.output for line in program.lines if line.output.home is not None}
    return versions | {home for home in homes if home is not None}
