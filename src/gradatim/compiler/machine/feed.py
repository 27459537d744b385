"""Many steps in one call: each gathers its batch, runs, and leaves what is noted of it.

Of samples that stay bytes it only notes where each lies, unless they are copied, see :mod:`stored`.

``run`` goes through ``steps`` batches by itself. Its ``feed`` is a table of pointers: the numbers
of the samples, shape (steps, batch) int64; the data of each fed argument, in whatever type they
are stored; for each paced state a number a step; for each noted result an array of all of them.
In bounds-checked code the sizes of these in bytes follow.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradatim.compiler.machine.guard import HALT_BYTE, CheckedFunction
from gradatim.compiler.machine.halves import CREWS
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Value
from gradatim.native import arithmetic as on
from gradatim.native.conversion import convert_span, copy_bytes, fetch_early, read, scaled
from gradatim.native.ir import Function, Index, Kind, Register, element_of

AHEAD = 16
"""How many samples before its turn one is asked for."""


class Feed(NamedTuple):
    """Where an argument of a step comes from.

    Parameters
    ----------
    argument : Value
        The argument: its first axis is the batch.
    source : dtype
        Of the data.
    factor : float
        What the data is multiplied by.
    divisor : int, optional
        What it is divided by instead, to the last bit as NumPy does.
    is_sparse : bool
        Whether most of it is zeros.
    """

    argument: Value
    source: np.dtype[Any]
    factor: float = 1.0
    divisor: int | None = None
    is_sparse: bool = False

    @property
    def row(self) -> int:
        """Elements of one sample."""
        return self.argument.size // self.argument.shape[0]


class Run(NamedTuple):
    """What many steps are given, and what is noted of each.

    Parameters
    ----------
    feeds : tuple of Feed
        Arguments that are gathered.
    paces : tuple of Value
        State, of one element each, that is another number in each step: rates.
    notes : tuple of Value
        Results that are kept.
    is_brief : bool
        Whether a call is of so few steps that nothing is laid anew for it.
    """

    feeds: tuple[Feed, ...]
    paces: tuple[Value, ...] = ()
    notes: tuple[Value, ...] = ()
    is_brief: bool = False


def write_run(f: Function, writer: Writer, arena: str, run: Run, parts: list[str]) -> None:
    """Write the loop over steps.

    Parameters
    ----------
    f : Function
        ``run``; or ``steps``, which ``run`` calls between copies of matrices, see :mod:`bands`.
    writer : Writer
        Knows where everything lies.
    arena : str
        The pointer of the arena.
    run : Run
        What goes in and out.
    parts : list of str
        The functions of one step.
    """
    count = 1 + len(run.feeds) + len(run.paces) + len(run.notes)
    pointers = [f.name_for(f"load ptr, ptr {f.at_pointer('%feed', i)}") for i in range(count)]
    for i, pointer in enumerate(pointers):
        f.own(pointer, _extent(f, count + i), f"array {i} of the feed")
    rows, pointers = pointers[0], pointers[1:]
    feeds = list(zip(run.feeds, pointers))
    paces = list(zip(run.paces, pointers[len(feeds) :]))
    notes = list(zip(run.notes, pointers[len(feeds) + len(paces) :]))
    with f.loop(0, "%steps") as step:
        _supply(f, writer, rows, feeds, step)
        _set_paces(f, writer, paces, step)
        writer.wait()
        for part in parts:
            f.do(f"call void @{part}(ptr %table, i64 %tid)")
        writer.wait()
        for value, pointer in notes:
            _note(f, writer, value, pointer, step)
        f.leave_if(halted(f, arena))


def halted(f: Function, arena: str) -> str:
    """Write a test and return its i1: whether the step was left before its end."""
    place = f.name_for(f"getelementptr i8, ptr {arena}, i64 {HALT_BYTE}")
    found = f.name_for(f"load i8, ptr {place}")
    return f.name_for(f"icmp ne i8 {found}, 0")


def _extent(f: Function, number: int) -> Index:
    """The bytes of an array that the caller hands over."""
    if not isinstance(f, CheckedFunction):
        return 0
    return f.name_for(f"load i64, ptr {f.at_pointer('%feed', number)}")


def _supply(
    f: Function, writer: Writer, rows: str, feeds: list[tuple[Feed, str]], step: Index
) -> None:
    """Gather the batch, each thread its share of the samples."""
    if not feeds:
        return
    halves = _halves(writer)
    whole = [each for each in feeds if each[0].argument not in halves]
    if whole:
        low, high = writer.share(feeds[0][0].argument.shape[0])
        _collect(f, writer, rows, [(*each, (0, each[0].row)) for each in whole], step, low, high)
    for feed, source in feeds:
        for crew, span in enumerate(halves.get(feed.argument, ())):
            with f.when(f.name_for(f"icmp eq i64 {_crew(f, writer)}, {crew}")):
                low, high = _share_of_crew(f, writer, feed.argument.shape[0])
                _collect(f, writer, rows, [(feed, source, span)], step, low, high)


def _halves(writer: Writer) -> dict[Value, list[tuple[int, int]]]:
    """For arguments that products read in halves: which columns each crew of threads reads."""
    found: dict[Value, list[tuple[int, int]]] = {}
    if writer.threads % CREWS:
        return found
    for kernel in writer.schedule.kernels:
        if isinstance(kernel, Product) and kernel.crew is not None:
            if kernel.rows != kernel.left.shape[0] or writer.root(kernel.left) in writer.stored:
                continue  # a sample is more than a row of it, or stays bytes
            span = kernel.first, kernel.first + kernel.inner
            found.setdefault(kernel.left, []).append(span)
    return {value: spans for value, spans in found.items() if len(spans) == CREWS}


def _crew(f: Function, writer: Writer) -> Index:
    return f.quotient("%tid", writer.threads // CREWS)


def _share_of_crew(f: Function, writer: Writer, count: int) -> tuple[Index, Index]:
    """The samples of this thread, of those that its crew gathers."""
    members = writer.threads // CREWS
    if members == 1:
        return 0, count
    number = f.name_for(f"urem i64 %tid, {members}")
    low, high = (f.times(i, count) for i in (number, f.plus(number, 1)))
    return f.quotient(low, members), f.quotient(high, members)


def _collect(
    f: Function,
    writer: Writer,
    rows: str,
    feeds: list[tuple[Feed, str, tuple[int, int]]],
    step: Index,
    low: Index,
    high: Index,
) -> None:
    """Gather some samples of the batch, of each the columns of a span."""
    batch = feeds[0][0].argument.shape[0]
    base = f.times(step, batch)
    last = f.plus(f.times("%steps", batch), -1)
    with f.loop(low, high) as sample:
        position = f.plus(base, sample)
        later = f.smaller(f.plus(position, AHEAD), last)
        number = f.load(rows, position, Kind("i64")).name
        coming = f.load(rows, later, Kind("i64")).name
        for feed, source, span in feeds:
            stored = writer.stored.get(feed.argument)
            begin, end = (column * feed.source.itemsize for column in span)
            first = f.times(coming, feed.row * feed.source.itemsize)
            if stored is None or stored.is_copied:
                fetch_early(f, source, f.plus(first, begin), end - begin)
            if stored is None:
                _gather(f, writer, feed, source, number, sample, span)
            else:
                _note_sample(f, writer, feed, source, number, sample)


def _note_sample(
    f: Function, writer: Writer, feed: Feed, source: str, number: str, sample: Index
) -> None:
    """Note where a sample that stays bytes is, or a copy of it."""
    stored, at = writer.stored[feed.argument], f.times(number, feed.row)
    if stored.is_copied:
        target, there = writer.place(feed.argument), f.times(sample, feed.row)
        copy_bytes(f, source, at, target, there, feed.row)
        source, at = target, there
    place = f.name_for(f"getelementptr i8, ptr {source}, i64 {at}")
    address = Register(f.name_for(f"ptrtoint ptr {place} to i64"), Kind("i64"))
    f.store(address, stored.begins, sample)


def _set_paces(f: Function, writer: Writer, paces: list[tuple[Value, str]], step: Index) -> None:
    if not paces:
        return
    with f.when(f.name_for("icmp eq i64 %tid, 0")):
        for value, pointer in paces:
            writer.store(value, f.load(pointer, step, Kind(element_of(value.dtype))), 0)


def _note(f: Function, writer: Writer, value: Value, target: str, step: Index) -> None:
    """Copy a result to its place among those of all steps, each thread its share."""
    kind = Kind(element_of(value.dtype))
    low, high = writer.share(value.size)
    base = f.times(step, value.size)
    with f.loop(low, high) as i:
        x = writer.load(value, i, 1)
        f.store(on.convert(f, x, kind.element), target, f.plus(base, i))


def _gather(
    f: Function,
    writer: Writer,
    feed: Feed,
    source: str,
    number: str,
    sample: Index,
    span: tuple[int, int],
) -> None:
    """Copy columns of one sample to their place in the batch, converted and scaled."""
    element = element_of(feed.argument.dtype)
    here, there = f.times(number, feed.row), f.times(sample, feed.row)

    def convert(at: Index, lanes: int) -> None:
        x = read(f, source, f.plus(here, at), feed.source, element, lanes)
        x = scaled(f, x, feed.source, feed.factor, feed.divisor)
        writer.store(feed.argument, x, f.plus(there, at))

    convert_span(f, span, convert)
