"""Memory that is kept from call to call: which large results lie where.

A result may take the memory of one that nobody looks at any more, itself or through a view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradatim.compiler.program import Line, Program, Value
from gradatim.primitives import bounds, pointwise

FRESH = {
    "sum", "max", "min", "prod", "argmax", "argmin", "all", "any", "cumsum", "cumprod", "matmul",
    "einsum", "take_along_axis", "add_along_axis", "index_add", "one_hot", "astype", "concatenate",
    "pad", "tril", "triu", "roll", "argsort", "inv", "det", "solve", "cholesky", "pinv",
}  # fmt: skip
"""Primitives beside the pointwise ones whose result is never a view of an input."""


class Memory:
    """Where large results go.

    Parameters
    ----------
    program : Program
        What is printed.
    statements : sequence of Line
        Its lines that become statements, in order.
    inside : mapping of Value to Line
        The lines that are written into others.
    """

    def __init__(
        self, program: Program, statements: Sequence[Line], inside: Mapping[Value, Line]
    ) -> None:
        self._last: dict[Value, int] = dict.fromkeys(program.results, len(statements))
        for number in reversed(range(len(statements))):
            self._look(statements[number], number, inside)
        self._owner: dict[Value, Value] = {}

    def _look(self, line: Line, until: int, inside: Mapping[Value, Line]) -> None:
        """Note that the inputs of a line are looked at up to some statement, views of it too."""
        number = until
        if is_view(line):
            until = max(until, self._last.get(line.output, 0))
        for value in line.inputs:
            self._last[value] = max(self._last.get(value, 0), until)
            if value in inside:
                self._look(inside[value], number, inside)

    def take(self, line: Line, number: int) -> Value:
        """Return the value in whose memory the result of a statement goes; its own if none fits."""
        value = line.output
        if line.primitive.kind == "pointwise":
            for x in line.inputs:
                fits = (x.shape, x.dtype) == (value.shape, value.dtype)
                if x in self._owner and fits and self._last[x] == number:
                    self._owner[value] = self._owner[x]
                    return self._owner[value]
        self._owner[value] = value
        return value


def is_view(line: Line) -> bool:
    """Whether a result may lie in the memory of an input."""
    if line.primitive in (pointwise.alias, pointwise.stop_gradient, bounds.within_):
        return True
    return line.primitive.kind == "structural" and line.primitive.name not in FRESH
