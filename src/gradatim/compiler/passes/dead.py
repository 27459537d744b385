"""Dead lines: what nobody reads and what writes nothing is left out.

A line that makes certain of a range stays: an error is an effect too. So does one that draws random
numbers: the next draw is another one because of it.
"""

from __future__ import annotations

from gradatim.compiler.passes.rewriting import is_pure
from gradatim.compiler.program import Program
from gradatim.primitives import bounds


def dead(program: Program) -> Program:
    """Return the program without lines whose output is never used, and literals nobody reads."""
    used = set(program.results)
    kept = []
    for line in reversed(program.lines):
        if line.output in used or not is_pure(line) or line.primitive is bounds.within_:
            used.update(line.inputs)
            kept.append(line)
    literals = {value: array for value, array in program.literals.items() if value in used}
    return program.changed(lines=tuple(reversed(kept)), literals=literals)
