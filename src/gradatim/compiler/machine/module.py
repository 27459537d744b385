"""A program as one module of LLVM IR: its kernels in order, and where everything lies."""

from __future__ import annotations

from dataclasses import dataclass

from gradatim.compiler.machine.barrier import barrier
from gradatim.compiler.machine.columns import write_columns
from gradatim.compiler.machine.ir import Function
from gradatim.compiler.machine.rows import write_rows
from gradatim.compiler.machine.schedule import (
    Columns,

    Kernel,
    Product,
    Rows,
    Schedule,
    needed,
    schedule,
)
from gradatim.compiler.machine.tiles import write_product
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Program, Value

LINE_BYTES = 64
SYNC_BYTES = 256


@dataclass(frozen=True)
class Layout:
    """Where the values of a program lie.

    Parameters
    ----------
    outside : tuple of Value
        Arguments and state: each has a pointer of its own, in this order.
    offsets : dict of Value to int
        Byte in the arena at which each other value begins.
    size : int
        Bytes of the arena.
    """

    outside: tuple[Value, ...]
    offsets: dict[Value, int]
    size: int


@dataclass(frozen=True)
class Module:
    """IR, and what is needed to run it.

    Parameters
    ----------
    text : str
        Defines ``step(ptr table, i64 tid)``: the table holds the pointers of what lies outside,
        then that of the arena.
    layout : Layout
        Where everything lies.
    schedule : Schedule
        The kernels.
    """

    text: str
    layout: Layout
    schedule: Schedule


def write_module(program: Program, lanes: dict[str, int], threads: int, is_x86: bool) -> Module:
    """Write a program as LLVM IR.

    Parameters
    ----------
    program : Program
        After all passes.
    lanes : dict of str to int
        How many elements of each type a vector register holds.
    threads : int
        How many run it at once.
    is_x86 : bool
        Whether it is for that family of processors.
    """
    plan = schedule(program)
    layout = lay_out(program, plan)
    f = Function("step", "ptr noalias %table, i64 %tid", lanes)
    memory = _pointers(f, layout)
    writer = Writer(f, plan, memory, program.literals, threads)
    waiting = _Waiting(plan)
    for kernel in plan.kernels:
        if threads > 1 and waiting.must_wait(kernel):
            f.do(f"call void @barrier(ptr {memory_of_sync(f, layout)}, i32 {threads})")
        _write(writer, kernel)
    if threads > 1:
        f.do(f"call void @barrier(ptr {memory_of_sync(f, layout)}, i32 {threads})")
    parts = [*sorted(f.declarations), barrier(is_x86) if threads > 1 else "", f.text(), ATTRIBUTES]
    return Module("\n".join(parts), layout, plan)


ATTRIBUTES = "attributes #0 = { nounwind }\n!0 = !{}\n"


def _write(writer: Writer, kernel: Kernel) -> None:
    if isinstance(kernel, Rows):
        write_rows(writer, kernel)
    elif isinstance(kernel, Columns):
        write_columns(writer, kernel)
    elif isinstance(kernel, Product):
        write_product(writer, kernel)
    else:
        raise NotImplementedError(type(kernel).__name__)


def lay_out(program: Program, plan: Schedule) -> Layout:
    """Give every value that must lie in memory a place in it.

    Parameters
    ----------
    program : Program
        The program.
    plan : Schedule
        Its kernels.
    """
    outside = (*program.arguments, *program.state)
    offsets: dict[Value, int] = {}
    size = SYNC_BYTES
    for value in sorted_values(program, plan):
        if value in outside or value in offsets:
            continue
        array = program.literals.get(value)
        if array is not None and array.size == 1 and value not in program.results:
            continue
        offsets[value] = size
        size += -(-value.nbytes // LINE_BYTES) * LINE_BYTES + LINE_BYTES
    return Layout(outside, offsets, size)


def sorted_values(program: Program, plan: Schedule) -> list[Value]:
    """Return the values that need memory, in the order in which they are made."""
    wanted = needed(plan, program)
    order = [*program.literals, *(plan.root(line.output) for line in program.lines)]
    return [value for value in dict.fromkeys(order) if value in wanted]


def _pointers(f: Function, layout: Layout) -> dict[Value, str]:
    memory = {}
    for number, value in enumerate(layout.outside):
        memory[value] = _entry(f, number)
    arena = _entry(f, len(layout.outside))
    for value, offset in layout.offsets.items():
        memory[value] = f.name_for(f"getelementptr inbounds i8, ptr {arena}, i64 {offset}")
    return memory


def memory_of_sync(f: Function, layout: Layout) -> str:
    """Return the pointer to what the threads wait at."""
    return _entry(f, len(layout.outside))


def _entry(f: Function, number: int) -> str:
    where = f.name_for(f"getelementptr inbounds ptr, ptr %table, i64 {number}")
    return f.name_for(f"load ptr, ptr {where}, align 8, !invariant.load !0")


class _Waiting:
    """Which kernels need what others have just written."""

    def __init__(self, plan: Schedule) -> None:
        self._plan = plan
        self._written: set[Value] = set()
        self._read: set[Value] = set()

    def must_wait(self, kernel: Kernel) -> bool:
        """Whether everyone must be done before this kernel begins."""
        root = self._plan.root
        reads = {root(v) for line in kernel.lines for v in line.inputs}
        if isinstance(kernel, Product):
            reads |= {root(kernel.left), root(kernel.right)}
        writes = {root(line.output) for line in kernel.lines}
        must = bool(reads & self._written or writes & (self._read | self._written))
        if must:
            self._read, self._written = set(), set()
        self._read |= reads
        self._written |= writes
        return must


