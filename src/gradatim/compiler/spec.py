"""What must hold of every program, before and after each pass."""

from __future__ import annotations

import numpy as np

from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.errors import GradatimError


def check(program: Program, after: str = "recording") -> Program:
    """Return the program if it is sound.

    Each value is defined once and before it is read; shapes and dtypes are those that the
    primitive's own rules give; a state is read in its latest version only.

    Parameters
    ----------
    program : Program
        Any.
    after : str
        What made it, for the error.

    Raises
    ------
    GradatimError
        If it is not; that is a fault of this library, not of its user.
    """
    known = set(program.given())
    latest: dict[Value, Value] = {}
    for number, line in enumerate(program.lines):
        try:
            _check_line(line, known, latest)
        except _Unsound as fault:
            raise GradatimError(f"program after {after}: line {number}: {fault}") from None
        known.add(line.output)
        if line.writes:
            latest[origin(line.output)] = line.output
    missing = [value for value in program.results if value not in known]
    if missing:
        raise GradatimError(f"program after {after}: nothing defines the results {missing}")
    return program


class _Unsound(Exception):
    """One line that breaks the law."""


def _check_line(line: Line, known: set[Value], latest: dict[Value, Value]) -> None:
    for value in line.inputs:
        if value not in known:
            raise _Unsound(f"{line.primitive.name} reads {value!r} before it is defined")
        newest = latest.get(origin(value), value)
        if newest is not value:
            raise _Unsound(f"{line.primitive.name} reads {value!r} after it was overwritten")
    if line.output in known:
        raise _Unsound(f"{line.output!r} is defined twice")
    if line.writes != (line.output.home is not None):
        raise _Unsound(f"{line.primitive.name} defines {line.output!r}, a version of a state")
    if line.writes and origin(line.inputs[0]) is not line.output.home:
        raise _Unsound(f"{line.primitive.name} writes into another state than {line.output!r}")
    _check_kind(line)


def _check_kind(line: Line) -> None:
    shapes = [value.shape for value in line.inputs]
    dtypes = [value.dtype for value in line.inputs]
    shape = line.primitive.shape(*shapes, **line.settings)
    dtype = np.dtype(line.primitive.dtype(*dtypes, **line.settings))
    if tuple(shape) != line.output.shape or dtype != line.output.dtype:
        raise _Unsound(f"{line.primitive.name} gives {tuple(shape)} {dtype}, not {line.output!r}")
