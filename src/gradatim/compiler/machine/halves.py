"""Products with a long inner axis, made in two halves: one for each half of the threads.

A step multiplies a batch with a matrix and then writes that matrix. Where threads share the rows of
the batch, each reads all of the matrix and writes a part of it, so half of what it reads has just
been written by another processor, and is fetched from there. Where they share the inner axis, each
keeps to its own rows of the matrix, and only the halves of a small result change hands.

Whoever runs a program, the halves are the same: its numbers do not depend on the threads.
"""

from __future__ import annotations

from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.primitives import pointwise, product, shape

CREWS = 2
"""Halves: each is the work of one crew of threads."""

SHORTEST = 256
"""An inner axis below this is not worth it."""

GRAIN = 8
"""Halves begin at multiples of this."""


def in_halves(program: Program) -> Program:
    """Return the program with every such product as a sum of two.

    Parameters
    ----------
    program : Program
        After all passes.
    """
    written = {origin(line.inputs[0]) for line in program.lines if line.writes}
    turned = {line.output for line in program.lines if line.primitive is shape.transpose}
    lines: list[Line] = []
    for line in program.lines:
        if _pays(line) and origin(line.inputs[1]) in written and not turned & {*line.inputs}:
            lines += _halves(line)
        else:
            lines.append(line)
    return program.changed(lines=tuple(lines))


def _pays(line: Line) -> bool:
    """Whether more numbers stay where they are than change hands."""
    if line.primitive is not product.matmul or any(len(v.shape) != 2 for v in line.inputs):
        return False
    (height, inner), (_, width) = (v.shape for v in line.inputs)
    return inner >= SHORTEST and 8 * height * width < inner * (height + width)


def _halves(line: Line) -> list[Line]:
    z, inner = line.output, line.inputs[0].shape[1]
    middle = inner // CREWS // GRAIN * GRAIN
    parts = [Value("", z.shape, z.dtype) for _ in range(CREWS)]
    about = line.phase, line.place, line.code
    spans = (0, middle), (middle, inner)
    return [
        *(
            Line(part, product.matmul, line.inputs, {"span": span}, *about)
            for part, span in zip(parts, spans)
        ),
        Line(z, pointwise.add, tuple(parts), {}, *about),
    ]
