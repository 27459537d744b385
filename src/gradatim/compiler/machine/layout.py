"""Where everything lies in the memory that a program works in."""

from __future__ import annotations

from typing import NamedTuple

from gradatim.compiler.machine.cut import sparse_elements
from gradatim.compiler.machine.halves import CREWS
from gradatim.compiler.machine.kernel import Kernel, Product
from gradatim.compiler.machine.schedule import Schedule, needed
from gradatim.compiler.machine.tiles import panel_elements
from gradatim.compiler.program import Program, Value
from gradatim.types import Array

LINE_BYTES, ADDRESS_BYTES = 64, 8
SYNC_BYTES = 512
"""Of the arena's beginning: what threads count, and what :mod:`guard` notes."""


class Layout(NamedTuple):
    """Where the values of a program lie.

    Parameters
    ----------
    outside : tuple of Value
        Arguments and state: each has a pointer of its own, in this order.
    offsets : dict of Value to int
        Byte in the arena at which each other value begins, and a copy in bands of some state.
    panels : dict of Kernel to int
        Byte at which the memory begins that a product copies its matrices to, or keeps sums in, or
        notes where one of them is not zero.
    bands : dict of Value to int
        Columns of a band, of state that lies in bands while many steps run.
    stored : dict of Value to array
        Arguments that stay bytes, and what number each byte stands for.
    begins : dict of Value to int
        Byte in the arena at which the addresses of the samples begin of such an argument.
    size : int
        Bytes of the arena.
    """

    outside: tuple[Value, ...]
    offsets: dict[Value, int]
    panels: dict[Kernel, int]
    bands: dict[Value, int]
    stored: dict[Value, Array]
    begins: dict[Value, int]
    size: int


def lay_out(
    program: Program,
    plan: Schedule,
    lanes: dict[str, int],
    threads: int,
    bands: dict[Value, int],
    stored: dict[Value, Array],
) -> Layout:
    """Give every value that must lie in memory a place in it.

    Parameters
    ----------
    program : Program
        The program.
    plan : Schedule
        Its kernels.
    lanes : dict of str to int
        How many elements of each type a vector register holds.
    threads : int
        How many run it.
    bands : dict of Value to int
        Columns of a band, of each state that is to lie in bands.
    stored : dict of Value to array
        Arguments that stay bytes, and what number each byte stands for.
    """
    outside = (*program.arguments, *program.state)
    offsets: dict[Value, int] = {}
    size = SYNC_BYTES
    for value in (*bands, *sorted_values(program, plan)):
        if value in offsets or (value in outside and value not in bands):
            continue
        array = program.literals.get(value)
        if array is not None and array.size == 1 and value not in program.results:
            continue
        offsets[value] = size
        size += _lines(value.nbytes) + LINE_BYTES
    begins: dict[Value, int] = {}
    for value in stored:
        begins[value] = size
        size += _lines(value.shape[0] * ADDRESS_BYTES) + LINE_BYTES
    panels: dict[Kernel, int] = {}
    most = 0
    for kernel in plan.kernels:
        if isinstance(kernel, Product):
            elements = copy_elements(kernel, lanes, workers(kernel, threads))
            if elements:  # one after the other they use the same memory, but not two halves
                nbytes = elements * kernel.lines[0].output.dtype.itemsize
                nbytes = _lines(nbytes)
                begin = (kernel.crew or 0) * nbytes
                panels[kernel] = size + begin
                most = max(most, begin + nbytes)
    size += most + LINE_BYTES
    return Layout(outside, offsets, panels, bands, stored, begins, size)


def _lines(nbytes: int) -> int:
    return -(-nbytes // LINE_BYTES) * LINE_BYTES


def sorted_values(program: Program, plan: Schedule) -> list[Value]:
    """Return the values that need memory, in the order in which they are made."""
    wanted = needed(plan, program)
    order = [*program.literals, *(plan.root(line.output) for line in program.lines)]
    return [value for value in dict.fromkeys(order) if value in wanted]


def copy_elements(kernel: Product, lanes: dict[str, int], threads: int) -> int:
    """Return how many elements of memory a product needs beside its matrices."""
    if kernel.is_sparse:
        return sparse_elements(kernel, lanes, threads)
    return panel_elements(kernel, lanes, threads)


def workers(kernel: Kernel, threads: int) -> int:
    """Return how many threads make a kernel: half of them, if it is half of a product.

    Parameters
    ----------
    kernel : Kernel
        The kernel.
    threads : int
        How many there are.
    """
    is_half = isinstance(kernel, Product) and kernel.crew is not None
    return threads // CREWS if is_half and threads % CREWS == 0 else threads
