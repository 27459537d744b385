"""Where the values of a program lie, as pointers of the function that is written."""

from __future__ import annotations

from collections.abc import Sequence

from gradatim.compiler.machine.kernel import Kernel, Product
from gradatim.compiler.machine.layout import ADDRESS_BYTES, Layout, copy_elements
from gradatim.compiler.machine.schedule import Schedule
from gradatim.compiler.machine.stored import is_copied
from gradatim.compiler.machine.writer import Stored, Writer
from gradatim.compiler.program import Program, Value
from gradatim.native.ir import Function, Index


def writer_of(
    f: Function,
    program: Program,
    plan: Schedule,
    layout: Layout,
    kernels: Sequence[Kernel],
    threads: int,
) -> Writer:
    """Return a writer of some kernels; of none: of what goes on between them.

    Parameters
    ----------
    f : Function
        Where they are written.
    program : Program
        What they are of.
    plan : Schedule
        All of its kernels.
    layout : Layout
        Where everything lies.
    kernels : sequence of Kernel
        Those that are written.
    threads : int
        How many run them.
    """
    arena = entry(f, len(layout.outside))
    f.watch(arena)
    used = {plan.root(v) for kernel in kernels for v in kernel.used()} if kernels else None
    memory = _pointers(f, layout, arena, used)
    for number, stream in enumerate(plan.streams, len(layout.outside) + 1):
        if used is None or stream.value in used:
            memory[stream.value] = entry(f, number)
            f.own(memory[stream.value], stream.value.nbytes, repr(stream.value))
    panels = _panels(f, layout, arena, kernels, threads)
    wait = f"call void @barrier(ptr {arena}, i32 {threads})"
    stored = _stored(f, plan, layout, arena)
    return Writer(
        f, plan, memory, program.literals, panels, threads, wait, arena, layout.bands, stored
    )


def _pointers(f: Function, layout: Layout, arena: str, used: set[Value] | None) -> dict[Value, str]:
    memory = {}
    for number, value in enumerate(layout.outside):
        if used is None or value in used:
            memory[value] = entry(f, number)
            f.own(memory[value], value.nbytes, repr(value))
    for value, offset in layout.offsets.items():
        if used is None or value in used:
            memory[value] = _inside(f, arena, offset, value.nbytes, repr(value))
    return memory


def _panels(
    f: Function, layout: Layout, arena: str, kernels: Sequence[Kernel], threads: int
) -> dict[Kernel, str]:
    panels: dict[Kernel, str] = {}
    for kernel in kernels:
        if isinstance(kernel, Product) and kernel in layout.panels:
            itemsize = kernel.lines[0].output.dtype.itemsize
            nbytes = copy_elements(kernel, f.lanes, threads) * itemsize
            panels[kernel] = _inside(f, arena, layout.panels[kernel], nbytes, "the copies")
    return panels


def _stored(f: Function, plan: Schedule, layout: Layout, arena: str) -> dict[Value, Stored]:
    stored = {}
    for value, numbers in layout.stored.items():
        nbytes = value.shape[0] * ADDRESS_BYTES
        begins = _inside(f, arena, layout.begins[value], nbytes, f"where {value!r} is")
        stored[value] = Stored(numbers, begins, is_copied(value, plan))
    return stored


def _inside(f: Function, arena: str, begin: int, nbytes: Index, what: str) -> str:
    pointer = f.name_for(f"getelementptr inbounds i8, ptr {arena}, i64 {begin}")
    f.own(pointer, nbytes, what)
    return pointer


def entry(f: Function, number: int) -> str:
    """Return a pointer of the table.

    Parameters
    ----------
    f : Function
        Where it is read.
    number : int
        Which one.
    """
    where = f.name_for(f"getelementptr inbounds ptr, ptr %table, i64 {number}")
    return f.name_for(f"load ptr, ptr {where}, align 8, !invariant.load !0")
