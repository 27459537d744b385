"""Which products leave zeros out: those of data that is mostly zeros, such as images of ink.

A zero times what is not finite is not a number. So zeros are left out only beside a matrix of which
it is known, see :mod:`finite`: one that stays as it is, or is written by products that look at what
they write. A gradient, beside the transposed batch, is new in each step: the product itself looks.
"""

from __future__ import annotations

from collections.abc import Mapping

from gradatim.compiler.machine.feed import Run
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.nonzeros import WORD
from gradatim.compiler.machine.schedule import Schedule
from gradatim.compiler.program import Program, Value
from gradatim.native.ir import element_of

NARROWEST = 4
"""Vectors of a row of the result: fewer sums wait for each other longer than zeros would take. And
each strip has two at least: the last one, which may begin earlier, overlaps none of another."""

SHORTEST = WORD
"""Numbers of a sample; of fewer too few are zeros to pay for looking at them. And the last word of
a row is read in one piece, with what lies before."""


def choose_sparse(program: Program, plan: Schedule, run: Run, lanes: Mapping[str, int]) -> None:
    """Mark the products that leave out zeros.

    Parameters
    ----------
    program : Program
        What runs many times in one call.
    plan : Schedule
        Its kernels; products among them are marked.
    run : Run
        Says which arguments are mostly zeros.
    lanes : mapping of str to int
        How many elements of each type a vector register holds.
    """
    fed = {feed.argument for feed in run.feeds if feed.is_sparse}
    products = [kernel for kernel in plan.kernels if isinstance(kernel, Product)]
    for kernel in products:
        kernel.is_sparse = plan.root(kernel.left) in fed and _fits(kernel, lanes)
    for kernel in products:
        if kernel.is_sparse and not kernel.left_turned:
            kernel.is_sparse = _is_watched(plan.root(kernel.right), program, plan)


def watched_matrices(plan: Schedule) -> set[Value]:
    """Return the matrices beside which zeros are left out only while they are finite.

    Parameters
    ----------
    plan : Schedule
        All kernels, after :func:`choose_sparse`.
    """
    return {
        plan.root(kernel.right)
        for kernel in plan.kernels
        if isinstance(kernel, Product) and kernel.is_sparse and not kernel.left_turned
    }


def _fits(kernel: Product, lanes: Mapping[str, int]) -> bool:
    wide = lanes[element_of(kernel.lines[0].output.dtype)]
    sample = kernel.rows if kernel.left_turned else kernel.depth
    return (
        not kernel.right_turned
        and kernel.columns > (NARROWEST - 1) * wide
        and sample >= SHORTEST
        and kernel.inner >= (1 if kernel.left_turned else SHORTEST)
    )


def _is_watched(matrix: Value, program: Program, plan: Schedule) -> bool:
    """Whether all that writes a matrix looks at what it writes."""
    writers = [k for k in plan.kernels if any(plan.root(line.output) is matrix for line in k.lines)]
    return matrix in program.state and all(
        isinstance(kernel, Product) and kernel.is_sparse and kernel.left_turned
        for kernel in writers
    )
