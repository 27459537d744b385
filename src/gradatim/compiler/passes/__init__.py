"""Passes: functions from a program to a program that does the same with less.

Only pure lines are touched: what writes or draws random numbers stays as it is and where it is.

=========  ================================================================================
`plain`    fused primitives taken apart, so that forward and backward can share
`fold`     what is known beforehand, and what changes nothing
`share`    what is computed twice
`dead`     what nobody reads
=========  ================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gradatim.compiler.passes.dead import dead
from gradatim.compiler.passes.fold import fold
from gradatim.compiler.passes.plain import plain
from gradatim.compiler.passes.share import share
from gradatim.compiler.program import Program
from gradatim.compiler.spec import check

PASSES: tuple[Callable[[Program], Program], ...] = (plain, fold, share, dead)
"""In the order in which they run, again and again until nothing changes."""


class Effort(NamedTuple):
    """What one pass did: lines before and after."""

    name: str
    before: int
    after: int


def optimize(program: Program) -> tuple[Program, list[Effort]]:
    """Return the program after all passes, checked after each, and what each of them did."""
    done: list[Effort] = []
    check(program)
    while True:
        before = program.lines
        for improve in PASSES:
            new = improve(program)
            if (new.lines, new.results) != (program.lines, program.results):
                check(new, improve.__name__, program)
            done.append(Effort(improve.__name__, len(program), len(new)))
            program = new
        if before == program.lines:
            return program, done
