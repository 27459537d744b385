"""Dead lines: what nobody reads and what writes nothing is left out."""

from __future__ import annotations

from gradatim.compiler.passes.rewriting import is_pure
from gradatim.compiler.program import Program


def dead(program: Program) -> Program:
    """Return the program without lines whose output is never used, and literals nobody reads."""
    used = set(program.results)
    kept = []
    for line in reversed(program.lines):
        if line.output in used or not is_pure(line):
            used.update(line.inputs)
            kept.append(line)
    literals = {value: array for value, array in program.literals.items() if value in used}
    return program.changed(lines=tuple(reversed(kept)), literals=literals)
