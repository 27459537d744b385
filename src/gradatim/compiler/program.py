"""A program: one training step as a straight line of primitive calls, plain data.

::

    arguments   what the step was called with
    state       what outlives a call: parameters, slots and rates of an optimizer
    literals    numbers that never change
    lines       value = primitive(values, settings), in the order in which they run
    generators  what lines of kind "chance" draw from; each draw moves its generator on
    results     what the step returns

Every value is defined once. A line that writes into a state gives a new *version* of it, a value
of its own that lives in the same memory; whoever reads the state afterwards reads that version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.autograd.modes import Phase
from gradatim.primitives import Primitive
from gradatim.types import Array, Random, Settings, Shape

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, eq=False)
class Value:
    """Something that a program computes with; told apart by identity.

    Parameters
    ----------
    name : str
        What it is called if nobody else is called so; may be empty.
    shape : tuple of int
        Sizes of the axes.
    dtype : dtype
        Type of the elements.
    home : Value or None
        The state whose memory a version of it shares.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    home: Value | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """Memory of the elements in bytes."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        sizes = ", ".join(map(str, self.shape))
        return f"{self.name or 'value'}[{sizes}] {self.dtype}"


@dataclass(frozen=True, eq=False)
class Line:
    """One call of a primitive.

    Parameters
    ----------
    output : Value
        What it defines.
    primitive : Primitive
        The row of the table.
    inputs : tuple of Value
        The arrays, by position.
    settings : dict
        The keyword arguments of the primitive.
    phase : {"forward", "backward", "update"}
        The part of the step that it belongs to.
    place : str
        The user's line, as ``train.py:31``; empty if not known.
    code : str
        What is written there.
    """

    output: Value
    primitive: Primitive
    inputs: tuple[Value, ...]
    settings: Settings = field(default_factory=dict)
    phase: Phase = "forward"
    place: str = ""
    code: str = ""

    @property
    def writes(self) -> bool:
        """Whether it writes into its first input."""
        return self.primitive.kind == "effect"

    def reading(self, inputs: tuple[Value, ...]) -> Line:
        """Return the same call on other values."""
        if inputs == self.inputs:
            return self
        return Line(
            self.output, self.primitive, inputs, self.settings, self.phase, self.place, self.code
        )


@dataclass(frozen=True, eq=False)
class Program:
    """A step as plain data; see the head of this file.

    Parameters
    ----------
    arguments, state : tuple of Value
        What is read from outside, anew in every call.
    literals : mapping of Value to array
        What is known beforehand.
    lines : tuple of Line
        What is done.
    results : tuple of Value
        What comes out.
    """

    arguments: tuple[Value, ...]
    state: tuple[Value, ...]
    literals: Mapping[Value, Array]
    lines: tuple[Line, ...]
    results: tuple[Value, ...]

    def changed(self, **parts: Any) -> Self:
        """Return the program with some of its parts replaced."""
        return replace(self, **parts)

    def given(self) -> Iterator[Value]:
        """Every value that no line defines."""
        yield from self.arguments
        yield from self.state
        yield from self.literals

    def definitions(self) -> dict[Value, Line]:
        """Return the line that defines each value."""
        return {line.output: line for line in self.lines}

    def draws(self) -> list[Line]:
        """Return the lines that draw random numbers, in their order."""
        return [line for line in self.lines if line.primitive.kind == "chance"]

    def generators(self) -> list[Random]:
        """Return each generator that is drawn from once, in the order of their first draws."""
        return [*{id(rng): rng for rng in (x.settings["rng"] for x in self.draws())}.values()]

    def readers(self) -> dict[Value, list[Line]]:
        """Return the lines that read each value, in their order; none for one nobody reads."""
        found: dict[Value, list[Line]] = {value: [] for value in self.given()}
        for line in self.lines:
            found[line.output] = []
            for value in dict.fromkeys(line.inputs):
                found[value].append(line)
        return found

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        called = self._called()

        def told(value: Value) -> str:
            return f"  {replace(value, name=called[value])!r}"

        lines = [
            f"{told(x.output)} = {x.primitive.name}({', '.join(called[v] for v in x.inputs)})"
            for x in self.lines
        ]
        given = [told(value) for value in (*self.arguments, *self.state)]
        return "\n".join([*given, *lines, f"  -> {', '.join(called[v] for v in self.results)}"])

    def _called(self) -> dict[Value, str]:
        """What values are called in the text: those without a name by numbers."""
        called = {v: str(x) for v, x in self.literals.items() if not x.shape}
        number = count(1)
        for value in (*self.given(), *(line.output for line in self.lines)):
            if value not in called:
                called[value] = value.name or f"v{next(number)}"
        return called


def origin(value: Value) -> Value:
    """Return the state that a value is a version of; the value itself if it is none."""
    return value.home if value.home is not None else value
