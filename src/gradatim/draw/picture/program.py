"""The account of a compiled step: its program, with a frame for each phase."""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Sequence
from typing import Any

from gradatim.compiler.compiled import Compiled
from gradatim.compiler.emit.names import name_values
from gradatim.compiler.program import Program, origin
from gradatim.draw.picture.account import Call, Scope, aliases
from gradatim.draw.picture.picture import Kind
from gradatim.types import Raw, Shape


class Written:
    """What is known of a program: names, shapes, and which phase each line belongs to.

    Parameters
    ----------
    step : Compiled
        A step that has a program.

    Attributes
    ----------
    calls : sequence of Call
        The lines.
    results : sequence of Value
        What the step returns, and the state that it leaves behind.

    Raises
    ------
    RecordingError
        If there is no program yet.
    """

    def __init__(self, step: Compiled) -> None:
        self._program: Program = step.program
        self._names = name_values(self._program, _arguments(step))
        self._arguments = set(self._program.arguments)
        self._parameters = {
            origin(x) for line in self._program.lines if line.phase == "forward"
            for x in line.inputs
        }  # fmt: skip
        phases = {line.phase: Scope(line.phase, "phase") for line in self._program.lines}
        self.calls: Sequence[Call] = [
            Call(
                line.output, line.primitive, line.inputs, line.settings,
                (phases[line.phase],), f"{line.place}  {line.code}".strip(),
            )
            for line in self._program.lines
        ]  # fmt: skip
        self._writes = _writes(self._program)
        self._aliases = aliases(self.calls, self.name)
        last = {origin(line.output): line.output for line in self._program.lines if line.writes}
        self.results: Sequence[Hashable] = tuple(
            dict.fromkeys([*self._program.results, *last.values()])
        )

    def kind(self, leaf: Any) -> Kind:
        """Return whether a value is given, kept from call to call, or constant."""
        if leaf in self._arguments:
            return "input"
        if leaf in self._program.literals:
            return "constant"
        return "parameter" if leaf in self._parameters else "state"

    def name(self, x: Any) -> str:
        """Return the name of a value, if it has one; what was written gets a prime each time."""
        if not origin(x).name and x not in self._arguments:
            return ""
        return self._names[x] + "′" * self._writes.get(x, 0)

    def alias(self, x: Any) -> str:
        """Return what lists call it."""
        return self._aliases.get(x, "")

    def shape(self, x: Any) -> Shape:
        """Return the sizes of its axes."""
        return x.shape

    def dtype(self, x: Any) -> str:
        """Return the type of its elements."""
        return str(x.dtype)

    def wanted(self, x: Any) -> bool:
        """Return whether it is learned."""
        return self.kind(x) == "parameter" if x in self._program.state else False

    def value(self, x: Any) -> Raw | None:
        """Return the number of a literal; all else is known only when the step runs."""
        return self._program.literals.get(x)

    def gradient(self, x: Any) -> Raw | None:
        """Return nothing: gradients are values of their own in a program."""

    def part(self, call: Call, position: int) -> Raw | None:
        """Return nothing: gradients are values of their own in a program."""


def _arguments(step: Compiled) -> list[str]:
    """What the step itself calls its arguments, one name for each value as far as that goes."""
    try:
        return list(inspect.signature(step.__wrapped__).parameters)
    except (TypeError, ValueError):
        return []


def _writes(program: Program) -> dict[Hashable, int]:
    """How often its state had been written when each version of it came to be."""
    versions: dict[Hashable, int] = {}
    found: dict[Hashable, int] = {}
    for line in program.lines:
        if line.writes:
            home = origin(line.output)
            versions[home] = found[line.output] = versions.get(home, 0) + 1
    return found
