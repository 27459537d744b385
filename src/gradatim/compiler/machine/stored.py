"""Arguments that stay as they are stored, in bytes: sparse products look up numbers of them.

Most of the bytes are zeros, which nobody wants. So it would be a waste to make floats of them all:
each product takes the few numbers that it multiplies from a table of all 256. Nor is a batch of
them copied, unless it is large: where each sample begins is noted, and there it is read.
"""

from __future__ import annotations

import numpy as np

from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.kernel import Kernel, Product
from gradatim.compiler.machine.schedule import Schedule
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Program, Value
from gradatim.native.ir import Index, Kind, Register, constant, element_of
from gradatim.types import Array

MOST_APART = 512
"""Samples that are read in turn, byte by byte, where they lie. Each is on a page of its own, and a
processor remembers where some pages are; of more samples copies are made, which lie together."""

BYTES = 256
"""Numbers that a byte may stand for."""


def stored_arguments(program: Program, plan: Schedule, run: Run) -> dict[Value, Array]:
    """Return the arguments that stay bytes, and what number each byte stands for.

    They are those that nothing but sparse products reads, of which a sample is a row.

    Parameters
    ----------
    program : Program
        What runs many times in one call.
    plan : Schedule
        Its kernels, after :func:`~gradatim.compiler.machine.sparsity.choose_sparse`.
    run : Run
        Says what they are made of.
    """
    shown = {plan.root(value) for value in program.results}
    numbers = {
        feed.argument: _numbers(feed)
        for feed in run.feeds
        if feed.is_sparse
        and feed.source == np.uint8
        and feed.argument not in shown
        and all(_wants_few(kernel, feed.argument, plan) for kernel in plan.kernels)
    }
    return {value: each for value, each in numbers.items() if each[0] == 0}


def is_copied(value: Value, plan: Schedule) -> bool:
    """Whether samples of an argument that stays bytes are copied.

    Parameters
    ----------
    value : Value
        The argument.
    plan : Schedule
        Its kernels.
    """
    across = any(
        isinstance(kernel, Product) and kernel.left_turned and plan.root(kernel.left) is value
        for kernel in plan.kernels
    )
    return across and value.shape[0] > MOST_APART


def _numbers(feed: Feed) -> Array:
    """What each byte becomes, as NumPy makes it."""
    dtype = feed.argument.dtype
    numbers = np.arange(BYTES).astype(dtype)
    if feed.divisor is not None:
        return numbers / dtype.type(feed.divisor)
    with np.errstate(over="ignore", invalid="ignore"):  # a factor may be too large for the type
        return numbers * dtype.type(feed.factor)


def _wants_few(kernel: Kernel, value: Value, plan: Schedule) -> bool:
    """Whether a kernel leaves out the zeros of samples, each in a row, if it reads them at all."""
    if value not in map(plan.root, kernel.used()):
        return True
    if not (isinstance(kernel, Product) and kernel.is_sparse):
        return False
    row = kernel.rows if kernel.left_turned else kernel.depth
    if row != value.size // value.shape[0]:
        return False
    others = {kernel.right, *(v for line in kernel.lines[1:] for v in line.inputs)}
    return value not in map(plan.root, others)


def look_up(writer: Writer, value: Value, sample: str, at: Index) -> Register:
    """Write a reading of one number of an argument that stays bytes.

    Parameters
    ----------
    writer : Writer
        Where it goes; knows the numbers.
    value : Value
        The argument.
    sample : str
        The pointer of a sample of it.
    at : int or str
        Which of its numbers.
    """
    f, numbers = writer.f, writer.stored[value].numbers
    name = f"@numbers{[*writer.stored].index(value)}"
    kind = Kind(element_of(numbers.dtype))
    listed = ", ".join(f"{kind} {constant(x.item(), kind.element)}" for x in numbers)
    f.declarations.add(f"{name} = internal constant [{BYTES} x {kind}] [{listed}]")
    f.own(name, numbers.nbytes, f"the numbers of {value!r}")
    byte = f.load(sample, at, Kind("i8"))
    return f.load(name, f.name_for(f"zext {byte} to i64"), kind)
