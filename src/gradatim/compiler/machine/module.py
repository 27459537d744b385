"""A program as one module of LLVM IR: its kernels in order, and what goes round them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import groupby

from gradatim.compiler.machine.bands import banded, write_copies
from gradatim.compiler.machine.barrier import barrier
from gradatim.compiler.machine.columns import write_columns
from gradatim.compiler.machine.draws import write_advance, write_draw
from gradatim.compiler.machine.feed import Run, write_run
from gradatim.compiler.machine.fingerprint import fingerprint
from gradatim.compiler.machine.finite import Finite, is_odd
from gradatim.compiler.machine.guard import HALT_BYTE, CheckedFunction
from gradatim.compiler.machine.halves import in_halves
from gradatim.compiler.machine.kernel import Columns, Draw, Host, Kernel, Product, Rows
from gradatim.compiler.machine.layout import Layout, lay_out, workers
from gradatim.compiler.machine.pcg import Stream
from gradatim.compiler.machine.pointers import entry, writer_of
from gradatim.compiler.machine.rows import write_rows
from gradatim.compiler.machine.schedule import Schedule, schedule
from gradatim.compiler.machine.sparse import write_sparse
from gradatim.compiler.machine.sparsity import choose_sparse, watched_matrices
from gradatim.compiler.machine.stored import stored_arguments
from gradatim.compiler.machine.tiles import write_product
from gradatim.compiler.machine.waiting import Waiting, Watch
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Line, Program, Value
from gradatim.native.ir import Function, Register

STEP = "ptr noalias %table, i64 %tid"

ATTRIBUTES = "attributes #0 = { nounwind }\n!0 = !{}\n"


class Module:
    """IR, and what is needed to run it.

    Parameters
    ----------
    parts : tuple of str or Line
        What is done in turn: a function of the text, or a line that NumPy does.
    layout : Layout
        Where everything lies.
    schedule : Schedule
        The kernels.
    key : str or None
        Equal where the text is, if that can be told without writing it.
    write : callable
        Writes the text.
    """

    def __init__(
        self,
        parts: tuple[str | Line, ...],
        layout: Layout,
        schedule: Schedule,
        key: str | None,
        write: Callable[[], _Composition],
    ) -> None:
        self.parts, self.layout, self.schedule, self.key = parts, layout, schedule, key
        self._write = write

    @cached_property
    def _written(self) -> tuple[str, tuple[str, ...]]:
        written = self._write()
        return written.text(), tuple(written.accesses)

    @property
    def text(self) -> str:
        """Defines ``part0(ptr table, i64 tid)`` and so on.

        The table holds the pointers of what lies outside, then that of the arena, then those of the
        states of generators.
        """
        return self._written[0]

    @property
    def accesses(self) -> tuple[str, ...]:
        """What each access to memory is, if they are checked."""
        return self._written[1]


def write_module(
    program: Program,
    lanes: dict[str, int],
    threads: int,
    is_x86: bool,
    run: Run | None = None,
    checked: bool = False,
    watched: Value | None = None,
) -> Module:
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
    run : Run, optional
        What many steps in one call are given, if there is to be such a function.
    checked : bool
        Whether every access to memory is compared with the extent of its array.
    watched : Value, optional
        A number of the program. If it is not finite the step is left at once, before any state is
        written that the program writes after it.
    """
    program = in_halves(program)
    plan = schedule(program, watched)
    if run is not None:
        choose_sparse(program, plan, run, lanes)
    bands = {} if run is None or run.is_brief else banded(program, plan, lanes)
    for kernel in plan.kernels:
        if isinstance(kernel, Product):
            kernel.reads_bands = plan.root(kernel.right) in bands
            kernel.writes_bands = any(plan.root(line.output) in bands for line in kernel.lines)
    stored = {} if run is None else stored_arguments(program, plan, run)
    layout = lay_out(program, plan, lanes, threads, bands, stored)
    groups = [
        (native, [*group])
        for native, group in groupby(plan.kernels, lambda kernel: not isinstance(kernel, Host))
    ]
    parts: list[str | Line] = []
    for native, group in groups:
        parts += [f"part{len(parts)}"] if native else [kernel.lines[0] for kernel in group]

    def write() -> _Composition:
        composing = _Composition(program, plan, layout, lanes, threads, is_x86, checked)
        composing.watch(watched)
        names = [part for part in parts if isinstance(part, str)]
        for name, kernels in zip(names, [group for native, group in groups if native]):
            composing.add_part(name, kernels)
        if run is not None and len(names) == len(parts):
            composing.add_run(run, names)
        return composing

    settings = lanes, threads, is_x86, run, watched
    key = None if checked else fingerprint(program, plan, layout, settings)
    return Module(tuple(parts), layout, plan, key, write)


class _Composition:
    """A module that is being written: one function for each kernel, one that calls them."""

    def __init__(
        self,
        program: Program,
        plan: Schedule,
        layout: Layout,
        lanes: dict[str, int],
        threads: int,
        is_x86: bool,
        checked: bool,
    ) -> None:
        self.program, self.plan, self.layout = program, plan, layout
        self.lanes, self.threads, self.is_x86, self.checked = lanes, threads, is_x86, checked
        self.accesses: list[str] = []
        self._functions: list[Function] = []
        self._watch: Watch | None = None
        self._waiting = Waiting(self.plan, self.layout)
        self._drawn: list[Stream] = []

    def watch(self, value: Value | None) -> None:
        """Leave the step at once where a number is not finite."""
        self._watch = None if value is None else Watch(self.plan, value)

    def _begun(self, name: str, arguments: str = STEP) -> Function:
        if self.checked:
            return CheckedFunction(name, arguments, self.lanes, self.accesses)
        return Function(name, arguments, self.lanes)

    def _writer(self, f: Function, kernels: Sequence[Kernel]) -> Writer:
        count = min([self.threads, *(workers(kernel, self.threads) for kernel in kernels)])
        return writer_of(f, self.program, self.plan, self.layout, kernels, count)

    def add_part(self, name: str, kernels: Iterable[Kernel]) -> None:
        """Write kernels that follow each other; threads wait where one needs another's."""
        part = self._begun(name)
        turns = self._writer(part, ())
        for kernel in kernels:
            f = self._begun(f"kernel{len(self._functions)}")
            f.linkage = "internal "
            f.topic = f"{type(kernel).__name__} of {kernel.lines[-1].output!r}"
            _write(self._writer(f, (kernel,)), kernel)
            self._functions.append(f)
            waits = self._waiting.must_wait(kernel)
            looks = self._watch is not None and self._watch.is_due(kernel, waits)
            if waits or looks:
                turns.wait()
                self._advance(turns)
            if self._watch is not None and looks:
                self._leave_unless_finite(part, turns.load(self._watch.value, 0, 1))
            self._call(part, f, kernel)
            self._drawn += _ended(kernel, self.plan)
        if self._drawn:
            turns.wait()
            self._advance(turns)
        self._functions.append(part)

    def _call(self, part: Function, f: Function, kernel: Kernel) -> None:
        """Let all threads run a kernel, or those of one crew, who count themselves from 0."""
        count = workers(kernel, self.threads)
        if count == self.threads:
            part.do(f"call void @{f.name}(ptr %table, i64 %tid)")
            return
        assert isinstance(kernel, Product)
        crew = part.quotient("%tid", count)
        with part.when(part.name_for(f"icmp eq i64 {crew}, {kernel.crew}")):
            number = part.name_for(f"urem i64 %tid, {count}")
            part.do(f"call void @{f.name}(ptr %table, i64 {number})")

    def _advance(self, turns: Writer) -> None:
        """Move the generators on from which all is drawn, where all threads are past drawing."""
        for stream in self._drawn:
            write_advance(turns, stream)
        self._drawn = []

    def _leave_unless_finite(self, part: Function, x: Register) -> None:
        odd = is_odd(part, x)
        arena = entry(part, len(self.layout.outside))
        place = part.name_for(f"getelementptr i8, ptr {arena}, i64 {HALT_BYTE}")
        flag = part.name_for(f"zext i1 {odd} to i8")
        part.do(f"store i8 {flag}, ptr {place}")
        part.leave_if(odd)

    def add_run(self, run: Run, parts: list[str]) -> None:
        """Write the loop over many steps, all of which these parts do."""
        arguments = f"{STEP}, ptr noalias %feed, i64 %steps"
        is_prepared = bool(self.layout.bands or watched_matrices(self.plan))
        f = self._begun("steps" if is_prepared else "run", arguments)
        write_run(f, self._writer(f, ()), entry(f, len(self.layout.outside)), run, parts)
        self._functions.append(f)
        if is_prepared:
            self._functions.append(self._prepared(self._begun("run", arguments)))

    def _prepared(self, f: Function) -> Function:
        """Write what goes through many steps after a look at some state, on copies of some."""
        writer, outside = self._writer(f, ()), self.layout.outside
        watched = watched_matrices(self.plan)
        pointers = {}
        for number, value in enumerate(outside):
            if value in watched or value in self.layout.bands:
                pointers[value] = entry(f, number)
                f.own(pointers[value], value.nbytes, repr(value))
        for value in (value for value in pointers if value in watched):
            Finite(writer).note_all(value, pointers[value])
        for value in self.layout.bands:
            write_copies(writer, value, pointers[value], back=False)
        f.do("call void @steps(ptr %table, i64 %tid, ptr %feed, i64 %steps)")
        written = {self.plan.root(line.output) for line in self.program.lines if line.writes}
        for value in (value for value in self.layout.bands if value in written):
            write_copies(writer, value, pointers[value], back=True)
        return f

    def text(self) -> str:
        """Return all of it."""
        declarations = sorted({d for f in self._functions for d in f.declarations})
        text = [
            *declarations,
            barrier(self.is_x86) if self.threads > 1 else "",
            *(f.text() for f in self._functions),
            ATTRIBUTES,
        ]
        return "\n".join(text)


def _ended(kernel: Kernel, plan: Schedule) -> list[Stream]:
    """The streams from which nobody draws after a kernel."""
    if not isinstance(kernel, Draw):
        return []
    last = [k for k in plan.kernels if isinstance(k, Draw) and k.stream is kernel.stream][-1]
    return [kernel.stream] if kernel is last else []


def _write(writer: Writer, kernel: Kernel) -> None:
    if isinstance(kernel, Rows):
        write_rows(writer, kernel)
    elif isinstance(kernel, Columns):
        write_columns(writer, kernel)
    elif isinstance(kernel, Product) and kernel.is_sparse:
        write_sparse(writer, kernel)
    elif isinstance(kernel, Product):
        write_product(writer, kernel)
    elif isinstance(kernel, Draw):
        write_draw(writer, kernel)
    else:
        raise NotImplementedError(type(kernel).__name__)
