"""What must hold of every program, before and after each pass."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.errors import GradatimError
from gradatim.primitives import Primitive
from gradatim.types import Shape


def check(program: Program, after: str = "recording", before: Program | None = None) -> Program:
    """Return the program if it is sound.

    Each value is defined once and before it is read; shapes and dtypes are those that the
    primitive's own rules give; a state is read in its latest version only. Random numbers are
    drawn as often and in the same order as in the program that it was made of, also those that
    nobody reads: else the generators would part from those of the step itself.

    Parameters
    ----------
    program : Program
        Any.
    after : str
        What made it, for the error.
    before : Program, optional
        What it was made of.

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
    if before is not None and _drawn(program) != _drawn(before):
        raise GradatimError(
            f"program after {after}: it draws other random numbers than before, or in another "
            f"order: {len(program.draws())} draws instead of {len(before.draws())}"
        )
    return program


def _drawn(program: Program) -> list[tuple[object, ...]]:
    """What is drawn in turn: the primitive, the generator, how many of which dtype."""
    return [
        (line.primitive, id(line.settings["rng"]), line.output.shape, line.output.dtype)
        for line in program.draws()
    ]


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
    shapes = tuple([value.shape for value in line.inputs])
    dtypes = tuple([value.dtype for value in line.inputs])
    kind = _plain_kind if not line.settings else _kind
    shape, dtype = kind(line.primitive, shapes, dtypes, **line.settings)
    if shape != line.output.shape or dtype != line.output.dtype:
        raise _Unsound(f"{line.primitive.name} gives {shape} {dtype}, not {line.output!r}")


def _kind(
    primitive: Primitive, shapes: tuple[Shape, ...], dtypes: tuple[Any, ...], **settings: Any
) -> tuple[Shape, Any]:
    """What the rules of a primitive say of its output."""
    dtype = np.dtype(primitive.dtype(*dtypes, **settings))
    return tuple(primitive.shape(*shapes, **settings)), dtype


_plain_kind = lru_cache(1024)(_kind)
"""The same where there are no settings: a long program asks the same again and again."""
