"""The order in which a program is printed: a state is renewed as soon as its new numbers are known.

An optimizer computes the new slot, then what it takes off the parameter, and writes both at the
end. A person writes the slot at once and goes on with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradatim.compiler.emit.memory import is_view
from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.primitives import effect


def settled(program: Program) -> Program:
    """Return the program with each ``assign`` right behind what it assigns, where that may be."""
    lines = list(program.lines)
    for line in program.lines:
        if line.primitive is effect.assign:
            now = next(x for x in lines if x.output is line.output)
            if _alike(now) and now.inputs[1] not in program.results:
                _move(lines, now)
    return program.changed(lines=tuple(lines))


def _alike(line: Line) -> bool:
    state, new = line.inputs
    return (state.shape, state.dtype) == (new.shape, new.dtype) and new.home is None


def _move(lines: list[Line], line: Line) -> None:
    there = lines.index(line)
    new, home = line.inputs[1], origin(line.output)
    here = next((i for i, other in enumerate(lines) if other.output is new), None)
    if here is None or lines[here].phase != line.phase:
        return
    between, after = lines[here + 1 : there], lines[there + 1 :]
    old = _seen(lines[:there], home)
    if any(v in old or origin(v) is home for other in between for v in other.inputs):
        return
    again = next((i for i, other in enumerate(after) if origin(other.output) is home), len(after))
    if any(new in other.inputs for other in after[again:]) or is_view(lines[here]):
        return
    lines[here + 1 :] = [line, *(_with(other, new, line.output) for other in (*between, *after))]


def _seen(lines: Sequence[Line], home: Value) -> set[Value]:
    """Views of a state."""
    views: set[Value] = set()
    for line in lines:
        if is_view(line) and any(v in views or origin(v) is home for v in line.inputs):
            views.add(line.output)
    return views


def _with(line: Line, old: Value, new: Value) -> Line:
    return line.reading(tuple(new if value is old else value for value in line.inputs))
