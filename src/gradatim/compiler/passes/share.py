"""Sharing: what is computed twice from the same values is computed once."""

from __future__ import annotations

from gradatim.compiler.passes.rewriting import Change, is_pure, rewrite
from gradatim.compiler.program import Line, Program, Value


def share(program: Program) -> Program:
    """Return the program with equal pure lines joined, and equal literals."""
    known: dict[object, Value] = {}
    program = _with_joined_literals(program)

    def change(line: Line) -> Change:
        if not is_pure(line):
            return None
        settings = tuple((name, repr(value)) for name, value in sorted(line.settings.items()))
        key = (line.primitive, line.inputs, settings)
        first = known.setdefault(key, line.output)
        return None if first is line.output else first

    return rewrite(program, change)


def _with_joined_literals(program: Program) -> Program:
    first: dict[object, Value] = {}
    instead: dict[Value, Value] = {}
    for value, array in program.literals.items():
        key = (array.shape, array.dtype, array.tobytes())
        instead[value] = first.setdefault(key, value)
    lines = tuple(
        line.reading(tuple(instead.get(value, value) for value in line.inputs))
        for line in program.lines
    )
    results = tuple(instead.get(value, value) for value in program.results)
    literals = {value: program.literals[value] for value in first.values()}
    return program.changed(lines=lines, results=results, literals=literals)
